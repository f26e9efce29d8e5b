/* SPDX-License-Identifier: Apache-2.0 */
/* Estimates of the shipped profiles: floors and memory computed by hand, and every model on every chip. */
#include "lower/lowering.h"
#include "lower/sequence_state.h"
#include "suite.h"

#include <llmroof/benchmark.h>
#include <llmroof/estimate.h>
#include <llmroof/kernels.h>
#include <llmroof/measured.h>

#include <math.h>
#include <string.h>

static const struct lr_deployment PUBLISHED = {.weights = LR_DTYPE_NONE, .kv = LR_DTYPE_NONE};

static struct lr_deployment layout(double gpus, double tp)
{
    struct lr_deployment d = PUBLISHED;
    d.gpus = gpus;
    d.tp = tp;
    return d;
}

/* One model on one chip, with the ideal runtime. */
struct bench {
    struct lr_catalog *c;
    struct lr_hardware *hw;
    struct lr_kernels *k;
    struct lr_model *m;
    struct lr_runtime *rt;
};

static struct bench bench_open(const char *model, const char *hardware)
{
    struct lr_diags ds = {0};
    struct bench b = {.c = suite_catalog()};
    b.hw = lr_catalog_hardware(b.c, hardware, NULL, 0, &ds);
    b.m = lr_catalog_model(b.c, model, NULL, 0, &ds);
    b.rt = lr_catalog_runtime(b.c, "bare", NULL, 0, &ds);
    suite_no_errors(&ds);
    lr_diags_free(&ds);
    b.k = suite_kernels(b.c, b.hw);
    return b;
}

static void bench_close(struct bench *b)
{
    lr_kernels_free(b->k);
    lr_runtime_free(b->rt);
    lr_model_free(b->m);
    lr_hardware_free(b->hw);
    lr_catalog_free(b->c);
}

static struct lr_plan *bench_plan(const struct bench *b, struct lr_deployment d)
{
    struct lr_diags ds = {0};
    struct lr_plan *p = lr_plan_new(b->hw, b->m, b->rt, b->k, &d, &ds);
    suite_no_errors(&ds);
    ck_assert_ptr_nonnull(p);
    lr_diags_free(&ds);
    return p;
}

static struct lr_estimate estimate(const struct lr_plan *p, double batch, double context)
{
    const struct lr_workload w = {.batch = batch, .context = context, .q_len = 1};
    struct lr_estimate e;
    lr_plan_estimate(p, &w, &e);
    lr_plan_room(p, &w, &e.memory);
    return e;
}

static struct lr_estimate bench_estimate(const struct bench *b, struct lr_deployment d, double batch, double context)
{
    struct lr_plan *p = bench_plan(b, d);
    const struct lr_estimate e = estimate(p, batch, context);
    lr_plan_free(p);
    return e;
}

static void assert_within(double a, double b, double relative)
{
    ck_assert_msg(fabs(a - b) <= relative * fabs(b), "%.12g, expected %.12g", a, b);
}

/* Llama-3.1-8B in BF16. A layer has 4096 x (32 + 2 x 8) x 128 (qkv) + 4096 x 4096 (out) + 3 x 4096 x 14336 (MLP)
 * = 218,103,808 matrix elements, 32 layers and the head (128256 x 4096) 7,504,658,432: 15.009317 GB, each read once.
 * The cache of a sequence: 2 x 8 x 128 x 2 B x 32 layers x 4096 tokens = 536,870,912 B. An embedding row a token, and
 * the new token's entry in the cache (1/4096 of it), are below 0.05 %.
 *   memory: (15.009317 GB + batch x 0.536870912 GB) / bandwidth.
 *   compute: a GEMM needs 2 x batch FLOP for 2 B, so it is bound by compute where batch > peak/bandwidth:
 *   H20 37, A100 153, H100 and H800 295. Attention does 4 heads x 4 FLOP for 4 B: never.
 * So only the H20 at 128 differs: 2 x 128 x 7,504,658,432 / 148 TFLOP/s = 12.98103 ms, the cache 17.17987 ms. */
