/* SPDX-License-Identifier: Apache-2.0 */
/* Comparisons: how probable it is that one deployment is faster than another, and the one scale of words for it. */
#ifndef LLMROOF_COMPARISON_H
#define LLMROOF_COMPARISON_H

#include "estimate.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The scale: id, word, and the probability from which it is used. docs/certainty.md explains it; validate --pairs tests
 * it on measured pairs. */
#define LR_CERTAINTIES(X)                                                                                              \
    X(CLEARLY, "clearly", 0.9)                                                                                         \
    X(LIKELY, "likely", 0.7)                                                                                           \
    X(CLOSE, "too close to call", 0.5)

enum lr_certainty {
#define X(id, word, least) LR_CERTAINTY_##id,
    LR_CERTAINTIES(X)
#undef X
        LR_CERTAINTY_COUNT
};

/* "clearly". Static storage, never NULL. */
const char *lr_certainty_word(enum lr_certainty c);

/* The word for an order that holds with this probability, [0, 1]; an order and its opposite have the same word. */
enum lr_certainty lr_certainty_of(double probability);

/* A time with the ends of its 80 % interval, s; 0 < low_s <= time_s <= high_s. */
struct lr_timed {
    double time_s, low_s, high_s;
};

/* The probability that left takes less time than right. The logarithms of both are taken as normally distributed. Of
 * each interval the half that faces the other time counts: the upper one of the faster, the lower one of the slower.
 * apart scales the standard deviation of their difference: 1 when the errors of the two are independent, less when they
 * have a part in common, > 0. Swapping the two swaps p and 1 - p; equal times give 0.5. */
double lr_probability_faster(struct lr_timed left, struct lr_timed right, double apart);

/* The same for the TPOT of two estimates. Constants that were not measured on the very chip have errors of their own:
 * apart counts as 1 then. */
double lr_estimate_faster(const struct lr_estimate *left, const struct lr_estimate *right, double apart);

/* apart for two deployments: the pair_spread of the runtime when both run the same one, else 1. */
double lr_runtimes_apart(const struct lr_runtime *left, const struct lr_runtime *right);

/* The same for the runtimes of two plans. */
double lr_plans_apart(const struct lr_plan *left, const struct lr_plan *right);

#ifdef __cplusplus
}
#endif

#endif
