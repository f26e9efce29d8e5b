/* SPDX-License-Identifier: Apache-2.0 */
#include "host/runner.h"

#include "host/pages.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Actions, one for each role of an operator. Those before EMBED belong to a layer and run in the order of the lowering,
 * which is that of the transformer. */
enum action {
    NORM_ATTENTION,
    QKV,
    ROPE,
    CORE,
    OUT,
    NORM_MLP,
    UP,
    SILU,
    DOWN,
    EMBED,
    NORM_HEAD,
    LOGITS,
    SAMPLE,
    ACTIONS
};

enum { LAYER_ACTIONS = EMBED };

static const enum lr_role roles[ACTIONS] = {
    LR_ROLE_ATTN_NORM, LR_ROLE_ATTN_QKV,    LR_ROLE_ATTN_ROPE,   LR_ROLE_ATTN_CORE, LR_ROLE_ATTN_OUT,
    LR_ROLE_MLP_NORM,  LR_ROLE_MLP_UP,      LR_ROLE_MLP_ACT,     LR_ROLE_MLP_DOWN,  LR_ROLE_EMBEDDING,
    LR_ROLE_HEAD_NORM, LR_ROLE_HEAD_LOGITS, LR_ROLE_HEAD_SAMPLE,
};

/* Base of the rotary angles. No time depends on it. */
static const double THETA = 10000;

struct layer {
    float *weights[LAYER_ACTIONS]; /* of a product, or gains of a norm */
    float *bias, *q_gain, *k_gain;
    struct lr_cache cache;
};

struct lr_runner {
    const struct lr_model *m;
    const struct lr_lowering *l;
    struct lr_engine *e;
    struct lr_runner_size size;
    size_t op[ACTIONS]; /* index in the lowering */
    size_t hidden, vocab, heads, kv_heads, dim, inter;
    float *memory;
    struct layer *layer;
    float *table, *head, *head_gain;
    float *residual, *branch, *normed, *qkv, *attended, *up, *inner, *logits, *angles;
};

static size_t find(const struct lr_lowering *l, enum lr_role role)
{
    size_t i = 0;
    while (i < l->op_count && l->op[i].role != role)
        i++;
    return i;
}

static size_t action_of(enum lr_role role)
{
    size_t i = 0;
    while (i < ACTIONS && roles[i] != role)
        i++;
    return i;
}

static void refuse(struct lr_diags *ds, const char *field, const char *what)
{
    lr_diag(ds, LR_ERROR, LR_NO_POSITION, field, "cannot execute %s, expected GQA and a gated MLP in all layers", what);
    lr_hint(ds, "models that can be executed: llama-3.2-1b, qwen2.5-1.5b, qwen3-1.7b");
}

bool lr_runner_takes(const struct lr_model *m, const struct lr_lowering *l, struct lr_diags *ds)
{
    const struct lr_attention *a = &m->block[0].attention;
    const size_t before = ds ? ds->errors : 0;
    for (size_t i = 0; i < l->op_count; i++)
        if (action_of(l->op[i].role) == ACTIONS) {
            refuse(ds, l->op[i].name, "this operator");
            return false;
        }
    if (m->block_count != 1 || a->kind != LR_ATTENTION_GQA || m->block[0].ffn.kind != LR_FFN_GATED)
        refuse(ds, "blocks", "this architecture");
    else if (m->block[0].norms > 2)
        refuse(ds, "blocks.norms", "more than two norms per layer");
    else if (a->window > 0 || a->sinks || a->output_gate || a->out_bias || m->block[0].ffn.bias || m->head_bias)
        refuse(ds, "blocks.attention", "windows, sinks, gates or biases other than those of q, k and v");
    else if (a->head_dim > LR_LOOP_HEAD_MAX || a->heads / a->kv_heads > LR_LOOP_GROUP_MAX || fmod(a->head_dim, 2) != 0)
        refuse(ds, "blocks.attention", "heads of this size");
    else
        for (size_t i = 0; i < ACTIONS; i++)
            if (find(l, roles[i]) == l->op_count)
                refuse(ds, lr_role_name(roles[i]), "a model without this operator");
    return !ds || ds->errors == before;
}

/* Hands out floats, or only counts them while base is NULL. Each piece starts on a cache line. */
struct cursor {
    float *base;
    size_t used;
};

