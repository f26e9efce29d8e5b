/* SPDX-License-Identifier: Apache-2.0 */
/* Plans for the fit of a runtime: the deployment stays, the runtime changes. */
#ifndef LLMROOF_ESTIMATE_TRIAL_H
#define LLMROOF_ESTIMATE_TRIAL_H

#include <llmroof/estimate.h>

/* A copy of a plan without the spread of the runtime, so that its interval is that of the kernels. Refers to the same
 * profiles as the original. Free it with lr_plan_free. NULL if memory runs out. */
struct lr_plan *lr_plan_trial_new(const struct lr_plan *p);

/* Replaces the runtime of a copy. Not thread-safe: no other thread may use the copy at the same time. */
void lr_plan_trial_runtime(struct lr_plan *trial, const struct lr_runtime *rt);

/* Sets the spread of the runtime in a copy: log ratios that bracket 80 % on a chip of its fit, low <= 0 <= high. */
void lr_plan_trial_spread(struct lr_plan *trial, double low, double high);

/* The runtime of a plan; valid as long as the plan. */
const struct lr_runtime *lr_plan_runtime(const struct lr_plan *p);

/* Layers of the model with a state or an index. */
double lr_plan_mixer_layers(const struct lr_plan *p);

#endif
