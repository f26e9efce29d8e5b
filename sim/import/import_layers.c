/* SPDX-License-Identifier: Apache-2.0 */
/* The layers of a config.json, and the blocks of equal layers. */
#include "import/importer.h"

#include "core/number.h"

#include <math.h>
#include <string.h>

enum { LAYERS_MAX = 1024 };

static bool has_flag(const struct lr_import *in, unsigned flag)
{
    return (in->family->flags & flag) != 0;
}

/* The MLP and the experts; each is the same in all layers that have it. */
struct ffns {
    struct lr_ffn dense, moe;
    bool has_moe;
};

static bool mlp_bias(struct lr_import *in)
{
    const int all = lr_import_switch(in, LR_IMPORT_BIAS), own = lr_import_switch(in, LR_IMPORT_MLP_BIAS);
    if (own >= 0)
        return own == 1;
    if (all >= 0 && !has_flag(in, LR_HF_BIAS_NO_MLP))
        return all == 1;
    return has_flag(in, LR_HF_MLP_BIAS);
}

static void read_dense(struct lr_import *in, struct lr_ffn *f)
{
    f->kind = has_flag(in, LR_HF_PLAIN) ? LR_FFN_PLAIN : LR_FFN_GATED;
    f->bias = mlp_bias(in);
    if (has_flag(in, LR_HF_FFN_4H) && !lr_import_has(in, LR_IMPORT_INTERMEDIATE)) {
        f->intermediate = 4 * in->model->hidden;
        return;
    }
    const bool own = lr_import_has(in, LR_IMPORT_DENSE_INTERMEDIATE);
    lr_import_need(in, own ? LR_IMPORT_DENSE_INTERMEDIATE : LR_IMPORT_INTERMEDIATE, 1, &f->intermediate);
    if (has_flag(in, LR_HF_HALF))
        f->intermediate = floor(f->intermediate / 2);
}

/* Files state either the intermediate size of all shared experts together, or the number of shared experts, which then
 * have the size of the other experts. */
static void read_shared(struct lr_import *in, struct lr_ffn *f)
{
    double count = has_flag(in, LR_HF_SHARED_ONE) ? 1 : 0;
    lr_import_whole(in, LR_IMPORT_SHARED_EXPERTS, 0, &count);
    if (lr_import_whole(in, LR_IMPORT_SHARED_INTERMEDIATE, 0, &f->shared_intermediate) && f->shared_intermediate > 0) {
        if (count > 1) {
            lr_import_error(
                in, LR_IMPORT_SHARED_INTERMEDIATE,
                "is ambiguous: the size of one shared expert or of all %.0f, expected only one of the two keys", count);
        }
        return;
    }
    f->shared_intermediate = count * f->intermediate;
}

static void read_router_bias(struct lr_import *in, struct lr_ffn *f)
{
    const struct lr_node *method = in->field[LR_IMPORT_TOPK_METHOD];
    const int own = lr_import_switch(in, LR_IMPORT_ROUTER_BIAS);
    f->router_bias = has_flag(in, LR_HF_ROUTER_BIAS);
    if (method && method->text)
        f->router_bias = strcmp(method->text, "noaux_tc") == 0;
    if (own >= 0)
        f->router_bias = own == 1;
}

static void read_moe(struct lr_import *in, struct lr_ffn *f)
{
    const bool own = lr_import_has(in, LR_IMPORT_EXPERT_INTERMEDIATE);
    f->kind = LR_FFN_MOE;
    if (!own && !has_flag(in, LR_HF_EXPERT_INTERMEDIATE)) {
        lr_import_error(in, LR_IMPORT_EXPERT_INTERMEDIATE, "is missing, expected the intermediate size of an expert");
        return;
    }
    lr_import_need(in, own ? LR_IMPORT_EXPERT_INTERMEDIATE : LR_IMPORT_INTERMEDIATE, 1, &f->intermediate);
    if (!lr_import_need(in, LR_IMPORT_TOPK, 1, &f->topk))
        return;
    if (f->topk > f->experts)
        lr_import_error(in, LR_IMPORT_TOPK, "is %.0f, expected at most %.0f, the number of experts", f->topk,
                        f->experts);
    f->bias = has_flag(in, LR_HF_EXPERT_BIAS);
    f->expert_plain = has_flag(in, LR_HF_PLAIN);
    lr_import_whole(in, LR_IMPORT_LATENT, 0, &f->latent);
    read_shared(in, f);
    f->shared_gate = has_flag(in, LR_HF_SHARED_GATE) && f->shared_intermediate > 0;
    read_router_bias(in, f);
}

