/* SPDX-License-Identifier: Apache-2.0 */
#include <llmroof/calibrate_runtime.h>

#include "core/chip_list.h"
#include "core/number.h"
#include "core/quote.h"
#include "core/text.h"
#include "estimate/trial.h"
#include "fit/minimise.h"
#include "fit/pair.h"
#include "fit/quantile.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MIN = 4, ROWS_MANY = 20, STARTS = 2, N = LR_RUNTIME_CONSTANTS, MIXER = N - 1 };

#define AT(member) offsetof(struct lr_runtime, member)

/* The constants. The minimiser sees multiples of step, so that all are of similar size. */
static const struct constant {
    const char *name;     /* in a file */
    size_t offset;        /* of the double, in SI units */
    double step;          /* in SI units */
    double least, most;   /* bounds, in steps */
    double start[STARTS]; /* of fits, in steps */
    double per_unit;      /* units of a file per SI unit */
    const char *unit;
} constants[N] = {
    {"launch_hidden", AT(launch_hidden), 1, 0, 1, {0.5, 0.9}, 1, ""},
    {"prefill_exposed", AT(prefill_exposed), 1, 0, 1, {0.7, 0.5}, 1, ""},
    {"layer_overhead", AT(layer_overhead_s), 1e-4, 0, 10, {0.2, 1}, 1e6, " us"},
    {"step_host", AT(step_host_s), 1e-3, 0, 10, {0.5, 0.1}, 1e3, " ms"},
    {"request_host", AT(request_host_s), 1e-4, 0, 10, {0.1, 0}, 1e6, " us"},
    [MIXER] = {"mixer_overhead", AT(mixer_overhead_s), 1e-4, 0, 3, {0.5, 0.1}, 1e6, " us"},
};

const char *lr_runtime_constant_name(int i)
{
    return constants[i].name;
}

static double value_of(const struct lr_runtime *rt, size_t constant)
{
    double value;
    memcpy(&value, (const char *)rt + constants[constant].offset, sizeof value);
    return value;
}

/* Rows of the runtime come first. If none of them has a layer with a state or an index, rows of other runtimes with
 * such layers follow: these layers run the same kernels in all engines. */
struct job {
    const struct lr_benchmark_row **row;
    struct lr_plan **plan; /* copies, with the runtime that is tried */
    size_t *plan_of;
    const struct lr_plan **original;
    size_t rows, borrowed, plans;
    struct lr_runtime *rt;
    double x[N];           /* the constants */
    size_t free[N], frees; /* which of them are fitted */
    double *scratch;       /* room for two numbers per row */
};

/* Finds j->x and its errors, NAN for constants that keep the value of the base. false if memory runs out. */
typedef bool solver(struct job *j, double error[N]);

static void apply(const double *x, struct lr_runtime *rt)
{
    for (size_t i = 0; i < N; i++) {
        const double value = x[i] * constants[i].step;
        memcpy((char *)rt + constants[i].offset, &value, sizeof value);
    }
}

static void try_out(struct job *j, const double x[N], size_t from, size_t count, double *r)
{
    for (size_t i = 0; i < j->plans; i++) {
        struct lr_runtime rt = *lr_plan_runtime(j->plan[i]);
        apply(x, &rt);
        lr_plan_trial_runtime(j->plan[i], &rt);
    }
    for (size_t i = 0; i < count; i++) {
        const struct lr_forecast f = lr_benchmark_forecast(j->row[from + i], j->plan[j->plan_of[from + i]]);
        r[i] = log(f.predicted_s / f.measured_s);
    }
}

static void residuals(const double *x, double *r, void *context)
{
    struct job *j = context;
    try_out(j, x, 0, j->rows, r);
}

static void residuals_of_mixers(const double *x, double *r, void *context)
{
    struct job *j = context;
    double all[N];
    memcpy(all, j->x, sizeof all);
    all[MIXER] = x[0];
    try_out(j, all, j->rows, j->borrowed, r);
}

/* Adds rows with the indices of their plans: those of the runtime or, without own, those of others with a state or an
 * index. Returns whether one of them has such a layer. */
