/* SPDX-License-Identifier: Apache-2.0 */
/* Fits the constants of kernels, one kernel after the other. Constants are fitted as logarithms; choices are tried
 * out. */
#include <llmroof/calibrate.h>

#include "core/chip_list.h"
#include "core/constants.h"
#include "core/formulas.h"
#include "core/normal.h"
#include "core/number.h"
#include "fit/minimise.h"
#include "fit/predict.h"
#include "fit/quantile.h"
#include "price/chip.h"
#include "rows/measured.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MIN = 8, ROWS_MIN_CHIP = 3, STARTS = 2, CHOICES_MAX = 256 };

/* Spread between the chips of an architecture of which one chip was measured: the errors of the only pair that there
 * is, H800 and H20, for GEMM, GQA and MLA (scripts/transfer). */
static const double UNSEEN = 0.1;

/* Costs within this factor count as equal. */
static const double INDIFFERENT = 1.001;

/* Log ratio of a kernel that took twice the predicted time. */
static const double UNTUNED = 0.69;

/* The fit of one kernel. */
struct job {
    const struct lr_constant *constant;
    size_t count;
    size_t free[LR_CONSTANTS_MAX], free_count; /* constants that are still fitted */
    size_t tried;                              /* number of constants that were free at first */
    const struct lr_kernels *set;
    const struct lr_kernel *from; /* constants of the base set, or NULL */
    struct lr_kernel kernel;
    const struct lr_measured_row **row;
    size_t rows;
};

/* A constant v >= 0 is fitted as log(v + offset). The offset is a thousandth of the start; 0 if v is always above 0. */
static double offset_of(const struct lr_constant *c)
{
    return c->least > 0 ? 0 : 1e-3 * (c->start > 0 ? c->start : c->greatest * 1e-2);
}

static double to_free(const struct lr_constant *c, double v)
{
    return log(v + offset_of(c));
}

static double from_free(const struct lr_constant *c, double x)
{
    const double offset = offset_of(c), v = exp(x) - offset;
    return v < c->least + 1e-3 * offset ? c->least : v > c->greatest ? c->greatest : v;
}

static void residuals(const double *x, double *r, void *context)
{
    struct job *j = context;
    for (size_t i = 0; i < j->free_count; i++)
        j->kernel.value[j->free[i]] = from_free(&j->constant[j->free[i]], x[i]);
    for (size_t i = 0; i < j->rows; i++)
        r[i] = log(lr_predict(j->row[i], j->set, &j->kernel) / j->row[i]->seconds);
}

/* Sets the n-th combination of choices; false after the last. */
static bool choose(struct job *j, size_t n)
{
    for (size_t i = 0; i < j->count; i++) {
        const struct lr_constant *c = &j->constant[i];
        if (c->unit != LR_UNIT_CHOICE)
            continue;
        size_t options = 1;
        for (double v = c->least; v * 2 <= c->greatest; v *= 2)
            options++;
        j->kernel.value[i] = c->least * exp2((double)(n % options));
        n /= options;
    }
    return n == 0;
}

/* Whether the tiles are possible. The lowest tile is not above the highest, and not above the 64 rows of the largest
 * instruction (wgmma, tcgen05). Only vector units, which compute FP32, have smaller tiles than tensor cores. */
static bool tiles_are_possible(const struct job *j, enum lr_family f)
{
    const bool vectors = j->rows > 0 && lr_kernel_slot(&j->row[0]->op) == LR_FP32;
    const double *const v = j->kernel.value;
    if (f == LR_FAMILY_GEMM)
        return v[LR_GEMM_TILE_LEAST] <= fmin(64, v[LR_GEMM_TILE_MOST]) && (vectors || v[LR_GEMM_TILE_LEAST] >= 16);
    return (f != LR_FAMILY_ATTENTION && f != LR_FAMILY_MLA) || vectors || v[LR_ATTENTION_TILE] >= 8;
}

/* Choices are tried out instead, and constants of vector units exist for FP32 only. */
static bool is_fitted(const struct lr_constant *c, enum lr_dtype slot)
{
    return c->unit != LR_UNIT_CHOICE && (c->unit != LR_UNIT_VECTORS || slot == LR_FP32);
}

