/* SPDX-License-Identifier: Apache-2.0 */
/* Finds where the order of two deployments changes. */
#include "estimate/batch.h"

#include <llmroof/comparison.h>
#include <llmroof/explain.h>

#include <math.h>

/* One axis of a pair of plans. */
struct line {
    const struct lr_plan *left, *right;
    struct lr_workload w;
    enum lr_axis axis;
    double apart;                            /* scale of the error of the difference, as in lr_compare */
    struct lr_batch left_batch, right_batch; /* for an axis of contexts: what does not depend on them */
};

static void evaluate(const struct line *l, double x, struct lr_estimate *left, struct lr_estimate *right)
{
    if (l->axis == LR_AXIS_CONTEXT) {
        lr_batch_estimate(&l->left_batch, x, left);
        lr_batch_estimate(&l->right_batch, x, right);
        return;
    }
    const struct lr_workload w = {.batch = x, .context = l->w.context, .q_len = l->w.q_len};
    lr_plan_estimate(l->left, &w, left);
    lr_plan_estimate(l->right, &w, right);
}

static bool left_leads(const struct line *l, double x)
{
    struct lr_estimate left, right;
    evaluate(l, x, &left, &right);
    return left.tpot_s < right.tpot_s;
}

static bool open(const struct line *l, double x)
{
    struct lr_estimate left, right;
    evaluate(l, x, &left, &right);
    return lr_compare(&left, &right, l->apart) == LR_OUTCOME_CLOSE;
}

/* The next number to try: one more at first, then a 32nd more. */
static double next(double x, double most)
{
    return fmin(most, x + fmax(1, floor(x / 32)));
}

/* The smallest number above low at which the order differs from that at low. It differs at high. */
static double first_other(const struct line *l, bool before, double low, double high)
{
    while (high - low > 1) {
        const double middle = floor((low + high) / 2);
        if (left_leads(l, middle) == before)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* The farthest number from x in a direction up to which the order is open. */
static double last_open(const struct line *l, double x, double direction, double most)
{
    double reach = 1, inside = x;
    for (;;) {
        const double probe = fmin(most, fmax(1, inside + direction * reach));
        if (probe == inside)
            return inside;
        if (!open(l, probe)) {
            double outside = probe;
            while (fabs(outside - inside) > 1) {
                const double middle = floor((inside + outside) / 2);
                if (open(l, middle))
                    inside = middle;
                else
                    outside = middle;
            }
            return inside;
        }
        inside = probe;
        reach = fmax(1, floor(inside / 32));
    }
}

static void band(const struct line *l, double most, struct lr_flip *f)
{
    const double x = open(l, f->at) ? f->at : f->at - 1;
    if (!open(l, x))
        return;
    f->open_from = last_open(l, x, -1, most);
    f->open_to = last_open(l, x, 1, most);
}

void lr_explain_crossover(const struct lr_plan *left, const struct lr_plan *right, const struct lr_workload *w,
                          enum lr_axis axis, double limit, struct lr_crossover *out)
{
    struct line l = {.left = left, .right = right, .w = *w, .axis = axis};
    l.apart = lr_plans_apart(left, right);
    struct lr_memory room[2];
    lr_plan_room(left, w, &room[0]);
    lr_plan_room(right, w, &room[1]);
    lr_plan_at_batch(left, w->batch, w->q_len, &l.left_batch);
    lr_plan_at_batch(right, w->batch, w->q_len, &l.right_batch);
    *out = (struct lr_crossover){
        .left_most = fmin(limit, axis == LR_AXIS_BATCH ? room[0].max_batch : room[0].max_context),
        .right_most = fmin(limit, axis == LR_AXIS_BATCH ? room[1].max_batch : room[1].max_context),
    };
    out->most = fmin(out->left_most, out->right_most);
    if (out->most < 1)
        return;
    bool leads = out->left_first = left_leads(&l, 1);
    for (double x = 1; x < out->most && out->flips < LR_FLIPS_MAX;) {
        const double to = next(x, out->most);
        if (left_leads(&l, to) == leads) {
            x = to;
            continue;
        }
        struct lr_flip *const f = &out->flip[out->flips++];
        *f = (struct lr_flip){.at = first_other(&l, leads, x, to)};
        band(&l, out->most, f);
        leads = !leads;
        x = f->at;
    }
}
