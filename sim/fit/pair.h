/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs of measured rows, for the files of this layer. */
#ifndef LLMROOF_FIT_PAIR_H
#define LLMROOF_FIT_PAIR_H

#include <llmroof/pairs.h>

/* A row with its prediction. */
struct lr_paired {
    const struct lr_benchmark_row *row;
    const struct lr_runtime *runtime;
    enum lr_dtype weights;
    struct lr_forecast forecast;
};

typedef void lr_pair_fn(const struct lr_paired *left, const struct lr_paired *right, enum lr_pair_kind kind,
                        void *user);

/* Sorts the rows and calls fn for every pair that differs in one thing. */
void lr_pairs_each(struct lr_paired *row, size_t n, lr_pair_fn *fn, void *user);

/* The standard deviation of the difference of two chips' log errors, relative to that of independent errors, so that
 * four fifths of the pairs are inside 80 %. At most 1; 1 if there are fewer than 20 pairs, or if memory runs out. */
double lr_pairs_spread(struct lr_paired *row, size_t n);

#endif
