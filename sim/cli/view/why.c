/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/view/why.h"

#include "cli/view/answer.h"

#include <llmroof/comparison.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No batch beyond this is looked at for a flip. */
static const double MOST_BATCH = 65536;

struct lr_side lr_why_side(const struct lr_session *s, const struct lr_why *w, size_t side)
{
    return (struct lr_side){w->hw[side], w->kernels[side], s->model, s->runtime, &w->asked};
}

/* The options' layout: what lr_session_plan completed, with what was not given taken out again. */
static struct lr_deployment asked(const struct lr_session *s, const struct lr_plan *p)
{
    const struct lr_options *o = &s->options;
    struct lr_deployment d = *lr_plan_deployment(p);
    d.gpus = o->gpus;
    d.tp = o->tp;
    d.pp = o->pp;
    d.ep = o->ep;
    d.dp = o->dp;
    d.weights = o->weights;
    d.kv = o->kv;
    return d;
}

static bool open_side(struct lr_session *s, struct lr_why *w, size_t i, const struct lr_hardware *hw)
{
    w->hw[i] = hw;
    w->kernels[i] = lr_session_kernels(s, hw, NULL);
    w->plan[i] = w->kernels[i] ? lr_session_plan(s, hw) : NULL;
    if (!w->plan[i])
        return false;
    snprintf(w->label[i], sizeof w->label[i], "%s", hw->name);
    lr_plan_estimate(w->plan[i], &w->workload, &w->estimate[i]);
    lr_plan_room(w->plan[i], &w->workload, &w->estimate[i].memory);
    w->fits = w->fits && w->estimate[i].fits;
    if (lr_explain_elasticity(w->plan[i], &w->workload, &w->elasticity[i]))
        return true;
    lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
    return false;
}

/* One chip with another value is off by as much as without it, and in the same direction: the order is sure. */
static void settle(struct lr_why *w)
{
    const double left_s = w->estimate[0].tpot_s, right_s = w->estimate[1].tpot_s;
    if (w->fits)
        w->outcome = left_s < right_s   ? LR_OUTCOME_HOLDS_CLEARLY
                     : left_s > right_s ? LR_OUTCOME_FAILS_CLEARLY
                                        : LR_OUTCOME_CLOSE;
    for (int axis = 0; axis < 2; axis++)
        for (size_t i = 0; i < w->cross[axis].flips; i++)
            w->cross[axis].flip[i].open_from = w->cross[axis].flip[i].open_to = 0;
}

static bool compare(struct lr_session *s, struct lr_why *w)
{
    const struct lr_side left = lr_why_side(s, w, 0), right = lr_why_side(s, w, 1);
    w->outcome = lr_compare(&w->estimate[0], &w->estimate[1], lr_runtimes_apart(s->runtime, s->runtime));
    w->rows = lr_explain_operators(w->plan[0], w->plan[1], &w->workload, w->row);
    lr_explain_crossover(w->plan[0], w->plan[1], &w->workload, LR_AXIS_BATCH, MOST_BATCH, &w->cross[LR_AXIS_BATCH]);
    lr_explain_crossover(w->plan[0], w->plan[1], &w->workload, LR_AXIS_CONTEXT, s->model->max_context,
                         &w->cross[LR_AXIS_CONTEXT]);
    return lr_explain_causes(&left, &right, &w->workload, &w->fall, &s->diags);
}

struct lr_why *lr_why_open(struct lr_session *s, const struct lr_hardware *left, const struct lr_hardware *right,
                           const char *right_label, double batch, double context)
{
    struct lr_why *w = calloc(1, sizeof *w);
    if (!w) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
        return NULL;
    }
    w->workload = (struct lr_workload){.batch = batch, .context = context, .q_len = 1};
    w->sides = right ? 2 : 1;
    w->fits = true;
    bool ok = open_side(s, w, 0, left) && (!right || open_side(s, w, 1, right));
    if (ok) {
        w->asked = asked(s, w->plan[0]);
        if (right_label)
            snprintf(w->label[1], sizeof w->label[1], "%s", right_label);
        ok = !right || compare(s, w);
        if (ok && right_label)
            settle(w);
    }
    if (ok)
        return w;
    lr_why_free(w);
    return NULL;
}

void lr_why_free(struct lr_why *w)
{
    if (w) {
        lr_plan_free(w->plan[0]);
        lr_plan_free(w->plan[1]);
    }
    free(w);
}

const char *lr_why_sure(enum lr_outcome o)
{
    if (o == LR_OUTCOME_HOLDS_CLEARLY || o == LR_OUTCOME_FAILS_CLEARLY)
        return lr_certainty_word(LR_CERTAINTY_CLEARLY);
    const bool likely = o == LR_OUTCOME_HOLDS_LIKELY || o == LR_OUTCOME_FAILS_LIKELY;
    return lr_certainty_word(likely ? LR_CERTAINTY_LIKELY : LR_CERTAINTY_CLOSE);
}

static const char *bound_of(enum lr_bound b)
{
    return b < LR_BOUND_COUNT ? lr_bound_name(b) : "nothing";
}

