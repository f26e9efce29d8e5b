/* The rows that a bench measures. */
#ifndef LLMROOF_HOST_BENCH_ROWS_H
#define LLMROOF_HOST_BENCH_ROWS_H

#include "host/bench.h"

enum { LR_BENCH_M_MAX = 64, LR_BENCH_N_MAX = 131072, LR_BENCH_K_MAX = 11008, LR_BENCH_CACHE_FLOATS_MAX = 1 << 25 };

/* Fills at most LR_BENCH_ROWS_MAX; returns how many. */
size_t lr_bench_list(struct lr_bench_row *row);

/* Executes a row once; weights and caches come from the pool, the next ones each time. */
void lr_bench_row_run(struct lr_bench *b, const struct lr_bench_row *row);

#endif
