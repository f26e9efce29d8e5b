/* SPDX-License-Identifier: Apache-2.0 */
/* A real decode step of a lowered model on this machine: every operator of the list is executed in FP32, on random
 * weights and a full cache. Each layer has weights of its own, so that they come from memory and not from a cache. */
#ifndef LLMROOF_HOST_RUNNER_H
#define LLMROOF_HOST_RUNNER_H

#include "host/loops.h"
#include "host/samples.h"

#include "core/operator.h"
#include <llmroof/diag.h>
#include <llmroof/model.h>

/* layers: how many of the model's are executed. batch, context: the most that a step will have. */
struct lr_runner_size {
    size_t layers, batch, context;
};

struct lr_runner;

/* Whether every operator can be executed: GQA and gated MLPs in identical layers on one rank; errors name what cannot.
 */
bool lr_runner_takes(const struct lr_model *m, const struct lr_lowering *l, struct lr_diags *ds);

/* Bytes that a runner of this size allocates, to the byte; the scratch of the engine is extra. lr_runner_takes holds.
 */
double lr_runner_bytes(const struct lr_model *m, const struct lr_lowering *l, const struct lr_runner_size *size);

/* Allocates, and fills with random numbers that depend on nothing. m, l and e must outlive it. NULL when out of memory.
 */
struct lr_runner *lr_runner_new(const struct lr_model *m, const struct lr_lowering *l,
                                const struct lr_runner_size *size, struct lr_engine *e, struct lr_diags *ds);
void lr_runner_free(struct lr_runner *r);

/* What is gathered about each operator of the lowering, in its order. */
struct lr_ran {
    struct lr_samples times; /* one for each execution */
    struct lr_count count;   /* of all executions together */
    size_t executions;
};

/* One step: the tokens are embedded and passed through the layers. The cache holds context - 1 tokens before, and the
 * step adds one, so that each query attends to context tokens; token[] becomes the next ones. ran has l->op_count
 * entries, or is NULL. Returns the seconds that it took. */
double lr_runner_step(struct lr_runner *r, size_t batch, size_t context, size_t *token, struct lr_ran *ran);

/* For tests. Weights of an operator in a layer, [n][k], or the gains of a norm. NULL when the model has none of that
 * role. */
const float *lr_runner_weights(const struct lr_runner *r, enum lr_role role, size_t layer);

/* What a layer has besides one tensor an operator: the bias of q, k and v, and the gains of the norms of q and k. NULL
 * where the model has none. */
struct lr_runner_extra {
    const float *bias, *q_gain, *k_gain;
};
struct lr_runner_extra lr_runner_extra(const struct lr_runner *r, size_t layer);
const struct lr_cache *lr_runner_cache(const struct lr_runner *r, size_t layer);
const float *lr_runner_logits(const struct lr_runner *r);

#endif