static bool collect(const struct lr_benchmark *const *files, size_t count, lr_plan_for *plan_for, void *user, bool own,
                    struct job *j)
{
    bool mixers = false;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < files[i]->count; k++) {
            const struct lr_benchmark_row *r = &files[i]->row[k];
            const char *why = NULL;
            const bool usable =
                !r->skip && !r->held_out && (r->metric == LR_METRIC_TPOT || r->metric == LR_METRIC_LATENCY);
            if (!usable || (strcmp(r->runtime, j->rt->name) == 0) != own)
                continue;
            const struct lr_plan *p = plan_for(user, r, &why);
            if (!p || (!own && lr_plan_mixer_layers(p) <= 0))
                continue;
            mixers = mixers || lr_plan_mixer_layers(p) > 0;
            size_t at = 0;
            while (at < j->plans && j->original[at] != p)
                at++;
            if (at == j->plans)
                j->original[j->plans++] = p;
            j->plan_of[j->rows + j->borrowed] = at;
            j->row[j->rows + j->borrowed] = r;
            *(own ? &j->rows : &j->borrowed) += 1;
        }
    return mixers;
}

static bool open_job(const struct lr_benchmark *const *files, size_t count, lr_plan_for *plan_for, void *user,
                     struct job *j)
{
    size_t total = 1;
    for (size_t i = 0; i < count; i++)
        total += files[i]->count;
    j->row = malloc(total * sizeof *j->row);
    j->plan_of = malloc(total * sizeof *j->plan_of);
    j->original = malloc(total * sizeof *j->original);
    if (!j->row || !j->plan_of || !j->original)
        return false;
    if (!collect(files, count, plan_for, user, true, j))
        collect(files, count, plan_for, user, false, j);
    j->plan = calloc(j->plans + 1, sizeof *j->plan);
    bool ok = j->plan != NULL;
    for (size_t i = 0; ok && i < j->plans; i++)
        ok = (j->plan[i] = lr_plan_trial_new(j->original[i])) != NULL;
    return ok;
}

static void close_job(struct job *j)
{
    for (size_t i = 0; j->plan && i < j->plans; i++)
        lr_plan_free(j->plan[i]);
    free(j->scratch);
    free(j->row);
    free(j->plan_of);
    free(j->original);
    free(j->plan);
}

/* Fits mixer_overhead on the rows of other runtimes, with the other constants of this one. */
static bool fit_mixers(struct job *j, double error[N])
{
    const struct lr_problem p = {.parameters = 1,
                                 .residuals = j->borrowed,
                                 .lower = &constants[MIXER].least,
                                 .upper = &constants[MIXER].most,
                                 .scale = LR_FIT_SCALE,
                                 .evaluate = residuals_of_mixers,
                                 .context = j};
    struct lr_minimum m = {.x = {constants[MIXER].start[0]}};
    if (!lr_minimise(&p, &m))
        return false;
    j->x[MIXER] = lr_number_four_digits(m.x[0]);
    error[MIXER] = j->x[MIXER] > 0 ? m.error[0] / j->x[MIXER] : 0;
    return true;
}

static void constants_of(const struct lr_runtime *rt, double x[N])
{
    for (size_t i = 0; i < N; i++)
        x[i] = value_of(rt, i) / constants[i].step;
}

/* Whether any row depends on the constant. Static batches, for example, do not wait for prefills of others. */
static bool matters(struct job *j, const double *x, int constant)
{
    double *const low = j->scratch, *const high = j->scratch + j->rows;
    double end[N];
    memcpy(end, x, sizeof end);
    end[constant] = constants[constant].least;
    residuals(end, low, j);
    end[constant] = constants[constant].most;
    residuals(end, high, j);
    return memcmp(low, high, j->rows * sizeof *low) != 0;
}

static void residuals_of_free(const double *x, double *r, void *context)
{
    struct job *const j = context;
    double all[N];
    memcpy(all, j->x, sizeof all);
    for (size_t i = 0; i < j->frees; i++)
        all[j->free[i]] = x[i];
    residuals(all, r, j);
}

/* The fit of the free constants. Fills the bounds, which the problem refers to. */
static struct lr_problem problem_of_free(struct job *j, double *lower, double *upper)
{
    for (size_t i = 0; i < j->frees; i++) {
        lower[i] = constants[j->free[i]].least;
        upper[i] = constants[j->free[i]].most;
    }
    return (struct lr_problem){.parameters = j->frees,
                               .residuals = j->rows,
                               .lower = lower,
                               .upper = upper,
                               .scale = LR_FIT_SCALE,
                               .evaluate = residuals_of_free,
                               .context = j};
}

