/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/plot/plot.h"
#include "render/labels.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LABELS_MAX = 12 };

/* Operators of less than this share of the step are drawn without a label. */
static const double SHARE_LABELLED = 0.01;

struct scene {
    const struct lr_answer *a;
    struct lr_op_estimate op[LR_OPS_MAX];
    size_t ops;
    double peak, bandwidth;           /* FLOP/s, bytes/s */
    double best_flop, best_bandwidth; /* reached by the best operator, as a share */
    double compute_share;             /* of the time, in operators bound by compute */
    enum lr_rate rate;
    double xmin, xmax, ymin, ymax;
};

static bool drawn(const struct lr_op_estimate *op)
{
    return op->flop > 0 && op->bytes > 0 && op->time_s > 0;
}

static void measure(struct scene *c)
{
    double by_rate[LR_RATE_COUNT] = {0};
    c->xmin = 0.5;
    c->xmax = 1;
    c->ymin = INFINITY;
    for (size_t i = 0; i < c->ops; i++) {
        const struct lr_op_estimate *op = &c->op[i];
        if (op->bound == LR_BOUND_COMPUTE)
            c->compute_share += op->time_s / c->a->estimate.tpot_s;
        if (!drawn(op))
            continue;
        by_rate[op->rate] += op->time_s;
        if (by_rate[op->rate] > by_rate[c->rate]) /* the rate at which most of the time is computed draws the roof */
            c->rate = op->rate;
        c->best_bandwidth = fmax(c->best_bandwidth, op->bytes / op->time_s / c->bandwidth);
        c->xmin = fmin(c->xmin, op->flop / op->bytes / 2);
        c->xmax = fmax(c->xmax, op->flop / op->bytes * 24); /* labels stand to the right */
        c->ymin = fmin(c->ymin, op->flop / op->time_s / 1e12 / 2);
    }
    c->peak = c->a->hardware->compute.peak[c->rate];
    for (size_t i = 0; i < c->ops; i++)
        if (drawn(&c->op[i]) && c->op[i].rate == c->rate)
            c->best_flop = fmax(c->best_flop, c->op[i].flop / c->op[i].time_s / c->peak);
    c->xmax = fmax(c->xmax, 4 * c->peak / c->bandwidth);
    c->ymax = 2 * c->peak / 1e12;
    c->ymin = fmin(c->ymin, c->xmin * c->bandwidth / 1e12);
}

static void roof(const struct scene *c, double share, struct lr_text *data)
{
    const double ridge = c->peak / (share * c->bandwidth);
    lr_text_addf(data, "%.6g %.6g\n%.6g %.6g\n%.6g %.6g\n\n\n", c->xmin, c->xmin * share * c->bandwidth / 1e12, ridge,
                 c->peak / 1e12, c->xmax, c->peak / 1e12);
}

static double intensity(const struct scene *c, const struct lr_label *l)
{
    return c->op[l->index].flop / c->op[l->index].bytes;
}

/* Where the label of a point at x begins: right of every labelled point that its text would lie on. */
static double label_x(const struct scene *c, const struct lr_label *label, size_t n, double x)
{
    const double axis = c->xmax / c->xmin, width = pow(axis, 0.2), gap = pow(axis, 0.05);
    double least = x, last;
    do {
        last = least;
        for (size_t i = 0; i < n; i++) {
            const double other = intensity(c, &label[i]);
            if (other > least && other < last * gap * width)
                least = other;
        }
    } while (least > last);
    return fmin(least * gap, c->xmax / width);
}

/* Labels stand in a column right of the points, in the order of the points' heights, joined to them by thin lines. */
static void points(const struct scene *c, struct lr_text *data)
{
    struct lr_label label[LABELS_MAX];
    struct lr_text lines = {0};
    const double height = log(c->ymax / c->ymin);
    size_t n = 0;
    for (size_t i = 0; i < c->ops && n < LABELS_MAX; i++)
        if (drawn(&c->op[i]) && c->op[i].time_s >= SHARE_LABELLED * c->a->estimate.tpot_s)
            label[n++] = (struct lr_label){
                .wanted = log(c->op[i].flop / c->op[i].time_s / 1e12 / c->ymin) / height - 0.12, .index = i};
    lr_labels_place(label, n, 0.047, 0.14, 0.8); /* the ridge has its text below */
    for (size_t k = 0; k < n; k++) {
        const struct lr_op_estimate *op = &c->op[label[k].index];
        const double x = op->flop / op->bytes, y = op->flop / op->time_s / 1e12,
                     share = op->time_s / c->a->estimate.tpot_s;
        const double lx = label_x(c, label, n, x);
        const double ly = c->ymin * exp(label[k].placed * height);
        char text[96];
        snprintf(text, sizeof text, "%s  %.0f %%", op->name, 100 * share);
        lr_text_addf(data, "%.6g %.6g %.3g %.6g %.6g ", x, y, 0.8 + 6 * sqrt(share), lx, ly);
        lr_plot_quote(data, text);
        lr_text_add(data, "\n");
        lr_text_addf(&lines, "%.6g %.6g\n%.6g %.6g\n\n", x, y, lx, ly);
    }
    lr_text_addf(data, "\n\n%.6g %.6g %.6g %.6g %.6g %.6g\n\n\n%s", c->xmin, c->xmax, c->ymin, c->ymax,
                 c->peak / c->bandwidth, c->peak / 1e12, lr_text_str(&lines));
    lr_text_free(&lines);
}

static void texts(const struct lr_session *s, const struct scene *c, struct lr_picture *p)
{
    const struct lr_hardware *hw = c->a->hardware;
    const char *const title = hw->name;
    if (c->compute_share < 0.01)
        snprintf(p->title, sizeof p->title, "Decode on %s: every operator is limited by bandwidth", title);
    else
        snprintf(p->title, sizeof p->title, "Decode on %s: compute is the bottleneck of %.0f %% of the step", title,
                 100 * c->compute_share);
    lr_plot_setting(s, c->a, true, true, p->subtitle, sizeof p->subtitle);
    strncat(p->subtitle, ".  Point area: share of the step", sizeof p->subtitle - strlen(p->subtitle) - 1);
    snprintf(p->argument[0], sizeof p->argument[0], "memory %.2f TB/s", c->bandwidth / 1e12);
    snprintf(p->argument[1], sizeof p->argument[1], "%s dense peak, %.0f TFLOP/s", lr_rate_name(c->rate),
             c->peak / 1e12);
    snprintf(p->argument[2], sizeof p->argument[2], "best operator, %.0f %%", 100 * c->best_bandwidth);
    lr_picture_arguments(p, 3);
}

bool lr_plot_roofline(struct lr_session *s, struct lr_picture *p)
{
    const struct lr_grid *g = &p->grid;
    struct scene c = {.a = &g->answer[0], .bandwidth = g->answer[0].hardware->memory.bandwidth_bytes_per_s};
    if (g->count > 1) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "expected one chip, batch and context");
        return false;
    }
    if (!c.a->estimate.fits) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "nothing to draw: the model does not fit on '%s'",
                c.a->hardware->name);
        return false;
    }
    c.ops = lr_plan_operators(c.a->plan, &c.a->workload, c.op);
    measure(&c);
    roof(&c, 1, &p->data);
    roof(&c, c.best_bandwidth, &p->data);
    points(&c, &p->data);
    texts(s, &c, p);
    return true;
}
