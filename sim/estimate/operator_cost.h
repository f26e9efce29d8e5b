/* SPDX-License-Identifier: Apache-2.0 */
/* The cost of one operator of a plan. Inline, because sums and breakdowns of a step use it in their inner loops. */
#ifndef LLMROOF_ESTIMATE_OPERATOR_COST_H
#define LLMROOF_ESTIMATE_OPERATOR_COST_H

#include "estimate/plan.h"

#include <math.h>

/* In a graph a kernel starts while the one before it ends, which hides a share of its fixed time. What it streams or
 * computes is never hidden. */
static inline void lr_hide_launch(double share, double floor_s, struct lr_cost *c)
{
    const double busy_s = fmax(fmax(c->memory_s, c->compute_s), fmax(c->link_s, floor_s));
    const double launch_s = share * (c->fixed_s - c->walked_s);
    const double hidden = fmax(0, fmin(launch_s, c->time_s - busy_s));
    c->time_s -= hidden;
    c->fixed_s -= hidden;
}

static inline void lr_planned_cost(const struct lr_op *op, const struct lr_planned *planned, const struct lr_step *s,
                                   const struct lr_work *work, double floor_s, struct lr_cost *c)
{
    *c = lr_price(op, s, work, &planned->chip, planned->kernel);
    if (planned->chip.launch_hidden > 0)
        lr_hide_launch(planned->chip.launch_hidden, floor_s, c);
}

/* Prices one execution of an operator with the fastest of its kernels, and returns that kernel. Inline, so that work
 * and cost are written where callers keep them: a copy would wait for the stores before it. */
static inline const struct lr_planned *lr_plan_cost(const struct lr_plan *p, size_t i, const struct lr_step *s,
                                                    struct lr_work *work, double *floor_s, struct lr_cost *c)
{
    const struct lr_op *op = &p->l.op[i];
    const struct lr_planned *best = &p->op[i];
    *work = lr_op_work(op, s);
    *floor_s = lr_floor(op, work, &best->chip);
    lr_planned_cost(op, best, s, work, *floor_s, c);
    for (size_t n = 0; n < p->alternatives; n++) {
        const struct lr_planned *const other = &p->other[n * LR_OPS_MAX + i];
        struct lr_cost cost;
        if (!other->kernel)
            continue;
        lr_planned_cost(op, other, s, work, *floor_s, &cost);
        if (cost.time_s < c->time_s) {
            *c = cost;
            best = other;
        }
    }
    return best;
}

#endif
