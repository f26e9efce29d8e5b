/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/plot/plot.h"
#include "render/labels.h"

#include <llmroof/claim.h>
#include <llmroof/comparison.h>

#include <math.h>
#include <stdio.h>

/* A round number not below v: 1, 1.5, 2, 3, 4, 5, 6 or 8 times a power of ten. */
static double round_top(double v)
{
    static const double step[] = {1, 1.5, 2, 3, 4, 5, 6, 8, 10};
    const double ten = pow(10, floor(log10(v)));
    size_t i = 0;
    while (i < 8 && step[i] * ten < v)
        i++;
    return step[i] * ten;
}

/* Points of chip h at the first context, a line each; the last one that fits in *end. */
static bool series(const struct lr_grid *g, size_t h, struct lr_text *data, const struct lr_answer **end, double *top)
{
    bool any = false;
    for (size_t b = 0; b < g->batches; b++) {
        const struct lr_answer *a = &g->answer[b * g->chips + h];
        const struct lr_estimate *e = &a->estimate;
        if (!e->fits)
            continue;
        lr_text_addf(data, "%.0f %.6g %.6g %.6g\n", a->workload.batch, 1e3 * e->tpot_s, 1e3 * e->tpot_low_s,
                     1e3 * e->tpot_high_s);
        *end = a;
        *top = fmax(*top, 1e3 * e->tpot_s);
        any = true;
    }
    if (!any)
        lr_text_add(data, "NaN NaN NaN NaN\n");
    lr_text_add(data, "\n\n");
    return any;
}

/* What the title says of a batch. */
enum lead { LEAD_NONE, LEAD_FASTEST, LEAD_CLOSE, LEAD_ONLY };

/* The fastest chip at a batch, or NULL; close when another one that fits is too close to call. */
static const struct lr_answer *fastest(const struct lr_grid *g, size_t b, double apart, enum lead *lead)
{
    const struct lr_answer *at = &g->answer[b * g->chips], *best = NULL;
    for (size_t h = 0; h < g->chips; h++)
        if (at[h].estimate.fits && (!best || at[h].estimate.tpot_s < best->estimate.tpot_s))
            best = &at[h];
    *lead = best ? LEAD_ONLY : LEAD_NONE;
    for (size_t h = 0; h < g->chips && best && *lead != LEAD_CLOSE; h++)
        if (&at[h] != best && at[h].estimate.fits)
            *lead = lr_compare(&best->estimate, &at[h].estimate, apart) == LR_OUTCOME_CLOSE ? LEAD_CLOSE : LEAD_FASTEST;
    return best;
}

/* A run of batches with one answer; name is NULL where the order is too close to call. */
struct run {
    enum lead lead;
    const char *name;
    double first, last;
};

static void add_run(const struct run *r, struct lr_text *out)
{
    if (r->lead == LEAD_NONE)
        return;
    const char *at = out->length ? "at" : "at batch";
    lr_text_add(out, out->length ? ", " : "Fastest: ");
    if (r->lead == LEAD_ONLY)
        lr_text_addf(out, "only %s fits", r->name);
    else
        lr_text_add(out, r->name ? r->name : lr_certainty_word(LR_CERTAINTY_CLOSE));
    lr_text_addf(out, " %s %.0f", at, r->first);
    if (r->last > r->first)
        lr_text_addf(out, " to %.0f", r->last);
}

/* The finding: which chip is fastest where, in runs of batches. */
static void finding(const struct lr_grid *g, double apart, char *out, size_t size)
{
    struct run r = {0};
    struct lr_text t = {0};
    for (size_t b = 0; b < g->batches && g->chips > 1; b++) {
        enum lead lead;
        const struct lr_answer *best = fastest(g, b, apart, &lead);
        const double batch = g->answer[b * g->chips].workload.batch;
        const char *name = lead == LEAD_FASTEST || lead == LEAD_ONLY ? best->hardware->name : NULL;
        if (lead != r.lead || name != r.name) {
            add_run(&r, &t);
            r = (struct run){lead, name, batch, batch};
        }
        r.last = batch;
    }
    add_run(&r, &t);
    if (g->chips == 1)
        lr_text_addf(&t, "Time per output token on %s", g->answer[0].hardware->title);
    snprintf(out, size, "%s", lr_text_str(&t));
    lr_text_free(&t);
}

bool lr_plot_latency(struct lr_session *s, struct lr_picture *p)
{
    const struct lr_grid *g = &p->grid;
    struct lr_text *const data = &p->data;
    const struct lr_answer *end[LR_OPENED_MAX] = {NULL};
    struct lr_label label[LR_OPENED_MAX];
    size_t labels = 0;
    double top = 0, xmin = HUGE_VAL, xmax = 0;
    if (g->contexts > 1) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--context", "several contexts, expected one");
        return false;
    }
    for (size_t h = 0; h < g->chips; h++)
        series(g, h, data, &end[h], &top);
    if (top == 0) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "nothing to draw: the model fits on none of these chips");
        return false;
    }
    top = round_top(1.05 * fmax(top, 1e3 * s->options.slo_s));
    for (size_t h = 0; h < g->chips; h++)
        if (end[h])
            label[labels++] = (struct lr_label){.wanted = 1e3 * end[h]->estimate.tpot_s / top, .index = h};
    for (size_t i = 0; i < g->count; i++)
        if (g->answer[i].estimate.fits) {
            xmin = fmin(xmin, g->answer[i].workload.batch);
            xmax = fmax(xmax, g->answer[i].workload.batch);
        }
    lr_labels_place(label, labels, 0.045, 0.01, 0.99);
    for (size_t i = 0; i < labels; i++) {
        const struct lr_answer *a = end[label[i].index];
        lr_text_addf(data, "%.0f %.6g 0 %.6g ", a->workload.batch, 1e3 * a->estimate.tpot_s, label[i].placed * top);
        lr_plot_quote(data, a->hardware->name);
        lr_text_addf(data, " %zu\n", label[i].index + 1);
    }
    finding(g, lr_runtimes_apart(s->runtime, s->runtime), p->title, sizeof p->title);
    lr_plot_setting(s, &g->answer[0], false, true, p->subtitle, sizeof p->subtitle);
    snprintf(p->argument[0], sizeof p->argument[0], "%zu", g->chips);
    snprintf(p->argument[1], sizeof p->argument[1], "%.9g %.9g %.6g %.6g", xmin, xmax, top, 1e3 * s->options.slo_s);
    lr_picture_arguments(p, 2);
    return true;
}
