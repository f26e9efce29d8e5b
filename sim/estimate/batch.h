/* SPDX-License-Identifier: Apache-2.0 */
/* One batch of a plan: what no context changes is summed once, and a context costs a few operators. */
#ifndef LLMROOF_ESTIMATE_BATCH_H
#define LLMROOF_ESTIMATE_BATCH_H

#include "core/operator.h"
#include "price/price.h"

#include <llmroof/estimate.h>

/* Sums over the operators of a step. Errors of one family are common to all of its operators and add up; those of
 * different families are independent and add in squares. */
struct lr_sums {
    double time_s, floor_s, flop, bytes, link_bytes;
    double by_bound[LR_BOUND_COUNT], by_evidence[LR_EVIDENCE_COUNT];
};

/* An operator that the context changes, in steps of one new token a sequence: what it does and what that costs at the
 * least is affine in the tokens attended. */
struct lr_grown {
    struct lr_walk walk;
    double flop, bytes, memory_s, floor_s; /* a token attended */
    double bytes_0, memory_0_s;            /* without any */
};
enum { LR_GROWN_MAX = 16 };

/* One batch of a plan: everything that no context changes, summed once. Points into the plan. */
struct lr_batch {
    const struct lr_plan *plan;
    double batch;
    struct lr_step step; /* its context is that of no step yet */
    struct lr_sums fixed;
    double below2, above2; /* squares of the errors of families that no context changes */
    double host_s;
    double sequences;        /* whose cache a GPU keeps */
    struct lr_memory memory; /* without a cache */
    double used_bytes;       /* of it */
    struct lr_grown grown[LR_GROWN_MAX];
    bool affine; /* grown is filled: one new token a sequence, and no more such operators than that */
};

/* Pure, allocation-free. batch >= 1, q_len >= 1. */
void lr_plan_at_batch(const struct lr_plan *p, double batch, double q_len, struct lr_batch *out);

/* The estimate at a context >= 0: the same bits as lr_plan_estimate's, which is made of these two. Prices the few
 * operators that the context changes, so that its cost does not grow with the depth of the model. */
void lr_batch_estimate(const struct lr_batch *b, double context, struct lr_estimate *out);

/* Brings rows that lr_plan_operators filled at this batch and q_len, at any context, to another context: only those
 * that it changes are priced anew. The same bits as lr_plan_operators's. */
void lr_batch_operators(const struct lr_batch *b, double context, struct lr_op_estimate out[LR_OPS_MAX]);

#endif
