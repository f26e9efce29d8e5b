/* SPDX-License-Identifier: Apache-2.0 */
#include "fit/pair.h"

#include "core/normal.h"
#include "estimate/trial.h"
#include "fit/quantile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Fewer pairs do not show how the errors of two chips are related. */
enum { PAIRS_MIN = 20 };

const char *lr_pair_kind_name(enum lr_pair_kind k)
{
    static const char *const names[] = {
#define X(id, name) name,
        LR_PAIR_KINDS(X)
#undef X
    };
    return (unsigned)k < LR_PAIR_KIND_COUNT ? names[k] : "unknown";
}

static int order(double a, double b)
{
    return (a > b) - (a < b);
}

/* By model, metric and load, which both rows of a pair must share. */
static int by_load(const void *x, const void *y)
{
    const struct lr_benchmark_row *a = ((const struct lr_paired *)x)->row, *b = ((const struct lr_paired *)y)->row;
    const struct lr_traffic *s = &a->traffic, *t = &b->traffic;
    int o = strcmp(a->model->name, b->model->name);
    o = o ? o : (int)a->metric - (int)b->metric;
    o = o ? o : order(s->input, t->input);
    o = o ? o : order(s->output, t->output);
    o = o ? o : order(s->concurrency, t->concurrency);
    return o ? o : a->line - b->line;
}

static bool same_load(const struct lr_paired *x, const struct lr_paired *y)
{
    const struct lr_traffic *s = &x->row->traffic, *t = &y->row->traffic;
    return strcmp(x->row->model->name, y->row->model->name) == 0 && x->row->metric == y->row->metric &&
           s->input == t->input && s->output == t->output && s->concurrency == t->concurrency &&
           s->prefix_hit == t->prefix_hit && s->speculation.draft == t->speculation.draft;
}

static bool same_layout(const struct lr_deployment *a, const struct lr_deployment *b)
{
    return a->gpus == b->gpus && a->tp == b->tp && a->pp == b->pp && a->ep == b->ep && a->dp == b->dp;
}

/* The only thing in which two rows differ. LR_PAIR_KIND_COUNT if they differ in nothing, or in several things. */
static enum lr_pair_kind kind_of(const struct lr_paired *x, const struct lr_paired *y)
{
    const bool differ[LR_PAIR_KIND_COUNT] = {
        [LR_PAIR_CHIP] = strcmp(x->row->hardware->name, y->row->hardware->name) != 0,
        [LR_PAIR_ENGINE] = strcmp(x->row->runtime, y->row->runtime) != 0,
        [LR_PAIR_LAYOUT] = !same_layout(&x->row->deployment, &y->row->deployment),
        [LR_PAIR_PRECISION] = x->weights != y->weights || x->row->deployment.kv != y->row->deployment.kv,
    };
    enum lr_pair_kind kind = LR_PAIR_KIND_COUNT;
    for (int k = 0; k < LR_PAIR_KIND_COUNT; k++) {
        if (!differ[k])
            continue;
        if (kind != LR_PAIR_KIND_COUNT)
            return LR_PAIR_KIND_COUNT;
        kind = (enum lr_pair_kind)k;
    }
    return kind;
}

void lr_pairs_each(struct lr_paired *row, size_t n, lr_pair_fn *fn, void *user)
{
    if (n > 1)
        qsort(row, n, sizeof *row, by_load);
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n && same_load(&row[i], &row[k]); k++) {
            const enum lr_pair_kind kind = kind_of(&row[i], &row[k]);
            if (kind != LR_PAIR_KIND_COUNT)
                fn(&row[i], &row[k], kind, user);
        }
}

static struct lr_timed timed(const struct lr_forecast *f)
{
    return (struct lr_timed){f->predicted_s, f->low_s, f->high_s};
}

struct spreads {
    double *ratio;
    size_t n;
};

/* Adds the distance of the measured ratio of two chips from the predicted one, in standard deviations of independent
 * errors. */
static void add_ratio(const struct lr_paired *left, const struct lr_paired *right, enum lr_pair_kind kind, void *user)
{
    struct spreads *const s = user;
    const struct lr_forecast *l = &left->forecast, *r = &right->forecast;
    if (kind != LR_PAIR_CHIP)
        return;
    const struct lr_forecast *fast = l->predicted_s <= r->predicted_s ? l : r, *slow = fast == l ? r : l;
    const double deviation =
        hypot(log(fast->high_s / fast->predicted_s), log(slow->predicted_s / slow->low_s)) / LR_NORMAL_Q90;
    const double off = log(l->measured_s / r->measured_s) - log(l->predicted_s / r->predicted_s);
    if (s->ratio)
        s->ratio[s->n] = deviation > 0 ? fabs(off) / deviation : 0;
    s->n++;
}

double lr_pairs_spread(struct lr_paired *row, size_t n)
{
    struct spreads count = {0};
    lr_pairs_each(row, n, add_ratio, &count);
    struct spreads s = {.ratio = malloc((count.n + 1) * sizeof *s.ratio)};
    if (s.ratio && count.n >= PAIRS_MIN)
        lr_pairs_each(row, n, add_ratio, &s);
    const double spread = s.n ? lr_quantile(s.ratio, s.n, 0.8) / LR_NORMAL_Q90 : 1;
    free(s.ratio);
    return fmin(1, spread);
}

static void add_pair(const struct lr_paired *left, const struct lr_paired *right, enum lr_pair_kind kind, void *user)
{
    struct lr_pairs *const out = user;
    const struct lr_forecast *l = &left->forecast, *r = &right->forecast;
    const bool measured = l->evidence == LR_EVIDENCE_MEASURED && r->evidence == LR_EVIDENCE_MEASURED;
    const double apart = measured ? lr_runtimes_apart(left->runtime, right->runtime) : 1;
    const double p = lr_probability_faster(timed(l), timed(r), apart);
    const enum lr_certainty c = lr_certainty_of(p);
    const bool right_order = (l->measured_s < r->measured_s && p > 0.5) || (l->measured_s > r->measured_s && p < 0.5);
    out->bin[kind][c].n++;
    out->bin[kind][c].right += right_order;
    out->all[c].n++;
    out->all[c].right += right_order;
    out->n++;
    out->called += c != LR_CERTAINTY_CLOSE;
}

bool lr_validate_pairs(const struct lr_benchmark *const *files, size_t count, lr_plan_for *plan_for, void *user,
                       bool include_fitted, struct lr_pairs *out, struct lr_diags *ds)
{
    size_t total = 1, n = 0;
    *out = (struct lr_pairs){0};
    for (size_t i = 0; i < count; i++)
        total += files[i]->count;
    struct lr_paired *const row = malloc(total * sizeof *row);
    for (size_t i = 0; row && i < count; i++)
        for (size_t k = 0; k < files[i]->count; k++) {
            const struct lr_benchmark_row *r = &files[i]->row[k];
            const char *why = r->skip;
            const struct lr_plan *p = why || (!r->held_out && !include_fitted) ? NULL : plan_for(user, r, &why);
            if (p)
                row[n++] = (struct lr_paired){r, lr_plan_runtime(p), lr_plan_deployment(p)->weights,
                                              lr_benchmark_forecast(r, p)};
        }
    if (row)
        lr_pairs_each(row, n, add_pair, out);
    else
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
    const bool ok = row != NULL;
    free(row);
    return ok;
}
