/* SPDX-License-Identifier: Apache-2.0 */
/* What tokens cost: money from a price an hour, energy from a power. */
#ifndef LLMROOF_COST_H
#define LLMROOF_COST_H

#include "estimate.h"

#ifdef __cplusplus
extern "C" {
#endif

/* USD for a million output tokens: gpus x price per hour / tokens per hour x 1e6. tokens_per_s is the rate of the
 * replica on gpus accelerators. NAN where the profile gives no price, and where the rate is 0 (the deployment does not
 * fit). */
double lr_usd_per_million_tokens(const struct lr_hardware *hw, double gpus, double tokens_per_s);

/* Mean power of one accelerator, W: idle + (TDP - idle) x utilisation, where utilisation is floor/TPOT, the share of
 * the step that the datasheet's rates need. Linear in utilisation after Fan, Weber and Barroso, "Power provisioning for
 * a warehouse-sized computer" (ISCA 2007), section 5. Where the profile gives no idle power: its TDP, an upper bound.
 * NAN where it gives no TDP, and where e does not fit. */
double lr_power_w(const struct lr_hardware *hw, const struct lr_estimate *e);

/* Energy of one output token, J: gpus x power / tokens per second. Accelerators only: no host, no cooling. NAN as
 * lr_power_w. */
double lr_joule_per_token(const struct lr_hardware *hw, double gpus, const struct lr_estimate *e);

#ifdef __cplusplus
}
#endif

#endif
