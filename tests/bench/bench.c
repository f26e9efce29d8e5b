/* SPDX-License-Identifier: Apache-2.0 */
/* How fast estimates are: JSON lines of ns a point, points a second, FLOP a point and the share of this machine's
 * dgemm rate, on one thread and on all. */
#include "bench/flops.h"
#include "estimate/batch.h"
#include "estimate/lowered.h"
#include "host/blas.h"
#include "host/pool.h"
#include "host/samples.h"
#include "render/json.h"

#include <llmroof/catalog.h>
#include <llmroof/estimate.h>
#include <llmroof/kernels.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 5, BATCHES = 64, CONTEXTS = 4096 };

struct scene {
    struct lr_hardware *hw;
    struct lr_kernels *k;
    struct lr_model *m;
    struct lr_runtime *rt;
    struct lr_plan *plan;
};

struct work {
    const struct scene *scene;
    double (*run)(const struct scene *s, size_t from, size_t to); /* returns something that depends on all of it */
    size_t count;
};

/* Points in the order of a sweep: contexts innermost. */
static double points(const struct scene *s, size_t from, size_t to)
{
    struct lr_batch b;
    struct lr_estimate e;
    double sum = 0;
    for (size_t i = from; i < to; i++) {
        if (i == from || i % CONTEXTS == 0)
            lr_plan_at_batch(s->plan, 1 + (double)(i / CONTEXTS), 1, &b);
        lr_batch_estimate(&b, 32 * (double)(1 + i % CONTEXTS), &e);
        sum += e.tpot_s;
    }
    return sum;
}

static double points_apart(const struct scene *s, size_t from, size_t to)
{
    struct lr_estimate e;
    double sum = 0;
    for (size_t i = from; i < to; i++) {
        const struct lr_workload w = {1 + (double)(i / CONTEXTS), 32 * (double)(1 + i % CONTEXTS), 1};
        lr_plan_estimate(s->plan, &w, &e);
        sum += e.tpot_s;
    }
    return sum;
}

static double points_with_operators(const struct scene *s, size_t from, size_t to)
{
    struct lr_op_estimate op[LR_OPS_MAX];
    double sum = 0;
    for (size_t i = from; i < to; i++) {
        const struct lr_workload w = {1 + (double)(i / CONTEXTS), 32 * (double)(1 + i % CONTEXTS), 1};
        const size_t n = lr_plan_operators(s->plan, &w, op);
        sum += op[n - 1].time_s;
    }
    return sum;
}

/* The breakdown of every point of a batch, as a sweep would print it. */
static double points_of_batch_with_operators(const struct scene *s, size_t from, size_t to)
{
    struct lr_op_estimate op[LR_OPS_MAX];
    struct lr_batch b;
    struct lr_estimate e;
    double sum = 0;
    for (size_t i = from; i < to; i++) {
        const struct lr_workload w = {1 + (double)(i / CONTEXTS), 32 * (double)(1 + i % CONTEXTS), 1};
        if (i == from || i % CONTEXTS == 0) {
            lr_plan_at_batch(s->plan, w.batch, 1, &b);
            lr_plan_operators(s->plan, &w, op);
        }
        lr_batch_estimate(&b, w.context, &e);
        lr_batch_operators(&b, w.context, op);
        sum += e.tpot_s + op[i % lr_plan_lowering(s->plan)->op_count].time_s;
    }
    return sum;
}

