/* SPDX-License-Identifier: Apache-2.0 */
/* Turns a model and a layout into the operators of one GPU. */
#include "lower/emit.h"
#include "lower/lowering.h"
#include "lower/sequence_state.h"

#include <math.h>
#include <string.h>

/* Adds the cache of a layer to the cache that has the same window. */
static void add_cache(struct lr_emitter *c, double layers, double bytes_per_token, double window)
{
    struct lr_lowering *const l = c->out;
    size_t i = 0;
    while (i < l->kv_count && l->kv[i].window != window)
        i++;
    if (i == l->kv_count) {
        l->kv[l->kv_count].bytes_per_token = 0;
        l->kv[l->kv_count++].window = window;
    }
    l->kv[i].bytes_per_token += layers * bytes_per_token / c->d->pp;
}

static void lower_gqa(struct lr_emitter *c, const struct lr_attention *a, double layers)
{
    const double tp = c->d->tp;
    const double heads = a->heads / tp;
    const double kv_heads = fmax(1, a->kv_heads / tp); /* replicated when tp exceeds them */
    const double q = heads * a->head_dim, kv = kv_heads * a->head_dim;
    const double kv_bytes = 2 * kv * lr_dtype_bytes(c->kv);
    const enum lr_dtype w = c->weights[LR_PART_ATTENTION];
    lr_emit_norm(c, LR_ROLE_ATTN_NORM, layers);
    lr_emit_gemm(c, LR_ROLE_ATTN_QKV, layers, w, (a->output_gate ? 2 : 1) * q + 2 * kv, c->m->hidden);
    lr_emit_elementwise(c, LR_ROLE_ATTN_ROPE, layers, 2 * q + 2 * kv, kv_bytes);
    /* on average over a long context, a query sees half of its chunk */
    const double seen = a->window > 0 ? a->window : a->chunk / 2;
    struct lr_op core = lr_emit_blank(a->window > 0  ? LR_ROLE_ATTN_CORE_WINDOW
                                      : a->chunk > 0 ? LR_ROLE_ATTN_CORE_CHUNK
                                                     : LR_ROLE_ATTN_CORE,
                                      LR_FAMILY_ATTENTION, layers);
    core.kv = c->kv;
    core.u.gqa = (struct lr_gqa){heads, kv_heads, a->head_dim, seen};
    lr_emit(c, core);
    lr_emit_gemm(c, LR_ROLE_ATTN_OUT, layers, w, c->m->hidden, q);
    add_cache(c, layers, kv_bytes, a->window > 0 ? a->window : a->chunk);
}

/* vLLM and SGLang replicate the indexer: every rank scores all tokens with all index heads, and selects the best. */
static void lower_indexer(struct lr_emitter *c, const struct lr_attention *a, double layers)
{
    const double bytes = lr_attention_index_bytes(a);
    const enum lr_dtype w = c->weights[LR_PART_ATTENTION];
    lr_emit_gemm(c, LR_ROLE_ATTN_INDEX_Q, layers, w, a->index_heads * a->index_dim, a->q_lora_rank);
    lr_emit_gemm(c, LR_ROLE_ATTN_INDEX_K, layers, w, a->index_dim + a->index_heads, c->m->hidden);
    lr_emit_elementwise(c, LR_ROLE_ATTN_INDEX_ROPE, layers, 2 * (a->index_heads + 1) * a->index_dim, bytes);
    struct lr_op score = lr_emit_blank(LR_ROLE_ATTN_INDEX, LR_FAMILY_INDEX, layers);
    score.kv = LR_FP8;
    score.u.index = (struct lr_index){a->index_heads, a->index_dim, bytes};
    lr_emit(c, score);
    lr_emit_elementwise(c, LR_ROLE_ATTN_INDEX_TOPK, layers, 2 * a->index_topk, 0); /* their positions, in 32 bits */
    add_cache(c, layers, bytes, 0);
}

