/* SPDX-License-Identifier: Apache-2.0 */
/* Excerpts of public tables (tests/measured), fitted and validated end to end: a fit without a base set, the file that
 * it writes, that file loaded again, and the figures of the validation, computed from the rows a second time. */
#include "suite.h"

#include "core/text.h"
#include "fit/predict.h"
#include "rows/measured.h"

#include <llmroof/calibrate.h>
#include <llmroof/validate.h>

#include <math.h>
#include <string.h>
#include <sys/stat.h>

#define FOLDER TEST_SOURCE_DIR "/tests/measured/"

/* One kernel of an excerpt. None of these kernels is as fast as the roofline says. */
static const struct excerpt {
    const char *file, *chip, *engine;
    enum lr_family family;
} EXCERPTS[] = {
    {"gemm.csv", "h100", "trtllm", LR_FAMILY_GEMM},
    {"attn.csv", "h100", "trtllm", LR_FAMILY_ATTENTION},
    {"mla.csv", "h100", "trtllm", LR_FAMILY_MLA},
    {"mla_bmm.csv", "h100", "sglang", LR_FAMILY_BMM},
    {"moe.csv", "h100", "sglang", LR_FAMILY_MOE},
    {"comm.csv", "h100", "nccl", LR_FAMILY_ALL_REDUCE},
    {"comm.csv", "h100", "vllm", LR_FAMILY_ALL_REDUCE},
    {"a2a.csv", "h100", "sglang", LR_FAMILY_DISPATCH},
    {"a2a.csv", "h100", "sglang", LR_FAMILY_COMBINE},
    {"infersim_gemm.csv", "h800", "deepseek", LR_FAMILY_GEMM},
    {"infersim_attn.csv", "h800", "deepseek", LR_FAMILY_ATTENTION},
    {"infersim_grouped_gemm.csv", "h800", "deepseek", LR_FAMILY_MOE},
};
enum { EXCERPT_COUNT = sizeof EXCERPTS / sizeof *EXCERPTS, ROWS_MAX = 256 };

/* A folder with a kernel set, before the shipped profiles. */
struct bench {
    char dir[64], kernels[80], set[96];
    struct lr_catalog *catalog;
};