static float *take(struct cursor *c, size_t floats)
{
    float *const at = c->base ? c->base + c->used : NULL;
    c->used += (floats + 15) / 16 * 16;
    return at;
}

static size_t weights_of(const struct lr_runner *r, enum action a)
{
    const struct lr_gemm *g = &r->l->op[r->op[a]].u.gemm;
    switch (a) {
    case QKV:
    case OUT:
    case UP:
    case DOWN:
        return (size_t)g->n * (size_t)g->k;
    case NORM_ATTENTION:
    case NORM_MLP:
        return r->hidden;
    default:
        return 0;
    }
}

static void lay_out_layer(struct lr_runner *r, struct cursor *c, struct layer *out)
{
    const struct lr_attention *a = &r->m->block[0].attention;
    const size_t cache = r->size.batch * r->kv_heads * r->size.context * r->dim;
    for (size_t i = 0; i < LAYER_ACTIONS; i++)
        out->weights[i] = take(c, weights_of(r, (enum action)i));
    out->bias = take(c, a->qkv_bias ? (r->heads + 2 * r->kv_heads) * r->dim : 0);
    out->q_gain = take(c, a->qk_norm ? r->dim : 0);
    out->k_gain = take(c, a->qk_norm ? r->dim : 0);
    out->cache = (struct lr_cache){.kv_heads = r->kv_heads, .dim = r->dim, .capacity = r->size.context};
    out->cache.keys = take(c, cache);
    out->cache.values = take(c, cache);
    out->bias = a->qkv_bias ? out->bias : NULL;
    out->q_gain = a->qk_norm ? out->q_gain : NULL;
    out->k_gain = a->qk_norm ? out->k_gain : NULL;
}

/* Places all tensors, or only counts their floats if base is NULL: one function for both, so that the count is
 * exact. */
static size_t lay_out(struct lr_runner *r, float *base)
{
    struct cursor c = {.base = base};
    struct layer none;
    const size_t b = r->size.batch;
    for (size_t i = 0; i < r->size.layers; i++)
        lay_out_layer(r, &c, r->layer ? &r->layer[i] : &none);
    r->table = take(&c, r->vocab * r->hidden);
    r->head = r->m->tied_embeddings ? r->table : take(&c, r->vocab * r->hidden);
    r->head_gain = take(&c, r->hidden);
    r->residual = take(&c, b * r->hidden);
    r->branch = take(&c, b * r->hidden);
    r->normed = take(&c, b * r->hidden);
    r->qkv = take(&c, b * (r->heads + 2 * r->kv_heads) * r->dim);
    r->attended = take(&c, b * r->heads * r->dim);
    r->up = take(&c, b * 2 * r->inter);
    r->inner = take(&c, b * r->inter);
    r->logits = take(&c, b * r->vocab);
    r->angles = take(&c, r->dim);
    return c.used;
}

static void describe(struct lr_runner *r, const struct lr_model *m, const struct lr_lowering *l,
                     const struct lr_runner_size *size)
{
    *r = (struct lr_runner){.m = m, .l = l, .size = *size};
    for (size_t i = 0; i < ACTIONS; i++)
        r->op[i] = find(l, roles[i]);
    const struct lr_gqa *a = &l->op[r->op[CORE]].u.gqa;
    r->hidden = (size_t)m->hidden;
    r->vocab = (size_t)m->vocab;
    r->heads = (size_t)a->heads;
    r->kv_heads = (size_t)a->kv_heads;
    r->dim = (size_t)a->head_dim;
    r->inter = (size_t)l->op[r->op[DOWN]].u.gemm.k;
}

double lr_runner_bytes(const struct lr_model *m, const struct lr_lowering *l, const struct lr_runner_size *size)
{
    struct lr_runner r;
    describe(&r, m, l, size);
    return (double)lay_out(&r, NULL) * sizeof(float);
}

struct filling {
    float *to;
    size_t n;
    uint32_t seed;
    float mean, scale;
};

/* Uniform around mean (Marsaglia, Xorshift RNGs, 2003). Every grain has a seed of its own, so that any number of
 * threads writes the same numbers. */