static void lower_mla(struct lr_emitter *c, const struct lr_attention *a, double layers)
{
    const double heads = a->heads / c->d->tp;
    const double qk = a->qk_nope_dim + a->qk_rope_dim;
    const double latent = a->kv_lora_rank + a->qk_rope_dim;
    const double kv_bytes = latent * lr_dtype_bytes(c->kv);
    const enum lr_dtype w = c->weights[LR_PART_ATTENTION];
    lr_emit_norm(c, LR_ROLE_ATTN_NORM, layers);
    lr_emit_gemm(c, LR_ROLE_ATTN_QKV_A, layers, w, a->q_lora_rank + latent, c->m->hidden); /* not split by tp */
    if (a->q_lora_rank > 0) {
        lr_emit_elementwise(c, LR_ROLE_ATTN_NORM_A, layers, 2 * (a->q_lora_rank + a->kv_lora_rank), 0);
        lr_emit_gemm(c, LR_ROLE_ATTN_Q_B, layers, w, heads * qk, a->q_lora_rank);
    } else {
        lr_emit_elementwise(c, LR_ROLE_ATTN_NORM_A, layers, 2 * a->kv_lora_rank, 0);
        lr_emit_gemm(c, LR_ROLE_ATTN_Q, layers, w, heads * qk, c->m->hidden);
    }
    if (a->index_heads > 0)
        lower_indexer(c, a, layers);
    lr_emit_bmm(c, LR_ROLE_ATTN_ABSORB_Q, layers, heads, a->kv_lora_rank, a->qk_nope_dim);
    lr_emit_elementwise(c, LR_ROLE_ATTN_ROPE, layers, 2 * heads * a->qk_rope_dim + 2 * a->qk_rope_dim, kv_bytes);
    struct lr_op core =
        lr_emit_blank(a->index_topk > 0 ? LR_ROLE_ATTN_CORE_SPARSE : LR_ROLE_ATTN_CORE, LR_FAMILY_MLA, layers);
    core.kv = c->kv;
    core.u.mla = (struct lr_mla){heads, a->kv_lora_rank, a->qk_rope_dim, a->qk_nope_dim, a->v_dim, a->index_topk};
    lr_emit(c, core);
    lr_emit_bmm(c, LR_ROLE_ATTN_ABSORB_V, layers, heads, a->v_dim, a->kv_lora_rank);
    lr_emit_gemm(c, LR_ROLE_ATTN_OUT, layers, w, c->m->hidden, heads * a->v_dim);
    add_cache(c, layers, kv_bytes, 0);
}

static void lower_mlp(struct lr_emitter *c, const enum lr_role role[3], const struct lr_ffn *f, double inter,
                      double layers, enum lr_dtype w)
{
    const double up = f->kind == LR_FFN_PLAIN || (f->kind == LR_FFN_MOE && f->expert_plain) ? inter : 2 * inter;
    lr_emit_gemm(c, role[0], layers, w, up, c->m->hidden);
    lr_emit_elementwise(c, role[1], layers, up + inter, 0);
    lr_emit_gemm(c, role[2], layers, w, c->m->hidden, inter);
}

static double expert_width(const struct lr_emitter *c, const struct lr_ffn *f)
{
    return f->latent > 0 ? f->latent : c->m->hidden;
}

