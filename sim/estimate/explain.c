/* SPDX-License-Identifier: Apache-2.0 */
/* Explains a difference: operators side by side, and the left deployment turned into the right one property by
 * property. */
#include "core/constants.h"
#include "estimate/plan.h"

#include <llmroof/explain.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *lr_cause_name(enum lr_cause c)
{
    static const char *const names[] = {
#define X(id, name) name,
        LR_CAUSES(X)
#undef X
    };
    return c < LR_CAUSE_COUNT ? names[c] : "unknown";
}

/* Rows in the order of appearance. Host time and overlap are no operators; their places follow those of the roles. */
enum { HOST = LR_ROLE_COUNT, OVERLAP, SOURCES };

struct rows {
    struct lr_difference *row;
    size_t count;
    size_t at[SOURCES]; /* index of the row + 1; 0: no row yet */
};

static struct lr_difference *row_of(struct rows *r, size_t source, const char *name)
{
    if (r->at[source] == 0) {
        r->row[r->count] =
            (struct lr_difference){.name = name, .left_bound = LR_BOUND_COUNT, .right_bound = LR_BOUND_COUNT};
        r->at[source] = ++r->count;
    }
    return &r->row[r->at[source] - 1];
}

static void add(struct lr_difference *d, bool left, double time_s, enum lr_bound bound)
{
    double *const longest_s = left ? &d->left_longest_s : &d->right_longest_s;
    *(left ? &d->left_s : &d->right_s) += time_s;
    if (time_s >= *longest_s) {
        *longest_s = time_s;
        *(left ? &d->left_bound : &d->right_bound) = bound;
    }
}

static void add_side(const struct lr_plan *p, const struct lr_workload *w, bool left, struct rows *r)
{
    struct lr_op_estimate op[LR_OPS_MAX];
    struct lr_estimate e;
    const size_t ops = lr_plan_operators(p, w, op);
    double sum_s = 0;
    for (size_t i = 0; i < ops; i++) {
        add(row_of(r, op[i].role, op[i].name), left, op[i].time_s, op[i].bound);
        sum_s += op[i].time_s;
    }
    lr_plan_estimate(p, w, &e);
    if (e.host_s > 0)
        add(row_of(r, HOST, "host"), left, e.host_s, LR_BOUND_HOST);
    const double overlap_s = e.tpot_s - e.host_s - sum_s;
    if (fabs(overlap_s) > 1e-9 * e.tpot_s) { /* less is rounding */
        struct lr_difference *const d = row_of(r, OVERLAP, "overlap");
        *(left ? &d->left_s : &d->right_s) = overlap_s;
    }
}

static int larger(const void *x, const void *y)
{
    const struct lr_difference *a = x, *b = y;
    const double da = fabs(a->right_s - a->left_s), db = fabs(b->right_s - b->left_s);
    return da < db ? 1 : da > db ? -1 : strcmp(a->name, b->name);
}

size_t lr_explain_operators(const struct lr_plan *left, const struct lr_plan *right, const struct lr_workload *w,
                            struct lr_difference out[LR_DIFFERENCES_MAX])
{
    struct rows r = {.row = out};
    add_side(left, w, true, &r);
    add_side(right, w, false, &r);
    qsort(out, r.count, sizeof *out, larger);
    return r.count;
}

/* The left side as the steps change it, and the profiles that its pointers refer to. */
struct hybrid {
    struct lr_side side;
    struct lr_hardware hw;
    struct lr_kernels kernels;
    struct lr_deployment deployment;
};

/* Removes formats that the other chip lacks. Adds those that only the other has, at the peak of the next wider
 * format. */
static void take_formats(struct lr_hardware *to, const struct lr_hardware *from)
{
    double wider = 0;
    for (int r = 0; r < LR_RATE_COUNT; r++)
        wider = wider > 0 ? wider : to->compute.peak[r];
    for (int r = 0; r < LR_RATE_COUNT; r++) {
        double *const peak = &to->compute.peak[r];
        wider = *peak > 0 ? *peak : wider;
        *peak = from->compute.peak[r] > 0 ? wider : 0;
    }
}

/* Copies the constants of one unit, multiplied by scale, in every slot. */
static void take_constants(struct lr_kernels *to, const struct lr_kernels *from, enum lr_constant_unit unit,
                           double scale)
{
    for (int f = 0; f < LR_FAMILY_COUNT; f++) {
        size_t n;
        const struct lr_constant *row = lr_constants((enum lr_family)f, &n);
        for (int d = 0; d <= LR_DTYPE_COUNT; d++) {
            const struct lr_kernel *other = lr_kernels_find(from, (enum lr_family)f, (enum lr_dtype)d);
            struct lr_kernel *const own = &to->kernel[f][d];
            for (size_t i = 0; own->present && other && i < n; i++)
                if (row[i].unit == unit)
                    own->value[i] = scale * other->value[i];
        }
    }
}

