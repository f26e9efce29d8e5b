/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that a runtime overlaps. */
#include "estimate/plan.h"

#include <math.h>

/* Times of one step, grouped by what can overlap. moe: experts, router, shared expert and both exchanges. */
struct parts {
    double attention_s, moe_s, rest_s;
    double shared_s, exchange_s;
    double attention_floor_s, moe_floor_s, rest_floor_s;
    double shared_floor_s, exchange_floor_s;
};

/* The share of layers with experts. Only the attention of these layers can overlap with experts. */
static double moe_share(const struct lr_plan *p)
{
    double layers = 0;
    for (size_t i = 0; i < p->l.op_count; i++)
        if (p->l.op[i].family == LR_FAMILY_MOE)
            layers += p->l.op[i].count;
    return layers / p->l.layers;
}

static struct parts parts_at(const struct lr_plan *p, const struct lr_workload *w)
{
    struct lr_op_estimate op[LR_OPS_MAX];
    struct parts t = {0};
    const double overlapping = moe_share(p);
    const size_t n = lr_plan_operators(p, w, op);
    for (size_t i = 0; i < n; i++) {
        const bool exchange = op[i].family == LR_FAMILY_DISPATCH || op[i].family == LR_FAMILY_COMBINE;
        const enum lr_place place = lr_role_place(op[i].role);
        const bool shared = place == LR_PLACE_SHARED;
        t.exchange_s += exchange ? op[i].time_s : 0;
        t.exchange_floor_s += exchange ? op[i].floor_s : 0;
        t.shared_s += shared ? op[i].time_s : 0;
        t.shared_floor_s += shared ? op[i].floor_s : 0;
        const double attention = place == LR_PLACE_ATTENTION ? overlapping : 0;
        const double moe = shared || place == LR_PLACE_EXPERTS ? 1 : 0;
        t.attention_s += attention * op[i].time_s;
        t.attention_floor_s += attention * op[i].floor_s;
        t.moe_s += moe * op[i].time_s;
        t.moe_floor_s += moe * op[i].floor_s;
        t.rest_s += (1 - attention - moe) * op[i].time_s;
        t.rest_floor_s += (1 - attention - moe) * op[i].floor_s;
    }
    return t;
}

void lr_plan_overlap(const struct lr_plan *p, const struct lr_workload *w, struct lr_estimate *e)
{
    const struct parts whole = parts_at(p, w);
    if (whole.exchange_s <= 0)
        return;
    double step_s = whole.attention_s + whole.moe_s + whole.rest_s;
    double floor_s = whole.attention_floor_s + whole.moe_floor_s + whole.rest_floor_s;
    if (p->rt.shared_overlap) {
        step_s -= fmin(whole.shared_s, whole.exchange_s);
        floor_s -= fmin(whole.shared_floor_s, whole.exchange_floor_s);
    }
    if (p->rt.two_batch_overlap && w->batch / (p->d.dp * p->d.pp) >= 2) {
        const struct lr_workload half = {.batch = w->batch / 2, .context = w->context, .q_len = w->q_len};
        const struct parts h = parts_at(p, &half);
        step_s = fmin(step_s, whole.rest_s + 2 * fmax(h.attention_s, h.moe_s));
        floor_s = fmin(floor_s, whole.rest_floor_s + fmax(whole.attention_floor_s, whole.moe_floor_s));
    }
    const double before_s = e->tpot_s, sum_s = whole.attention_s + whole.moe_s + whole.rest_s;
    e->host_s += fmax(0, p->launches_s - step_s) - fmax(0, p->launches_s - sum_s);
    e->tpot_s = step_s + e->host_s;
    e->floor_tpot_s = floor_s;
    e->tpot_low_s = fmax(floor_s, e->tpot_low_s * e->tpot_s / before_s);
    e->tpot_high_s *= e->tpot_s / before_s;
    if (!e->fits)
        return;
    e->tokens_per_s = w->batch / e->tpot_s;
    e->tokens_per_s_per_gpu = e->tokens_per_s / p->d.gpus;
    e->tokens_per_s_per_user = 1 / e->tpot_s;
}
