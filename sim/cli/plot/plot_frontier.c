/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/plot/plot.h"
#include "cli/session/space.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* A deployment's options say what a search keeps. */
static void keep(struct lr_options *o)
{
    const struct {
        double given;
        struct lr_points *to;
    } field[] = {{o->gpus, &o->list.gpus},
                 {o->tp, &o->list.tp},
                 {o->pp, &o->list.pp},
                 {o->ep, &o->list.ep},
                 {o->dp, &o->list.dp}};
    for (size_t i = 0; i < sizeof field / sizeof *field; i++)
        if (field[i].given > 0)
            *field[i].to = (struct lr_points){.value = {field[i].given}, .count = 1};
    if (o->weights != LR_DTYPE_NONE) {
        o->list.weights.value[0] = o->weights;
        o->list.weights.count = 1;
    }
    if (o->kv != LR_DTYPE_NONE) {
        o->list.kv.value[0] = o->kv;
        o->list.kv.count = 1;
    }
    if (o->runtime) {
        o->list.runtime.name[0] = o->runtime;
        o->list.runtime.count = 1;
    }
}

/* A block a chip; returns its slowest point, which has most throughput, and the label. */
static const struct lr_found *block(const struct lr_frontier *f, const struct lr_hardware *hw, struct lr_text *data)
{
    const struct lr_found *first = NULL;
    for (size_t i = 0; i < f->count; i++)
        if (f->item[i].hardware == hw) {
            first = first ? first : &f->item[i];
            lr_text_addf(data, "%.6g %.6g\n", f->item[i].estimate.tokens_per_s_per_user,
                         f->item[i].estimate.tokens_per_s_per_gpu);
        }
    lr_text_add(data, first ? "\n\n" : "NaN NaN\n\n\n");
    return first;
}

/* The finding: who has most throughput, and who most speed. */
static void texts(const struct lr_frontier *f, const struct lr_session *s, struct lr_picture *p)
{
    const struct lr_found *most = &f->item[0], *fastest = &f->item[0];
    for (size_t i = 1; i < f->count; i++) {
        if (f->item[i].estimate.tokens_per_s_per_gpu > most->estimate.tokens_per_s_per_gpu)
            most = &f->item[i];
        if (f->item[i].estimate.tokens_per_s_per_user > fastest->estimate.tokens_per_s_per_user)
            fastest = &f->item[i];
    }
    if (most->hardware == fastest->hardware)
        snprintf(p->title, sizeof p->title, "%.60s has the highest throughput and the highest speed",
                 most->hardware->name);
    else
        snprintf(p->title, sizeof p->title, "%.40s has the highest throughput, %.40s the highest speed",
                 most->hardware->name, fastest->hardware->name);
    snprintf(p->subtitle, sizeof p->subtitle,
             "%.60s, context %.0f, runtime %.30s, best of all layouts: up to %.0f tokens/s/GPU, %.0f tokens/s/user",
             most->model->title ? most->model->title : most->model->name, most->context, most->runtime->name,
             most->estimate.tokens_per_s_per_gpu, fastest->estimate.tokens_per_s_per_user);
    snprintf(p->argument[1], sizeof p->argument[1], "%.6g", s->options.slo_s > 0 ? 1 / s->options.slo_s : 0);
}

/* Ends of the axes: speed to the right, throughput on a logarithmic axis. */
struct ends {
    double right, bottom, top;
};

static struct ends ends_of(const struct lr_frontier *f)
{
    struct ends e = {.bottom = INFINITY};
    for (size_t i = 0; i < f->count; i++) {
        e.right = fmax(e.right, 1.05 * f->item[i].estimate.tokens_per_s_per_user);
        e.top = fmax(e.top, 1.6 * f->item[i].estimate.tokens_per_s_per_gpu);
        e.bottom = fmin(e.bottom, 0.8 * f->item[i].estimate.tokens_per_s_per_gpu);
    }
    return e;
}

/* Names stand in the upper right, where no frontier goes, those of most throughput first. */
static void fill(struct lr_session *s, const struct lr_space *space, const struct lr_frontier *f, struct lr_picture *p)
{
    const struct ends e = ends_of(f);
    const double step = pow(e.top / e.bottom, -fmin(0.06, 0.95 / (double)space->sweep->chips));
    const struct lr_found *first[LR_OPENED_MAX] = {NULL};
    double y = e.top / sqrt(1 / step);
    for (size_t c = 0; c < space->sweep->chips; c++)
        first[c] = block(f, space->sweep->hardware[c], &p->data);
    for (;;) {
        size_t most = space->sweep->chips;
        for (size_t c = 0; c < space->sweep->chips; c++)
            if (first[c] && (most == space->sweep->chips ||
                             first[c]->estimate.tokens_per_s_per_gpu > first[most]->estimate.tokens_per_s_per_gpu))
                most = c;
        if (most == space->sweep->chips)
            break;
        lr_text_addf(&p->data, "%.6g %.6g ", 0.98 * e.right, y);
        lr_plot_quote(&p->data, first[most]->hardware->name);
        lr_text_addf(&p->data, " %zu\n", most + 1);
        first[most] = NULL;
        y *= step;
    }
    texts(f, s, p);
    snprintf(p->argument[0], sizeof p->argument[0], "%zu", space->sweep->chips);
    snprintf(p->argument[2], sizeof p->argument[2], "%.6g %.6g %.6g", e.right, e.bottom, e.top);
    lr_picture_arguments(p, 3);
}

bool lr_plot_frontier(struct lr_session *s, struct lr_picture *p)
{
    struct lr_space space = {0};
    struct lr_frontier f = {0};
    keep(&s->options);
    bool ok = lr_space_search(&space, s);
    if (ok && !lr_search_each(space.sweep, lr_frontier_offer, &f)) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
        ok = false;
    }
    if (ok && f.count == 0) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "nothing to draw: the model fits in no layout");
        ok = false;
    }
    if (ok) {
        lr_frontier_sort(&f, space.sweep);
        fill(s, &space, &f, p);
    }
    free(f.item);
    lr_space_free(&space);
    return ok;
}
