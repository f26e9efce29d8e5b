/* SPDX-License-Identifier: Apache-2.0 */
#include "host/timing.h"

#include "host/pages.h"
#include "host/timing_rows.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Size of the square product that measures the peak. Its matrices stay in the cache of one core. */
enum { EDGE = 384 };

static const size_t ACTIVATIONS = (size_t)LR_TIMING_M_MAX * LR_TIMING_K_MAX * 2;
static const size_t RESULTS = (size_t)LR_TIMING_M_MAX * LR_TIMING_N_MAX;

static void fill_part(void *context, size_t part, size_t parts)
{
    struct lr_timing *b = context;
    size_t from, to;
    lr_pool_share(b->floats, 4096, part, parts, &from, &to);
    uint32_t x = (uint32_t)part + 1;
    for (size_t i = from; i < to; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        b->pool[i] = (float)(x >> 8) * (0.1F / 16777216.0F) - 0.05F;
    }
}

/* 1, 2, 4, ... and all threads. */
static void list_rates(struct lr_timing *b)
{
    const size_t all = lr_pool_threads(b->e->pool);
    for (size_t t = 1; b->rates < LR_TIMING_RATES_MAX; t = 2 * t < all ? 2 * t : all) {
        b->read[b->rates].threads = b->triad[b->rates].threads = t;
        b->rates++;
        if (t == all)
            break;
    }
    b->sgemm.threads = b->dgemm.threads = b->call.threads = all;
}

struct lr_timing *lr_timing_new(struct lr_engine *e, double pool_bytes)
{
    struct lr_timing *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->e = e;
    b->floats = (size_t)(pool_bytes / 4096) * 4096 / sizeof(float);
    b->pool = lr_pages_take(b->floats);
    b->x = calloc(ACTIVATIONS, sizeof(float));
    b->y = calloc(RESULTS, sizeof(float));
    b->z = calloc(ACTIVATIONS, sizeof(float));
    b->token = calloc(LR_TIMING_M_MAX, sizeof *b->token);
    b->wide = calloc(lr_pool_threads(e->pool) * 3 * EDGE * EDGE, sizeof *b->wide);
    b->row = calloc(LR_TIMING_ROWS_MAX, sizeof *b->row);
    if (!b->pool || !b->x || !b->y || !b->z || !b->token || !b->wide || !b->row) {
        lr_timing_free(b);
        return NULL;
    }
    lr_pool_run(e->pool, fill_part, b);
    memcpy(b->x, b->pool, ACTIVATIONS * sizeof(float));
    b->rows = lr_timing_list(b->row);
    list_rates(b);
    return b;
}

void lr_timing_free(struct lr_timing *b)
{
    if (!b)
        return;
    free(b->pool);
    free(b->x);
    free(b->y);
    free(b->z);
    free(b->token);
    free(b->wide);
    free(b->row);
    free(b);
}

/* Only the first threads of the pool work. */
struct stream {
    struct lr_timing *b;
    size_t threads;
};

static void read_part(void *context, size_t part, size_t parts)
{
    const struct stream *s = context;
    const float *x = s->b->pool;
    float lane[64] = {0}, sum = 0;
    size_t from, to;
    (void)parts;
    if (part >= s->threads)
        return;
    lr_pool_share(s->b->floats, 1024, part, s->threads, &from, &to);
    for (size_t i = from; i + 64 <= to; i += 64)
        for (size_t j = 0; j < 64; j++)
            lane[j] += x[i + j];
    for (size_t j = 0; j < 64; j++)
        sum += lane[j];
    s->b->z[part * 16] = sum; /* used, so that the compiler keeps the loop */
}

static void triad_part(void *context, size_t part, size_t parts)
{
    const struct stream *s = context;
    const size_t third = s->b->floats / 3 / 16 * 16;
    float *restrict a = s->b->pool;
    const float *restrict b = a + third, *restrict c = b + third;
    size_t from, to;
    (void)parts;
    if (part >= s->threads)
        return;
    lr_pool_share(third, 1024, part, s->threads, &from, &to);
    for (size_t i = from; i < to; i++)
        a[i] = b[i] + 0.25F * c[i];
}

static void sgemm_part(void *context, size_t part, size_t parts)
{
    const struct lr_timing *b = context;
    const size_t square = (size_t)EDGE * EDGE;
    float *at = b->pool + part * 3 * square;
    (void)parts;
    if ((part + 1) * 3 * square > b->floats)
        return;
    for (int i = 0; i < 4; i++)
        b->e->blas.sgemm(LR_BLAS_ROWS, LR_BLAS_AS_IS, LR_BLAS_AS_IS, EDGE, EDGE, EDGE, 0.1F, at, EDGE, at + square,
                         EDGE, 0, at + 2 * square, EDGE);
}