static bool read_ffns(struct lr_import *in, struct ffns *f)
{
    const bool given = lr_import_has(in, LR_IMPORT_EXPERTS);
    *f = (struct ffns){0};
    if (given && lr_import_whole(in, LR_IMPORT_EXPERTS, 0, &f->moe.experts))
        f->has_moe = f->moe.experts > 1;
    if (f->has_moe && !has_flag(in, LR_HF_MOE)) {
        lr_import_error(in, LR_IMPORT_EXPERTS,
                        "experts are not supported for model_type '%s', expected a model without experts",
                        in->family->model_type);
        return false;
    }
    if (!f->has_moe && has_flag(in, LR_HF_EXPERT_INTERMEDIATE)) {
        lr_import_need(in, LR_IMPORT_EXPERTS, 2, &f->moe.experts);
        return false;
    }
    if (f->has_moe)
        read_moe(in, &f->moe);
    return !in->failed;
}

bool lr_import_ffns(struct lr_import *in, struct lr_ffn *dense, struct lr_ffn *moe)
{
    struct ffns f;
    if (!read_ffns(in, &f))
        return false;
    read_dense(in, &f.dense);
    *dense = f.dense;
    *moe = f.moe;
    return !in->failed;
}

/* Which layers have experts. */
struct pattern {
    double first, last, frequency, step, offset; /* layers offset, offset + step, ... */
    const struct lr_node *list;                  /* one item per layer, 0 and 1 or dense and sparse; or NULL */
};

static bool read_pattern(struct lr_import *in, struct pattern *p)
{
    const struct lr_node *frequency = in->field[LR_IMPORT_MOE_FREQUENCY];
    const bool listed = frequency && frequency->kind == LR_NODE_SEQUENCE;
    *p = (struct pattern){.last = (double)in->layer_count - 1, .frequency = 1, .step = 1};
    lr_import_whole(in, LR_IMPORT_DENSE_FIRST, 0, &p->first);
    if (lr_import_whole(in, LR_IMPORT_MOE_LAST, -1, &p->last) && p->last < 0) /* ERNIE: to the end */
        p->last = (double)in->layer_count - 1;
    lr_import_whole(in, LR_IMPORT_MOE_STEP, 1, &p->step);
    p->offset = p->step - 1;
    if (lr_import_whole(in, LR_IMPORT_EXPERT_PERIOD, 1, &p->step))
        lr_import_need(in, LR_IMPORT_EXPERT_OFFSET, 0, &p->offset);
    if (!listed)
        lr_import_whole(in, LR_IMPORT_MOE_FREQUENCY, 1, &p->frequency);
    p->list = listed ? frequency : in->field[LR_IMPORT_MLP_TYPES];
    const enum lr_import_field f = listed ? LR_IMPORT_MOE_FREQUENCY : LR_IMPORT_MLP_TYPES;
    if (p->list && (p->list->kind != LR_NODE_SEQUENCE || p->list->count < in->layer_count)) {
        lr_import_error(in, f, "has %zu items, expected one for each of the %zu layers", p->list->count,
                        in->layer_count);
    }
    return !in->failed;
}

static bool is_dense_layer(const struct lr_import *in, size_t layer)
{
    const struct lr_node *list = in->field[LR_IMPORT_DENSE_LAYERS];
    double number = 0;
    for (const struct lr_node *n = list ? list->first : NULL; n; n = n->next)
        if (lr_node_number(n, &number) && number == (double)layer)
            return true;
    return false;
}

