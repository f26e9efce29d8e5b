/* SPDX-License-Identifier: Apache-2.0 */
/* Measures this machine: bandwidth, peaks, and the loops of a decode step on the shapes of models of 1 to 3 billion
 * parameters. Every round measures everything once, so that a disturbance hits one sample of many rows and not many
 * samples of one row. */
#ifndef LLMROOF_HOST_TIMING_H
#define LLMROOF_HOST_TIMING_H

#include "host/loops.h"
#include "host/samples.h"

#include <stdbool.h>
#include <stddef.h>

enum lr_timing_kind { LR_TIMING_GEMM, LR_TIMING_ATTENTION, LR_TIMING_ELEMENTWISE, LR_TIMING_KINDS };

/* The operation of an elementwise row: id, name in tables. */
#define LR_TIMING_PASSES(X)                                                                                            \
    X(NORM, "norm")                                                                                                    \
    X(SILU, "silu")                                                                                                    \
    X(ROPE, "rope")                                                                                                    \
    X(SAMPLE, "sample")                                                                                                \
    X(EMBED, "embed")

enum lr_timing_pass {
    LR_TIMING_PASS_NONE, /* the row is of another kind */
#define X(id, name) LR_TIMING_PASS_##id,
    LR_TIMING_PASSES(X)
#undef X
};
const char *lr_timing_pass_name(enum lr_timing_pass p); /* NULL for LR_TIMING_PASS_NONE */

struct lr_timing_row {
    enum lr_timing_kind kind;
    size_t m;                             /* rows, or sequences */
    size_t n, k;                          /* gemm; elementwise: n */
    size_t context, heads, kv_heads, dim; /* attention; from heads on, rotary embedding too */
    enum lr_timing_pass pass;             /* elementwise */
    double flop, bytes; /* bytes: of weights and cache; elementwise: all, as the lowering counts them */
    struct lr_samples samples;
};

/* The rate of a number of threads. */
struct lr_timing_rate {
    size_t threads;
    double work; /* bytes or FLOP per sample */
    struct lr_samples samples;
};

enum { LR_TIMING_RATES_MAX = 16, LR_TIMING_ROWS_MAX = 512 };

struct lr_timing {
    struct lr_engine *e;
    float *pool; /* weights and caches are taken from it in turn */
    size_t floats, at;
    float *x, *y, *z;
    size_t *token;
    double *wide;
    struct lr_timing_row *row;
    size_t rows;
    struct lr_timing_rate read[LR_TIMING_RATES_MAX], triad[LR_TIMING_RATES_MAX];
    size_t rates;
    struct lr_timing_rate sgemm, dgemm, call; /* on all threads; call: a run that does nothing */
};

/* pool_bytes: many times the last-level cache, at least LR_TIMING_POOL_LEAST. NULL if memory runs out. */
enum { LR_TIMING_POOL_LEAST = 1 << 29 };
struct lr_timing *lr_timing_new(struct lr_engine *e, double pool_bytes);
void lr_timing_free(struct lr_timing *b);

/* Measures this many rounds more. go_on is called before each sample, with the share that is done. If it returns false,
 * the run ends at once and returns false. */
typedef bool lr_timing_go_on(void *user, double share);
bool lr_timing_run(struct lr_timing *b, size_t rounds, lr_timing_go_on *go_on, void *user);

/* Drops all samples. */
void lr_timing_forget(struct lr_timing *b);

/* Work divided by the best or the median time. */
double lr_timing_best(const struct lr_timing_rate *r);
double lr_timing_median(const struct lr_timing_rate *r);

/* How steady the machine was: the median over rows of the spread of their times, and the share of calm samples. */
struct lr_timing_calm {
    double spread, share;
};
struct lr_timing_calm lr_timing_calmness(const struct lr_timing *b);

#endif