static void dgemm_part(void *context, size_t part, size_t parts)
{
    const struct lr_timing *b = context;
    const size_t square = (size_t)EDGE * EDGE;
    double *at = b->wide + part * 3 * square;
    (void)parts;
    for (int i = 0; i < 2; i++)
        b->e->blas.dgemm(LR_BLAS_ROWS, LR_BLAS_AS_IS, LR_BLAS_AS_IS, EDGE, EDGE, EDGE, 1, at, EDGE, at + square, EDGE,
                         0, at + 2 * square, EDGE);
}

static void nothing_part(void *context, size_t part, size_t parts)
{
    (void)context;
    (void)part;
    (void)parts;
}

static void sample(struct lr_timing *b, struct lr_timing_rate *r, lr_pool_fn *fn, void *context, double work)
{
    r->work = work;
    const struct lr_stopwatch w = lr_stopwatch_start();
    lr_pool_run(b->e->pool, fn, context);
    lr_stopwatch_stop(&w, &r->samples);
}

static bool run_rates(struct lr_timing *b, lr_timing_go_on *go_on, void *user, double share)
{
    const double all = (double)lr_pool_threads(b->e->pool), cube = (double)EDGE * EDGE * EDGE;
    for (size_t i = 0; i < b->rates; i++) {
        struct stream s = {b, b->read[i].threads};
        if (!go_on(user, share))
            return false;
        sample(b, &b->read[i], read_part, &s, (double)b->floats * sizeof(float));
        sample(b, &b->triad[i], triad_part, &s, 3.0 * (double)(b->floats / 3 / 16 * 16) * sizeof(float));
    }
    lr_pool_run(b->e->pool, sgemm_part, b); /* the first run brings the matrices into caches */
    sample(b, &b->sgemm, sgemm_part, b, 8 * all * cube);
    lr_pool_run(b->e->pool, dgemm_part, b);
    sample(b, &b->dgemm, dgemm_part, b, 4 * all * cube);
    for (int i = 0; i < 8; i++)
        sample(b, &b->call, nothing_part, b, 1);
    return true;
}

bool lr_timing_run(struct lr_timing *b, size_t rounds, lr_timing_go_on *go_on, void *user)
{
    const double total = (double)(rounds * b->rows);
    for (size_t n = 0; n < rounds; n++) {
        if (!run_rates(b, go_on, user, (double)(n * b->rows) / total))
            return false;
        for (size_t i = 0; i < b->rows; i++) {
            struct lr_timing_row *row = &b->row[i];
            if (!go_on(user, (double)(n * b->rows + i) / total))
                return false;
            if (row->kind == LR_TIMING_ELEMENTWISE) /* in a step its input was written just before */
                lr_timing_row_run(b, row);
            const struct lr_stopwatch w = lr_stopwatch_start();
            lr_timing_row_run(b, row);
            lr_stopwatch_stop(&w, &row->samples);
        }
        if (b->rows > 0) /* norms added their branch in every run */
            memcpy(b->x, b->pool, ACTIVATIONS * sizeof(float));
    }
    return true;
}

void lr_timing_forget(struct lr_timing *b)
{
    for (size_t i = 0; i < b->rows; i++)
        b->row[i].samples.count = 0;
    for (size_t i = 0; i < b->rates; i++)
        b->read[i].samples.count = b->triad[i].samples.count = 0;
    b->sgemm.samples.count = b->dgemm.samples.count = b->call.samples.count = 0;
}

double lr_timing_best(const struct lr_timing_rate *r)
{
    const struct lr_summary s = lr_samples_summary(&r->samples);
    return s.best > 0 ? r->work / s.best : 0;
}

double lr_timing_median(const struct lr_timing_rate *r)
{
    const struct lr_summary s = lr_samples_summary(&r->samples);
    return s.median > 0 ? r->work / s.median : 0;
}

struct lr_timing_calm lr_timing_calmness(const struct lr_timing *b)
{
    double spread[LR_TIMING_ROWS_MAX], calm = 0, count = 0;
    for (size_t i = 0; i < b->rows; i++) {
        const struct lr_summary s = lr_samples_summary(&b->row[i].samples);
        spread[i] = s.spread;
        calm += (double)s.calm;
        count += (double)s.count;
    }
    return (struct lr_timing_calm){lr_median(spread, b->rows), count > 0 ? calm / count : 0};
}