START_TEST(floors_by_hand)
{
    static const struct {
        const char *hardware;
        double ms[3]; /* at batch 1, 32, 128 */
    } row[] = {
        {"h20", {3.886547, 8.047297, 30.160900}},   /* 4.0 TB/s, 148 TFLOP/s */
        {"h100", {4.640653, 9.608712, 24.993670}},  /* 3.35 TB/s, 989.4 TFLOP/s */
        {"h800", {4.640653, 9.608712, 24.993670}},  /* the same */
        {"a100", {7.624418, 15.786751, 41.063656}}, /* 2.039 TB/s, 312 TFLOP/s */
    };
    static const double batch[] = {1, 32, 128};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct bench b = bench_open("llama-3.1-8b", row[i].hardware);
        for (size_t j = 0; j < 3; j++) {
            const struct lr_estimate e = bench_estimate(&b, layout(1, 1), batch[j], 4096);
            ck_assert_msg(fabs(e.floor_tpot_s / (row[i].ms[j] * 1e-3) - 1) < 0.005, "%s at %g: %g s", row[i].hardware,
                          batch[j], e.floor_tpot_s);
            ck_assert_double_ge(e.tpot_low_s, e.floor_tpot_s);
        }
        bench_close(&b);
    }
}
END_TEST

/* 671 GB of FP8 over 8 ranks are 84 GB: with latents, norms and 16-bit ends, more than an 80 GB chip has. An A100 keeps
 * them packed. */
START_TEST(deepseek_v3_fits_on_eight_h20_only)
{
    static const struct {
        const char *hardware;
        bool fits;
        double least, most; /* weights per GPU, GB */
    } row[] = {{"h20", true, 83, 87}, {"h100", false, 83, 87}, {"h800", false, 83, 87}, {"a100", false, 83, 87}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct bench b = bench_open("deepseek-v3", row[i].hardware);
        struct lr_plan *p = bench_plan(&b, layout(8, 8));
        const struct lr_estimate e = estimate(p, 32, 4096);
        ck_assert_msg(e.fits == row[i].fits, "%s", row[i].hardware);
        ck_assert(e.memory.weights_bytes > row[i].least * 1e9 && e.memory.weights_bytes < row[i].most * 1e9);
        if (row[i].fits) {
            ck_assert_double_eq(e.tokens_per_s, 32 / e.tpot_s);
        } else {
            ck_assert_double_eq(e.tokens_per_s, 0);
            ck_assert_double_eq(e.tokens_per_s_per_gpu, 0);
            ck_assert_double_eq(e.tokens_per_s_per_user, 0);
            ck_assert_double_eq(e.memory.max_batch, 0);
        }
        ck_assert_double_gt(e.tpot_s, 0);
        if (strcmp(row[i].hardware, "a100") == 0) {
            ck_assert_uint_eq(lr_plan_note_count(p), 1);
            ck_assert_str_eq(
                lr_plan_note(p, 0),
                "NVIDIA A100 SXM4 80 GB has no fp8_block arithmetic: weights stored in fp8_block, computed in 16 bits");
            ck_assert_int_eq(lr_plan_deployment(p)->weights, LR_FP8_BLOCK);
        } else {
            ck_assert_uint_eq(lr_plan_note_count(p), 0);
            ck_assert_int_eq(lr_plan_deployment(p)->weights, LR_FP8_BLOCK);
        }
        lr_plan_free(p);
        bench_close(&b);
    }
}
END_TEST

/* One of all combinations. A failed check prints it. */
struct point {
    const struct lr_plan *plan;
    const struct lr_hardware *hw;
    const struct lr_model *m;
    double batch, context;
};