/* The value of a constant that the rows do not fix. */
static double origin(const struct job *j, size_t i)
{
    return j->from ? j->from->value[i] : j->constant[i].start;
}

/* Fits the free constants, starting from out->x, and sets them in the kernel. false if memory runs out. */
static bool fit_free(struct job *j, struct lr_minimum *out)
{
    double lower[LR_CONSTANTS_MAX], upper[LR_CONSTANTS_MAX];
    const struct lr_problem p = {.parameters = j->free_count,
                                 .residuals = j->rows,
                                 .lower = lower,
                                 .upper = upper,
                                 .scale = LR_FIT_SCALE,
                                 .evaluate = residuals,
                                 .context = j};
    for (size_t i = 0; i < j->free_count; i++) {
        lower[i] = to_free(&j->constant[j->free[i]], j->constant[j->free[i]].least);
        upper[i] = to_free(&j->constant[j->free[i]], j->constant[j->free[i]].greatest);
    }
    if (!lr_minimise(&p, out))
        return false;
    for (size_t i = 0; i < j->free_count; i++)
        j->kernel.value[j->free[i]] = from_free(&j->constant[j->free[i]], out->x[i]);
    return true;
}

static bool fit_choice(struct job *j, struct lr_minimum *out)
{
    struct lr_kernel best = j->kernel;
    out->cost = INFINITY;
    for (int start = 0; start < STARTS; start++) {
        struct lr_minimum m = {0};
        for (size_t i = 0; i < j->free_count; i++) {
            const struct lr_constant *c = &j->constant[j->free[i]];
            m.x[i] = to_free(c, start == 0 ? origin(j, j->free[i]) : c->start) +
                     (start == 1 && !j->from ? (i % 2 ? 0.5 : -0.5) : 0);
        }
        if (!fit_free(j, &m))
            return false;
        if (m.cost < out->cost) {
            *out = m;
            best = j->kernel;
        }
    }
    j->kernel = best;
    return true;
}

/* The factor by which one more free constant must lower the cost: Akaike's criterion, corrected for few rows (Hurvich
 * and Tsai 1989). A constant that the rows do not fix does not improve predictions, and makes them worse on other
 * chips. */
static double worth(const struct job *j)
{
    const double n = (double)j->rows, p = (double)j->free_count + 1; /* the spread counts as one */
    return n <= p + 1 ? INFINITY : exp((2 + 2 * p * (p + 1) / (n - p - 1) - 2 * (p - 1) * p / (n - p)) / n);
}

/* The cost, multiplied by each for every choice that differs from the formula's default. */
static double score(const struct job *j, double cost, double each)
{
    for (size_t i = 0; i < j->count; i++)
        if (j->constant[i].unit == LR_UNIT_CHOICE && j->kernel.value[i] != j->constant[i].start)
            cost *= each;
    return cost;
}

/* Sets choices if there are too few rows to try them out: the formula's defaults (n = 0) or those of the base set (n =
 * 1). false for other n. */
static bool choose_known(struct job *j, size_t n)
{
    for (size_t i = 0; i < j->count; i++)
        if (j->constant[i].unit == LR_UNIT_CHOICE)
            j->kernel.value[i] = n == 0 ? j->constant[i].start : j->from->value[i];
    return n < 2;
}

/* Whether a constant has a value that takes its term out of the formula: 0, or a rate that is never the limit. */
static bool is_term(const struct lr_constant *c, double *without)
{
    *without = c->unit == LR_UNIT_PER_SECOND ? c->greatest : 0;
    return c->unit == LR_UNIT_PER_SECOND || c->least <= 0;
}

/* Fits all free constants except the n-th, which is set to v. */
static bool fit_without(struct job *j, size_t n, double v, struct lr_minimum *out)
{
    j->kernel.value[j->free[n]] = v;
    memmove(&j->free[n], &j->free[n + 1], (j->free_count - n - 1) * sizeof *j->free);
    j->free_count--;
    for (size_t i = 0; i < j->free_count; i++)
        out->x[i] = to_free(&j->constant[j->free[i]], j->kernel.value[j->free[i]]);
    return fit_free(j, out);
}

