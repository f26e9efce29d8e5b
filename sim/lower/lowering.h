/* SPDX-License-Identifier: Apache-2.0 */
/* From a model and a layout to the operators of one GPU. */
#ifndef LLMROOF_LOWER_LOWERING_H
#define LLMROOF_LOWER_LOWERING_H

#include "core/operator.h"

#include <llmroof/diag.h>

/* Fills in fields of d that are 0 (tp, pp, dp, ep, gpus), and checks the layout against the model. Heads, experts or
 * sizes that do not divide are errors with the field "tp", "ep", ... domain: GPUs in a scale-up domain. ds may be NULL.
 * false after an error. */
bool lr_deployment_complete(struct lr_deployment *d, const struct lr_model *m, double domain, struct lr_diags *ds);

/* Lowers a model with a complete layout. weights: the format in which the chip stores each part; kv: that of the cache.
 * domain: GPUs in a scale-up domain. false, with an error, if the model needs more than LR_OPS_MAX operators. */
bool lr_lower(const struct lr_model *m, const struct lr_deployment *d, const enum lr_dtype weights[LR_PART_COUNT],
              enum lr_dtype kv, double domain, struct lr_lowering *out, struct lr_diags *ds);

/* Bytes of cache and states that one sequence takes on one GPU. The cache consists of pages of page tokens; 0: no
 * pages. */
double lr_lowering_kv_bytes(const struct lr_lowering *l, double context, double page);

#endif