static double deployments(const struct scene *s, size_t from, size_t to)
{
    double sum = 0;
    for (size_t i = from; i < to; i++) {
        const struct lr_deployment d = {.tp = (double)(1 << i % 4),
                                        .dp = (double)(1 << i / 4 % 4),
                                        .pp = 1 + (double)(i / 16 % 2),
                                        .weights = LR_DTYPE_NONE,
                                        .kv = LR_DTYPE_NONE};
        struct lr_diags ds = {0};
        struct lr_plan *p = lr_plan_new(s->hw, s->m, s->rt, s->k, &d, &ds);
        sum += p ? lr_plan_lowering(p)->weights_bytes : 0;
        lr_plan_free(p);
        lr_diags_free(&ds);
    }
    return sum;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void run_part(void *context, size_t part, size_t parts)
{
    const struct work *w = context;
    volatile double sink = w->run(w->scene, w->count * part / parts, w->count * (part + 1) / parts);
    (void)sink;
}

/* Median seconds of RUNS runs. */
static double time_of(struct lr_pool *pool, struct work *w)
{
    double seconds[RUNS];
    for (int i = -1; i < RUNS; i++) { /* the first warms up */
        const double start = now();
        lr_pool_run(pool, run_part, w);
        if (i >= 0)
            seconds[i] = now() - start;
    }
    return lr_median(seconds, RUNS);
}

struct product {
    const struct lr_blas *blas;
    double *a, *b, *c;
};
enum { SIDE = 768 };

static void multiply(void *context, size_t part, size_t parts)
{
    const struct product *p = context;
    (void)parts;
    for (int i = 0; i < 4; i++)
        p->blas->dgemm(LR_BLAS_ROWS, LR_BLAS_AS_IS, LR_BLAS_AS_IS, SIDE, SIDE, SIDE, 1, p->a, SIDE, p->b, SIDE, 0,
                       p->c + part * SIDE * SIDE, SIDE);
}

/* FLOP/s of products on all threads of the pool; NAN without OpenBLAS. */
static double dgemm_rate(struct lr_pool *pool)
{
    struct lr_blas blas;
    const char *error;
    if (!lr_blas_open(&blas, &error)) {
        fprintf(stderr, "%s\n", error);
        return NAN;
    }
    const size_t n = SIDE * SIDE, threads = lr_pool_threads(pool);
    struct product p = {&blas, calloc(n, sizeof(double)), calloc(n, sizeof(double)),
                        calloc(n * threads, sizeof(double))};
    double seconds[RUNS];
    for (size_t i = 0; p.a && p.b && i < n; i++)
        p.a[i] = p.b[i] = 1 + (double)(i % 7);
    for (int i = -1; p.a && p.b && p.c && i < RUNS; i++) {
        const double start = now();
        lr_pool_run(pool, multiply, &p);
        if (i >= 0)
            seconds[i] = now() - start;
    }
    const double rate = p.a && p.b && p.c ? 2.0 * SIDE * n * 4 * (double)threads / lr_median(seconds, RUNS) : NAN;
    free(p.a);
    free(p.b);
    free(p.c);
    lr_blas_close(&blas);
    return rate;
}

static void sample(void *context)
{
    const struct work *w = context;
    volatile double sink = w->run(w->scene, 0, w->count);
    (void)sink;
}

static const struct {
    const char *name;
    double (*run)(const struct scene *s, size_t from, size_t to);
    size_t count, sample; /* points whose FLOP are counted, one instruction at a time */
} cases[] = {
    {"point", points, BATCHES *CONTEXTS * 16, 256},
    {"point_alone", points_apart, BATCHES *CONTEXTS, 16},
    {"point_with_operators", points_of_batch_with_operators, BATCHES *CONTEXTS * 4, 64},
    {"point_alone_with_operators", points_with_operators, BATCHES *CONTEXTS, 16},
    {"deployment", deployments, 32 * 1024, 2},
};

static void line(const char *name, size_t threads, double seconds, size_t count, double flop, double peak)
{
    struct lr_text out = {0};
    struct lr_json j = {.out = &out};
    lr_json_open(&j, NULL, '{');
    lr_json_text(&j, "case", name);
    lr_json_number(&j, "threads", (double)threads);
    lr_json_number(&j, "ns_per_point", 1e9 * seconds * (double)threads / (double)count);
    lr_json_number(&j, "points_per_s", (double)count / seconds);
    lr_json_number(&j, "flop_per_point", flop);
    lr_json_number(&j, "flop_per_s", flop * (double)count / seconds);
    lr_json_number(&j, "dgemm_share", flop * (double)count / seconds / peak);
    lr_json_close(&j, '}');
    for (size_t i = 0; i < out.length; i++) /* one line */
        putchar(out.at[i] == '\n' ? ' ' : out.at[i]);
    putchar('\n');
    fflush(stdout);
    lr_text_free(&out);
}

/* only: the case, or NULL for all. */
static void bench(const struct scene *s, size_t threads, const char *suffix, const char *only, const double *flop)
{
    struct lr_pool *pool = lr_pool_new(threads);
    if (!pool)
        return;
    const double peak = dgemm_rate(pool);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct work w = {s, cases[i].run, cases[i].count};
        char name[64];
        if (only && strcmp(only, cases[i].name) != 0)
            continue;
        snprintf(name, sizeof name, "%s%s", cases[i].name, suffix);
        line(name, threads, time_of(pool, &w), w.count, flop[i], peak);
    }
    lr_pool_free(pool);
}

static bool open_scene(struct scene *s, const char *model, const char *hardware, struct lr_diags *ds)
{
    static const char *const dirs[] = {BENCH_SOURCE_DIR "/configs"};
    struct lr_catalog *c = lr_catalog_open(dirs, 1);
    s->hw = lr_catalog_hardware(c, hardware, NULL, 0, ds);
    s->m = lr_catalog_model(c, model, NULL, 0, ds);
    s->rt = lr_catalog_runtime(c, "bare", NULL, 0, ds);
    s->k = s->hw ? lr_catalog_kernels_for(c, s->hw, NULL, ds) : NULL;
    const struct lr_deployment d = {.tp = 8, .weights = LR_DTYPE_NONE, .kv = LR_DTYPE_NONE};
    if (s->hw && s->m && s->rt && s->k)
        s->plan = lr_plan_new(s->hw, s->m, s->rt, s->k, &d, ds);
    lr_catalog_free(c);
    return s->plan != NULL;
}

int main(int argc, char **argv)
{
    const char *const only = argc > 1 ? argv[1] : NULL;
    struct scene s = {0};
    struct lr_diags ds = {0};
    double flop[sizeof cases / sizeof *cases] = {0};
    if (!open_scene(&s, "deepseek-v3", "h200", &ds)) {
        char text[512] = "out of memory";
        if (ds.count)
            lr_diag_format(&ds.item[0], text, sizeof text);
        fprintf(stderr, "%s\n", text);
        return 2;
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct work w = {&s, cases[i].run, cases[i].sample};
        if (!only || strcmp(only, cases[i].name) == 0)
            flop[i] = bench_flops(sample, &w) / (double)w.count;
    }
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    bench(&s, 1, "", only, flop);
    if (cores > 1)
        bench(&s, (size_t)cores, "", only, flop);
    for (size_t i = 0; i < s.m->block_count; i++) /* deeper, the same operators */
        s.m->block[i].layers *= 8;
    lr_plan_free(s.plan);
    const struct lr_deployment d = {.tp = 8, .weights = LR_DTYPE_NONE, .kv = LR_DTYPE_NONE};
    s.plan = lr_plan_new(s.hw, s.m, s.rt, s.k, &d, &ds);
    if (s.plan)
        bench(&s, 1, "_8x_layers", only, flop);
    lr_plan_free(s.plan);
    lr_kernels_free(s.k);
    lr_runtime_free(s.rt);
    lr_model_free(s.m);
    lr_hardware_free(s.hw);
    lr_diags_free(&ds);
    return 0;
}
