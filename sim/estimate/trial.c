/* SPDX-License-Identifier: Apache-2.0 */
#include "estimate/trial.h"

#include "estimate/plan.h"

#include <math.h>
#include <stdlib.h>

struct lr_plan *lr_plan_trial_new(const struct lr_plan *p)
{
    struct lr_plan *const trial = lr_plan_copy(p);
    if (trial)
        trial->shrink = trial->grow = 0;
    return trial;
}

void lr_plan_trial_runtime(struct lr_plan *trial, const struct lr_runtime *rt)
{
    trial->rt = *rt;
    lr_plan_hide_launches(trial);
}

void lr_plan_trial_spread(struct lr_plan *trial, double low, double high)
{
    trial->shrink = -expm1(low);
    trial->grow = expm1(high);
}

const struct lr_runtime *lr_plan_runtime(const struct lr_plan *p)
{
    return &p->rt;
}

double lr_plan_mixer_layers(const struct lr_plan *p)
{
    return p->mixer_layers;
}
