/* SPDX-License-Identifier: Apache-2.0 */
/* The operators of a step, one by one. */
#include "estimate/batch.h"
#include "estimate/operator_cost.h"

static struct lr_op_estimate operator_at(const struct lr_plan *p, size_t i, const struct lr_step *s)
{
    struct lr_work work;
    double floor_s;
    struct lr_cost c;
    const struct lr_planned *const planned = lr_plan_cost(p, i, s, &work, &floor_s, &c);
    const struct lr_op *op = &p->l.op[i];
    const double n = op->count;
    return (struct lr_op_estimate){
        .name = op->name,
        .role = op->role,
        .family = op->family,
        .weight = op->weight,
        .kv = op->kv,
        .rate = planned->rate,
        .bound = lr_cost_bound(&c),
        .evidence = planned->evidence,
        .count = n,
        .flop = n * work.flop,
        .bytes = n * lr_bytes(&work),
        .link_bytes = n * work.link_bytes,
        .time_s = n * c.time_s,
        .floor_s = n * floor_s,
        .memory_s = n * c.memory_s,
        .compute_s = n * c.compute_s,
        .link_s = n * c.link_s,
        .fixed_s = n * c.fixed_s,
        .spread_low = planned->low,
        .spread_high = planned->high,
    };
}

size_t lr_plan_operators(const struct lr_plan *p, const struct lr_workload *w, struct lr_op_estimate out[LR_OPS_MAX])
{
    const struct lr_step s = lr_step_of(w, &p->d);
    for (size_t i = 0; i < p->l.op_count; i++)
        out[i] = operator_at(p, i, &s);
    return p->l.op_count;
}

void lr_batch_operators(const struct lr_batch *b, double context, struct lr_op_estimate out[LR_OPS_MAX])
{
    struct lr_step s = b->step;
    s.context = context;
    for (size_t i = 0; i < b->plan->growing_count; i++)
        out[b->plan->growing[i]] = operator_at(b->plan, b->plan->growing[i], &s);
}