#define CHECK(at, condition)                                                                                           \
    ck_assert_msg(condition, "%s on %g %s at batch %g: %s", (at)->m->name, lr_plan_deployment((at)->plan)->gpus,       \
                  (at)->hw->name, (at)->batch, #condition)

static void check_finite(const struct point *at, const struct lr_estimate *e)
{
    const struct lr_memory *y = &e->memory;
    const double value[] = {e->tpot_s,
                            e->tpot_low_s,
                            e->tpot_high_s,
                            e->floor_tpot_s,
                            e->tokens_per_s,
                            e->tokens_per_s_per_gpu,
                            e->tokens_per_s_per_user,
                            e->flop,
                            e->bytes,
                            e->link_bytes,
                            e->host_s,
                            y->capacity_bytes,
                            y->weights_bytes,
                            y->kv_bytes,
                            y->workspace_bytes,
                            y->reserve_bytes,
                            y->max_batch,
                            y->max_context};
    for (size_t i = 0; i < sizeof value / sizeof *value; i++)
        CHECK(at, isfinite(value[i]) && value[i] >= 0);
}

/* Cache of one GPU without pages or pipeline: KV heads are split over tp, but a rank has one at least; MLA's latents
 * and the indexer's keys (a byte an element and 4 for the scale) are on every rank. The step's own token is in it.
 * States, whose sizes tests/lower_test.c holds to numbers, do not grow. */
static double kv_by_hand(const struct lr_model *m, const struct lr_deployment *d, double batch, double context)
{
    double elements = 0, others = 0;
    for (size_t i = 0; i < m->block_count; i++) {
        const struct lr_attention *a = &m->block[i].attention;
        const double bound = fmax(a->window, a->chunk);
        const double tokens = bound > 0 && bound < context + 1 ? bound : context + 1;
        if (a->index_heads > 0)
            others += m->block[i].layers * (context + 1) * (a->index_dim + 4);
        if (lr_attention_has_state(a))
            others += m->block[i].layers * lr_attention_state_bytes(a, d->tp);
        if (a->kind == LR_ATTENTION_MLA)
            elements += m->block[i].layers * (context + 1) * (a->kv_lora_rank + a->qk_rope_dim);
        else if (a->kind == LR_ATTENTION_GQA)
            elements += m->block[i].layers * tokens * 2 * a->head_dim * fmax(1, a->kv_heads / d->tp);
    }
    return ceil(batch / d->dp) * (elements * lr_dtype_bytes(d->kv) + others);
}

/* Every weight once, packed or in the format that the chip multiplies; routers and norms in 16 bits. */
static double weights_by_hand(const struct lr_model *m, const struct lr_hardware *hw)
{
    struct lr_parameters n;
    lr_model_parameters(m, &n);
    double bytes = 2 * (n.router + n.norm);
    for (int i = 0; i < LR_PART_COUNT; i++)
        bytes += n.part[i] * lr_dtype_bytes(hw->packed_weights >> m->weights[i] & 1
                                                ? m->weights[i]
                                                : lr_dtype_on(m->weights[i], hw->compute.peak));
    return bytes;
}

static void check_memory(const struct point *at, const struct lr_estimate *e)
{
    const struct lr_deployment *d = lr_plan_deployment(at->plan);
    const struct lr_memory *y = &e->memory;
    const double all = weights_by_hand(at->m, at->hw);
    const double kv = kv_by_hand(at->m, d, at->batch, at->context);
    const double use = y->weights_bytes + y->kv_bytes + y->workspace_bytes + y->reserve_bytes;
    CHECK(at, y->capacity_bytes == at->hw->memory.capacity_bytes);
    CHECK(at, y->reserve_bytes == 1e9); /* of the bare runtime */
    CHECK(at, y->workspace_bytes > 0);
    CHECK(at, fabs(y->kv_bytes - kv) <= 1e-12 * kv);
    CHECK(at, d->gpus > 1 || fabs(y->weights_bytes - all) <= 1e-12 * all);
    CHECK(at, y->weights_bytes * d->gpus >= all * (1 - 1e-12));
    CHECK(at, e->fits == (use <= y->capacity_bytes));
    CHECK(at, e->fits == (at->batch <= y->max_batch));
    CHECK(at, e->fits == (at->context <= y->max_context));
    CHECK(at, y->max_batch < 1 || estimate(at->plan, y->max_batch, at->context).fits);
    CHECK(at, !estimate(at->plan, y->max_batch + 1, at->context).fits);
}

static void check_point(const struct point *at)
{
    const struct lr_estimate e = estimate(at->plan, at->batch, at->context);
    check_finite(at, &e);
    CHECK(at, e.floor_tpot_s > 0);
    CHECK(at, e.tpot_s >= e.floor_tpot_s);
    CHECK(at, e.tpot_low_s >= e.floor_tpot_s);
    CHECK(at, e.tpot_low_s <= e.tpot_s);
    CHECK(at, e.tpot_high_s >= e.tpot_s);
    CHECK(at, e.tokens_per_s == (e.fits ? at->batch / e.tpot_s : 0));
    CHECK(at, e.tokens_per_s_per_user == (e.fits ? 1 / e.tpot_s : 0));
    CHECK(at, e.tokens_per_s_per_gpu == e.tokens_per_s / lr_plan_deployment(at->plan)->gpus);
    check_memory(at, &e);
}

/* true if there is a plan; otherwise there must be an error with a field and a message. */
static bool check_combination(const struct bench *b, double gpus)
{
    struct lr_diags ds = {0};
    const struct lr_deployment d = layout(gpus, 0);
    struct lr_plan *p = lr_plan_new(b->hw, b->m, b->rt, b->k, &d, &ds);
    ck_assert((p != NULL) == (ds.errors == 0));
    if (p) {
        check_point(&(struct point){p, b->hw, b->m, 1, 4096});
        check_point(&(struct point){p, b->hw, b->m, 64, 4096});
    } else {
        ck_assert_uint_gt(ds.count, 0);
        ck_assert_ptr_nonnull(ds.item[0].field);
        ck_assert_uint_gt(strlen(ds.item[0].message), 0);
        ck_assert_msg(gpus > 1, "%s on one %s: %s", b->m->name, b->hw->name, ds.item[0].message);
    }
    const bool planned = p != NULL;
    lr_plan_free(p);
    lr_diags_free(&ds);
    return planned;
}

/* Each profile is loaded once. On one GPU there is no layout to refuse, so each model has a plan on each chip. */
START_TEST(every_model_on_every_chip)
{
    enum { MOST = 128 };
    static const double gpus[] = {1, 8, 16};
    struct lr_catalog *c = suite_catalog();
    struct lr_diags ds = {0};
    struct lr_model *model[MOST];
    size_t models, chips, plans = 0;
    struct lr_catalog_entry *m = lr_catalog_list(c, LR_PROFILE_MODEL, &models, &ds);
    struct lr_catalog_entry *h = lr_catalog_list(c, LR_PROFILE_HARDWARE, &chips, &ds);
    struct lr_runtime *rt = lr_catalog_runtime(c, "bare", NULL, 0, &ds);
    ck_assert(models >= 40 && models <= MOST && chips >= 40);
    for (size_t i = 0; i < models; i++)
        model[i] = lr_catalog_model(c, m[i].name, NULL, 0, &ds);
    suite_no_errors(&ds);
    for (size_t j = 0; j < chips; j++) {
        struct lr_hardware *hw = lr_catalog_hardware(c, h[j].name, NULL, 0, &ds);
        suite_no_errors(&ds);
        struct lr_kernels *k = suite_kernels(c, hw);
        for (size_t i = 0; i < models; i++)
            for (size_t g = 0; g < sizeof gpus / sizeof *gpus; g++)
                plans += check_combination(&(struct bench){.c = c, .hw = hw, .k = k, .m = model[i], .rt = rt}, gpus[g]);
        lr_kernels_free(k);
        lr_hardware_free(hw);
    }
    ck_assert_uint_gt(2 * plans, models * chips * 3);
    for (size_t i = 0; i < models; i++)
        lr_model_free(model[i]);
    lr_runtime_free(rt);
    lr_catalog_entries_free(m);
    lr_catalog_entries_free(h);
    lr_catalog_free(c);
    lr_diags_free(&ds);
}
END_TEST

/* Llama-3.1-70B, tp 8, BF16. A layer: 8192 x (2 x 64 + 2 x 8) x 128 (attention) + 3 x 8192 x 28672 (MLP) = 855,638,016;
 * 80 of them, an eighth each: 8,556,380,160. Norms on every rank: (2 x 80 + 1) x 8192 = 1,318,912. Embedding and head:
 * 2 x 128256 x 8192 / 8 = 262,668,288. Together 8,820,367,360 parameters, 17,640,734,720 B.
 * A rank has one KV head: 2 x 128 x 2 B x 80 layers = 40,960 B per token; 16 sequences of 8192 + 1 tokens.
 * Widest product, tokens x (8192 + 2 x 28672/8) x 2 B, with two residuals of 8192 x 2 B: 63,488 B; logits in FP32:
 * 128256 x 4 B. H100: (85,027,979,264 - 17,640,734,720 - 1e9) / (8193 x 40,960 + 63,488 + 513,024) = 197.49. */
START_TEST(memory_ledger_by_hand)
{
    struct bench b = bench_open("llama-3.1-70b", "h100");
    const struct lr_memory m = bench_estimate(&b, layout(8, 8), 16, 8192).memory;
    ck_assert_double_eq(m.capacity_bytes, 85027979264.0);
    ck_assert_double_eq(m.weights_bytes, 17640734720.0);
    ck_assert_double_eq(m.kv_bytes, 16.0 * 8193 * 40960);
    ck_assert_double_eq(m.workspace_bytes, 16.0 * (63488 + 513024));
    ck_assert_double_eq(m.reserve_bytes, 1e9);
    ck_assert_double_eq(m.max_batch, 197);
    bench_close(&b);
}
END_TEST

/* Qwen3-30B-A3B, tp 8 over 4 KV heads: each is on two ranks, so a rank has one. A layer of a rank: 2 x 2048 x 512 (q,
 * out)
 * + 2 x 2048 x 128 (k, v) + 128 x 3 x 2048 x 768/8 (experts) + 128 x 2048 (router) + 2 x 2048 + 2 x 128 (norms)
 * = 78,385,408; 48 of them, a norm of 2048, and 2 x 151936 x 2048/8 of embedding and head: 3,840,292,864 parameters. */
START_TEST(kv_heads_are_repeated)
{
    struct bench b = bench_open("qwen3-30b-a3b", "h100");
    const struct lr_memory m = bench_estimate(&b, layout(8, 8), 4, 4096).memory;
    ck_assert_double_eq(m.weights_bytes, 7680585728.0);
    ck_assert_double_eq(m.kv_bytes, 4.0 * 4097 * (48 * 2 * 128 * 2));
    bench_close(&b);
}
END_TEST

/* FLOP of attention for one token that attends to n tokens in layers without, and to w in layers with a window: GQA
 * 4 x heads x head_dim, MLA 2 x heads x (2 x 512 + 64), a layer. */
struct attention_flop {
    const char *model;
    double full, windowed, window;
    double router_bias; /* counted as parameters, added rather than multiplied */
};

static const struct attention_flop attention_rows[] = {
    {"llama-3.1-8b", 32 * 4 * 32 * 128.0, 0, 0, 0},
    {"qwen3-8b", 36 * 4 * 32 * 128.0, 0, 0, 0},
    {"mixtral-8x7b", 32 * 4 * 32 * 128.0, 0, 0, 0},
    {"qwen3-30b-a3b", 48 * 4 * 32 * 128.0, 0, 0, 0},
    {"gemma-2-27b", 23 * 4 * 32 * 128.0, 23 * 4 * 32 * 128.0, 4096, 0},
    {"deepseek-v2-lite", 27 * 2 * 16 * 1088.0, 0, 0, 0},
    {"deepseek-v3", 61 * 2 * 128 * 1088.0, 0, 0, 58 * 256.0},
};

/* Of one GPU that runs all of it: two FLOP for each active parameter and token, where norms and biases multiply no
 * matrix; the head for each sequence's last token. */
static double flop_by_hand(const struct attention_flop *a, const struct lr_model *m, const struct lr_workload *w)
{
    struct lr_parameters n;
    lr_model_parameters(m, &n);
    const double tokens = w->batch * w->q_len, attended = w->context + (w->q_len - 1) / 2;
    const double in_window = attended < a->window ? attended : a->window;
    return 2 * tokens * (n.active - n.norm - a->router_bias) + 2 * w->batch * m->vocab * m->hidden +
           tokens * (a->full * attended + a->windowed * in_window);
}

START_TEST(operators_add_up)
{
    static const struct lr_workload work[] = {{1, 4096, 1}, {48, 1000, 1}, {7, 20000, 4}};
    for (size_t i = 0; i < sizeof attention_rows / sizeof *attention_rows; i++) {
        struct bench b = bench_open(attention_rows[i].model, "h100");
        b.rt->step_host_s = 3e-3;
        b.rt->layer_overhead_s = 1e-6;
        struct lr_plan *p = bench_plan(&b, layout(1, 1));
        for (size_t j = 0; j < sizeof work / sizeof *work; j++) {
            struct lr_op_estimate op[LR_OPS_MAX];
            struct lr_estimate e;
            const size_t n = lr_plan_operators(p, &work[j], op);
            double time = 0, floor_s = 0, flop = 0, bytes = 0;
            for (size_t o = 0; o < n; o++) {
                time += op[o].time_s;
                floor_s += op[o].floor_s;
                flop += op[o].flop;
                bytes += op[o].bytes;
            }
            lr_plan_estimate(p, &work[j], &e);
            assert_within(e.tpot_s, time + e.host_s, 1e-12);
            assert_within(e.floor_tpot_s, floor_s, 1e-12);
            assert_within(e.bytes, bytes, 1e-12);
            assert_within(e.flop, flop, 1e-12);
            assert_within(flop, flop_by_hand(&attention_rows[i], b.m, &work[j]), 1e-12);
            ck_assert_double_eq(e.link_bytes, 0);
        }
        lr_plan_free(p);
        bench_close(&b);
    }
}
END_TEST

/* Where tp divides heads, KV heads and vocabulary, eight ranks do what one GPU would; and each rank sends. A ring sums
 * 2 x 32 times a hidden vector a token, and gathers an eighth of the logits a sequence. */
START_TEST(ranks_share_the_work)
{
    struct bench b = bench_open("llama-3.1-8b", "h100");
    const struct lr_estimate one = bench_estimate(&b, layout(1, 1), 16, 4096);
    const struct lr_estimate eight = bench_estimate(&b, layout(8, 8), 16, 4096);
    assert_within(8 * eight.flop, one.flop, 1e-12);
    assert_within(eight.link_bytes, 16 * (2 * 32 * 4096 * 2.0 + 128256.0 / 8 * 2), 1e-12);
    bench_close(&b);
}
END_TEST

/* The H100's constants were fitted on H100 rows. The H200 has the same architecture, a Gaudi 2 another one. */
START_TEST(weaker_evidence_widens_the_interval)
{
    static const struct {
        const char *model;
        double gpus;
    } row[] = {{"llama-3.1-8b", 1}, {"llama-3.1-70b", 8}, {"deepseek-v3", 16}};
    static const struct {
        const char *hardware;
        enum lr_evidence evidence;
    } chip[] = {{"h100", LR_EVIDENCE_MEASURED}, {"h200", LR_EVIDENCE_ARCHITECTURE}, {"gaudi2", LR_EVIDENCE_ASSUMED}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        double width = 0;
        for (size_t j = 0; j < sizeof chip / sizeof *chip; j++) {
            struct bench b = bench_open(row[i].model, chip[j].hardware);
            const struct lr_estimate e = bench_estimate(&b, layout(row[i].gpus, 0), 32, 4096);
            ck_assert_msg(e.evidence == chip[j].evidence, "%s on %s: %s", row[i].model, chip[j].hardware,
                          lr_evidence_name(e.evidence));
            ck_assert_msg(log(e.tpot_high_s / e.tpot_low_s) > width, "%s on %s", row[i].model, chip[j].hardware);
            width = log(e.tpot_high_s / e.tpot_low_s);
            bench_close(&b);
        }
    }
}
END_TEST

/* Errors of one family are common and add up. Errors of different families are independent and add in squares. A log
 * ratio r changes a time t to t exp(r). */
static void check_interval(const struct bench *b, struct lr_deployment d)
{
    const struct lr_workload w = {32, 4096, 1};
    struct lr_plan *p = bench_plan(b, d);
    struct lr_op_estimate op[LR_OPS_MAX];
    struct lr_estimate e;
    double below[LR_FAMILY_COUNT] = {0}, above[LR_FAMILY_COUNT] = {0}, low = 0, high = 0;
    const size_t n = lr_plan_operators(p, &w, op);
    for (size_t o = 0; o < n; o++) {
        ck_assert(op[o].spread_low <= 0 && op[o].spread_high >= 0);
        below[op[o].family] += op[o].time_s - op[o].time_s * exp(op[o].spread_low);
        above[op[o].family] += op[o].time_s * exp(op[o].spread_high) - op[o].time_s;
    }
    for (int f = 0; f < LR_FAMILY_COUNT; f++) {
        low += below[f] * below[f];
        high += above[f] * above[f];
    }
    lr_plan_estimate(p, &w, &e);
    assert_within(e.tpot_low_s, fmax(e.tpot_s - sqrt(low), e.floor_tpot_s), 1e-12);
    assert_within(e.tpot_high_s, e.tpot_s + sqrt(high), 1e-12);
    ck_assert_double_lt(e.tpot_low_s, e.tpot_s);
    lr_plan_free(p);
}

START_TEST(errors_of_a_family_are_common)
{
    static const char *const chip[] = {"h100", "a100", "gaudi2"};
    for (size_t i = 0; i < sizeof chip / sizeof *chip; i++) {
        struct bench b = bench_open("deepseek-v3", chip[i]);
        check_interval(&b, layout(16, 0));
        bench_close(&b);
    }
}
END_TEST

/* Host time is added to the step and has no spread: 5 ms per step, 20 us for each of 32 requests, 3 us for each of 32
 * layers. */
START_TEST(host_time_is_added)
{
    struct bench b = bench_open("llama-3.1-8b", "h100");
    const struct lr_estimate ideal = bench_estimate(&b, layout(1, 1), 32, 4096);
    ck_assert_double_eq(ideal.host_s, 0);
    const struct {
        double *field, value, host_s;
    } row[] = {{&b.rt->step_host_s, 5e-3, 5e-3},
               {&b.rt->request_host_s, 20e-6, 640e-6},
               {&b.rt->layer_overhead_s, 3e-6, 96e-6}};
    double all = 0;
    for (size_t i = 0; i < 3; i++) {
        *row[i].field = row[i].value;
        const struct lr_estimate e = bench_estimate(&b, layout(1, 1), 32, 4096);
        assert_within(e.host_s, row[i].host_s, 1e-15);
        assert_within(e.tpot_s, ideal.tpot_s + row[i].host_s, 1e-15);
        assert_within(e.tpot_high_s - e.tpot_s, ideal.tpot_high_s - ideal.tpot_s, 1e-12);
        ck_assert_double_eq(e.floor_tpot_s, ideal.floor_tpot_s);
        *row[i].field = 0;
        all += row[i].host_s;
    }
    for (size_t i = 0; i < 3; i++)
        *row[i].field = row[i].value;
    assert_within(bench_estimate(&b, layout(1, 1), 32, 4096).tpot_s, ideal.tpot_s + all, 1e-15);
    b.rt->step_host_s = 1; /* most of the step */
    ck_assert_int_eq(bench_estimate(&b, layout(1, 1), 32, 4096).bound, LR_BOUND_HOST);
    bench_close(&b);
}
END_TEST

/* Two attention groups halve a rank's requests: 20 us x 16. */
START_TEST(host_time_counts_requests_of_the_rank)
{
    struct bench b = bench_open("llama-3.1-8b", "h100");
    struct lr_deployment d = layout(2, 1);
    d.dp = 2;
    b.rt->request_host_s = 20e-6;
    assert_within(bench_estimate(&b, d, 32, 4096).host_s, 320e-6, 1e-15);
    bench_close(&b);
}
END_TEST

/* Llama-3.1-8B on an H100: 85,027,979,264 B less 8,030,261,248 x 2 B of weights. A sequence of 4097 tokens takes
 * 4097 x 131,072 + (4096 + 2 x 14336 + 2 x 4096) x 2 + 128256 x 4 = 537,596,928 B; in pages of 64 tokens 4160, so
 * 545,854,464 B.
 *   reserve 1e9: 126.4; share 0.9: 110.6; reserve 5e9: 118.99; pages of 64: 124.5. */
START_TEST(the_runtime_takes_memory)
{
    static const struct {
        double fraction, reserve, page, max_batch;
    } row[] = {{1, 1e9, 1, 126}, {0.9, 1e9, 1, 110}, {1, 5e9, 1, 118}, {1, 1e9, 64, 124}};
    struct bench b = bench_open("llama-3.1-8b", "h100");
    const double tpot_s = bench_estimate(&b, layout(1, 1), 32, 4096).tpot_s;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        b.rt->memory_fraction = row[i].fraction;
        b.rt->reserve_bytes = row[i].reserve;
        b.rt->kv_block = row[i].page;
        const struct lr_estimate e = bench_estimate(&b, layout(1, 1), 32, 4096);
        ck_assert_double_eq(e.memory.max_batch, row[i].max_batch);
        assert_within(e.memory.reserve_bytes, row[i].reserve + (1 - row[i].fraction) * 85027979264.0, 1e-15);
        ck_assert_double_eq(e.tpot_s, tpot_s);
    }
    bench_close(&b);
}
END_TEST