/* With dp > 1 the experts get the tokens of all attention groups. */
static void lower_exchange(struct lr_emitter *c, double layers, enum lr_family family, const struct lr_ffn *f)
{
    const struct lr_deployment *d = c->d;
    const double ranks = d->tp * d->dp;
    const bool in = family == LR_FAMILY_DISPATCH;
    const double row =
        expert_width(c, f) * (in ? lr_dtype_bytes(lr_emit_activation(c->weights[LR_PART_EXPERTS])) : LR_ACT_BYTES);
    if (d->ep < ranks) {
        lr_emit_collective(c, in ? LR_ROLE_MOE_ALL_GATHER : LR_ROLE_MOE_REDUCE_SCATTER,
                           in ? LR_FAMILY_ALL_GATHER : LR_FAMILY_REDUCE_SCATTER, layers, ranks, row / d->tp);
        return;
    }
    struct lr_op op = lr_emit_blank(in ? LR_ROLE_MOE_DISPATCH : LR_ROLE_MOE_COMBINE, family, layers);
    op.u.collective = (struct lr_collective){
        .ranks = ranks,
        .nodes = c->domain >= 1 ? ceil(ranks / c->domain) : ranks,
        .bytes_per_row = f->topk * row / d->tp,
        .topk = f->topk,
        .experts = f->experts,
        .hidden = expert_width(c, f),
    };
    lr_emit(c, op);
}

static void lower_moe(struct lr_emitter *c, const struct lr_ffn *f, double layers)
{
    static const enum lr_role shared[] = {LR_ROLE_MOE_SHARED_UP, LR_ROLE_MOE_SHARED_ACT, LR_ROLE_MOE_SHARED_DOWN};
    const struct lr_deployment *d = c->d;
    lr_emit_gemm(c, LR_ROLE_MOE_ROUTER, layers, LR_BF16, f->experts, c->m->hidden);
    if (f->latent > 0)
        lr_emit_gemm(c, LR_ROLE_MOE_LATENT_DOWN, layers, c->weights[LR_PART_SHARED], f->latent, c->m->hidden);
    if (d->dp > 1)
        lower_exchange(c, layers, LR_FAMILY_DISPATCH, f);
    struct lr_op op = lr_emit_blank(LR_ROLE_MOE_EXPERTS, LR_FAMILY_MOE, layers);
    op.weight = c->weights[LR_PART_EXPERTS];
    op.act = lr_emit_activation(op.weight);
    op.u.moe = (struct lr_moe){
        .hidden = expert_width(c, f),
        .inter = f->intermediate * d->ep / (d->tp * d->dp),
        .matrices = f->expert_plain ? 2 : 3,
        .experts = f->experts + d->redundant,
        .topk = f->topk,
        .local = (f->experts + d->redundant) / d->ep,
        .skew = fmax(1, d->skew),
        .groups = d->dp,
        .routing = d->identical_routing ? LR_ROUTING_IDENTICAL : LR_ROUTING_RANDOM,
    };
    lr_emit(c, op);
    if (d->dp > 1)
        lower_exchange(c, layers, LR_FAMILY_COMBINE, f);
    if (f->latent > 0) /* on every rank, before the all-reduce */
        lr_emit_gemm(c, LR_ROLE_MOE_LATENT_UP, layers, c->weights[LR_PART_SHARED], c->m->hidden, f->latent);
    if (f->shared_intermediate > 0)
        lower_mlp(c, shared, f, f->shared_intermediate / d->tp, layers, c->weights[LR_PART_SHARED]);
}

static void lower_ffn(struct lr_emitter *c, const struct lr_ffn *f, double layers)
{
    static const enum lr_role mlp[] = {LR_ROLE_MLP_UP, LR_ROLE_MLP_ACT, LR_ROLE_MLP_DOWN};
    if (f->kind == LR_FFN_NONE)
        return;
    lr_emit_norm(c, f->kind == LR_FFN_MOE ? LR_ROLE_MOE_NORM : LR_ROLE_MLP_NORM, layers);
    if (f->kind == LR_FFN_MOE)
        lower_moe(c, f, layers);
    else
        lower_mlp(c, mlp, f, f->intermediate / c->d->tp, layers, c->weights[LR_PART_MLP]);
    /* after an exchange every group has complete sums, except those of a shared expert, which tp splits */
    if (f->kind != LR_FFN_MOE || c->d->dp == 1 || f->shared_intermediate > 0)
        lr_emit_collective(c, LR_ROLE_FFN_ALL_REDUCE, LR_FAMILY_ALL_REDUCE, layers, c->d->tp,
                           c->m->hidden * LR_ACT_BYTES);
}