/* Fits the free constants from each start. The others stay at j->x. */
static bool fit_from_starts(struct job *j, struct lr_minimum *best)
{
    double lower[N], upper[N];
    const struct lr_problem p = problem_of_free(j, lower, upper);
    *best = (struct lr_minimum){.cost = INFINITY};
    for (int s = 0; s < STARTS; s++) {
        struct lr_minimum tried = {0};
        for (size_t i = 0; i < j->frees; i++)
            tried.x[i] = constants[j->free[i]].start[s];
        if (!lr_minimise(&p, &tried))
            return false;
        if (tried.cost < best->cost)
            *best = tried;
    }
    return true;
}

/* The place of the free constant with the greatest relative error, if this is above LR_FIT_UNIDENTIFIED; else
 * j->frees. */
static size_t least_known(const struct job *j, const struct lr_minimum *m)
{
    double greatest = LR_FIT_UNIDENTIFIED;
    size_t place = j->frees;
    for (size_t i = 0; i < j->frees; i++) {
        const double error = m->x[i] > constants[j->free[i]].least ? m->error[i] / m->x[i] : 0;
        if (error > greatest) {
            greatest = error;
            place = i;
        }
    }
    return place;
}

/* A constant that the rows do not fix becomes 0. Constants are dropped one by one, and the others are fitted again each
 * time: if two of them can replace each other, one stays. A constant on which no row depends keeps the value of the
 * base. */
static bool fit_all(struct job *j, double error[N])
{
    double base[N];
    struct lr_minimum m;
    constants_of(j->rt, base);
    for (int i = 0; i < N; i++) {
        j->free[i] = (size_t)i;
        error[i] = 0;
    }
    for (j->frees = N;; j->frees--) {
        if (!fit_from_starts(j, &m))
            return false;
        const size_t place = least_known(j, &m);
        if (place == j->frees)
            break;
        j->x[j->free[place]] = 0;
        memmove(&j->free[place], &j->free[place + 1], (j->frees - place - 1) * sizeof *j->free);
    }
    for (size_t i = 0; i < j->frees; i++) {
        const size_t c = j->free[i];
        j->x[c] = lr_number_four_digits(m.x[i]);
        error[c] = j->x[c] > constants[c].least ? m.error[i] / j->x[c] : 0;
    }
    double found[N];
    memcpy(found, j->x, sizeof found);
    for (int i = 0; i < N; i++)
        if (!matters(j, found, i)) {
            j->x[i] = base[i];
            error[i] = NAN;
        }
    j->frees = N; /* all were tried */
    return j->borrowed == 0 || fit_mixers(j, error);
}

/* The factor by which squared errors of new rows exceed those of n rows on which p constants were fitted (Akaike 1969,
 * final prediction error). */
static double unseen(size_t n, size_t p)
{
    return ((double)n + (double)p) / ((double)n - (double)p);
}

/* The error that the spread of the kernels does not explain, as a share of the time: nine rows in ten are within it,
 * below (side -1) or above (side 1) the prediction. That spread is subtracted in squares, as an estimate adds it. */
static double left(struct job *j, double side)
{
    double *const scratch = j->scratch;
    for (size_t i = 0; i < j->rows; i++) {
        const struct lr_forecast f = lr_benchmark_forecast(j->row[i], j->plan[j->plan_of[i]]);
        const double off = side * (f.measured_s / f.predicted_s - 1);
        const double known = side * ((side < 0 ? f.low_s : f.high_s) / f.predicted_s - 1);
        scratch[i] = off > known ? sqrt(off * off - known * known) : 0;
    }
    return lr_quantile(scratch, j->rows, 0.9);
}

/* The standard deviation of the median residuals of chips. With one chip, the value of the base. */
static double between_chips(const struct job *j, const double *r)
{
    double *const scratch = j->scratch + j->rows;
    double sum = 0, squares = 0, chips = 0;
    for (size_t i = 0; i < j->rows; i++) {
        const char *const hw = j->row[i]->hardware->name;
        size_t first = 0, n = 0;
        while (strcmp(j->row[first]->hardware->name, hw) != 0)
            first++;
        if (first < i)
            continue;
        for (size_t k = i; k < j->rows; k++)
            if (strcmp(j->row[k]->hardware->name, hw) == 0)
                scratch[n++] = r[k];
        const double median = lr_quantile(scratch, n, 0.5);
        sum += median;
        squares += median * median;
        chips++;
    }
    return chips > 1 ? sqrt(fmax(0, squares - sum * sum / chips) / (chips - 1)) : j->rt->transfer;
}

