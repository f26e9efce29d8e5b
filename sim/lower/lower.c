/* From an architecture and a layout to the operators of one GPU. */
#include <llmroof/operator.h>

#include <math.h>
#include <string.h>

static const double ACT_BYTES = 2;

struct context {
    const struct lr_model *m;
    const struct lr_deployment *d;
    const enum lr_dtype *weights;
    enum lr_dtype kv;
    double domain;
    struct lr_lowering *out;
    bool overflow;
};

static bool same(const struct lr_op *a, const struct lr_op *b)
{
    return a->name == b->name && a->family == b->family && a->rows == b->rows && a->weight == b->weight &&
           a->act == b->act && a->kv == b->kv && memcmp(&a->u, &b->u, sizeof a->u) == 0;
}

/* Equal operators of different blocks become one, so that cost does not grow with depth. */
static void add(struct context *c, struct lr_op op)
{
    for (size_t i = 0; i < c->out->op_count; i++) {
        if (same(&c->out->op[i], &op)) {
            c->out->op[i].count += op.count;
            return;
        }
    }
    if (c->out->op_count == LR_OPS_MAX) {
        c->overflow = true;
        return;
    }
    c->out->op[c->out->op_count++] = op;
}

/* Zeroes the whole union first: equal shapes must compare equal byte for byte. */
static struct lr_op blank(const char *name, enum lr_family family, double count)
{
    struct lr_op op;
    memset(&op, 0, sizeof op);
    op.name = name;
    op.family = family;
    op.count = count;
    op.weight = LR_DTYPE_NONE;
    op.act = LR_BF16;
    op.kv = LR_DTYPE_NONE;
    return op;
}

static enum lr_dtype activation_of(enum lr_dtype weight)
{
    return lr_dtype_weight_only(weight) || lr_dtype_bytes(weight) >= 2 ? LR_BF16 : weight;
}

static void add_gemm(struct context *c, const char *name, double count, enum lr_dtype weight, double n, double k)
{
    struct lr_op op = blank(name, LR_FAMILY_GEMM, count);
    op.weight = weight;
    op.act = activation_of(weight);
    op.u.gemm = (struct lr_gemm){.n = n, .k = k};
    add(c, op);
}

static void add_bmm(struct context *c, const char *name, double count, double heads, double n, double k)
{
    struct lr_op op = blank(name, LR_FAMILY_BMM, count);
    op.weight = LR_BF16; /* engines keep the absorbed projections in 16 bits */
    op.u.bmm = (struct lr_bmm){.heads = heads, .n = n, .k = k};
    add(c, op);
}

static void add_elementwise(struct context *c, const char *name, double count, double elements, double kv_bytes)
{
    struct lr_op op = blank(name, LR_FAMILY_ELEMENTWISE, count);
    op.u.elementwise.bytes_per_row = elements * ACT_BYTES;
    op.u.elementwise.kv_bytes_per_row = kv_bytes;
    add(c, op);
}

static void add_collective(struct context *c, const char *name, enum lr_family family, double count, double ranks,
                           double bytes_per_row)
{
    if (ranks <= 1)
        return;
    struct lr_op op = blank(name, family, count);
    op.u.collective.ranks = ranks;
    op.u.collective.nodes = c->domain >= 1 ? ceil(ranks / c->domain) : ranks;
    op.u.collective.bytes_per_row = bytes_per_row;
    add(c, op);
}

/* Fused residual add and RMS norm: reads the branch and the residual, writes both. */
static void add_norm(struct context *c, const char *name, double count)
{
    add_elementwise(c, name, count, 4 * c->m->hidden, 0);
}

static void lower_gqa(struct context *c, const struct lr_attention *a, double layers)
{
    const double tp = c->d->tp;
    const double heads = a->heads / tp;
    const double kv_heads = fmax(1, a->kv_heads / tp); /* replicated when tp exceeds them */
    const double q = heads * a->head_dim, kv = kv_heads * a->head_dim;
    const double kv_bytes = 2 * kv * lr_dtype_bytes(c->kv);
    const enum lr_dtype w = c->weights[LR_PART_ATTENTION];
    add_norm(c, "attn.norm", layers);
    add_gemm(c, "attn.qkv", layers, w, (a->output_gate ? 2 : 1) * q + 2 * kv, c->m->hidden);
    add_elementwise(c, "attn.rope", layers, 2 * q + 2 * kv, kv_bytes);
    struct lr_op core = blank(a->window > 0 ? "attn.core_window" : "attn.core", LR_FAMILY_ATTENTION, layers);
    core.kv = c->kv;
    core.u.gqa = (struct lr_gqa){heads, kv_heads, a->head_dim, a->window};
    add(c, core);
    add_gemm(c, "attn.out", layers, w, c->m->hidden, q);
    c->out->kv[c->out->kv_count].bytes_per_token = layers * kv_bytes / c->d->pp;
    c->out->kv[c->out->kv_count++].window = a->window;
}

