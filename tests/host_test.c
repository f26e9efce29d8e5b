/* SPDX-License-Identifier: Apache-2.0 */
/* Compares the runner with a transformer in plain loops, and its counts with the lowering. */
#include "suite.h"

#include "host/engine.h"
#include "host/runner.h"
#include "lower/lowering.h"

#include <llmroof/estimate.h>

#include <math.h>

enum { LAYERS = 2, BATCH = 6, CONTEXT = 70 };

/* A small model with the properties of real ones: fewer KV heads than heads, sizes that are not multiples of a
 * vector. */
static struct lr_model toy(int variant)
{
    struct lr_model m = {.name = "toy",
                         .hidden = 40,
                         .vocab = 101,
                         .max_context = 256,
                         .tied_embeddings = variant == 1,
                         .block_count = 1};
    m.block[0] = (struct lr_block){
        .layers = LAYERS,
        .norms = 2,
        .attention = {.kind = LR_ATTENTION_GQA,
                      .heads = 6,
                      .kv_heads = variant == 2 ? 6 : 2,
                      .head_dim = 12,
                      .qkv_bias = variant == 1,
                      .qk_norm = variant == 2},
        .ffn = {.kind = LR_FFN_GATED, .intermediate = 300},
    };
    return m;
}

static void lower(const struct lr_model *m, struct lr_lowering *l)
{
    struct lr_deployment d = {.gpus = 1, .tp = 1, .pp = 1, .ep = 1, .dp = 1, .weights = LR_FP32, .kv = LR_FP32};
    enum lr_dtype weights[LR_PART_COUNT];
    struct lr_diags ds = {0};
    for (int i = 0; i < LR_PART_COUNT; i++)
        weights[i] = LR_FP32;
    ck_assert(lr_lower(m, &d, weights, LR_FP32, 1, l, &ds));
    lr_diags_free(&ds);
}

static struct lr_engine *engine(size_t threads)
{
    const char *error = NULL;
    struct lr_engine *e = lr_engine_new(threads, &error);
    ck_assert_msg(e != NULL, "%s", error);
    return e;
}

/* y[n] = w[n][k] x[k] */
static void multiply(const float *w, const double *x, size_t n, size_t k, const float *bias, double *y)
{
    for (size_t i = 0; i < n; i++) {
        y[i] = bias ? bias[i] : 0;
        for (size_t j = 0; j < k; j++)
            y[i] += (double)w[i * k + j] * x[j];
    }
}

static void normalise(const double *x, size_t n, const float *gain, double *y)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * x[i];
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] / sqrt(sum / (double)n + 1e-5) * (gain ? (double)gain[i] : 1);
}

static void rotate(double *x, size_t dim, double position)
{
    for (size_t i = 0; i < dim / 2; i++) {
        const double angle = position * pow(10000, -2.0 * (double)i / (double)dim);
        const double a = x[i], b = x[i + dim / 2];
        x[i] = a * cos(angle) - b * sin(angle);
        x[i + dim / 2] = b * cos(angle) + a * sin(angle);
    }
}

/* Computes the keys and values of the new token. Those before it are read from the runner's cache. */
static void naive_attention(const struct lr_runner *r, const struct lr_model *m, size_t layer, size_t row, double *qkv,
                            double *out)
{
    const struct lr_attention *a = &m->block[0].attention;
    const size_t heads = (size_t)a->heads, kv_heads = (size_t)a->kv_heads, dim = (size_t)a->head_dim;
    const struct lr_cache *c = lr_runner_cache(r, layer);
    const struct lr_runner_extra extra = lr_runner_extra(r, layer);
    for (size_t h = 0; h < heads + kv_heads; h++) {
        double *const x = qkv + h * dim;
        if (a->qk_norm)
            normalise(x, dim, h < heads ? extra.q_gain : extra.k_gain, x);
        rotate(x, dim, CONTEXT - 1);
    }
    for (size_t h = 0; h < heads; h++) {
        const size_t kv = h / (heads / kv_heads), base = (row * kv_heads + kv) * c->capacity * dim;
        double p[CONTEXT], sum = 0;
        for (size_t t = 0; t < CONTEXT; t++) {
            p[t] = 0;
            for (size_t i = 0; i < dim; i++)
                p[t] += qkv[h * dim + i] *
                        (t + 1 < CONTEXT ? (double)c->keys[base + t * dim + i] : qkv[(heads + kv) * dim + i]);
            p[t] = exp(p[t] / sqrt((double)dim));
            sum += p[t];
        }
        for (size_t i = 0; i < dim; i++) {
            out[h * dim + i] = 0;
            for (size_t t = 0; t < CONTEXT; t++)
                out[h * dim + i] +=
                    p[t] / sum *
                    (t + 1 < CONTEXT ? (double)c->values[base + t * dim + i] : qkv[(heads + kv_heads + kv) * dim + i]);
        }
    }
}