/* Fills every slot with the constants that a look-up finds for it, so that take_constants can change each slot
 * alone. */
static void fill_slots(struct lr_kernels *to, const struct lr_kernels *from)
{
    for (int f = 0; f < LR_FAMILY_COUNT; f++)
        for (int d = 0; d <= LR_DTYPE_COUNT; d++) {
            const struct lr_kernel *k = lr_kernels_find(from, (enum lr_family)f, (enum lr_dtype)d);
            if (k)
                to->kernel[f][d] = *k;
        }
}

static void take(struct hybrid *h, const struct lr_side *from, const struct lr_deployment *layout, enum lr_cause cause)
{
    const struct lr_hardware *const hw = from->hw;
    switch (cause) {
    case LR_CAUSE_LAYOUT:
        h->deployment = *layout;
        h->hw.scale_up.domain = hw->scale_up.domain;
        break;
    case LR_CAUSE_FORMATS:
        take_formats(&h->hw, hw);
        break;
    case LR_CAUSE_BANDWIDTH:
        h->hw.memory.bandwidth_bytes_per_s = hw->memory.bandwidth_bytes_per_s;
        break;
    case LR_CAUSE_PEAK:
        memcpy(h->hw.compute.peak, hw->compute.peak, sizeof h->hw.compute.peak);
        break;
    case LR_CAUSE_UNITS:
        h->hw.compute.units = hw->compute.units;
        h->hw.compute.clock_hz = hw->compute.clock_hz;
        break;
    case LR_CAUSE_LINKS:
        h->hw.scale_up = hw->scale_up;
        h->hw.scale_out = hw->scale_out;
        h->hw.host_link_bytes_per_s = hw->host_link_bytes_per_s;
        break;
    case LR_CAUSE_FIXED: {
        const double theirs = lr_chip_of(hw, from->kernels, LR_RATE_BF16).time_scale;
        const double ours = lr_chip_of(&h->hw, &h->kernels, LR_RATE_BF16).time_scale;
        take_constants(&h->kernels, from->kernels, LR_UNIT_SECONDS, theirs / ours);
        break;
    }
    case LR_CAUSE_PADDING:
        take_constants(&h->kernels, from->kernels, LR_UNIT_CHOICE, 1);
        break;
    default:
        h->side.runtime = from->runtime;
        break;
    }
}

static bool tpot_of(const struct lr_side *s, const struct lr_workload *w, double *tpot_s, struct lr_diags *ds)
{
    struct lr_estimate e;
    struct lr_plan *p = lr_plan_new(s->hw, s->model, s->runtime, s->kernels, s->deployment, ds);
    if (!p)
        return false;
    lr_plan_estimate(p, w, &e);
    *tpot_s = e.tpot_s;
    lr_plan_free(p);
    return true;
}

/* The completed layout of a side, with number formats as requested. */
static bool layout_of(const struct lr_side *s, struct lr_deployment *out, struct lr_diags *ds)
{
    struct lr_plan *p = lr_plan_new(s->hw, s->model, s->runtime, s->kernels, s->deployment, ds);
    if (!p)
        return false;
    *out = *lr_plan_deployment(p);
    out->weights = s->deployment->weights;
    out->kv = s->deployment->kv;
    lr_plan_free(p);
    return true;
}

bool lr_explain_causes(const struct lr_side *left, const struct lr_side *right, const struct lr_workload *w,
                       struct lr_waterfall *out, struct lr_diags *ds)
{
    struct lr_deployment layout;
    struct hybrid *h = malloc(sizeof *h);
    *out = (struct lr_waterfall){0};
    if (!h)
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
    bool ok = h && layout_of(right, &layout, ds) && tpot_of(left, w, &out->level_s[0], ds) &&
              tpot_of(right, w, &out->level_s[LR_CAUSE_COUNT], ds);
    if (ok) {
        h->side = *left;
        h->hw = *left->hw;
        h->kernels = *left->kernels;
        fill_slots(&h->kernels, left->kernels);
        ok = layout_of(left, &h->deployment, ds);
        h->side.hw = &h->hw;
        h->side.kernels = &h->kernels;
        h->side.deployment = &h->deployment;
    }
    for (int c = 0; ok && c < LR_CAUSE_KERNELS; c++) {
        struct lr_diags discarded = {0};
        take(h, right, &layout, (enum lr_cause)c);
        if (!tpot_of(&h->side, w, &out->level_s[c + 1], &discarded))
            out->level_s[c + 1] = out->level_s[c];
        ok = !discarded.out_of_memory;
        lr_diags_free(&discarded);
        if (!ok)
            lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
    }
    free(h);
    return ok;
}