/* The list of diagnostics may be NULL: the answers and refusals are the same. */
START_TEST(diagnostics_are_optional)
{
    struct bench b = bench_open("llama-3.1-8b", "h100");
    struct lr_deployment d = layout(1, 1);
    struct lr_plan *p = lr_plan_new(b.hw, b.m, b.rt, b.k, &d, NULL);
    ck_assert_ptr_nonnull(p);
    lr_plan_free(p);
    d = layout(3, 3);
    ck_assert_ptr_null(lr_plan_new(b.hw, b.m, b.rt, b.k, &d, NULL));
    ck_assert(!lr_deployment_complete(&d, b.m, 8, NULL));
    d = layout(2, 0);
    ck_assert(lr_deployment_complete(&d, b.m, 8, NULL));
    ck_assert_ptr_null(lr_measured_load(TEST_SOURCE_DIR "/README.md", b.c, NULL));
    ck_assert_ptr_null(lr_benchmark_load(TEST_SOURCE_DIR "/README.md", b.c, NULL));
    const struct lr_benchmark_setting s = {
        .hardware = b.hw, .model = b.m, .runtime = "vllm", .deployment = layout(1, 1)};
    ck_assert_ptr_null(lr_benchmark_results(TEST_SOURCE_DIR "/README.md", b.c, &s, NULL));
    struct lr_benchmark *r = lr_benchmark_results(TEST_SOURCE_DIR "/tests/fuzz/corpus/results/vllm", b.c, &s, NULL);
    ck_assert_ptr_nonnull(r);
    ck_assert_uint_eq(r->count, 1);
    lr_benchmark_free(r);
    bench_close(&b);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {diagnostics_are_optional,
                                  floors_by_hand,
                                  deepseek_v3_fits_on_eight_h20_only,
                                  every_model_on_every_chip,
                                  memory_ledger_by_hand,
                                  kv_heads_are_repeated,
                                  operators_add_up,
                                  ranks_share_the_work,
                                  weaker_evidence_widens_the_interval,
                                  errors_of_a_family_are_common,
                                  host_time_is_added,
                                  host_time_counts_requests_of_the_rank,
                                  the_runtime_takes_memory};
    return suite_run("estimate", tests, sizeof tests / sizeof *tests, 1);
}