static void naive_layer(const struct lr_runner *r, const struct lr_model *m, size_t layer, size_t row, double *x)
{
    const struct lr_attention *a = &m->block[0].attention;
    const size_t hidden = (size_t)m->hidden, inter = (size_t)m->block[0].ffn.intermediate;
    const size_t q = (size_t)(a->heads * a->head_dim), qkv_n = q + 2 * (size_t)(a->kv_heads * a->head_dim);
    double normed[64], qkv[512], attended[128], branch[64], up[1024], inner[512];
    normalise(x, hidden, lr_runner_weights(r, LR_ROLE_ATTN_NORM, layer), normed);
    multiply(lr_runner_weights(r, LR_ROLE_ATTN_QKV, layer), normed, qkv_n, hidden, lr_runner_extra(r, layer).bias, qkv);
    naive_attention(r, m, layer, row, qkv, attended);
    multiply(lr_runner_weights(r, LR_ROLE_ATTN_OUT, layer), attended, hidden, q, NULL, branch);
    for (size_t i = 0; i < hidden; i++)
        x[i] += branch[i];
    normalise(x, hidden, lr_runner_weights(r, LR_ROLE_MLP_NORM, layer), normed);
    multiply(lr_runner_weights(r, LR_ROLE_MLP_UP, layer), normed, 2 * inter, hidden, NULL, up);
    for (size_t i = 0; i < inter; i++)
        inner[i] = up[i] / (1 + exp(-up[i])) * up[inter + i];
    multiply(lr_runner_weights(r, LR_ROLE_MLP_DOWN, layer), inner, hidden, inter, NULL, branch);
    for (size_t i = 0; i < hidden; i++)
        x[i] += branch[i];
}

static void naive(const struct lr_runner *r, const struct lr_model *m, size_t row, size_t token, double *logits)
{
    const size_t hidden = (size_t)m->hidden;
    double x[64], normed[64];
    for (size_t i = 0; i < hidden; i++)
        x[i] = (double)lr_runner_weights(r, LR_ROLE_EMBEDDING, 0)[token * hidden + i];
    for (size_t layer = 0; layer < LAYERS; layer++)
        naive_layer(r, m, layer, row, x);
    normalise(x, hidden, lr_runner_weights(r, LR_ROLE_HEAD_NORM, 0), normed);
    multiply(lr_runner_weights(r, LR_ROLE_HEAD_LOGITS, 0), normed, (size_t)m->vocab, hidden, NULL, logits);
}

START_TEST(logits_equal_plain_loops)
{
    /* variant, threads, batch: both kinds of product, and more threads than rows */
    const size_t threads = (size_t)(_i % 3) + 1, batch = _i % 2 ? BATCH : 3;
    const struct lr_model m = toy(_i % 3);
    const struct lr_runner_size size = {LAYERS, BATCH, CONTEXT + 5};
    struct lr_lowering l;
    struct lr_diags ds = {0};
    size_t token[BATCH] = {3, 99, 0, 100, 42, 7};
    const size_t before[BATCH] = {3, 99, 0, 100, 42, 7};
    lower(&m, &l);
    for (size_t i = 0; _i >= 6 && i < l.op_count; i++)
        l.op[i].name = "renamed"; /* a name is only printed */
    ck_assert(lr_runner_takes(&m, &l, &ds));
    struct lr_engine *e = engine(threads);
    struct lr_runner *r = lr_runner_new(&m, &l, &size, e, &ds);
    ck_assert_ptr_nonnull(r);
    ck_assert(lr_runner_step(r, batch, CONTEXT, token, NULL) > 0);
    for (size_t row = 0; row < batch; row++) {
        double want[128];
        size_t best = 0;
        naive(r, &m, row, before[row], want);
        for (size_t i = 0; i < (size_t)m.vocab; i++) {
            ck_assert_double_eq_tol(lr_runner_logits(r)[row * (size_t)m.vocab + i], want[i], 2e-4);
            best = want[i] > want[best] ? i : best;
        }
        ck_assert_uint_eq(token[row], best);
    }
    lr_runner_free(r);
    lr_engine_free(e);
    lr_diags_free(&ds);
}
END_TEST

