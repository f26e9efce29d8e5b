#include <llmroof/validate.h>

#include "estimate/plan.h"
#include "fit/quantile.h"

#include <llmroof/calibrate.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GROUPS_MAX = 512 };

/* A row that counts, with the key of its group. */
struct entry {
    const struct lr_measured_row *row;
    const struct lr_kernels *set;
    const struct lr_kernel *kernel;
    enum lr_evidence evidence;
};

struct work {
    struct lr_validation *out;
    struct entry *entry;
    size_t entries;
    double *scratch;
};

static int by_group(const void *x, const void *y)
{
    const struct entry *a = x, *b = y;
    if (a->row->op.family != b->row->op.family)
        return a->row->op.family < b->row->op.family ? -1 : 1;
    int order = strcmp(a->row->hardware->name, b->row->hardware->name);
    const enum lr_dtype p = lr_kernel_slot(&a->row->op), q = lr_kernel_slot(&b->row->op);
    order = order ? order : (int)p - (int)q;
    order = order ? order : strcmp(a->row->engine, b->row->engine);
    return order ? order : a->row->line - b->row->line;
}

static bool same_group(const struct entry *a, const struct entry *b)
{
    return a->row->op.family == b->row->op.family && strcmp(a->row->hardware->name, b->row->hardware->name) == 0 &&
           lr_kernel_slot(&a->row->op) == lr_kernel_slot(&b->row->op) && strcmp(a->row->engine, b->row->engine) == 0;
}

/* Figures of entries [from, to). */
static void summarise(const struct work *w, size_t from, size_t to, struct lr_group *g)
{
    const size_t n = to - from;
    size_t inside = 0;
    g->n = n;
    for (size_t i = from; i < to; i++) {
        const struct entry *e = &w->entry[i];
        const double ratio = log(e->row->seconds / w->out->point[i].predicted_s), error = expm1(-ratio);
        double low, high;
        lr_spread_of(e->kernel, e->evidence, &low, &high);
        inside += ratio >= low && ratio <= high;
        if (fabs(error) > fabs(g->worst)) {
            g->worst = error;
            g->worst_line = e->row->line;
        }
        w->scratch[i - from] = error;
    }
    g->coverage = n ? (double)inside / (double)n : NAN;
    g->bias = lr_quantile(w->scratch, n, 0.5);
    for (size_t i = 0; i < n; i++)
        w->scratch[i] = fabs(w->scratch[i]);
    g->median_ape = lr_quantile(w->scratch, n, 0.5);
    g->p90_ape = lr_quantile(w->scratch, n, 0.9);
    for (size_t i = from; i < to; i++)
        w->scratch[i - from] = fabs(lr_row_floor(w->entry[i].row) / w->entry[i].row->seconds - 1);
    g->floor_median_ape = lr_quantile(w->scratch, n, 0.5);
    g->floor_p90_ape = lr_quantile(w->scratch, n, 0.9);
}

static void group(struct work *w)
{
    struct lr_validation *v = w->out;
    for (size_t from = 0, to; from < w->entries && v->count < GROUPS_MAX; from = to) {
        const struct entry *e = &w->entry[from];
        struct lr_group *g = &v->group[v->count];
        for (to = from + 1; to < w->entries && same_group(e, &w->entry[to]);)
            to++;
        *g = (struct lr_group){.family = e->row->op.family,
                               .hardware = e->row->hardware,
                               .dtype = lr_kernel_slot(&e->row->op),
                               .engine = e->row->engine,
                               .set = e->set->name,
                               .evidence = e->evidence};
        for (size_t i = from; i < to; i++)
            v->point[i].group = v->count;
        summarise(w, from, to, g);
        v->count++;
    }
    v->total = (struct lr_group){0};
    summarise(w, 0, w->entries, &v->total);
}

static bool add(struct work *w, const struct lr_measured_row *r, const struct lr_kernels *set, struct lr_diags *ds)
{
    const struct lr_kernel *k = lr_kernels_find(set, r->op.family, lr_kernel_slot(&r->op));
    if (!k) {
        lr_diag(ds, LR_ERROR, (struct lr_pos){0}, NULL, "kernel set '%s' has no constants for %s", set->name,
                lr_family_name(r->op.family));
        return false;
    }
    w->entry[w->entries++] = (struct entry){r, set, k, lr_evidence_of(k, set, r->hardware)};
    return true;
}

static bool collect(struct work *w, const struct lr_measured *const *files, size_t count, lr_kernels_for *set_for,
                    void *user, bool include_fitted, struct lr_diags *ds)
{
    for (size_t i = 0; i < count; i++) {
        const struct lr_measured_row *last = NULL;
        const struct lr_kernels *set = NULL;
        for (size_t n = 0; n < files[i]->count; n++) {
            const struct lr_measured_row *r = &files[i]->row[n];
            if (r->flagged || (!r->held_out && !include_fitted)) {
                w->out->left_out++;
                continue;
            }
            if (!last || last->hardware != r->hardware || strcmp(last->engine, r->engine) != 0)
                set = set_for(user, r->hardware, r->engine);
            last = r;
            if (!set || !add(w, r, set, ds))
                return false;
        }
    }
    return true;
}

bool lr_validate(const struct lr_measured *const *files, size_t count, lr_kernels_for *set_for, void *user,
                 bool include_fitted, struct lr_validation *out, struct lr_diags *ds)
{
    size_t total = 1;
    *out = (struct lr_validation){0};
    for (size_t i = 0; i < count; i++)
        total += files[i]->count;
    struct work w = {
        .out = out, .entry = malloc(total * sizeof *w.entry), .scratch = malloc(total * sizeof *w.scratch)};
    out->group = calloc(GROUPS_MAX, sizeof *out->group);
    out->point = calloc(total, sizeof *out->point);
    bool ok = w.entry && w.scratch && out->group && out->point;
    if (!ok)
        lr_diag(ds, LR_ERROR, (struct lr_pos){0}, NULL, "out of memory");
    ok = ok && collect(&w, files, count, set_for, user, include_fitted, ds);
    if (ok) {
        qsort(w.entry, w.entries, sizeof *w.entry, by_group);
        for (size_t i = 0; i < w.entries; i++) {
            out->point[i].measured_s = w.entry[i].row->seconds;
            out->point[i].predicted_s = lr_predict(w.entry[i].row, w.entry[i].set, w.entry[i].kernel);
        }
        out->points = w.entries;
        group(&w);
    }
    free(w.entry);
    free(w.scratch);
    return ok;
}

void lr_validation_free(struct lr_validation *v)
{
    free(v->group);
    free(v->point);
    *v = (struct lr_validation){0};
}