/* The spread of pairs of chips, with the interval that was just found. With too few pairs, that of the base. */
static double spread_of_pairs(const struct job *j)
{
    struct lr_paired *const row = malloc((j->rows + 1) * sizeof *row);
    if (!row)
        return j->rt->pair_spread;
    for (size_t i = 0; i < j->rows; i++) {
        struct lr_plan *const p = j->plan[j->plan_of[i]];
        lr_plan_trial_spread(p, j->rt->spread_low, j->rt->spread_high);
        row[i] =
            (struct lr_paired){j->row[i], j->rt, lr_plan_deployment(p)->weights, lr_benchmark_forecast(j->row[i], p)};
    }
    const double spread = lr_pairs_spread(row, j->rows);
    free(row);
    return spread < 1 ? lr_number_four_digits(spread) : j->rt->pair_spread;
}

static void judge(struct job *j, const char *chip[LR_CHIP_LIST_MAX])
{
    const double wider = sqrt(unseen(j->rows, j->frees));
    residuals(j->x, j->scratch, j);
    j->rt->transfer = lr_number_four_digits(between_chips(j, j->scratch));
    j->rt->spread_low = lr_number_four_digits(wider * log1p(-left(j, -1)));
    j->rt->spread_high = lr_number_four_digits(wider * log1p(left(j, 1)));
    j->rt->chips.count = 0;
    for (size_t i = 0; i < j->rows; i++)
        lr_chip_list_note(&j->rt->chips, chip, j->row[i]->hardware->name);
    j->rt->pair_spread = spread_of_pairs(j);
}

/* Fits the free constants from their values, and again with the last one at its first start, since it may be stuck at a
 * bound. */
static bool fit_free(struct job *j, struct lr_minimum *best)
{
    double lower[N], upper[N];
    *best = (struct lr_minimum){.cost = INFINITY};
    const struct lr_problem p = problem_of_free(j, lower, upper);
    for (int s = 0; s < (j->frees ? 2 : 1); s++) {
        struct lr_minimum tried = {0};
        for (size_t i = 0; i < j->frees; i++)
            tried.x[i] = s && i + 1 == j->frees ? constants[j->free[i]].start[0] : j->x[j->free[i]];
        if (!lr_minimise(&p, &tried))
            return false;
        if (tried.cost < best->cost)
            *best = tried;
    }
    return true;
}

static bool is_free(const struct job *j, size_t constant)
{
    for (size_t i = 0; i < j->frees; i++)
        if (j->free[i] == constant)
            return true;
    return false;
}

/* A cost this small is rounding: nothing is left to explain. */
static const double EXACT = 1e-12;

/* Frees one constant more, the one that lowers the error of new rows most. m is the fit of the constants that are free
 * so far. false if none lowers it, or if memory runs out. */
static bool free_another(struct job *j, struct lr_minimum *m, bool *ok)
{
    const double before = m->cost * unseen(j->rows, j->frees);
    if (before < EXACT)
        return false;
    const size_t place = j->frees++;
    struct lr_minimum best = {.cost = INFINITY};
    size_t chosen = N;
    for (size_t c = 0; c < N && *ok; c++) {
        struct lr_minimum tried;
        j->free[place] = N; /* none */
        if (is_free(j, c))
            continue;
        j->free[place] = c;
        *ok = fit_free(j, &tried);
        if (*ok && tried.cost < best.cost && tried.error[place] <= LR_FIT_UNIDENTIFIED * tried.x[place]) {
            best = tried;
            chosen = c;
        }
    }
    if (!*ok || !(best.cost * unseen(j->rows, j->frees) < before)) {
        j->frees--;
        return false;
    }
    j->free[place] = chosen;
    for (size_t i = 0; i < j->frees; i++)
        j->x[j->free[i]] = best.x[i];
    *m = best;
    return true;
}

static bool adjust(struct job *j, double error[N])
{
    struct lr_minimum m;
    constants_of(j->rt, j->x);
    for (int i = 0; i < N; i++)
        error[i] = NAN;
    bool ok = fit_free(j, &m);
    while (ok && j->frees < N && 2 * (j->frees + 1) + 2 <= j->rows && free_another(j, &m, &ok))
        ;
    for (size_t i = 0; i < j->frees; i++) {
        j->x[j->free[i]] = lr_number_four_digits(m.x[i]);
        error[j->free[i]] = m.x[i] > 0 ? m.error[i] / m.x[i] : 0;
    }
    return ok;
}

/* Keeps at least the spread of the base: a few rows show neither the error of the worst tenth nor that of other
 * chips. */
static void keep_spread(const struct lr_runtime *base, size_t rows, struct lr_runtime *out)
{
    out->transfer = fmax(out->transfer, base->transfer);
    if (rows < ROWS_MANY) {
        out->spread_low = fmin(out->spread_low, base->spread_low);
        out->spread_high = fmax(out->spread_high, base->spread_high);
    }
}

