/* SPDX-License-Identifier: Apache-2.0 */
/* From a model and a layout to the operators of one GPU. */
#ifndef LLMROOF_LOWER_LOWERING_H
#define LLMROOF_LOWER_LOWERING_H

#include "core/operator.h"

#include <llmroof/diag.h>

/* Fills in what the caller left at 0 (tp, pp, dp, ep from gpus and each other) and checks the layout against the model:
 * heads, experts and sizes that do not divide are errors with the field "tp", "ep", ... false after an error. */
bool lr_deployment_complete(struct lr_deployment *d, const struct lr_model *m, double domain, struct lr_diags *ds);

/* d must be complete and its dtypes those that the chip really uses (LR_DTYPE_NONE: the model's own); weights_on maps
 * each part's format to the one it is held in. domain: GPUs in a scale-up domain. false, with an error, when the model
 * needs more than LR_OPS_MAX operators. */
bool lr_lower(const struct lr_model *m, const struct lr_deployment *d, const enum lr_dtype weights[LR_PART_COUNT],
              enum lr_dtype kv, double domain, struct lr_lowering *out, struct lr_diags *ds);

/* Bytes that one sequence keeps on one GPU: its cache, in pages of page tokens, and its states. */
double lr_lowering_kv_bytes(const struct lr_lowering *l, double context, double page);

#endif
