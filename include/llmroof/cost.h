/* SPDX-License-Identifier: Apache-2.0 */
/* What tokens cost: money from a price an hour, energy from a power. */
#ifndef LLMROOF_COST_H
#define LLMROOF_COST_H

#include "estimate.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Each is NAN where the profile does not give what it needs, and where the deployment does not fit. */

/* gpus x price an hour / tokens an hour x 1e6, USD; tokens_per_s of the replica on gpus accelerators. */
double lr_usd_per_million_tokens(const struct lr_hardware *hw, double gpus, double tokens_per_s);

/* Mean power of one accelerator, W: idle + (TDP - idle) x the share of the step in which the datasheet's rates are used
 * in full, which is floor/TPOT; linear in utilisation after Fan, Weber and Barroso, "Power provisioning for a
 * warehouse-sized computer" (ISCA 2007), section 5. Where the profile gives no idle power: its TDP, as an upper end. */
double lr_power_w(const struct lr_hardware *hw, const struct lr_estimate *e);

/* gpus x power / tokens a second, J. Accelerators only: no host, no cooling. */
double lr_joule_per_token(const struct lr_hardware *hw, double gpus, const struct lr_estimate *e);

#ifdef __cplusplus
}
#endif

#endif