static void lower_mla(struct context *c, const struct lr_attention *a, double layers)
{
    const double heads = a->heads / c->d->tp;
    const double qk = a->qk_nope_dim + a->qk_rope_dim;
    const double latent = a->kv_lora_rank + a->qk_rope_dim;
    const double kv_bytes = latent * lr_dtype_bytes(c->kv);
    const enum lr_dtype w = c->weights[LR_PART_ATTENTION];
    add_norm(c, "attn.norm", layers);
    add_gemm(c, "attn.qkv_a", layers, w, a->q_lora_rank + latent, c->m->hidden); /* not split by tp */
    if (a->q_lora_rank > 0) {
        add_elementwise(c, "attn.norm_a", layers, 2 * (a->q_lora_rank + a->kv_lora_rank), 0);
        add_gemm(c, "attn.q_b", layers, w, heads * qk, a->q_lora_rank);
    } else {
        add_elementwise(c, "attn.norm_a", layers, 2 * a->kv_lora_rank, 0);
        add_gemm(c, "attn.q", layers, w, heads * qk, c->m->hidden);
    }
    add_bmm(c, "attn.absorb_q", layers, heads, a->kv_lora_rank, a->qk_nope_dim);
    add_elementwise(c, "attn.rope", layers, 2 * heads * a->qk_rope_dim + 2 * a->qk_rope_dim, kv_bytes);
    struct lr_op core = blank("attn.core", LR_FAMILY_MLA, layers);
    core.kv = c->kv;
    core.u.mla = (struct lr_mla){heads, a->kv_lora_rank, a->qk_rope_dim, a->qk_nope_dim, a->v_dim};
    add(c, core);
    add_bmm(c, "attn.absorb_v", layers, heads, a->v_dim, a->kv_lora_rank);
    add_gemm(c, "attn.out", layers, w, c->m->hidden, heads * a->v_dim);
    c->out->kv[c->out->kv_count].bytes_per_token = layers * kv_bytes / c->d->pp;
    c->out->kv[c->out->kv_count++].window = 0;
}

static void lower_mlp(struct context *c, const char *const name[3], const struct lr_ffn *f, double inter, double layers,
                      enum lr_dtype w)
{
    const double up = f->kind == LR_FFN_PLAIN || (f->kind == LR_FFN_MOE && f->expert_plain) ? inter : 2 * inter;
    add_gemm(c, name[0], layers, w, up, c->m->hidden);
    add_elementwise(c, name[1], layers, up + inter, 0);
    add_gemm(c, name[2], layers, w, c->m->hidden, inter);
}

/* With attention groups (dp > 1) the tokens of all of them meet in the experts. */
static void lower_exchange(struct context *c, double layers, enum lr_family family, const struct lr_ffn *f)
{
    const struct lr_deployment *d = c->d;
    const double ranks = d->tp * d->dp;
    const bool in = family == LR_FAMILY_DISPATCH;
    const double row = c->m->hidden * (in ? lr_dtype_bytes(activation_of(c->weights[LR_PART_EXPERTS])) : ACT_BYTES);
    if (d->ep < ranks) {
        add_collective(c, in ? "moe.all_gather" : "moe.reduce_scatter",
                       in ? LR_FAMILY_ALL_GATHER : LR_FAMILY_REDUCE_SCATTER, layers, ranks, row / d->tp);
        return;
    }
    struct lr_op op = blank(in ? "moe.dispatch" : "moe.combine", family, layers);
    op.u.collective = (struct lr_collective){
        .ranks = ranks,
        .nodes = c->domain >= 1 ? ceil(ranks / c->domain) : ranks,
        .bytes_per_row = f->topk * row / d->tp,
        .topk = f->topk,
        .experts = f->experts,
        .hidden = c->m->hidden,
    };
    add(c, op);
}