/* The runner counts activations in elements, the lowering in bytes of 16-bit elements. */
static void same_work(const struct lr_op *op, const struct lr_step *s, const struct lr_ran *ran)
{
    const struct lr_work w = lr_op_work(op, s);
    const double n = (double)ran->executions;
    ck_assert_msg(ran->count.flop == n * w.flop, "%s: %.17g FLOP, expected %.17g", op->name, ran->count.flop,
                  n * w.flop);
    ck_assert_msg(ran->count.weight_bytes == n * w.weight_bytes, "%s: %.17g bytes of weights, expected %.17g", op->name,
                  ran->count.weight_bytes, n * w.weight_bytes);
    ck_assert_msg(ran->count.kv_bytes == n * w.kv_bytes, "%s: %.17g bytes of cache, expected %.17g", op->name,
                  ran->count.kv_bytes, n * w.kv_bytes);
    ck_assert_msg(2 * ran->count.act_elements == n * w.act_bytes, "%s: %.17g elements, expected %.17g bytes", op->name,
                  ran->count.act_elements, n * w.act_bytes);
}

START_TEST(counts_equal_the_lowering)
{
    const double batches[] = {1, 2, 5, 6};
    const struct lr_model m = toy(_i % 3);
    const struct lr_runner_size size = {LAYERS, BATCH, 300};
    struct lr_lowering l;
    struct lr_diags ds = {0};
    lower(&m, &l);
    struct lr_engine *e = engine((size_t)(_i % 4) + 1);
    struct lr_runner *r = lr_runner_new(&m, &l, &size, e, &ds);
    for (size_t b = 0; b < 4; b++)
        for (double context = 1; context <= 300; context += 97) {
            const struct lr_step s = {batches[b], 1, batches[b], context};
            struct lr_ran *ran = calloc(l.op_count, sizeof *ran);
            size_t token[BATCH] = {0};
            lr_runner_step(r, (size_t)batches[b], (size_t)context, token, ran);
            for (size_t i = 0; i < l.op_count; i++) {
                ck_assert_double_eq((double)ran[i].executions, l.op[i].count);
                same_work(&l.op[i], &s, &ran[i]);
            }
            free(ran);
        }
    lr_runner_free(r);
    lr_engine_free(e);
    lr_diags_free(&ds);
}
END_TEST

/* 2 layers of 40 x (72 + 48) + 72 x 40 + 40 x 600 + 300 x 40 weights, two gains, caches of 6 x 2 x 75 x 12, ... by
 * hand, each rounded up to 16 floats. */
START_TEST(announced_bytes_are_exact)
{
    const struct lr_model m = toy(0);
    const struct lr_runner_size size = {LAYERS, BATCH, CONTEXT + 5};
    struct lr_lowering l;
    lower(&m, &l);
    const double layer = 48 + 120 * 40 + 40 * 72 + 48 + 600 * 40 + 40 * 300 + 2 * 6 * 2 * 75 * 12;
    const double ends = 2 * 4048 + 48, rows = 3 * 240 + 720 + 432 + 3600 + 1808 + 608 + 16;
    ck_assert_double_eq(lr_runner_bytes(&m, &l, &size), 4 * (2 * layer + ends + rows));
}
END_TEST