/* The fit of lowest cost with one free constant less: one of the terms, or one of those that the rows do not fix. That
 * constant returns to its origin or, with may_remove, its term may leave the formula. */
static bool without_least_important(const struct job *j, bool terms, bool may_remove, const struct lr_minimum *best,
                                    struct job *simplest, struct lr_minimum *lowest)
{
    lowest->cost = INFINITY;
    for (size_t n = 0; n < j->free_count; n++) {
        double v[2] = {origin(j, j->free[n])};
        const bool term = is_term(&j->constant[j->free[n]], &v[1]);
        if (terms ? !term : best->error[n] <= LR_FIT_UNIDENTIFIED)
            continue;
        for (int i = 0; i < (term && may_remove ? 2 : 1); i++) {
            struct job trial = *j;
            struct lr_minimum m = {0};
            if (!fit_without(&trial, n, v[i], &m))
                return false;
            if (m.cost < lowest->cost) {
                *lowest = m;
                *simplest = trial;
            }
        }
    }
    return true;
}

/* Takes constants out of the fit, the least important first, while the cost allows it: first terms, then constants that
 * the rows do not fix. Terms come first, because two limits that look the same on one chip are far apart on another,
 * and the known limits are the dense peak and the bandwidth. */
static bool simplify(struct job *j, bool may_remove, struct lr_minimum *best)
{
    for (int terms = 1; terms >= 0; terms--)
        while (j->free_count > 1) {
            struct job simplest = {0};
            struct lr_minimum lowest;
            if (!without_least_important(j, terms, may_remove, best, &simplest, &lowest))
                return false;
            if (isinf(lowest.cost) || lowest.cost > best->cost * worth(j))
                break;
            *j = simplest;
            *best = lowest;
        }
    return true;
}

/* Finds the best choices, with the constants that the rows need. Other constants return to their origin, or are
 * removed. */
static bool fit_kernel(struct job *j, enum lr_family f, struct lr_fitted *out)
{
    struct lr_minimum best = {.cost = INFINITY};
    struct job kept = *j;
    double least = INFINITY;
    const bool few = j->rows < 6 * j->free_count, known = few && j->from;
    for (size_t n = 0; n < CHOICES_MAX && (known ? choose_known(j, n) : choose(j, n)); n++) {
        struct lr_minimum m = {0};
        if (!known && !tiles_are_possible(j, f))
            continue;
        if (!fit_choice(j, &m))
            return false;
        const double s = score(j, m.cost, known ? INDIFFERENT : exp(2 / (double)j->rows));
        if (s < least) {
            least = s;
            best = m;
            kept = *j;
        }
    }
    *j = kept;
    if (!simplify(j, !few, &best))
        return false;
    for (size_t i = 0; i < j->count; i++) {
        j->kernel.value[i] = lr_number_four_digits(j->kernel.value[i]);
        out->error[i] = INFINITY;
    }
    for (size_t i = 0; i < j->free_count; i++)
        out->error[j->free[i]] = best.error[i];
    j->kernel.present = true;
    return true;
}

static bool wanted(const struct lr_calibration *c, const struct lr_measured_row *r, const char *engine)
{
    bool chip = c->hardware_count == 0;
    for (size_t i = 0; i < c->hardware_count; i++)
        chip = chip || strcmp(c->hardware[i], r->hardware->name) == 0;
    return chip && !r->flagged && (!engine || strcmp(engine, r->engine) == 0) &&
           (!c->architecture || strcmp(c->architecture, r->hardware->architecture) == 0);
}

/* Whether a row belongs to a slot. The slot is the format in the table, even if the chip computes in another one. */
static bool in_slot(const struct lr_measured_row *r, enum lr_family f, enum lr_dtype slot)
{
    return r->op.family == f && lr_kernel_slot(&r->op) == slot;
}

struct rows {
    const struct lr_measured_row **train, **test;
    size_t trains, tests;
};

static void collect(const struct lr_calibration *c, const struct lr_measured *const *files, size_t count,
                    enum lr_family f, enum lr_dtype slot, const char *engine, struct rows *out)
{
    out->trains = out->tests = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t n = 0; n < files[i]->count; n++) {
            const struct lr_measured_row *r = &files[i]->row[n];
            if (!in_slot(r, f, slot) || !wanted(c, r, engine))
                continue;
            if (r->held_out)
                out->test[out->tests++] = r;
            else
                out->train[out->trains++] = r;
        }
}