static size_t run(const struct lr_benchmark *const *files, size_t count, lr_plan_for *plan_for, void *user,
                  struct lr_runtime *out, solver *solve, double error[N], const char *chip[LR_CHIP_LIST_MAX],
                  struct lr_diags *ds)
{
    struct job j = {.rt = out};
    const struct lr_runtime base = *out;
    size_t rows = 0;
    bool ok = open_job(files, count, plan_for, user, &j);
    j.scratch = malloc((2 * j.rows + 1) * sizeof *j.scratch);
    if (j.rows < ROWS_MANY)
        solve = adjust;
    if (ok && j.rows < ROWS_MIN) {
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "%zu runs of '%s' to fit on, expected at least %d", j.rows,
                out->name, ROWS_MIN);
    } else if (ok && j.scratch && solve(&j, error)) {
        apply(j.x, out);
        judge(&j, chip);
        if (solve == adjust)
            keep_spread(&base, j.rows, out);
        rows = j.rows;
    } else {
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
    }
    close_job(&j);
    return rows;
}

size_t lr_calibrate_runtime(const struct lr_benchmark *const *files, size_t count, lr_plan_for *plan_for, void *user,
                            struct lr_runtime *out, double error[N], const char *chip[LR_CHIP_LIST_MAX],
                            struct lr_diags *ds)
{
    return run(files, count, plan_for, user, out, fit_all, error, chip, ds);
}

size_t lr_adjust_runtime(const struct lr_benchmark *const *files, size_t count, lr_plan_for *plan_for, void *user,
                         struct lr_runtime *out, double error[N], const char *chip[LR_CHIP_LIST_MAX],
                         struct lr_diags *ds)
{
    return run(files, count, plan_for, user, out, adjust, error, chip, ds);
}

static void write_source(const struct lr_benchmark *const *files, size_t count, size_t rows, struct lr_text *out)
{
    struct lr_text source = {0};
    lr_text_add(&source, "fitted on end-to-end runs:");
    for (size_t i = 0; i < count; i++) {
        const char *const slash = strrchr(files[i]->file, '/');
        lr_text_addf(&source, " %s (fnv1a %08x)", slash ? slash + 1 : files[i]->file, (unsigned)files[i]->hash);
    }
    lr_text_addf(&source, ", %zu rows to fit; the spread is that of their residuals%s", rows,
                 rows < ROWS_MANY ? ", or the base's where that is wider" : "");
    lr_quote_text(out, "source", lr_text_str(&source));
    out->out_of_memory = out->out_of_memory || source.out_of_memory;
    lr_text_free(&source);
}

static void write_constant(struct lr_text *out, const struct constant *c, double value, double error)
{
    lr_text_addf(out, "%s: %.4g%s", c->name, c->per_unit * value, c->unit);
    if (value > 0 && isfinite(error))
        lr_text_addf(out, " # +- %.0f %%", 100 * error);
    else
        lr_text_add(out, value > 0 ? "" : " # at its bound, or not fixed by the rows");
    lr_text_add(out, "\n");
}

char *lr_runtime_text(const struct lr_runtime *rt, const char *base, const struct lr_benchmark *const *files,
                      size_t count, size_t rows, const double error[N], struct lr_diags *ds)
{
    struct lr_text text = {0}, *const out = &text;
    lr_text_add(out, "# Written by llmroof calibrate; run it again rather than edit this.\n");
    lr_quote_name(out, "base", base);
    lr_quote_name(out, "name", rt->name);
    lr_quote_text(out, "title", rt->title);
    write_source(files, count, rows, out);
    for (size_t i = 0; i < N; i++)
        if (!isnan(error[i])) /* NAN: the value of the base */
            write_constant(out, &constants[i], value_of(rt, i), error[i]);
    lr_text_addf(out, "spread_low: %.4g\nspread_high: %.4g\ntransfer: %.4g\n", rt->spread_low, rt->spread_high,
                 rt->transfer);
    if (rt->pair_spread > 0)
        lr_text_addf(out, "pair_spread: %.4g\n", rt->pair_spread);
    struct lr_text chips = {0};
    lr_chip_list_add(&chips, &rt->chips);
    lr_quote_text(out, "chips", rt->chips.count > 0 ? lr_text_str(&chips) : NULL);
    out->out_of_memory = out->out_of_memory || chips.out_of_memory;
    lr_text_free(&chips);
    return lr_text_take(&text, ds);
}