static void lower_ends(struct lr_emitter *c)
{
    const struct lr_model *m = c->m;
    struct lr_op embed = lr_emit_blank(LR_ROLE_EMBEDDING, LR_FAMILY_ELEMENTWISE, 1);
    embed.weight = c->weights[LR_PART_EMBEDDING];
    embed.u.elementwise.weight_bytes_per_row = m->hidden * lr_dtype_bytes(embed.weight);
    embed.u.elementwise.bytes_per_row = m->hidden * LR_ACT_BYTES;
    lr_emit(c, embed);
    lr_emit_norm(c, LR_ROLE_HEAD_NORM, 1);
    const double vocab = ceil(m->vocab / c->d->tp);
    lr_emit_gemm(c, LR_ROLE_HEAD_LOGITS, 1, c->weights[LR_PART_HEAD], vocab, m->hidden);
    c->out->op[c->out->op_count - 1].rows = LR_ROWS_SEQUENCES;
    lr_emit_collective(c, LR_ROLE_HEAD_ALL_GATHER, LR_FAMILY_ALL_GATHER, 1, c->d->tp, vocab * LR_ACT_BYTES);
    if (c->d->tp > 1)
        c->out->op[c->out->op_count - 1].rows = LR_ROWS_SEQUENCES;
    lr_emit_elementwise(c, LR_ROLE_HEAD_SAMPLE, 1, 2 * m->vocab, 0);
    c->out->op[c->out->op_count - 1].rows = LR_ROWS_SEQUENCES;
    /* a token passes from stage to stage pp - 1 times */
    if (c->d->pp > 1)
        lr_emit_collective(c, LR_ROLE_PP_SEND, LR_FAMILY_SEND, c->d->pp - 1, 2, m->hidden * LR_ACT_BYTES);
}

/* Attention weights of a layer that one of tp ranks has beyond 1/tp of them, because they are replicated: MLA's down
 * projections, the indexer, and KV heads or groups if tp exceeds their number. */
static double extra_attention(const struct lr_attention *a, double hidden, double tp)
{
    if (lr_attention_has_state(a))
        return hidden * (lr_state_shape(a, tp).in - lr_state_shape(a, 1).in / tp);
    if (a->kind == LR_ATTENTION_GQA && a->kv_heads < tp)
        return 2 * hidden * a->head_dim * (1 - a->kv_heads / tp);
    if (a->kind != LR_ATTENTION_MLA)
        return 0;
    const double indexer = a->q_lora_rank * a->index_heads * a->index_dim +
                           (a->index_heads > 0 ? hidden * (a->index_heads + a->index_dim) : 0);
    return (hidden * (a->q_lora_rank + a->kv_lora_rank + a->qk_rope_dim) + indexer) * (1 - 1 / tp);
}