/* Log ratios measured/predicted. */
static size_t ratios(const struct lr_measured_row *const *row, size_t n, const struct lr_kernels *set,
                     const struct lr_kernel *k, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = log(row[i]->seconds / lr_predict(row[i], set, k));
    return n;
}

/* Leaves out kernels that were not tuned. A tenth to a seventh of TensorRT-LLM's MoE rows ran such a tactic and took
 * three to four times as long. They count in the errors, but would make the interval of a tuned kernel useless. */
static size_t without_untuned(enum lr_family f, double *ratio, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (f != LR_FAMILY_MOE || ratio[i] < UNTUNED)
            ratio[kept++] = ratio[i];
    return kept;
}

/* The spread of samples around their median: the standard deviation of a normal distribution with the same quartiles,
 * as a root mean square over rows. 0 if no row gives it. */
static double sample_spread(const struct job *j)
{
    const double quartiles = 1.349; /* of a normal distribution, in standard deviations */
    double squares = 0;
    for (size_t i = 0; i < j->rows; i++)
        squares += j->row[i]->spread * j->row[i]->spread;
    return sqrt(squares / (double)j->rows) / quartiles;
}

/* The interval comes from the residuals of the fit: a new row falls below the k-th of n with probability k/(n + 1).
 * Errors of new rows are larger than residuals of a fit of p constants, by sqrt((n + p)/(n - p)) (Akaike 1969, final
 * prediction error). With fewer than 2 p + 2 rows this does not hold, and the interval is at least as wide as that of
 * the base set. A row is a median, and a later measurement may find the chip as any single sample did: the spread of
 * samples is added in squares. */
static void set_interval(struct job *j, enum lr_family f, double *scratch)
{
    const size_t n = without_untuned(f, scratch, ratios(j->row, j->rows, j->set, &j->kernel, scratch));
    const double tried = (double)j->tried, rows = (double)j->rows;
    const bool scarce = rows < 2 * tried + 2;
    const double wider = scarce ? 1 : sqrt((rows + tried) / (rows - tried));
    const double end = n > 1 ? fmax(0, (0.1 * ((double)n + 1) - 1) / ((double)n - 1)) : 0;
    double low = fmin(0, lr_quantile(scratch, n, end)), high = fmax(0, lr_quantile(scratch, n, 1 - end));
    if (scarce) {
        low = fmin(low, j->from ? j->from->fit.low : -LR_NORMAL_Q90 * UNSEEN);
        high = fmax(high, j->from ? j->from->fit.high : LR_NORMAL_Q90 * UNSEEN);
    }
    const double samples = LR_NORMAL_Q90 * sample_spread(j);
    j->kernel.fit.low = lr_number_four_digits(0 - hypot(low * wider, samples));
    j->kernel.fit.high = lr_number_four_digits(hypot(high * wider, samples));
}

/* Errors on the rows that the fit did not use. If these are too few, errors on the rows of the fit, which are lower. */
static void set_errors(const struct rows *rows, const struct lr_kernels *set, struct lr_kernel *k, double *scratch)
{
    const bool fitted_rows = rows->tests < ROWS_MIN;
    const size_t n = fitted_rows ? ratios(rows->train, rows->trains, set, k, scratch)
                                 : ratios(rows->test, rows->tests, set, k, scratch);
    k->fit.rows = (double)rows->trains;
    for (size_t i = 0; i < n; i++)
        scratch[i] = fabs(expm1(-scratch[i]));
    k->fit.median = lr_number_four_digits(lr_quantile(scratch, n, 0.5));
    k->fit.p90 = lr_number_four_digits(lr_quantile(scratch, n, 0.9));
}

/* Fits all rows: a few rows of one chip are too few to leave half of them out. */
static void take_all(struct rows *rows)
{
    for (size_t i = 0; i < rows->tests; i++)
        rows->train[rows->trains++] = rows->test[i];
    rows->tests = 0;
}

