/* SPDX-License-Identifier: Apache-2.0 */
/* Executes decode steps of a lowered model on this machine: every operator in FP32, on random weights and a full KV
 * cache. Each layer has weights of its own, so that they are read from memory and not from a cache. */
#ifndef LLMROOF_HOST_RUNNER_H
#define LLMROOF_HOST_RUNNER_H

#include "host/loops.h"
#include "host/samples.h"

#include "core/operator.h"
#include <llmroof/diag.h>
#include <llmroof/model.h>

/* layers: layers of the model that are executed. batch, context: the most of any step. */
struct lr_runner_size {
    size_t layers, batch, context;
};

struct lr_runner;

/* Whether every operator can be executed: GQA and gated MLPs in identical layers on one rank. Errors name what cannot
 * be. */
bool lr_runner_takes(const struct lr_model *m, const struct lr_lowering *l, struct lr_diags *ds);

/* The exact bytes that a runner of this size allocates. The scratch memory of the engine is extra. lr_runner_takes must
 * be true. */
double lr_runner_bytes(const struct lr_model *m, const struct lr_lowering *l, const struct lr_runner_size *size);

/* Allocates a runner, and fills it with random numbers that are the same every time. m, l and e must outlive it. NULL
 * if memory runs out. */
struct lr_runner *lr_runner_new(const struct lr_model *m, const struct lr_lowering *l,
                                const struct lr_runner_size *size, struct lr_engine *e, struct lr_diags *ds);
void lr_runner_free(struct lr_runner *r);

/* What is measured of one operator of the lowering. */
struct lr_ran {
    struct lr_samples times; /* one per execution */
    struct lr_count count;   /* of all executions together */
    size_t executions;
};

/* Runs one step on token[batch] and replaces these by the next tokens. The cache has context - 1 tokens before, and the
 * step adds one, so that each query attends to context tokens. ran: one entry per operator of the lowering, in its
 * order, or NULL. Returns the seconds that the step took. */
double lr_runner_step(struct lr_runner *r, size_t batch, size_t context, size_t *token, struct lr_ran *ran);

/* For tests. Weights of an operator in a layer, [n][k], or the gains of a norm. NULL if the model has none of that
 * role. */
const float *lr_runner_weights(const struct lr_runner *r, enum lr_role role, size_t layer);

/* Tensors of a layer besides those of lr_runner_weights: the bias of q, k and v, and the gains of the norms of q and k.
 * NULL if the model has none. */
struct lr_runner_extra {
    const float *bias, *q_gain, *k_gain;
};
struct lr_runner_extra lr_runner_extra(const struct lr_runner *r, size_t layer);
const struct lr_cache *lr_runner_cache(const struct lr_runner *r, size_t layer);
const float *lr_runner_logits(const struct lr_runner *r);

#endif