static void fill_part(void *context, size_t part, size_t parts)
{
    const struct filling *f = context;
    const size_t grain = 4096;
    size_t from, to;
    lr_pool_share(f->n, grain, part, parts, &from, &to);
    uint32_t x = 0;
    for (size_t i = from; i < to; i++) {
        if (i % grain == 0)
            x = (uint32_t)(i / grain) * 2654435761U + f->seed;
        x = x ? x : 1;
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        f->to[i] = f->mean + f->scale * ((float)(x >> 8) * (2.0F / 16777216.0F) - 1);
    }
}

static void fill(struct lr_runner *r, float *to, size_t n, float mean, float scale)
{
    struct filling f = {to, n, 1, mean, scale};
    if (!to)
        return;
    f.seed += (uint32_t)(to - r->memory) * 40503U; /* every tensor gets other numbers */
    lr_pool_run(r->e->pool, fill_part, &f);
}

static void fill_all(struct lr_runner *r)
{
    const float gain = 0.5F;
    for (size_t i = 0; i < r->size.layers; i++) {
        struct layer *y = &r->layer[i];
        const size_t cache = r->size.batch * r->kv_heads * r->size.context * r->dim;
        for (size_t a = 0; a < LAYER_ACTIONS; a++) {
            const bool norm = a == NORM_ATTENTION || a == NORM_MLP;
            const float k = norm ? 1 : (float)r->l->op[r->op[a]].u.gemm.k;
            fill(r, weights_of(r, (enum action)a) ? y->weights[a] : NULL, weights_of(r, (enum action)a),
                 norm ? 1.0F : 0.0F, norm ? gain : sqrtf(3 / k));
        }
        fill(r, y->bias, (r->heads + 2 * r->kv_heads) * r->dim, 0, 1);
        fill(r, y->q_gain, r->dim, 1, gain);
        fill(r, y->k_gain, r->dim, 1, gain);
        fill(r, y->cache.keys, cache, 0, 1);
        fill(r, y->cache.values, cache, 0, 1);
    }
    fill(r, r->table, r->vocab * r->hidden, 0, sqrtf(3 / (float)r->hidden));
    if (r->head != r->table)
        fill(r, r->head, r->vocab * r->hidden, 0, sqrtf(3 / (float)r->hidden));
    fill(r, r->head_gain, r->hidden, 1, gain);
    /* the rest is written before it is read; touching it here keeps page faults out of the times */
    fill(r, r->residual, r->size.batch * r->hidden, 0, 0);
    fill(r, r->branch, r->size.batch * r->hidden, 0, 0);
    fill(r, r->normed, r->size.batch * r->hidden, 0, 0);
    fill(r, r->qkv, r->size.batch * (r->heads + 2 * r->kv_heads) * r->dim, 0, 0);
    fill(r, r->attended, r->size.batch * r->heads * r->dim, 0, 0);
    fill(r, r->up, r->size.batch * 2 * r->inter, 0, 0);
    fill(r, r->inner, r->size.batch * r->inter, 0, 0);
    fill(r, r->logits, r->size.batch * r->vocab, 0, 0);
}

struct lr_runner *lr_runner_new(const struct lr_model *m, const struct lr_lowering *l,
                                const struct lr_runner_size *size, struct lr_engine *e, struct lr_diags *ds)
{
    struct lr_runner *r = calloc(1, sizeof *r);
    if (r) {
        describe(r, m, l, size);
        const size_t floats = lay_out(r, NULL);
        r->e = e;
        r->layer = calloc(size->layers, sizeof *r->layer);
        r->memory = lr_pages_take(floats);
        if (r->layer && r->memory) {
            lay_out(r, r->memory);
            fill_all(r);
            return r;
        }
    }
    lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
    lr_runner_free(r);
    return NULL;
}

void lr_runner_free(struct lr_runner *r)
{
    if (!r)
        return;
    free(r->memory);
    free(r->layer);
    free(r);
}

static void product(struct lr_runner *r, enum action a, size_t rows, const float *x, const float *w, const float *bias,
                    float *y)
{
    const struct lr_gemm *g = &r->l->op[r->op[a]].u.gemm;
    lr_loop_gemm(r->e, x, rows, w, (size_t)g->n, (size_t)g->k, bias, y);
}

