/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters and KV bytes, counted from the architecture. */
#include "core/operator.h"
#include "lower/sequence_state.h"

static double state_parameters(const struct lr_attention *a, double hidden, double *norm)
{
    const struct lr_state_shape s = lr_state_shape(a, 1);
    const double taps = s.channels * (a->conv + (a->conv_bias ? 1 : 0));
    *norm += s.norms;
    return hidden * (s.in + s.out) + taps + s.vectors + s.channels * s.step_in + a->dt_rank * s.out;
}

/* Projections of the compressed queries, of one key, and of one weight per head. The norm of the key has a bias. */
static double index_parameters(const struct lr_attention *a, double hidden, double *norm)
{
    if (a->index_heads <= 0)
        return 0;
    *norm += 2 * a->index_dim;
    return a->q_lora_rank * a->index_heads * a->index_dim + hidden * (a->index_dim + a->index_heads);
}

static double attention_parameters(const struct lr_attention *a, double hidden, double *norm)
{
    if (a->kind == LR_ATTENTION_NONE)
        return 0;
    if (lr_attention_has_state(a))
        return state_parameters(a, hidden, norm);
    if (a->kind == LR_ATTENTION_MLA) {
        const double qk = a->qk_nope_dim + a->qk_rope_dim;
        const double q = a->q_lora_rank > 0 ? a->q_lora_rank * (hidden + a->heads * qk) : hidden * a->heads * qk;
        const double kv =
            hidden * (a->kv_lora_rank + a->qk_rope_dim) + a->kv_lora_rank * a->heads * (a->qk_nope_dim + a->v_dim);
        *norm += a->q_lora_rank + a->kv_lora_rank;
        return q + kv + a->heads * a->v_dim * hidden + index_parameters(a, hidden, norm);
    }
    const double q = a->heads * a->head_dim;
    const double kv = a->kv_heads * a->head_dim;
    const double gate = a->output_gate ? hidden * q : 0;
    const double bias = (a->qkv_bias ? q + 2 * kv : 0) + (a->out_bias ? hidden : 0);
    if (a->qk_norm)
        *norm += 2 * a->head_dim;
    return hidden * (2 * q + 2 * kv) + gate + bias + (a->sinks ? a->heads : 0);
}

/* One MLP or expert with this number of matrices between hidden and intermediate. */
static double mlp_parameters(double hidden, double intermediate, double matrices, bool bias)
{
    const double b = bias ? (matrices - 1) * intermediate + hidden : 0;
    return matrices * hidden * intermediate + b;
}

static void add_ffn(const struct lr_ffn *f, double hidden, double layers, struct lr_parameters *p, double *inactive)
{
    switch (f->kind) {
    case LR_FFN_PLAIN:
    case LR_FFN_GATED:
        p->part[LR_PART_MLP] +=
            layers * mlp_parameters(hidden, f->intermediate, f->kind == LR_FFN_GATED ? 3 : 2, f->bias);
        break;
    case LR_FFN_MOE: {
        const double width = f->latent > 0 ? f->latent : hidden;
        const double expert = mlp_parameters(width, f->intermediate, f->expert_plain ? 2 : 3, f->bias);
        const double shared_matrices = f->expert_plain ? 2 : 3;
        p->part[LR_PART_EXPERTS] += layers * f->experts * expert;
        *inactive += layers * (f->experts - f->topk) * expert;
        p->part[LR_PART_SHARED] += layers * (shared_matrices * hidden * f->shared_intermediate +
                                             (f->shared_gate ? hidden : 0) + 2 * hidden * f->latent);
        p->router += layers * (f->experts * hidden + (f->router_bias ? f->experts : 0));
        break;
    }
    default:
        break;
    }
}

void lr_model_parameters(const struct lr_model *m, struct lr_parameters *out)
{
    *out = (struct lr_parameters){0};
    double inactive = 0;
    for (size_t i = 0; i < m->block_count; i++) {
        const struct lr_block *b = &m->block[i];
        double norm = b->norms * m->hidden;
        out->part[LR_PART_ATTENTION] += b->layers * attention_parameters(&b->attention, m->hidden, &norm);
        out->norm += b->layers * norm;
        add_ffn(&b->ffn, m->hidden, b->layers, out, &inactive);
    }
    out->norm += m->hidden;
    out->part[LR_PART_EMBEDDING] = m->vocab * m->hidden;
    out->part[LR_PART_HEAD] = (m->tied_embeddings ? 0 : m->vocab * m->hidden) + (m->head_bias ? m->vocab : 0);
    out->total = out->router + out->norm;
    for (int i = 0; i < LR_PART_COUNT; i++)
        out->total += out->part[i];
    out->active = out->total - inactive - out->part[LR_PART_EMBEDDING] - out->part[LR_PART_HEAD];
}

double lr_model_kv_bytes(const struct lr_model *m, enum lr_dtype kv, double context)
{
    double bytes = 0;
    for (size_t i = 0; i < m->block_count; i++) {
        const struct lr_attention *a = &m->block[i].attention;
        const double bound = a->window > 0 ? a->window : a->chunk;
        double layer = 0;
        if (a->kind == LR_ATTENTION_MLA)
            layer = (a->kv_lora_rank + a->qk_rope_dim) * lr_dtype_bytes(kv) + lr_attention_index_bytes(a);
        else if (a->kind == LR_ATTENTION_GQA && (context < 0 || bound <= 0 || context < bound))
            layer = 2 * a->kv_heads * a->head_dim * lr_dtype_bytes(kv);
        bytes += m->block[i].layers * layer;
    }
    return bytes;
}
