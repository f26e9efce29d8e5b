/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs of measured deployments that differ in one thing: how often is the predicted order right? */
#ifndef LLMROOF_PAIRS_H
#define LLMROOF_PAIRS_H

#include "comparison.h"
#include "validate.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the two deployments of a pair differ in; model, request lengths, concurrency and everything else are the same.
 */
#define LR_PAIR_KINDS(X)                                                                                               \
    X(CHIP, "chip")                                                                                                    \
    X(ENGINE, "engine")                                                                                                \
    X(LAYOUT, "layout")                                                                                                \
    X(PRECISION, "precision")

enum lr_pair_kind {
#define X(id, name) LR_PAIR_##id,
    LR_PAIR_KINDS(X)
#undef X
        LR_PAIR_KIND_COUNT
};
/* "chip". Static storage, never NULL. */
const char *lr_pair_kind_name(enum lr_pair_kind k);

/* Pairs whose predicted order has one word, and how many of them were measured in this order. */
struct lr_pair_bin {
    size_t n, right;
};

struct lr_pairs {
    struct lr_pair_bin bin[LR_PAIR_KIND_COUNT][LR_CERTAINTY_COUNT];
    struct lr_pair_bin all[LR_CERTAINTY_COUNT]; /* over the kinds */
    size_t n, called;                           /* pairs; those with a word other than "too close to call" */
};

/* Takes the rows that lr_validate_benchmarks takes, of one metric each pair. false when out of memory (an error in ds).
 */
bool lr_validate_pairs(const struct lr_benchmark *const *files, size_t count, lr_plan_for *plan_for, void *user,
                       bool include_fitted, struct lr_pairs *out, struct lr_diags *ds);

#ifdef __cplusplus
}
#endif

#endif
