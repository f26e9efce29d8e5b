/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LLMROOF_FIT_QUANTILE_H
#define LLMROOF_FIT_QUANTILE_H

#include <stddef.h>

/* Sorts v and returns its q-quantile, linear between order statistics (Hyndman and Fan 1996, type 7). 0 for n = 0. */
double lr_quantile(double *v, size_t n, double q);

#endif