static void lower_moe(struct context *c, const struct lr_ffn *f, double layers)
{
    static const char *const shared[] = {"moe.shared_up", "moe.shared_act", "moe.shared_down"};
    const struct lr_deployment *d = c->d;
    add_gemm(c, "moe.router", layers, LR_BF16, f->experts, c->m->hidden);
    if (d->dp > 1)
        lower_exchange(c, layers, LR_FAMILY_DISPATCH, f);
    struct lr_op op = blank("moe.experts", LR_FAMILY_MOE, layers);
    op.weight = c->weights[LR_PART_EXPERTS];
    op.act = activation_of(op.weight);
    op.u.moe = (struct lr_moe){
        .hidden = c->m->hidden,
        .inter = f->intermediate * d->ep / (d->tp * d->dp),
        .matrices = f->expert_plain ? 2 : 3,
        .experts = f->experts,
        .topk = f->topk,
        .local = f->experts / d->ep,
        .groups = d->dp,
        .routing = LR_ROUTING_RANDOM,
    };
    add(c, op);
    if (d->dp > 1)
        lower_exchange(c, layers, LR_FAMILY_COMBINE, f);
    if (f->shared_intermediate > 0)
        lower_mlp(c, shared, f, f->shared_intermediate / d->tp, layers, c->weights[LR_PART_SHARED]);
}

static void lower_ffn(struct context *c, const struct lr_ffn *f, double layers)
{
    static const char *const mlp[] = {"mlp.up", "mlp.act", "mlp.down"};
    if (f->kind == LR_FFN_NONE)
        return;
    add_norm(c, f->kind == LR_FFN_MOE ? "moe.norm" : "mlp.norm", layers);
    if (f->kind == LR_FFN_MOE)
        lower_moe(c, f, layers);
    else
        lower_mlp(c, mlp, f, f->intermediate / c->d->tp, layers, c->weights[LR_PART_MLP]);
    /* after an exchange each group already holds its own sums; only a shared expert split by tp is left to add */
    if (f->kind != LR_FFN_MOE || c->d->dp == 1 || f->shared_intermediate > 0)
        add_collective(c, "ffn.all_reduce", LR_FAMILY_ALL_REDUCE, layers, c->d->tp, c->m->hidden * ACT_BYTES);
}

static void lower_ends(struct context *c)
{
    const struct lr_model *m = c->m;
    struct lr_op embed = blank("embedding", LR_FAMILY_ELEMENTWISE, 1);
    embed.weight = c->weights[LR_PART_EMBEDDING];
    embed.u.elementwise.weight_bytes_per_row = m->hidden * lr_dtype_bytes(embed.weight);
    embed.u.elementwise.bytes_per_row = m->hidden * ACT_BYTES;
    add(c, embed);
    add_norm(c, "head.norm", 1);
    const double vocab = ceil(m->vocab / c->d->tp);
    add_gemm(c, "head.logits", 1, c->weights[LR_PART_HEAD], vocab, m->hidden);
    c->out->op[c->out->op_count - 1].rows = LR_ROWS_SEQUENCES;
    add_collective(c, "head.all_gather", LR_FAMILY_ALL_GATHER, 1, c->d->tp, vocab * ACT_BYTES);
    if (c->d->tp > 1)
        c->out->op[c->out->op_count - 1].rows = LR_ROWS_SEQUENCES;
    add_elementwise(c, "head.sample", 1, 2 * m->vocab, 0);
    c->out->op[c->out->op_count - 1].rows = LR_ROWS_SEQUENCES;
    /* a token passes pp - 1 stage borders */
    if (c->d->pp > 1)
        add_collective(c, "pp.send", LR_FAMILY_SEND, c->d->pp - 1, 2, m->hidden * ACT_BYTES);
}

