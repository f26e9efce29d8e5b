/* SPDX-License-Identifier: Apache-2.0 */
/* A plan at one batch. Operators that do not depend on the context are summed once, so that a context prices only a
 * few. */
#ifndef LLMROOF_ESTIMATE_BATCH_H
#define LLMROOF_ESTIMATE_BATCH_H

#include "core/operator.h"
#include "price/price.h"

#include <llmroof/estimate.h>

/* Sums over the operators of a step. */
struct lr_sums {
    double time_s, floor_s, flop, bytes, link_bytes;
    double by_bound[LR_BOUND_COUNT], by_evidence[LR_EVIDENCE_COUNT];
};

/* An operator that depends on the context, in steps of one new token per sequence. Its work and its floor are affine in
 * the attended tokens. */
struct lr_grown {
    struct lr_walk walk;
    double flop, bytes, memory_s, floor_s; /* per attended token */
    double bytes_0, memory_0_s;            /* for no attended tokens */
};
enum { LR_GROWN_MAX = 16 };

/* A plan at one batch, with everything summed that does not depend on the context. Points into the plan. Errors of one
 * family are common to its operators and add up; errors of different families are independent and add in squares. */
struct lr_batch {
    const struct lr_plan *plan;
    double batch;
    struct lr_step step; /* its context is not set */
    struct lr_sums fixed;
    double below2, above2; /* squares of the errors of families that do not depend on the context */
    double host_s;
    double sequences;        /* sequences whose cache a GPU keeps */
    struct lr_memory memory; /* without a cache */
    double used_bytes;       /* sum of memory */
    struct lr_grown grown[LR_GROWN_MAX];
    bool affine; /* grown is filled: one new token per sequence, and at most LR_GROWN_MAX such operators */
};

/* Sums the operators that do not depend on the context. Pure, without allocation. batch >= 1, q_len >= 1. */
void lr_plan_at_batch(const struct lr_plan *p, double batch, double q_len, struct lr_batch *out);

/* The estimate at a context >= 0. The same bits as lr_plan_estimate, which calls both functions. Prices only the few
 * operators that depend on the context, so that its cost does not grow with the depth of the model. */
void lr_batch_estimate(const struct lr_batch *b, double context, struct lr_estimate *out);

/* Changes rows of lr_plan_operators at this batch and q_len, at any context, to another context. Prices only the
 * operators that depend on the context. The same bits as lr_plan_operators. */
void lr_batch_operators(const struct lr_batch *b, double context, struct lr_op_estimate out[LR_OPS_MAX]);

#endif