static bool has_experts(const struct lr_import *in, const struct pattern *p, size_t layer, const struct lr_node *item)
{
    const double i = (double)layer;
    if (item)
        return item->text && (strcmp(item->text, "sparse") == 0 || strcmp(item->text, "1") == 0);
    return i >= p->first && i <= p->last && fmod(i, p->frequency) == 0 && fmod(i, p->step) == p->offset &&
           !is_dense_layer(in, layer);
}

static bool set_ffns(struct lr_import *in)
{
    struct ffns f;
    struct pattern p;
    if (!read_ffns(in, &f) || !read_pattern(in, &p))
        return false;
    const struct lr_node *item = p.list ? p.list->first : NULL;
    for (size_t i = 0; i < in->layer_count; i++) {
        const bool moe = f.has_moe && has_experts(in, &p, i, item);
        if (!moe && f.dense.kind == LR_FFN_NONE)
            read_dense(in, &f.dense);
        in->layer[i].ffn = moe ? f.moe : f.dense;
        item = item ? item->next : NULL;
    }
    return !in->failed;
}

/* Falcon-7B has one norm per layer, which attention and the MLP share. */
static double norms(struct lr_import *in)
{
    if (has_flag(in, LR_HF_FALCON) && lr_import_switch(in, LR_IMPORT_NEW_DECODER) != 1 &&
        lr_import_switch(in, LR_IMPORT_PARALLEL) != 0)
        return 2;
    return in->family->norms;
}

bool lr_import_layers(struct lr_import *in)
{
    double layers = 0;
    const bool counted = has_flag(in, LR_HF_HYBRID) ? lr_import_hybrid_count(in, &layers)
                                                    : lr_import_need(in, LR_IMPORT_LAYERS, 1, &layers);
    if (!counted)
        return false;
    if (layers > LAYERS_MAX) {
        lr_import_error(in, LR_IMPORT_LAYERS, "is %.0f, expected at most %d", layers, LAYERS_MAX);
        return false;
    }
    in->layer_count = (size_t)layers;
    in->layer = lr_arena_array(in->arena, in->layer_count, sizeof *in->layer);
    if (!in->layer) {
        lr_import_error(in, LR_IMPORT_LAYERS, "out of memory");
        return false;
    }
    if (has_flag(in, LR_HF_BLOCKS))
        return lr_import_block_configs(in);
    if (has_flag(in, LR_HF_HYBRID))
        return lr_import_hybrid(in);
    struct lr_attention attention;
    const double count = norms(in);
    const bool ok = lr_import_attention(in, &attention);
    for (size_t i = 0; i < in->layer_count && ok; i++) {
        in->layer[i].attention = attention;
        in->layer[i].norms = count;
    }
    return set_ffns(in) && ok && lr_import_mixers(in);
}

static bool same_attention(const struct lr_attention *a, const struct lr_attention *b)
{
    return a->kind == b->kind && a->heads == b->heads && a->kv_heads == b->kv_heads && a->head_dim == b->head_dim &&
           a->window == b->window && a->chunk == b->chunk && a->index_heads == b->index_heads;
}

static bool same_ffn(const struct lr_ffn *a, const struct lr_ffn *b)
{
    return a->kind == b->kind && a->intermediate == b->intermediate && a->experts == b->experts;
}

/* Compares the properties that can differ between the layers of a file. */
static bool in_block(const struct lr_block *b, const struct lr_import_layer *l)
{
    return b->norms == l->norms && same_attention(&b->attention, &l->attention) && same_ffn(&b->ffn, &l->ffn);
}

bool lr_import_blocks(struct lr_import *in)
{
    struct lr_model *m = in->model;
    for (size_t i = 0; i < in->layer_count; i++) {
        const struct lr_import_layer *l = &in->layer[i];
        size_t b = 0;
        while (b < m->block_count && !in_block(&m->block[b], l))
            b++;
        if (b == LR_MODEL_BLOCKS_MAX) {
            lr_import_error(in, LR_IMPORT_LAYERS, "has too many kinds of layers, expected at most %d",
                            LR_MODEL_BLOCKS_MAX);
            return false;
        }
        if (b == m->block_count) {
            m->block[b] = (struct lr_block){.norms = l->norms, .attention = l->attention, .ffn = l->ffn};
            m->block_count++;
        }
        m->block[b].layers++;
    }
    return true;
}