/* Everything that fitting one slot needs. */
struct slot {
    const struct lr_calibration *c;
    const struct lr_measured *const *files;
    size_t count;
    const struct lr_kernels *prior;
    struct lr_kernels *out;
    struct rows rows;
    double *scratch;
};

/* Median log ratio of the unflagged rows of one chip in a slot. */
static double chip_median(const struct lr_measured *const *files, size_t count, const struct lr_kernels *set,
                          const struct lr_kernel *k, const struct lr_measured_row *like, const char *engine,
                          double *scratch)
{
    size_t rows = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t n = 0; n < files[i]->count; n++) {
            const struct lr_measured_row *r = &files[i]->row[n];
            if (in_slot(r, like->op.family, lr_kernel_slot(&like->op)) && !r->flagged &&
                strcmp(r->hardware->name, like->hardware->name) == 0 && (!engine || strcmp(engine, r->engine) == 0))
                scratch[rows++] = log(r->seconds / lr_predict(r, set, k));
        }
    return lr_quantile(scratch, rows, 0.5);
}

/* The spread between chips: root mean square, over chips, of their median log ratio. For a set of one architecture,
 * over its chips that the fit did not use. For a set of all chips, over these chips, times n/(n - 1) as if each were
 * left out. UNSEEN if the files have no such chip. */
static double transfer(const struct slot *s, const struct lr_kernel *k, enum lr_family f, enum lr_dtype slot,
                       const char *engine)
{
    const char *seen[LR_MEASURED_ON_MAX];
    const char *const home = s->rows.train[0]->hardware->architecture;
    const bool pooled = !s->c->architecture && s->c->hardware_count == 0;
    size_t chips = 0;
    double sum = 0;
    for (size_t i = 0; i < s->count; i++)
        for (size_t n = 0; n < s->files[i]->count && chips < LR_MEASURED_ON_MAX; n++) {
            const struct lr_measured_row *r = &s->files[i]->row[n];
            bool skip = !in_slot(r, f, slot) || r->flagged || (engine && strcmp(engine, r->engine) != 0) ||
                        (!pooled && (wanted(s->c, r, NULL) || strcmp(r->hardware->architecture, home) != 0));
            for (size_t j = 0; j < chips; j++)
                skip = skip || strcmp(seen[j], r->hardware->name) == 0;
            if (skip)
                continue;
            seen[chips++] = r->hardware->name;
            const double median = chip_median(s->files, s->count, s->out, k, r, engine, s->scratch);
            sum += median * median;
        }
    if (chips == 0 || (pooled && chips == 1))
        return UNSEEN;
    const double left_out = pooled ? (double)chips / (double)(chips - 1) : 1;
    return lr_number_four_digits(sqrt(sum / (double)chips) * left_out);
}

static void name_chips(const struct rows *rows, struct lr_fitted *out, struct lr_kernel *k)
{
    for (size_t i = 0; i < rows->trains; i++)
        lr_chip_list_note(&k->fit.chips, out->chip, rows->train[i]->hardware->name);
    out->chips = k->fit.chips.count;
}

static void note_unfitted(const struct job *j, const struct lr_fitted *f, struct lr_diags *ds)
{
    for (size_t i = 0; i < j->count; i++)
        if (is_fitted(&j->constant[i], f->slot) && isinf(f->error[i]))
            lr_diag(ds, LR_NOTE, LR_NO_POSITION, j->constant[i].key, "%s.%s: not fixed by the rows, stays at %g",
                    lr_family_name(f->family), f->slot == LR_DTYPE_NONE ? "any" : lr_dtype_name(f->slot),
                    j->kernel.value[i]);
}

