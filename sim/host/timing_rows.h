/* SPDX-License-Identifier: Apache-2.0 */
/* The rows that a bench measures. */
#ifndef LLMROOF_HOST_TIMING_ROWS_H
#define LLMROOF_HOST_TIMING_ROWS_H

#include "host/timing.h"

enum { LR_TIMING_M_MAX = 64, LR_TIMING_N_MAX = 131072, LR_TIMING_K_MAX = 11008, LR_TIMING_CACHE_FLOATS_MAX = 1 << 25 };

/* Fills at most LR_TIMING_ROWS_MAX; returns how many. */
size_t lr_timing_list(struct lr_timing_row *row);

/* Executes a row once; weights and caches come from the pool, the next ones each time. */
void lr_timing_row_run(struct lr_timing *b, const struct lr_timing_row *row);

#endif
