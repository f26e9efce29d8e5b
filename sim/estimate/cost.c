/* SPDX-License-Identifier: Apache-2.0 */
#include <llmroof/cost.h>

#include <math.h>

double lr_usd_per_million_tokens(const struct lr_hardware *hw, double gpus, double tokens_per_s)
{
    if (hw->price.usd_per_hour <= 0 || tokens_per_s <= 0)
        return NAN;
    return gpus * hw->price.usd_per_hour / 3600 / tokens_per_s * 1e6;
}

double lr_power_w(const struct lr_hardware *hw, const struct lr_estimate *e)
{
    if (hw->power.tdp_w <= 0 || !e->fits)
        return NAN;
    if (hw->power.idle_w <= 0)
        return hw->power.tdp_w;
    return hw->power.idle_w + (hw->power.tdp_w - hw->power.idle_w) * e->floor_tpot_s / e->tpot_s;
}

double lr_joule_per_token(const struct lr_hardware *hw, double gpus, const struct lr_estimate *e)
{
    return e->fits ? gpus * lr_power_w(hw, e) / e->tokens_per_s : NAN;
}
