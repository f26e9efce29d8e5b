/* SPDX-License-Identifier: Apache-2.0 */
/* What more of one property gains, and how much more of it meets a goal. */
#include "estimate/plan.h"

#include <llmroof/explain.h>

#include <math.h>
#include <stdlib.h>

static const struct {
    const char *name, *field;
} levers[] = {
#define X(id, name, field) {name, field},
    LR_LEVERS(X)
#undef X
};

const char *lr_lever_name(enum lr_lever l)
{
    return l < LR_LEVER_COUNT ? levers[l].name : "unknown";
}

const char *lr_lever_field(enum lr_lever l)
{
    return l < LR_LEVER_COUNT ? levers[l].field : "unknown";
}

const char *lr_goal_name(enum lr_goal_of g)
{
    static const char *const names[] = {
#define X(id, name, field) name,
        LR_GOALS(X)
#undef X
    };
    return g < LR_GOAL_COUNT ? names[g] : "unknown";
}

/* The factor on the bandwidth that equals a cache of factor times fewer bits: every formula divides bytes by the
 * bandwidth. States and index keys have formats of their own. */
static double fewer_bits(const struct lr_op *op, double factor, const struct lr_step *s)
{
    if (op->family == LR_FAMILY_STATE || op->family == LR_FAMILY_INDEX)
        return 1;
    const struct lr_work work = lr_op_work(op, s);
    const double bytes = lr_bytes(&work);
    return bytes > 0 ? bytes / (bytes - work.kv_bytes * (1 - 1 / factor)) : 1;
}

static void scale_chip(struct lr_chip *chip, enum lr_lever l, double factor, double bits)
{
    if (l == LR_LEVER_BANDWIDTH) {
        chip->bandwidth_bytes_per_s *= factor;
    } else if (l == LR_LEVER_PEAK) {
        chip->peak_flop_per_s *= factor;
    } else if (l == LR_LEVER_UNITS) {
        chip->units *= factor;
    } else if (l == LR_LEVER_KV_BITS) {
        chip->bandwidth_bytes_per_s *= bits;
    } else if (l == LR_LEVER_LINKS) {
        chip->up_bytes_per_s *= factor;
        chip->out_bytes_per_s *= factor;
    }
}

static void scale(struct lr_plan *p, enum lr_lever l, double factor, const struct lr_workload *w)
{
    const struct lr_step s = lr_step_of(w, &p->d);
    if (l == LR_LEVER_CAPACITY)
        p->capacity_bytes *= factor;
    for (size_t i = 0; i < p->l.op_count; i++) {
        const double bits = l == LR_LEVER_KV_BITS ? fewer_bits(&p->l.op[i], factor, &s) : 1;
        scale_chip(&p->op[i].chip, l, factor, bits);
        for (size_t n = 0; n < p->alternatives; n++)
            scale_chip(&p->other[n * LR_OPS_MAX + i].chip, l, factor, bits);
    }
    for (size_t i = 0; l == LR_LEVER_KV_BITS && i < p->l.kv_count; i++)
        p->l.kv[i].bytes_per_token /= factor;
}

struct lr_plan *lr_plan_scaled(const struct lr_plan *p, enum lr_lever l, double factor, const struct lr_workload *w)
{
    struct lr_plan *out = lr_plan_copy(p);
    if (out)
        scale(out, l, factor, w);
    return out;
}

bool lr_explain_elasticity(const struct lr_plan *p, const struct lr_workload *w, struct lr_elasticity *out)
{
    static const double PER_CENT = 0.01;
    struct lr_op_estimate before[LR_OPS_MAX], after[LR_OPS_MAX];
    struct lr_estimate e, f;
    lr_plan_estimate(p, w, &e);
    out->ops = lr_plan_operators(p, w, before);
    for (int l = 0; l < LR_LEVER_COUNT; l++) {
        struct lr_plan *more = lr_plan_scaled(p, (enum lr_lever)l, 1 + PER_CENT, w);
        if (!more)
            return false;
        lr_plan_estimate(more, w, &f);
        lr_plan_operators(more, w, after);
        out->step[l] = (1 - f.tpot_s / e.tpot_s) / PER_CENT;
        for (size_t i = 0; i < out->ops; i++)
            out->op[i][l] = (before[i].time_s - after[i].time_s) / e.tpot_s / PER_CENT;
        lr_plan_free(more);
    }
    return true;
}

static double reached(const struct lr_goal *g, const struct lr_estimate *e)
{
    if (!e->fits)
        return NAN;
    switch (g->of) {
#define X(id, name, field)                                                                                             \
    case LR_GOAL_##id:                                                                                                 \
        return e->field;
        LR_GOALS(X)
#undef X
    default:
        return NAN;
    }
}

bool lr_goal_met(const struct lr_goal *g, const struct lr_estimate *e)
{
    const double x = reached(g, e);
    return g->of == LR_GOAL_TPOT ? x <= g->value : x >= g->value;
}

/* Whether factor times the property meets the goal; *best gets the value that is reached. */
static bool meets(struct lr_plan *scratch, const struct lr_plan *p, const struct lr_workload *w,
                  const struct lr_goal *g, enum lr_lever l, double factor, double *best)
{
    struct lr_estimate e;
    lr_plan_restore(scratch, p);
    scale(scratch, l, factor, w);
    lr_plan_estimate(scratch, w, &e);
    *best = reached(g, &e);
    return lr_goal_met(g, &e);
}

bool lr_explain_remedy(const struct lr_plan *p, const struct lr_workload *w, const struct lr_goal *g, enum lr_lever l,
                       struct lr_remedy *out)
{
    static const double MOST = 1e6, CLOSE = 1 + 1e-9;
    struct lr_plan *scratch = lr_plan_copy(p);
    double low = 1, high = MOST;
    if (!scratch)
        return false;
    *out = (struct lr_remedy){.gpus = p->d.gpus, .factor = 1};
    if (meets(scratch, p, w, g, l, 1, &out->best)) {
        out->possible = true;
    } else if (meets(scratch, p, w, g, l, MOST, &out->best)) {
        out->possible = true;
        while (high / low > CLOSE) {
            const double middle = sqrt(low * high);
            if (meets(scratch, p, w, g, l, middle, &out->best))
                high = middle;
            else
                low = middle;
        }
        out->factor = high;
        meets(scratch, p, w, g, l, high, &out->best);
    }
    lr_plan_free(scratch);
    return true;
}

bool lr_explain_gpus(const struct lr_side *s, const struct lr_plan *p, const struct lr_workload *w,
                     const struct lr_goal *g, struct lr_remedy *out)
{
    static const double MOST = 1024;
    *out = (struct lr_remedy){.gpus = p->d.gpus, .factor = 1, .best = NAN};
    for (double gpus = p->d.gpus; gpus <= MOST && !out->possible; gpus++) {
        struct lr_deployment d = *s->deployment;
        struct lr_diags discarded = {0};
        struct lr_estimate e;
        d.gpus = gpus;
        struct lr_plan *more = lr_plan_new(s->hw, s->model, s->runtime, s->kernels, &d, &discarded);
        const bool full = discarded.out_of_memory;
        lr_diags_free(&discarded);
        if (full)
            return false;
        if (!more)
            continue;
        lr_plan_estimate(more, w, &e);
        lr_plan_free(more);
        const double x = reached(g, &e);
        const bool better = g->of == LR_GOAL_TPOT ? x < out->best : x > out->best;
        if (isnan(out->best) || better)
            *out = (struct lr_remedy){.gpus = gpus, .factor = gpus / p->d.gpus, .best = x};
        out->possible = lr_goal_met(g, &e);
    }
    return true;
}