static void act(struct lr_runner *r, enum action a, const struct layer *y, size_t b, size_t context, size_t *token)
{
    switch (a) {
    case EMBED:
        lr_loop_embed(r->e, b, r->hidden, r->table, token, r->residual);
        break;
    case NORM_ATTENTION:
    case NORM_MLP:
        lr_loop_norm(r->e, b, r->hidden, r->residual, r->branch, y->weights[a], r->normed);
        break;
    case QKV:
        product(r, a, b, r->normed, y->weights[a], y->bias, r->qkv);
        break;
    case ROPE:
        lr_loop_rope(r->e, b, r->heads, r->qkv, r->angles, y->q_gain, y->k_gain, &y->cache, context - 1);
        break;
    case CORE:
        lr_loop_attention(r->e, b, r->heads, r->qkv, (r->heads + 2 * r->kv_heads) * r->dim, &y->cache, context,
                          r->attended);
        break;
    case OUT:
        product(r, a, b, r->attended, y->weights[a], NULL, r->branch);
        break;
    case UP:
        product(r, a, b, r->normed, y->weights[a], NULL, r->up);
        break;
    case SILU:
        lr_loop_silu(r->e, b, r->inter, r->up, r->inner);
        break;
    case DOWN:
        product(r, a, b, r->inner, y->weights[a], NULL, r->branch);
        break;
    case NORM_HEAD:
        lr_loop_norm(r->e, b, r->hidden, r->residual, r->branch, r->head_gain, r->normed);
        break;
    case LOGITS:
        product(r, a, b, r->normed, r->head, NULL, r->logits);
        break;
    default:
        lr_loop_sample(r->e, b, r->vocab, r->logits, token);
        break;
    }
}

static double run(struct lr_runner *r, enum action a, const struct layer *y, size_t b, size_t context, size_t *token,
                  struct lr_ran *ran)
{
    struct lr_samples one = {.count = 0};
    const struct lr_stopwatch w = lr_stopwatch_start();
    act(r, a, y, b, context, token);
    lr_stopwatch_stop(&w, &one);
    const struct lr_count c = lr_engine_count(r->e);
    if (ran) {
        struct lr_ran *to = &ran[r->op[a]];
        lr_samples_add(&to->times, one.value[0], one.calm[0]);
        to->count.flop += c.flop;
        to->count.weight_bytes += c.weight_bytes;
        to->count.kv_bytes += c.kv_bytes;
        to->count.act_elements += c.act_elements;
        to->executions++;
    }
    return one.value[0];
}

double lr_runner_step(struct lr_runner *r, size_t batch, size_t context, size_t *token, struct lr_ran *ran)
{
    double seconds = 0;
    for (size_t i = 0; i < r->dim / 2; i++) {
        const double angle = (double)(context - 1) * pow(THETA, -2.0 * (double)i / (double)r->dim);
        r->angles[2 * i] = (float)cos(angle);
        r->angles[2 * i + 1] = (float)sin(angle);
    }
    memset(r->branch, 0, batch * r->hidden * sizeof *r->branch);
    seconds += run(r, EMBED, NULL, batch, context, token, ran);
    for (size_t i = 0; i < r->size.layers; i++)
        for (size_t o = 0; o < r->l->op_count; o++) {
            const size_t a = action_of(r->l->op[o].role);
            if (a < LAYER_ACTIONS)
                seconds += run(r, (enum action)a, &r->layer[i], batch, context, token, ran);
        }
    for (size_t a = NORM_HEAD; a < ACTIONS; a++)
        seconds += run(r, (enum action)a, NULL, batch, context, token, ran);
    return seconds;
}

const float *lr_runner_weights(const struct lr_runner *r, enum lr_role role, size_t layer)
{
    const size_t a = action_of(role);
    if (a == EMBED)
        return r->table;
    if (a == LOGITS)
        return r->head;
    if (a == NORM_HEAD)
        return r->head_gain;
    return layer < r->size.layers && a < LAYER_ACTIONS ? r->layer[layer].weights[a] : NULL;
}

struct lr_runner_extra lr_runner_extra(const struct lr_runner *r, size_t layer)
{
    if (layer >= r->size.layers)
        return (struct lr_runner_extra){0};
    const struct layer *y = &r->layer[layer];
    return (struct lr_runner_extra){.bias = y->bias, .q_gain = y->q_gain, .k_gain = y->k_gain};
}

const struct lr_cache *lr_runner_cache(const struct lr_runner *r, size_t layer)
{
    return layer < r->size.layers ? &r->layer[layer].cache : NULL;
}

const float *lr_runner_logits(const struct lr_runner *r)
{
    return r->logits;
}