/* Weights of a GPU of the largest stage. Routers and norms are on every rank. */
static void count_weights(struct lr_emitter *c)
{
    const struct lr_model *m = c->m;
    const struct lr_deployment *d = c->d;
    struct lr_parameters p;
    lr_model_parameters(m, &p);
    double layers = 0, extra = 0, latent = 0;
    for (size_t i = 0; i < m->block_count; i++) {
        layers += m->block[i].layers;
        extra += m->block[i].layers * extra_attention(&m->block[i].attention, m->hidden, d->tp);
        latent += m->block[i].layers * 2 * m->hidden * m->block[i].ffn.latent * (1 - 1 / d->tp);
    }
    const double stage = ceil(layers / d->pp) / layers;
    double bytes = (p.part[LR_PART_ATTENTION] / d->tp + extra) * lr_dtype_bytes(c->weights[LR_PART_ATTENTION]);
    bytes += p.part[LR_PART_MLP] / d->tp * lr_dtype_bytes(c->weights[LR_PART_MLP]);
    bytes += (p.part[LR_PART_SHARED] / d->tp + latent) * lr_dtype_bytes(c->weights[LR_PART_SHARED]);
    double copies = 1;
    for (size_t i = 0; i < m->block_count; i++)
        if (m->block[i].ffn.kind == LR_FFN_MOE)
            copies = 1 + d->redundant / m->block[i].ffn.experts;
    bytes += copies * p.part[LR_PART_EXPERTS] / (d->tp * d->dp) * lr_dtype_bytes(c->weights[LR_PART_EXPERTS]);
    bytes += (p.router + p.norm) * LR_ACT_BYTES;
    const double embedding = p.part[LR_PART_EMBEDDING] / d->tp * lr_dtype_bytes(c->weights[LR_PART_EMBEDDING]);
    double head = p.part[LR_PART_HEAD] / d->tp * lr_dtype_bytes(c->weights[LR_PART_HEAD]);
    if (m->tied_embeddings && d->pp > 1)
        head += embedding; /* the first and the last stage both have the table */
    c->out->weights_bytes = bytes * stage + (d->pp > 1 ? fmax(embedding, head) : embedding + head);
    c->out->layers = layers;
}

static void count_activations(struct lr_emitter *c)
{
    double widest = 0;
    for (size_t i = 0; i < c->out->op_count; i++) {
        const struct lr_op *op = &c->out->op[i];
        if (op->family == LR_FAMILY_GEMM && op->rows == LR_ROWS_TOKENS)
            widest = fmax(widest, (op->u.gemm.n + op->u.gemm.k) * LR_ACT_BYTES);
        if (op->family == LR_FAMILY_MOE)
            widest = fmax(widest, op->u.moe.groups * op->u.moe.topk * op->u.moe.local / op->u.moe.experts *
                                      (op->u.moe.hidden + op->u.moe.matrices * op->u.moe.inter) * LR_ACT_BYTES);
    }
    c->out->act_bytes_per_token = widest + 2 * c->m->hidden * LR_ACT_BYTES;
    c->out->logits_bytes_per_sequence = c->m->vocab * 4; /* sampled in FP32 */
}

bool lr_lower(const struct lr_model *m, const struct lr_deployment *d, const enum lr_dtype weights[LR_PART_COUNT],
              enum lr_dtype kv, double domain, struct lr_lowering *out, struct lr_diags *ds)
{
    struct lr_emitter c = {m, d, weights, kv, domain, out, false};
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < m->block_count; i++) {
        const struct lr_block *b = &m->block[i];
        if (b->attention.kind == LR_ATTENTION_GQA)
            lower_gqa(&c, &b->attention, b->layers);
        else if (b->attention.kind == LR_ATTENTION_MLA)
            lower_mla(&c, &b->attention, b->layers);
        else if (lr_attention_has_state(&b->attention))
            lr_lower_recurrent(&c, &b->attention, b->layers);
        if (b->attention.kind != LR_ATTENTION_NONE)
            lr_emit_collective(&c, LR_ROLE_ATTN_ALL_REDUCE, LR_FAMILY_ALL_REDUCE, b->layers, d->tp,
                               m->hidden * LR_ACT_BYTES);
        lower_ffn(&c, &b->ffn, b->layers);
    }
    lower_ends(&c);
    count_weights(&c);
    count_activations(&c);
    if (c.overflow)
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, "blocks", "the model needs more than %d different operators", LR_OPS_MAX);
    return !c.overflow;
}

double lr_lowering_kv_bytes(const struct lr_lowering *l, double context, double page)
{
    const double paged = page > 0 ? ceil(context / page) * page : context;
    double bytes = l->state_bytes_per_sequence;
    for (size_t i = 0; i < l->kv_count; i++)
        bytes += l->kv[i].bytes_per_token * (l->kv[i].window > 0 && l->kv[i].window < paged ? l->kv[i].window : paged);
    return bytes;
}