/* false if memory runs out. *done: whether there are enough rows. */
static bool fit_slot(struct slot *s, enum lr_family f, enum lr_dtype slot, struct lr_fitted *out, bool *done,
                     struct lr_diags *ds)
{
    const size_t least = s->c->hardware_count ? ROWS_MIN_CHIP : ROWS_MIN;
    struct job j = {.set = s->out};
    *done = false;
    *out = (struct lr_fitted){.family = f, .slot = slot};
    for (size_t e = 0; e < (s->c->engine_count ? s->c->engine_count : 1); e++) {
        out->engine = s->c->engine_count ? s->c->engine[e] : NULL;
        collect(s->c, s->files, s->count, f, slot, out->engine, &s->rows);
        if (s->rows.trains >= least)
            break;
    }
    if (s->rows.trains < least && s->c->hardware_count)
        take_all(&s->rows);
    if (s->rows.trains < least)
        return true;
    j.constant = lr_constants(f, &j.count);
    for (size_t i = 0; i < j.count; i++) {
        const struct lr_constant *c = &j.constant[i];
        const bool fitted = is_fitted(c, slot);
        if (fitted)
            j.free[j.free_count++] = i;
        j.kernel.value[i] = fitted || c->unit == LR_UNIT_CHOICE ? c->start : c->least;
    }
    j.tried = j.free_count;
    j.row = s->rows.train;
    j.rows = s->rows.trains;
    j.from = s->prior ? lr_kernels_find(s->prior, f, slot) : NULL;
    if (!fit_kernel(&j, f, out))
        return false;
    set_errors(&s->rows, s->out, &j.kernel, s->scratch);
    set_interval(&j, f, s->scratch);
    j.kernel.fit.transfer = transfer(s, &j.kernel, f, slot, out->engine);
    out->train = s->rows.trains;
    out->test = s->rows.tests;
    note_unfitted(&j, out, ds);
    s->out->kernel[f][slot] = j.kernel;
    name_chips(&s->rows, out, &s->out->kernel[f][slot]);
    *done = true;
    return true;
}

/* Time constants refer to the clock of the chip with most rows. */
static double clock_of(const struct lr_calibration *c, const struct lr_measured *const *files, size_t count)
{
    const struct lr_hardware *chip[64];
    size_t rows[64] = {0}, chips = 0, most = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t n = 0; n < files[i]->count; n++) {
            const struct lr_measured_row *r = &files[i]->row[n];
            size_t at = 0;
            while (at < chips && strcmp(chip[at]->name, r->hardware->name) != 0)
                at++;
            if (at == 64 || !wanted(c, r, NULL))
                continue;
            chip[at] = r->hardware;
            chips = at == chips ? chips + 1 : chips;
            rows[at]++;
        }
    for (size_t i = 1; i < chips; i++)
        most = rows[i] > rows[most] ? i : most;
    return chips ? chip[most]->compute.clock_hz : 0;
}

size_t lr_calibrate(const struct lr_calibration *c, const struct lr_measured *const *files, size_t count,
                    const struct lr_kernels *prior, struct lr_kernels *out, struct lr_fitted fitted[LR_FITTED_MAX],
                    struct lr_diags *ds)
{
    const struct lr_pos nowhere = {0};
    size_t total = 0, n = 0;
    for (size_t i = 0; i < count; i++)
        total += files[i]->count;
    struct slot s = {.c = c, .files = files, .count = count, .prior = prior, .out = out};
    s.rows.train = malloc((2 * total + 1) * sizeof *s.rows.train);
    s.scratch = malloc((2 * total + 1) * sizeof *s.scratch);
    s.rows.test = s.rows.train ? s.rows.train + total : NULL;
    bool ok = s.rows.train && s.scratch;
    out->name = c->name;
    out->architecture = c->architecture;
    out->reference_clock_hz = clock_of(c, files, count);
    for (int f = 0; ok && f < LR_FAMILY_COUNT; f++) {
        if (c->family && strcmp(c->family, lr_family_name((enum lr_family)f)) != 0)
            continue;
        for (int d = 0; ok && d <= LR_DTYPE_COUNT && n < LR_FITTED_MAX; d++) {
            bool done;
            ok = fit_slot(&s, (enum lr_family)f, (enum lr_dtype)d, &fitted[n], &done, ds);
            n += ok && done;
        }
    }
    if (!ok)
        lr_diag(ds, LR_ERROR, nowhere, NULL, "out of memory");
    else if (n == 0)
        lr_diag(ds, LR_ERROR, nowhere, NULL,
                "too few unflagged rows for this selection, expected at least %d of a family and format",
                c->hardware_count ? ROWS_MIN_CHIP : ROWS_MIN);
    free(s.rows.train);
    free(s.scratch);
    return ok ? n : 0;
}