/* The operator and the causes that weigh most, the largest against the direction last. */
static void reasons(const struct lr_why *w, struct lr_text *out)
{
    const double difference_s = w->fall.level_s[LR_CAUSE_COUNT] - w->fall.level_s[0];
    const struct lr_difference *d = &w->row[0];
    const double most_s = d->right_s - d->left_s;
    int with = -1, against = -1;
    double with_s = 0, against_s = 0;
    char b[4][LR_HUMAN_SIZE];
    if (w->rows == 0 || most_s == 0)
        return;
    lr_text_addf(out, " The largest difference is in %s: %s on %s (bottleneck: %s), %s on %s (bottleneck: %s).",
                 d->name, lr_human(d->left_s, LR_CELL_SECONDS, b[0]), w->label[0], bound_of(d->left_bound),
                 lr_human(d->right_s, LR_CELL_SECONDS, b[1]), w->label[1], bound_of(d->right_bound));
    for (int c = 0; c < LR_CAUSE_COUNT; c++) {
        const double bar_s = w->fall.level_s[c + 1] - w->fall.level_s[c];
        if (bar_s * difference_s > 0 && fabs(bar_s) > fabs(with_s)) {
            with = c;
            with_s = bar_s;
        } else if (bar_s * difference_s < 0 && fabs(bar_s) > fabs(against_s)) {
            against = c;
            against_s = bar_s;
        }
    }
    if (with >= 0)
        lr_text_addf(out, " The largest cause is %s (%+.2f ms)", lr_cause_name((enum lr_cause)with), 1e3 * with_s);
    if (with >= 0 && against >= 0 && fabs(against_s) > 0.02 * fabs(difference_s))
        lr_text_addf(out, "; %s works against it (%+.2f ms)", lr_cause_name((enum lr_cause)against), 1e3 * against_s);
    if (with >= 0)
        lr_text_add(out, ".");
}

static void flips(const struct lr_why *w, enum lr_axis axis, struct lr_text *out)
{
    const struct lr_crossover *c = &w->cross[axis];
    const char *const what = axis == LR_AXIS_BATCH ? "batch" : "context";
    const double other = axis == LR_AXIS_BATCH ? w->workload.context : w->workload.batch;
    const char *const other_what = axis == LR_AXIS_BATCH ? "context" : "batch";
    if (c->most < 1)
        return;
    if (c->flips == 0) {
        lr_text_addf(out, " At %s %.0f, %s is faster at every %s up to %.0f, the largest at which both fit.",
                     other_what, other, w->label[c->left_first ? 0 : 1], what, c->most);
        return;
    }
    const struct lr_flip *const f = &c->flip[0];
    lr_text_addf(out, " At %s %.0f, the order changes at %s %.0f: %s is faster below it, %s from there on", other_what,
                 other, what, f->at, w->label[c->left_first ? 0 : 1], w->label[c->left_first ? 1 : 0]);
    if (f->open_from > 0)
        lr_text_addf(out, " (too close to call from %.0f to %.0f)", f->open_from, f->open_to);
    if (c->flips > 1)
        lr_text_addf(out, ", and it changes %zu more times", c->flips - 1);
    lr_text_add(out, ".");
}

static void alone(const struct lr_session *s, const struct lr_why *w, struct lr_text *out)
{
    const struct lr_elasticity *x = &w->elasticity[0];
    int best = 0;
    char b[LR_HUMAN_SIZE];
    for (int l = 1; l < LR_LEVER_COUNT; l++)
        if (x->step[l] > x->step[best])
            best = l;
    lr_text_addf(out, "%s at batch %.0f and context %.0f takes %s per token on %s. The bottleneck is %s. ",
                 s->model->name, w->workload.batch, w->workload.context,
                 lr_human(w->estimate[0].tpot_s, LR_CELL_SECONDS, b), w->label[0], lr_bound_name(w->estimate[0].bound));
    lr_text_addf(out, "TPOT depends most on %s: 1 %% %s reduces it by %.2f %%.", lr_lever_name((enum lr_lever)best),
                 best == LR_LEVER_KV_BITS ? "fewer" : "more", x->step[best]);
}

void lr_why_words(const struct lr_session *s, const struct lr_why *w, struct lr_text *out)
{
    const struct lr_estimate *const e = w->estimate;
    char b[2][LR_HUMAN_SIZE];
    if (!w->fits) {
        for (size_t i = 0; i < w->sides; i++)
            lr_text_addf(out, "%s%s %s at batch %.0f and context %.0f", i ? ", and " : "", w->label[i],
                         e[i].fits ? "fits the model" : "does not fit the model", w->workload.batch,
                         w->workload.context);
        lr_text_add(out, ".");
    } else if (w->sides == 1) {
        alone(s, w, out);
    } else {
        const size_t fast = e[1].tpot_s < e[0].tpot_s;
        lr_text_addf(out, "%s at batch %.0f and context %.0f takes %s per token on %s and %s on %s: ", s->model->name,
                     w->workload.batch, w->workload.context, lr_human(e[0].tpot_s, LR_CELL_SECONDS, b[0]), w->label[0],
                     lr_human(e[1].tpot_s, LR_CELL_SECONDS, b[1]), w->label[1]);
        if (e[0].tpot_s == e[1].tpot_s)
            lr_text_add(out, "the same.");
        else
            lr_text_addf(out, "%s takes %.1f %% less time (%s%s).", w->label[fast],
                         100 * (1 - e[fast].tpot_s / e[!fast].tpot_s), lr_why_sure(w->outcome),
                         w->outcome == LR_OUTCOME_CLOSE ? "" : " faster");
        reasons(w, out);
    }
    for (int axis = 0; w->sides == 2 && axis < 2; axis++)
        flips(w, (enum lr_axis)axis, out);
    lr_text_add(out, "\n");
}
