/* Measures this machine: bandwidth, peaks, and the loops of a decode step over the shapes of models of 1 to 3 billion
 * parameters. Everything is repeated in rounds, one thing after the other, so that a disturbance hits one sample of
 * many things and not many samples of one. */
#ifndef LLMROOF_HOST_BENCH_H
#define LLMROOF_HOST_BENCH_H

#include "host/loops.h"
#include "host/samples.h"

#include <stdbool.h>
#include <stddef.h>

enum lr_bench_kind { LR_BENCH_GEMM, LR_BENCH_ATTENTION, LR_BENCH_ELEMENTWISE, LR_BENCH_KINDS };

struct lr_bench_row {
    enum lr_bench_kind kind;
    size_t m;                             /* rows, or sequences */
    size_t n, k;                          /* gemm; elementwise: n */
    size_t context, heads, kv_heads, dim; /* attention; heads and on: rotary embedding too */
    const char *op;                       /* elementwise: "norm", "silu", "rope", "sample", "embed" */
    double flop, bytes; /* of weights and cache; elementwise: of all that moves, as the lowering has it */
    struct lr_samples samples;
};

/* What a number of threads reaches. */
struct lr_bench_rate {
    size_t threads;
    double work; /* bytes or FLOP of a sample */
    struct lr_samples samples;
};

enum { LR_BENCH_RATES_MAX = 16, LR_BENCH_ROWS_MAX = 512 };

struct lr_bench {
    struct lr_engine *e;
    float *pool; /* weights and caches are taken from it in turn */
    size_t floats, at;
    float *x, *y, *z;
    size_t *token;
    double *wide;
    struct lr_bench_row *row;
    size_t rows;
    struct lr_bench_rate read[LR_BENCH_RATES_MAX], triad[LR_BENCH_RATES_MAX];
    size_t rates;
    struct lr_bench_rate sgemm, dgemm, call; /* on all threads; call: a run of nothing */
};

/* pool_bytes: many times the last-level cache, at least LR_BENCH_POOL_LEAST. NULL when out of memory. */
enum { LR_BENCH_POOL_LEAST = 1 << 29 };
struct lr_bench *lr_bench_new(struct lr_engine *e, double pool_bytes);
void lr_bench_free(struct lr_bench *b);

/* So many rounds more. go_on is asked before each sample; false ends the run at once, with false. */
typedef bool lr_bench_go_on(void *user, double share);
bool lr_bench_run(struct lr_bench *b, size_t rounds, lr_bench_go_on *go_on, void *user);

/* Drops all samples. */
void lr_bench_forget(struct lr_bench *b);

/* Work over the best or the median time. */
double lr_bench_best(const struct lr_bench_rate *r);
double lr_bench_median(const struct lr_bench_rate *r);

/* How steady the machine was: the median over rows of the spread of their times, and the share of calm samples. */
struct lr_bench_calm {
    double spread, share;
};
struct lr_bench_calm lr_bench_calmness(const struct lr_bench *b);

#endif
