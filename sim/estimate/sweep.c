/* SPDX-License-Identifier: Apache-2.0 */
#include "core/number.h"
#include "estimate/batch.h"

#include <llmroof/sweep.h>

#include <stdio.h>
#include <stdlib.h>

enum { WHY_SIZE = 256 };

static const char *const DOES_NOT_FIT = "does not fit";

struct lr_sweep_walk {
    const struct lr_sweep *sweep;
    uint64_t next, to;
    size_t batches, contexts;
    uint64_t layout; /* index of the layout that is planned; UINT64_MAX: none yet */
    size_t batch_index;
    struct lr_plan *plan;
    struct lr_batch batch;
    struct lr_sweep_point point; /* fields that all points of the layout share */
    char why[WHY_SIZE];
    bool out_of_memory;
};

uint64_t lr_sweep_count(const struct lr_sweep *s)
{
    double n =
        (double)s->models * (double)s->chips * (double)s->runtimes * (double)s->weight_formats * (double)s->kv_formats;
    for (int i = 0; i < LR_SWEEP_AXES; i++)
        n *= (double)s->axis[i].count;
    return n <= LR_WHOLE_MAX ? (uint64_t)n : 0;
}

struct lr_sweep lr_sweep_of_chip(const struct lr_sweep *s, size_t chip)
{
    struct lr_sweep one = *s;
    one.hardware = &s->hardware[chip];
    one.kernels = &s->kernels[chip * s->runtimes];
    one.chips = 1;
    return one;
}

/* Removes the last digit of a mixed-radix number and returns it. */
static size_t digit(uint64_t *n, size_t radix)
{
    const size_t d = (size_t)(*n % radix);
    *n /= radix;
    return d;
}

/* Sets the layout and the profiles from the index of a layout. The axis that changes fastest comes first. */
static const struct lr_kernels *take_layout(struct lr_sweep_walk *w, uint64_t n)
{
    const struct lr_sweep *s = w->sweep;
    struct lr_deployment *d = &w->point.deployment;
    d->kv = s->kv[digit(&n, s->kv_formats)];
    d->weights = s->weights[digit(&n, s->weight_formats)];
    double *const field[] = {&d->gpus, &d->tp, &d->pp, &d->ep, &d->dp};
    for (int i = LR_SWEEP_DP; i >= LR_SWEEP_GPUS; i--)
        *field[i] = s->axis[i].value[digit(&n, s->axis[i].count)];
    const size_t runtime = digit(&n, s->runtimes), chip = digit(&n, s->chips);
    w->point.runtime = s->runtime[runtime];
    w->point.hardware = s->hardware[chip];
    w->point.model = s->model[n];
    return s->kernels[chip * s->runtimes + runtime];
}

/* Keeps the first error as the reason why the layout is impossible. */
static void set_why(struct lr_sweep_walk *w, const struct lr_diags *ds)
{
    const struct lr_diag *d = NULL;
    for (size_t i = 0; i < ds->count && !d; i++)
        d = ds->item[i].severity == LR_ERROR ? &ds->item[i] : NULL;
    if (d)
        snprintf(w->why, sizeof w->why, "%s%s%s", d->field ? d->field : "", d->field ? ": " : "", d->message);
}

static void plan_layout(struct lr_sweep_walk *w, uint64_t layout)
{
    struct lr_diags ds = {0};
    lr_plan_free(w->plan);
    const struct lr_kernels *k = take_layout(w, layout);
    w->plan = lr_plan_new(w->point.hardware, w->point.model, w->point.runtime, k, &w->point.deployment, &ds);
    if (w->plan)
        w->point.deployment = *lr_plan_deployment(w->plan);
    else
        set_why(w, &ds);
    w->out_of_memory = ds.out_of_memory;
    w->point.plan = w->plan;
    w->point.why = w->plan ? NULL : w->why;
    w->layout = layout;
    w->batch_index = SIZE_MAX;
    lr_diags_free(&ds);
}

struct lr_sweep_walk *lr_sweep_walk_new(const struct lr_sweep *s, uint64_t from, uint64_t to)
{
    struct lr_sweep_walk *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->sweep = s;
    w->next = from;
    w->to = to;
    w->batches = s->axis[LR_SWEEP_BATCH].count;
    w->contexts = s->axis[LR_SWEEP_CONTEXT].count;
    w->layout = UINT64_MAX;
    return w;
}

bool lr_sweep_walk_next(struct lr_sweep_walk *w, struct lr_sweep_point *out)
{
    if (w->next == w->to || w->out_of_memory)
        return false;
    uint64_t n = w->next++;
    const size_t context = digit(&n, w->contexts), batch = digit(&n, w->batches);
    if (n != w->layout)
        plan_layout(w, n);
    if (w->out_of_memory)
        return false;
    *out = w->point;
    out->batch = w->sweep->axis[LR_SWEEP_BATCH].value[batch];
    out->context = w->sweep->axis[LR_SWEEP_CONTEXT].value[context];
    if (!w->plan)
        return true;
    if (batch != w->batch_index)
        lr_plan_at_batch(w->plan, out->batch, 1, &w->batch);
    w->batch_index = batch;
    lr_batch_estimate(&w->batch, out->context, &out->estimate);
    if (!out->estimate.fits)
        out->why = DOES_NOT_FIT;
    return true;
}

bool lr_sweep_walk_whole(const struct lr_sweep_walk *w)
{
    return !w->out_of_memory;
}

void lr_sweep_walk_free(struct lr_sweep_walk *w)
{
    if (w)
        lr_plan_free(w->plan);
    free(w);
}
