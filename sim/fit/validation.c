/* SPDX-License-Identifier: Apache-2.0 */
#include "fit/validation.h"

#include "fit/quantile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Order of groups: kernels by family, deployments by model, then chip, metric, format, engine. */
static int compare(const struct lr_group *a, const struct lr_group *b)
{
    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    int order = strcmp(a->model ? a->model->name : "", b->model ? b->model->name : "");
    order = order ? order : strcmp(a->hardware->name, b->hardware->name);
    order = order ? order : (int)a->metric - (int)b->metric;
    order = order ? order : (int)a->dtype - (int)b->dtype;
    return order ? order : strcmp(a->engine, b->engine);
}

static int by_group(const void *x, const void *y)
{
    const struct lr_entry *a = x, *b = y;
    const int order = compare(&a->key, &b->key);
    return order ? order : a->point.line - b->point.line;
}

static int by_chip(const void *x, const void *y)
{
    const struct lr_entry *a = x, *b = y;
    const int order = strcmp(a->key.hardware->name, b->key.hardware->name);
    return order ? order : a->point.line - b->point.line;
}

/* Errors of n entries; scratch has room for n numbers. */
static void summarise(const struct lr_entry *entry, size_t n, double *scratch, struct lr_group *g)
{
    size_t inside = 0;
    g->n = n;
    for (size_t i = 0; i < n; i++) {
        const struct lr_point *p = &entry[i].point;
        const double error = p->predicted_s / p->measured_s - 1;
        inside += p->measured_s >= p->low_s && p->measured_s <= p->high_s;
        if (fabs(error) > fabs(g->worst)) {
            g->worst = error;
            g->worst_line = p->line;
        }
        g->mean_ape += fabs(error) / (double)n;
        scratch[i] = error;
    }
    g->coverage = n ? (double)inside / (double)n : NAN;
    g->bias = lr_quantile(scratch, n, 0.5);
    for (size_t i = 0; i < n; i++)
        scratch[i] = fabs(scratch[i]);
    g->median_ape = lr_quantile(scratch, n, 0.5);
    g->p90_ape = lr_quantile(scratch, n, 0.9);
    for (size_t i = 0; i < n; i++)
        scratch[i] = fabs(entry[i].point.floor_s / entry[i].point.measured_s - 1);
    g->floor_median_ape = lr_quantile(scratch, n, 0.5);
    g->floor_p90_ape = lr_quantile(scratch, n, 0.9);
}

/* Sums up the entries of each chip, which are sorted by chip. */
static void sum_chips(struct lr_entry *entry, size_t n, double *scratch, struct lr_validation *out)
{
    qsort(entry, n, sizeof *entry, by_chip);
    for (size_t from = 0, to; from < n; from = to) {
        const struct lr_hardware *const hw = entry[from].key.hardware;
        for (to = from + 1; to < n && strcmp(entry[to].key.hardware->name, hw->name) == 0;) /* files have their own */
            to++;
        out->chip[out->chips] = (struct lr_group){.hardware = hw};
        summarise(&entry[from], to - from, scratch, &out->chip[out->chips++]);
    }
}

bool lr_validation_sum(struct lr_entry *entry, size_t n, struct lr_validation *out)
{
    double *scratch = malloc((n + 1) * sizeof *scratch);
    out->group = calloc(n + 1, sizeof *out->group);
    out->point = calloc(n + 1, sizeof *out->point);
    out->chip = calloc(n + 1, sizeof *out->chip);
    if (!scratch || !out->group || !out->point || !out->chip) {
        free(scratch);
        return false;
    }
    qsort(entry, n, sizeof *entry, by_group);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && compare(&entry[from].key, &entry[to].key) == 0;)
            to++;
        out->group[out->count] = entry[from].key;
        for (size_t i = from; i < to; i++) {
            out->point[i] = entry[i].point;
            out->point[i].group = out->count;
        }
        summarise(&entry[from], to - from, scratch, &out->group[out->count++]);
    }
    out->points = n;
    out->total = (struct lr_group){0};
    summarise(entry, n, scratch, &out->total);
    sum_chips(entry, n, scratch, out);
    free(scratch);
    return true;
}

void lr_validation_free(struct lr_validation *v)
{
    if (!v)
        return;
    free(v->group);
    free(v->point);
    free(v->chip);
    *v = (struct lr_validation){0};
}
