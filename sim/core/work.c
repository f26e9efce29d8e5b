/* SPDX-License-Identifier: Apache-2.0 */
/* FLOP and bytes of each operator, in closed form. */
#include "core/operator.h"

#include <math.h>

/* A step with at most this many new tokens per sequence is a decode step. Speculative decoding verifies fewer. */
static const double DECODE_TOKENS_MAX = 128;

struct lr_step lr_step_of(const struct lr_workload *w, const struct lr_deployment *d)
{
    struct lr_step s = {0};
    s.sequences = ceil(w->batch / (d->dp * d->pp));
    s.q_len = w->q_len;
    s.tokens = s.sequences * w->q_len;
    s.context = w->context;
    return s;
}

static struct lr_work gemm_work(const struct lr_op *op, double m)
{
    const struct lr_gemm *g = &op->u.gemm;
    return (struct lr_work){
        .flop = 2 * m * g->n * g->k,
        .weight_bytes = g->n * g->k * lr_dtype_bytes(op->weight),
        .act_bytes = m * (g->k * lr_dtype_bytes(op->act) + g->n * LR_ACT_BYTES),
    };
}

/* The cache of a KV head is read once, for any number of query heads and new tokens that use it. */
static struct lr_work gqa_work(const struct lr_op *op, const struct lr_step *s)
{
    const struct lr_gqa *a = &op->u.gqa;
    const double attended = lr_attended(s, a->window);
    const double read = a->window > 0 && a->window < s->context ? a->window : s->context;
    return (struct lr_work){
        .flop = 4 * s->tokens * attended * a->heads * a->head_dim,
        .kv_bytes = 2 * s->sequences * read * a->kv_heads * a->head_dim * lr_dtype_bytes(op->kv),
        .act_bytes = 2 * s->tokens * a->heads * a->head_dim * LR_ACT_BYTES,
    };
}

/* The cheaper of two forms: absorbed, or with the cached latents first expanded to keys and values. Expanding the
 * latents of the new tokens costs the same as the absorbed projections, so it is not counted here. */
static double mla_flop(const struct lr_mla *a, const struct lr_step *s)
{
    const double pairs = s->tokens * lr_attended(s, a->topk);
    const double absorbed = 2 * pairs * a->heads * (2 * a->latent + a->rope);
    const double expanded =
        2 * a->heads * (pairs * (a->nope + a->rope + a->v) + s->sequences * s->context * a->latent * (a->nope + a->v));
    return s->q_len > 1 && a->topk <= 0 ? fmin(absorbed, expanded) : absorbed;
}

static struct lr_work mla_work(const struct lr_op *op, const struct lr_step *s)
{
    const struct lr_mla *a = &op->u.mla;
    const double selected = a->topk * s->q_len; /* the indexer selects separately for each new token */
    const double read = a->topk > 0 && selected < s->context ? selected : s->context;
    return (struct lr_work){
        .flop = mla_flop(a, s),
        .kv_bytes = s->sequences * read * (a->latent + a->rope) * lr_dtype_bytes(op->kv),
        .act_bytes = s->tokens * a->heads * (2 * a->latent + a->rope) * LR_ACT_BYTES,
    };
}

/* A score takes dim multiplications, and one more for the weight of its head. Scores are written and read once, in
 * FP32. */
static struct lr_work index_work(const struct lr_op *op, const struct lr_step *s)
{
    const struct lr_index *a = &op->u.index;
    const double pairs = s->tokens * lr_attended(s, 0);
    return (struct lr_work){
        .flop = 2 * pairs * a->heads * (a->dim + 1),
        .kv_bytes = s->sequences * s->context * a->bytes,
        .act_bytes = 2 * pairs * lr_dtype_bytes(LR_FP32) + s->tokens * a->heads * a->dim * lr_dtype_bytes(LR_FP8),
    };
}

/* The state is read and written once in each step, for any number of new tokens per sequence. */
static struct lr_work state_work(const struct lr_op *op, const struct lr_step *s)
{
    const struct lr_state *a = &op->u.state;
    return (struct lr_work){
        .flop = s->tokens * a->flop_per_row,
        .weight_bytes = a->weight_bytes,
        .kv_bytes = 2 * s->sequences * a->bytes,
        .act_bytes = s->tokens * a->act_bytes_per_row,
    };
}

static struct lr_work bmm_work(const struct lr_op *op, double m)
{
    const struct lr_bmm *b = &op->u.bmm;
    return (struct lr_work){
        .flop = 2 * m * b->heads * b->n * b->k,
        .weight_bytes = b->heads * b->n * b->k * lr_dtype_bytes(op->weight),
        .act_bytes = m * b->heads * (b->k + b->n) * LR_ACT_BYTES,
    };
}

static struct lr_work moe_work(const struct lr_op *op, double m)
{
    const struct lr_moe *e = &op->u.moe;
    const struct lr_routed r = lr_moe_routed(e, m);
    const double expert = e->matrices * e->hidden * e->inter;
    return (struct lr_work){
        .flop = 2 * r.rows * expert,
        .weight_bytes = r.touched * expert * lr_dtype_bytes(op->weight),
        .act_bytes = r.rows * (2 * e->hidden + e->matrices * e->inter) * LR_ACT_BYTES,
    };
}

/* The share of a token's copies for its experts that is sent over the link. A decode step uses the low-latency kernels
 * of DeepEP, which send all copies. A prefill uses its normal kernels, which send one copy to each scale-up domain (or,
 * inside one domain, to each GPU) that has one of the experts. The lower limit keeps a short prefill from sending less
 * than the longest decode step. */
static double copies_sent(const struct lr_collective *c, const struct lr_step *s)
{
    const double places = c->nodes > 1 ? c->nodes : c->ranks;
    const double distinct = c->topk > 0 ? places * -expm1(c->topk * log1p(-1 / places)) / c->topk : 1;
    return s->q_len > DECODE_TOKENS_MAX ? fmax(distinct, DECODE_TOKENS_MAX / s->q_len) : 1;
}

struct lr_work lr_op_work(const struct lr_op *op, const struct lr_step *s)
{
    const double m = op->rows == LR_ROWS_SEQUENCES ? s->sequences : s->tokens;
    switch (op->family) {
    case LR_FAMILY_GEMM:
        return gemm_work(op, m);
    case LR_FAMILY_ATTENTION:
        return gqa_work(op, s);
    case LR_FAMILY_MLA:
        return mla_work(op, s);
    case LR_FAMILY_STATE:
        return state_work(op, s);
    case LR_FAMILY_INDEX:
        return index_work(op, s);
    case LR_FAMILY_BMM:
        return bmm_work(op, m);
    case LR_FAMILY_MOE:
        return moe_work(op, m);
    case LR_FAMILY_ELEMENTWISE:
        return (struct lr_work){
            .weight_bytes = m * op->u.elementwise.weight_bytes_per_row,
            .kv_bytes = m * op->u.elementwise.kv_bytes_per_row,
            .act_bytes = m * op->u.elementwise.bytes_per_row,
        };
    case LR_FAMILY_DISPATCH:
    case LR_FAMILY_COMBINE:
        return (struct lr_work){.link_bytes = m * op->u.collective.bytes_per_row * copies_sent(&op->u.collective, s)};
    default:
        return (struct lr_work){.link_bytes = m * op->u.collective.bytes_per_row};
    }
}