/* Of the stage that holds most. MLA's down projections and latents, routers and norms are on every rank. */
static void hold_weights(struct context *c)
{
    const struct lr_model *m = c->m;
    const struct lr_deployment *d = c->d;
    struct lr_parameters p;
    lr_model_parameters(m, &p);
    double layers = 0, replicated = 0, kv_copies = 0;
    for (size_t i = 0; i < m->block_count; i++) {
        const struct lr_attention *a = &m->block[i].attention;
        layers += m->block[i].layers;
        if (a->kind == LR_ATTENTION_MLA)
            replicated += m->block[i].layers * m->hidden * (a->q_lora_rank + a->kv_lora_rank + a->qk_rope_dim);
        else if (a->kind == LR_ATTENTION_GQA && a->kv_heads < d->tp)
            kv_copies += m->block[i].layers * 2 * m->hidden * a->head_dim * (1 - a->kv_heads / d->tp);
    }
    const double stage = ceil(layers / d->pp) / layers;
    double bytes = ((p.part[LR_PART_ATTENTION] - replicated) / d->tp + replicated + kv_copies) *
                   lr_dtype_bytes(c->weights[LR_PART_ATTENTION]);
    bytes += p.part[LR_PART_MLP] / d->tp * lr_dtype_bytes(c->weights[LR_PART_MLP]);
    bytes += p.part[LR_PART_SHARED] / d->tp * lr_dtype_bytes(c->weights[LR_PART_SHARED]);
    bytes += p.part[LR_PART_EXPERTS] / (d->tp * d->dp) * lr_dtype_bytes(c->weights[LR_PART_EXPERTS]);
    bytes += (p.router + p.norm) * ACT_BYTES;
    const double embedding = p.part[LR_PART_EMBEDDING] / d->tp * lr_dtype_bytes(c->weights[LR_PART_EMBEDDING]);
    double head = p.part[LR_PART_HEAD] / d->tp * lr_dtype_bytes(c->weights[LR_PART_HEAD]);
    if (m->tied_embeddings && d->pp > 1)
        head += embedding; /* first and last stage each hold the table */
    c->out->weights_bytes = bytes * stage + (d->pp > 1 ? fmax(embedding, head) : embedding + head);
    c->out->layers = layers;
}

static void hold_activations(struct context *c)
{
    double widest = 0;
    for (size_t i = 0; i < c->out->op_count; i++) {
        const struct lr_op *op = &c->out->op[i];
        if (op->family == LR_FAMILY_GEMM && op->rows == LR_ROWS_TOKENS)
            widest = fmax(widest, (op->u.gemm.n + op->u.gemm.k) * ACT_BYTES);
        if (op->family == LR_FAMILY_MOE)
            widest = fmax(widest, op->u.moe.groups * op->u.moe.topk * op->u.moe.local / op->u.moe.experts *
                                      (op->u.moe.hidden + op->u.moe.matrices * op->u.moe.inter) * ACT_BYTES);
    }
    c->out->act_bytes_per_token = widest + 2 * c->m->hidden * ACT_BYTES;
    c->out->logits_bytes_per_sequence = c->m->vocab * 4; /* sampled in FP32 */
}

bool lr_lower(const struct lr_model *m, const struct lr_deployment *d, const enum lr_dtype weights[LR_PART_COUNT],
              enum lr_dtype kv, double domain, struct lr_lowering *out, struct lr_diags *ds)
{
    struct context c = {m, d, weights, kv, domain, out, false};
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < m->block_count; i++) {
        const struct lr_block *b = &m->block[i];
        if (b->attention.kind == LR_ATTENTION_GQA)
            lower_gqa(&c, &b->attention, b->layers);
        else if (b->attention.kind == LR_ATTENTION_MLA)
            lower_mla(&c, &b->attention, b->layers);
        if (b->attention.kind != LR_ATTENTION_NONE)
            add_collective(&c, "attn.all_reduce", LR_FAMILY_ALL_REDUCE, b->layers, d->tp, m->hidden * ACT_BYTES);
        lower_ffn(&c, &b->ffn, b->layers);
    }
    lower_ends(&c);
    hold_weights(&c);
    hold_activations(&c);
    if (c.overflow)
        lr_diag(ds, LR_ERROR, (struct lr_pos){0}, "blocks", "the model needs more than %d different operators",
                LR_OPS_MAX);
    return !c.overflow;
}

double lr_lowering_kv_bytes(const struct lr_lowering *l, double context, double page)
{
    const double paged = page > 0 ? ceil(context / page) * page : context;
    double bytes = 0;
    for (size_t i = 0; i < l->kv_count; i++)
        bytes += l->kv[i].bytes_per_token * (l->kv[i].window > 0 ? fmin(paged, l->kv[i].window) : paged);
    return bytes;
}
