/* SPDX-License-Identifier: Apache-2.0 */
/* Speculative decoding: several tokens are drafted, one step verifies them. */
#include "estimate/plan.h"

#include <math.h>

/* The time of a draft head relative to a step. A draft head is one layer, the embedding and the LM head (DeepSeek-V3,
 * arXiv 2412.19437, section 2.2). */
static double draft_share(const struct lr_plan *p, const struct lr_workload *w)
{
    struct lr_op_estimate op[LR_OPS_MAX];
    const size_t n = lr_plan_operators(p, w, op);
    double step_s = 0, once_s = 0;
    for (size_t i = 0; i < n; i++) {
        const enum lr_place place = lr_role_place(op[i].role);
        step_s += op[i].time_s;
        if (place == LR_PLACE_ENDS)
            once_s += op[i].time_s;
        else if (place != LR_PLACE_STAGES)
            once_s += op[i].time_s / p->l.layers;
    }
    return step_s > 0 ? once_s / step_s : 0;
}

void lr_plan_speculate(const struct lr_plan *p, const struct lr_workload *w, const struct lr_speculation *s,
                       struct lr_estimate *out)
{
    struct lr_workload verify = *w;
    struct lr_estimate one;
    verify.q_len = s->draft + 1;
    lr_plan_estimate(p, w, &one);
    lr_plan_estimate(p, &verify, out);
    const double share = s->draft_cost > 0 ? s->draft_cost : draft_share(p, w);
    const double drafts_s = s->draft * share * one.tpot_s;
    const double grow = (out->tpot_s + drafts_s) / out->tpot_s;
    out->tpot_low_s = fmax(out->floor_tpot_s, out->tpot_low_s * grow) / s->accepted;
    out->tpot_high_s = out->tpot_high_s * grow / s->accepted;
    out->tpot_s = out->tpot_s * grow / s->accepted;
    out->floor_tpot_s /= s->accepted;
    if (!out->fits)
        return;
    out->tokens_per_s = w->batch / out->tpot_s;
    out->tokens_per_s_per_gpu = out->tokens_per_s / p->d.gpus;
    out->tokens_per_s_per_user = 1 / out->tpot_s;
}