static struct bench open_bench(void)
{
    struct bench b = {.dir = "/tmp/llmroof-excerpt-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(b.dir));
    snprintf(b.kernels, sizeof b.kernels, "%s/kernels", b.dir);
    snprintf(b.set, sizeof b.set, "%s/excerpt.yaml", b.kernels);
    ck_assert_int_eq(mkdir(b.kernels, 0755), 0);
    const char *const dirs[] = {b.dir, TEST_SOURCE_DIR "/configs"};
    b.catalog = lr_catalog_open(dirs, 2);
    ck_assert_ptr_nonnull(b.catalog);
    return b;
}

static void close_bench(struct bench *b)
{
    remove(b->set);
    ck_assert_int_eq(rmdir(b->kernels), 0);
    ck_assert_int_eq(rmdir(b->dir), 0);
    lr_catalog_free(b->catalog);
}

static struct lr_measured *load(const struct bench *b, const char *name)
{
    char path[512];
    struct lr_diags ds = {0};
    snprintf(path, sizeof path, FOLDER "%s", name);
    struct lr_measured *m = lr_measured_load(path, b->catalog, &ds);
    suite_no_errors(&ds);
    ck_assert_ptr_nonnull(m);
    ck_assert_uint_eq(m->count, suite_rows(path));
    lr_diags_free(&ds);
    return m;
}

/* A fit of one excerpt, with the rows that it should use and leave out. */
struct fit {
    const struct excerpt *of;
    struct lr_measured *m;
    const struct lr_measured_row *train[ROWS_MAX], *test[ROWS_MAX];
    size_t trains, tests;
    struct lr_kernels *set;
    struct lr_fitted fitted[LR_FITTED_MAX];
    const struct lr_kernel *kernel;
};

static struct lr_calibration calibration_of(const struct excerpt *e)
{
    return (struct lr_calibration){.name = "excerpt",
                                   .title = "an excerpt",
                                   .hardware = &e->chip,
                                   .hardware_count = 1,
                                   .engine = &e->engine,
                                   .engine_count = 1,
                                   .family = lr_family_name(e->family)};
}

static void sort_rows(struct fit *f)
{
    for (size_t i = 0; i < f->m->count; i++) {
        const struct lr_measured_row *r = &f->m->row[i];
        if (r->flagged || r->op.family != f->of->family || strcmp(r->engine, f->of->engine) != 0)
            continue;
        ck_assert_str_eq(r->hardware->name, f->of->chip);
        if (r->held_out)
            f->test[f->tests++] = r;
        else
            f->train[f->trains++] = r;
    }
    ck_assert_uint_ge(f->trains, 20);
    ck_assert_uint_ge(f->tests, 20);
}

static void fit(struct bench *b, const struct excerpt *e, const struct lr_kernels *prior, struct fit *f)
{
    const struct lr_calibration c = calibration_of(e);
    struct lr_diags ds = {0};
    *f = (struct fit){.of = e, .m = load(b, e->file), .set = calloc(1, sizeof *f->set)};
    ck_assert_ptr_nonnull(f->set);
    sort_rows(f);
    const struct lr_measured *const files[] = {f->m};
    ck_assert_uint_eq(lr_calibrate(&c, files, 1, prior, f->set, f->fitted, &ds), 1);
    suite_no_errors(&ds);
    f->kernel = &f->set->kernel[e->family][f->fitted[0].slot];
    ck_assert(f->kernel->present);
    lr_diags_free(&ds);
}

static void free_fit(struct fit *f)
{
    lr_measured_free(f->m);
    free(f->set);
}

static double error_of(const struct fit *f, const struct lr_measured_row *r)
{
    return lr_predict(r, f->set, f->kernel) / r->seconds - 1;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Type 7 of Hyndman and Fan: between the sorted values at q (n - 1). */
static double quantile(double *v, size_t n, double q)
{
    qsort(v, n, sizeof *v, by_value);
    const double at = q * (double)(n - 1);
    const size_t below = (size_t)at, above = below + 1 < n ? below + 1 : below;
    return v[below] + (at - (double)below) * (v[above] - v[below]);
}

static double quantile_of_errors(const struct fit *f, const struct lr_measured_row *const *row, size_t n, double q)
{
    double off[ROWS_MAX];
    for (size_t i = 0; i < n; i++)
        off[i] = fabs(error_of(f, row[i]));
    return quantile(off, n, q);
}

static double median_of_roofline(const struct lr_measured_row *const *row, size_t n)
{
    double off[ROWS_MAX];
    for (size_t i = 0; i < n; i++)
        off[i] = fabs(lr_row_floor(row[i]) / row[i]->seconds - 1);
    return quantile(off, n, 0.5);
}

/* Mean of soft L1 with a scale of 10 %, of log(predicted/measured) on the rows of the fit. A fit minimises this. */
static double cost_of(const struct fit *f, const struct lr_kernel *k)
{
    double sum = 0;
    for (size_t i = 0; i < f->trains; i++) {
        const double z = log(lr_predict(f->train[i], f->set, k) / f->train[i]->seconds) / 0.1;
        sum += 2 * 0.01 * (sqrt(1 + z * z) - 1);
    }
    return sum / (double)f->trains;
}

/* The fit reports its rows: their number, their chip, and the errors on the rows left out. Four digits are kept. */
START_TEST(a_fit_reports_its_rows_and_errors)
{
    struct bench b = open_bench();
    struct fit f;
    fit(&b, &EXCERPTS[_i], NULL, &f);
    ck_assert_int_eq(f.fitted[0].family, f.of->family);
    ck_assert_str_eq(f.fitted[0].engine, f.of->engine);
    ck_assert_uint_eq(f.fitted[0].chips, 1);
    ck_assert_str_eq(f.fitted[0].chip[0], f.of->chip);
    ck_assert_uint_eq(f.fitted[0].train, f.trains);
    ck_assert_uint_eq(f.fitted[0].test, f.tests);
    ck_assert_double_eq(f.kernel->fit.rows, (double)f.trains);
    ck_assert_double_eq_tol(f.kernel->fit.median / quantile_of_errors(&f, f.test, f.tests, 0.5), 1, 1e-3);
    ck_assert_double_eq_tol(f.kernel->fit.p90 / quantile_of_errors(&f, f.test, f.tests, 0.9), 1, 1e-3);
    free_fit(&f);
    close_bench(&b);
}
END_TEST

/* The constants are inside their bounds. Changing a fitted one by a tenth lowers the cost by less than 1 %; not by
 * nothing, since an all-reduce jumps where one of its two algorithms takes over. A second fit that starts from the
 * first predicts the same times. On rows that the fit has not seen, it is much closer than the roofline. */
START_TEST(a_fit_converges)
{
    struct bench b = open_bench();
    struct fit f, again;
    size_t count;
    fit(&b, &EXCERPTS[_i], NULL, &f);
    fit(&b, &EXCERPTS[_i], f.set, &again);
    const struct lr_constant *constant = lr_constants(f.of->family, &count);
    const double cost = cost_of(&f, f.kernel);
    for (size_t i = 0; i < count; i++) {
        const double v = f.kernel->value[i];
        ck_assert_msg(v >= constant[i].least && v <= constant[i].greatest, "%s: %g", constant[i].key, v);
        for (int up = 0; up < 2 && isfinite(f.fitted[0].error[i]); up++) {
            struct lr_kernel moved = *f.kernel;
            moved.value[i] = fmin(fmax(v * (up ? 1.1 : 0.9), constant[i].least), constant[i].greatest);
            ck_assert_msg(cost_of(&f, &moved) >= 0.99 * cost, "%s: %g is better than %g (%g)", constant[i].key,
                          moved.value[i], v, cost_of(&f, &moved) / cost);
        }
    }
    const double median = quantile_of_errors(&f, f.test, f.tests, 0.5), roofline = median_of_roofline(f.test, f.tests);
    ck_assert_msg(median < 0.5 * roofline, "median %g, roofline %g", median, roofline);
    for (size_t i = 0; i < f.tests; i++) {
        const double shift =
            log(lr_predict(f.test[i], again.set, again.kernel) / lr_predict(f.test[i], f.set, f.kernel));
        ck_assert_msg(fabs(shift) < 0.1, "line %d: %g", f.test[i]->line, shift);
    }
    free_fit(&f);
    free_fit(&again);
    close_bench(&b);
}
END_TEST

static void write_set(const struct bench *b, const struct fit *f)
{
    const struct lr_calibration c = calibration_of(f->of);
    const struct lr_measured *const files[] = {f->m};
    char *const text = lr_calibration_text(&c, files, 1, f->set, f->fitted, 1, NULL);
    ck_assert_ptr_nonnull(text);
    FILE *out = fopen(b->set, "w");
    ck_assert_ptr_nonnull(out);
    ck_assert_uint_eq(fwrite(text, 1, strlen(text), out), strlen(text));
    ck_assert_int_eq(fclose(out), 0);
    free(text);
}

static struct lr_kernels *read_set(const struct bench *b)
{
    struct lr_diags ds = {0};
    struct lr_kernels *k = lr_catalog_kernels(b->catalog, "excerpt", &ds);
    suite_no_errors(&ds);
    ck_assert_ptr_nonnull(k);
    lr_diags_free(&ds);
    return k;
}

static const struct lr_kernels *the_set(void *user, const struct lr_hardware *hw, const char *engine)
{
    (void)hw;
    (void)engine;
    return user;
}

/* Figures of a group, computed from the rows. On a chip of the fit, the interval is that of the fit. */
static void check_group(const struct fit *f, const struct lr_group *g)
{
    double error[ROWS_MAX];
    size_t inside = 0, worst = 0;
    double sum = 0;
    for (size_t i = 0; i < f->tests; i++) {
        const double ratio = log(f->test[i]->seconds / lr_predict(f->test[i], f->set, f->kernel));
        error[i] = error_of(f, f->test[i]);
        worst = fabs(error[i]) > fabs(error[worst]) ? i : worst;
        sum += fabs(error[i]);
        inside += ratio >= f->kernel->fit.low && ratio <= f->kernel->fit.high;
    }
    ck_assert_uint_eq(g->n, f->tests);
    ck_assert_int_eq(g->worst_line, f->test[worst]->line);
    ck_assert_double_eq_tol(g->worst, error[worst], 1e-12);
    ck_assert_double_eq_tol(g->mean_ape, sum / (double)f->tests, 1e-12);
    ck_assert_double_eq_tol(g->coverage, (double)inside / (double)f->tests, 1e-12);
    ck_assert_double_eq_tol(g->median_ape, quantile_of_errors(f, f->test, f->tests, 0.5), 1e-12);
    ck_assert_double_eq_tol(g->p90_ape, quantile_of_errors(f, f->test, f->tests, 0.9), 1e-12);
    ck_assert_double_eq_tol(g->floor_median_ape, median_of_roofline(f->test, f->tests), 1e-12);
    ck_assert_double_eq_tol(g->bias, quantile(error, f->tests, 0.5), 1e-12);
}

/* The set, read back from its file, predicts what the fit predicted, and its validation has the figures of the rows.
 * The share of rows in the interval is at least 80 %, less three standard deviations of a binomial share. */
START_TEST(a_written_set_is_validated)
{
    struct bench b = open_bench();
    struct fit f;
    struct lr_validation v;
    struct lr_diags ds = {0};
    fit(&b, &EXCERPTS[_i], NULL, &f);
    write_set(&b, &f);
    struct lr_kernels *read = read_set(&b);
    const struct lr_kernel *got = &read->kernel[f.of->family][f.fitted[0].slot];
    ck_assert_mem_eq(got->value, f.kernel->value, sizeof got->value);
    ck_assert_double_eq(got->fit.rows, f.kernel->fit.rows);
    ck_assert_double_eq(got->fit.low, f.kernel->fit.low);
    ck_assert_double_eq(got->fit.high, f.kernel->fit.high);
    ck_assert_uint_eq(got->fit.chips.count, 1);
    ck_assert_str_eq(got->fit.chips.name[0], f.of->chip);
    /* this set has no constants for the rows of other kernels in the excerpt */
    for (size_t i = 0; i < f.m->count; i++)
        f.m->row[i].flagged |= f.m->row[i].op.family != f.of->family || strcmp(f.m->row[i].engine, f.of->engine) != 0;
    const struct lr_measured *const files[] = {f.m};
    ck_assert(lr_validate(files, 1, the_set, read, false, &v, &ds));
    suite_no_errors(&ds);
    ck_assert_uint_eq(v.count, 1);
    ck_assert_uint_eq(v.left_out, f.m->count - f.tests);
    ck_assert_str_eq(v.group[0].set, "excerpt");
    ck_assert_int_eq(v.group[0].evidence, LR_EVIDENCE_MEASURED);
    check_group(&f, &v.group[0]);
    check_group(&f, &v.total);
    ck_assert_double_ge(v.total.coverage, 0.8 - 3 * sqrt(0.8 * 0.2 / (double)f.tests));
    lr_validation_free(&v);
    ck_assert(lr_validate(files, 1, the_set, read, true, &v, &ds));
    ck_assert_uint_eq(v.total.n, f.trains + f.tests);
    lr_validation_free(&v);
    lr_kernels_free(read);
    free_fit(&f);
    close_bench(&b);
}
END_TEST

/* A chip, an engine and a family without rows in the excerpt. */
START_TEST(a_selection_without_rows_is_refused)
{
    struct bench b = open_bench();
    struct lr_measured *m = load(&b, "gemm.csv");
    const struct lr_measured *const files[] = {m};
    const struct excerpt none[] = {{"gemm.csv", "a100", "trtllm", LR_FAMILY_GEMM},
                                   {"gemm.csv", "h100", "sglang", LR_FAMILY_GEMM},
                                   {"gemm.csv", "h100", "trtllm", LR_FAMILY_MOE}};
    struct lr_kernels *set = calloc(1, sizeof *set), *empty = calloc(1, sizeof *empty);
    struct lr_fitted fitted[LR_FITTED_MAX];
    ck_assert(set && empty);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        struct lr_diags ds = {0};
        const struct lr_calibration c = calibration_of(&none[i]);
        ck_assert_uint_eq(lr_calibrate(&c, files, 1, NULL, set, fitted, &ds), 0);
        ck_assert_uint_eq(ds.errors, 1);
        ck_assert_ptr_nonnull(strstr(ds.item[0].message, "too few unflagged rows for this selection"));
        ck_assert_mem_eq(set->kernel, empty->kernel, sizeof set->kernel);
        lr_diags_free(&ds);
    }
    free(set);
    free(empty);
    lr_measured_free(m);
    close_bench(&b);
}
END_TEST

/* An excerpt that ends in the middle of its last row, and one whose rows have no times. */
START_TEST(a_damaged_excerpt_is_refused)
{
    struct bench b = open_bench();
    const size_t rows = suite_rows(FOLDER "gemm.csv");
    for (int damage = 0; damage < 2; damage++) {
        struct lr_diags ds = {0};
        char line[256];
        FILE *in = fopen(FOLDER "gemm.csv", "r"), *out = fopen(b.set, "w");
        ck_assert(in && out);
        for (size_t i = 0; fgets(line, sizeof line, in); i++) {
            if (damage == 0 && i == rows)
                line[strlen(line) / 2] = '\0';
            if (damage == 1)
                memcpy(strrchr(line, ','), "\n", 2);
            fputs(line, out);
        }
        fclose(in);
        ck_assert_int_eq(fclose(out), 0);
        ck_assert_ptr_null(lr_measured_load(b.set, b.catalog, &ds));
        ck_assert_uint_eq(ds.errors, 1);
        ck_assert_int_eq(ds.item[0].pos.line, damage == 0 ? (int)rows + 1 : 1);
        lr_diags_free(&ds);
    }
    close_bench(&b);
}
END_TEST

int main(void)
{
    const TTest *const each[] = {a_fit_reports_its_rows_and_errors, a_fit_converges, a_written_set_is_validated};
    const TTest *const once[] = {a_selection_without_rows_is_refused, a_damaged_excerpt_is_refused};
    const int failed = suite_run("excerpts", each, sizeof each / sizeof *each, EXCERPT_COUNT);
    return suite_run("excerpts, refused", once, sizeof once / sizeof *once, 1) || failed;
}
