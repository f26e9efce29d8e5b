/* SPDX-License-Identifier: Apache-2.0 */
/* The operators of a plan. */
#ifndef LLMROOF_ESTIMATE_LOWERED_H
#define LLMROOF_ESTIMATE_LOWERED_H

#include "core/operator.h"

#include <llmroof/estimate.h>

/* The operators of a plan with their shapes, without times. Owned by the plan. */
const struct lr_lowering *lr_plan_lowering(const struct lr_plan *p);

#endif
