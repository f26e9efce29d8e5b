/* SPDX-License-Identifier: Apache-2.0 */
/* The rows that are measured. */
#ifndef LLMROOF_HOST_TIMING_ROWS_H
#define LLMROOF_HOST_TIMING_ROWS_H

#include "host/timing.h"

enum { LR_TIMING_M_MAX = 64, LR_TIMING_N_MAX = 131072, LR_TIMING_K_MAX = 11008, LR_TIMING_CACHE_FLOATS_MAX = 1 << 25 };

/* Fills in at most LR_TIMING_ROWS_MAX rows and returns their number. */
size_t lr_timing_list(struct lr_timing_row *row);

/* Executes a row once, on the next weights and caches of the pool. */
void lr_timing_row_run(struct lr_timing *b, const struct lr_timing_row *row);

#endif