START_TEST(refuses_models_that_it_cannot_run)
{
    struct lr_catalog *c = suite_catalog();
    static const char *const no[] = {"deepseek-v2-lite", "mixtral-8x7b", "gpt-oss-20b", "gemma-2-27b"};
    static const char *const yes[] = {"llama-3.2-1b", "qwen2.5-1.5b", "qwen3-1.7b"};
    for (size_t i = 0; i < 7; i++) {
        struct lr_diags ds = {0};
        struct lr_model *m = lr_catalog_model(c, i < 4 ? no[i] : yes[i - 4], NULL, 0, &ds);
        struct lr_lowering l;
        ck_assert_ptr_nonnull(m);
        lower(m, &l);
        ck_assert_msg(lr_runner_takes(m, &l, &ds) == (i >= 4), "%s", m->name);
        ck_assert((ds.errors > 0) == (i < 4));
        lr_model_free(m);
        lr_diags_free(&ds);
    }
    lr_catalog_free(c);
}
END_TEST

START_TEST(exponential)
{
    for (double x = -86; x < 87; x += 0.0317)
        ck_assert_double_lt(fabs((double)lr_exp((float)x) / exp((double)(float)x) - 1), 3e-7);
    ck_assert(lr_exp(-INFINITY) >= 0 && lr_exp(-INFINITY) < 1e-37F);
}
END_TEST

/* 1, 2, 3, 4, 100: the quartiles are 2 and 4. If three samples are calm, the others do not count. */
START_TEST(summaries)
{
    struct lr_samples s = {.count = 0};
    ck_assert_uint_eq(lr_samples_summary(&s).used, 0);
    const double v[] = {4, 100, 1, 3, 2};
    for (size_t i = 0; i < 5; i++)
        lr_samples_add(&s, v[i], true);
    struct lr_summary y = lr_samples_summary(&s);
    ck_assert_double_eq(y.median, 3);
    ck_assert_double_eq(y.best, 1);
    ck_assert_double_eq_tol(y.spread, 2.0 / 3, 1e-12);
    for (size_t i = 0; i < 5; i++)
        lr_samples_add(&s, 50, false);
    y = lr_samples_summary(&s);
    ck_assert_double_eq(y.median, 3);
    ck_assert_uint_eq(y.used, 5);
    ck_assert_uint_eq(y.count, 10);
    s = (struct lr_samples){.count = 0};
    lr_samples_add(&s, 7, false);
    lr_samples_add(&s, 9, true);
    ck_assert_double_eq(lr_samples_summary(&s).median, 8);
}
END_TEST

static void note_part(void *context, size_t part, size_t parts)
{
    size_t *const seen = context;
    seen[part] += parts;
}

START_TEST(every_thread_gets_a_part)
{
    for (size_t threads = 1; threads <= 5; threads++) {
        struct lr_pool *p = lr_pool_new(threads);
        size_t seen[5] = {0};
        ck_assert_ptr_nonnull(p);
        for (int i = 0; i < 200; i++)
            lr_pool_run(p, note_part, seen);
        for (size_t i = 0; i < 5; i++)
            ck_assert_uint_eq(seen[i], i < threads ? 200 * threads : 0);
        lr_pool_free(p);
    }
    for (size_t n = 0; n < 100; n += 7)
        for (size_t parts = 1; parts < 9; parts++) {
            size_t at = 0;
            for (size_t i = 0; i < parts; i++) {
                size_t from, to;
                lr_pool_share(n, 8, i, parts, &from, &to);
                ck_assert(from == at && to >= from && (from % 8 == 0 || from == n));
                at = to;
            }
            ck_assert_uint_eq(at, n);
        }
    ck_assert_ptr_null(lr_pool_new(0));
}
END_TEST

int main(void)
{
    const TTest *const looped[] = {logits_equal_plain_loops, counts_equal_the_lowering};
    const TTest *const once[] = {announced_bytes_are_exact, refuses_models_that_it_cannot_run, exponential, summaries,
                                 every_thread_gets_a_part};
    const int a = suite_run("host", looped, 2, 12);
    const int b = suite_run("host parts", once, 5, 1);
    return a || b;
}
