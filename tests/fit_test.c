/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a fit: quantiles, and the minimiser on closed forms. Then calibrations on rows whose constants are
 * known. */
#include "random.h"
#include "suite.h"

#include "core/text.h"
#include "fit/minimise.h"
#include "fit/predict.h"
#include "fit/quantile.h"
#include "output/output.h"

#include <llmroof/calibrate.h>
#include <llmroof/validate.h>

#include <sys/stat.h>
#include <unistd.h>

/* Type 7 (R's default): position q (n - 1) between the sorted values. */
START_TEST(quantiles)
{
    double v[] = {4, 1, 3, 2}, one[] = {7}, same[] = {5, 5, 5};
    ck_assert_double_eq(lr_quantile(v, 4, 0.5), 2.5);
    ck_assert_double_eq(lr_quantile(v, 4, 0), 1);
    ck_assert_double_eq(lr_quantile(v, 4, 1), 4);
    ck_assert_double_eq_tol(lr_quantile(v, 4, 0.9), 3.7, 1e-15); /* at 2.7 */
    ck_assert_double_eq(v[3], 4);                                /* sorted in place */
    ck_assert_double_eq(lr_quantile(one, 1, 0.9), 7);
    ck_assert_double_eq(lr_quantile(same, 3, 0.1), 5);
    ck_assert_double_eq(lr_quantile(NULL, 0, 0.5), 0);
}
END_TEST

enum { POINTS = 20 };

static struct lr_minimum minimise(void (*f)(const double *, double *, void *), size_t parameters, size_t residuals,
                                  double scale, const double *start, const double *lower, const double *upper)
{
    struct lr_minimum m = {0};
    const struct lr_problem p = {.parameters = parameters,
                                 .residuals = residuals,
                                 .lower = lower,
                                 .upper = upper,
                                 .scale = scale,
                                 .evaluate = f};
    memcpy(m.x, start, parameters * sizeof *start);
    ck_assert(lr_minimise(&p, &m));
    for (size_t i = 0; i < parameters; i++)
        ck_assert(m.x[i] >= lower[i] && m.x[i] <= upper[i]);
    return m;
}

/* a exp(-b t) + c with a = 2.5, b = 0.7, c = 0.3. */
static void decay(const double *x, double *r, void *context)
{
    (void)context;
    for (int i = 0; i < POINTS; i++) {
        const double t = 0.25 * i;
        r[i] = x[0] * exp(-x[1] * t) + x[2] - (2.5 * exp(-0.7 * t) + 0.3);
    }
}

/* Rosenbrock's valley (1960): its minimum is 0 at (1, 1). */
static void valley(const double *x, double *r, void *context)
{
    (void)context;
    r[0] = 10 * (x[1] - x[0] * x[0]);
    r[1] = 1 - x[0];
}

START_TEST(known_parameters_come_back)
{
    static const double start[] = {1, 1, 1}, lower[] = {0, 0, -5}, upper[] = {10, 10, 5}, scales[] = {0.1, 1, 100};
    static const double far[] = {-1.2, 1}, low[] = {-10, -10}, high[] = {10, 10};
    for (size_t s = 0; s < 3; s++) {
        const struct lr_minimum m = minimise(decay, 3, POINTS, scales[s], start, lower, upper);
        ck_assert_double_eq_tol(m.x[0], 2.5, 1e-6);
        ck_assert_double_eq_tol(m.x[1], 0.7, 1e-6);
        ck_assert_double_eq_tol(m.x[2], 0.3, 1e-6);
        ck_assert_double_lt(m.cost, 1e-12);
        for (int i = 0; i < 3; i++)
            ck_assert_double_lt(m.error[i], 1e-5);
        const struct lr_minimum v = minimise(valley, 2, 2, scales[s], far, low, high);
        ck_assert_double_eq_tol(v.x[0], 1, 1e-6);
        ck_assert_double_eq_tol(v.x[1], 1, 1e-6);
    }
}
END_TEST

/* (x + y - 4)^2 + (x - y)^2/4 is least at (2, 2); under x <= 1 at y - 3 + (y - 1)/4 = 0, y = 2.6, on the bound. */
static void plane(const double *x, double *r, void *context)
{
    (void)context;
    r[0] = x[0] + x[1] - 4;
    r[1] = (x[0] - x[1]) / 2;
}

START_TEST(bounds_hold)
{
    static const double start[] = {-50, 50}, lower[] = {-1, -1}, upper[] = {1, 10}, wide[] = {10, 10};
    const struct lr_minimum m = minimise(plane, 2, 2, 1e4, start, lower, upper);
    ck_assert_double_eq(m.x[0], 1);
    ck_assert_double_eq_tol(m.x[1], 2.6, 1e-6);
    const struct lr_minimum f = minimise(plane, 2, 2, 1e4, start, lower, wide);
    ck_assert_double_eq_tol(f.x[0], 2, 1e-6);
    ck_assert_double_eq_tol(f.x[1], 2, 1e-6);
}
END_TEST

/* Four rows are at 0, three at 25/12. At x = 3/4 the weights of soft L1 (s = 1) balance: 4 x (3/4)/sqrt(1 + 9/16) = 4 x
 * 3/5 and 3 x (4/3)/sqrt(1 + 16/9) = 3 x 4/5. Least squares would give 25/28. Cost: (4 x 2 (5/4 - 1) + 3 x 2 (5/3 -
 * 1))/7 = 6/7. Variance of the residuals: (4 x 9/16 x 4/5 + 3 x 16/9 x 3/5)/6 = 5/6; information 4 x 4/5 + 3 x 3/5 = 5;
 * error sqrt(1/6). */
static void two_camps(const double *x, double *r, void *context)
{
    (void)context;
    for (int i = 0; i < 7; i++)
        r[i] = x[0] - (i < 4 ? 0 : 25.0 / 12);
}

START_TEST(outliers_lose_weight)
{
    static const double start[] = {-2}, lower[] = {-10}, upper[] = {10};
    const struct lr_minimum m = minimise(two_camps, 1, 7, 1, start, lower, upper);
    ck_assert_double_eq_tol(m.x[0], 0.75, 1e-3);
    ck_assert_double_eq_tol(m.cost, 6.0 / 7, 1e-6);
    ck_assert_double_eq_tol(m.error[0], sqrt(1.0 / 6), 1e-3);
}
END_TEST

/* Rows that depend on a sum only, with residuals of +-0.01, and one parameter on which no row depends. */
static void blind(const double *x, double *r, void *context)
{
    (void)context;
    for (int i = 0; i < POINTS; i++)
        r[i] = x[0] + x[1] - 3 + 2 * x[3] * i - i + (i % 2 ? 0.01 : -0.01);
}

START_TEST(unidentified_parameters_are_reported)
{
    static const double start[] = {0, 0, 0.25, 0}, lower[] = {-9, -9, -9, -9}, upper[] = {9, 9, 9, 9};
    const struct lr_minimum m = minimise(blind, 4, POINTS, 0.1, start, lower, upper);
    ck_assert_double_gt(m.error[0], 2);
    ck_assert_double_gt(m.error[1], 2);
    ck_assert(isinf(m.error[2]));
    ck_assert_double_eq(m.x[2], 0.25); /* and not moved */
    ck_assert_double_lt(m.error[3], 0.01);
    ck_assert_double_eq_tol(m.x[0] + m.x[1], 3, 0.01);
    ck_assert_double_eq_tol(m.x[3], 0.5, 0.001);
}
END_TEST

/* A folder with files and the profile of a chip that differs from the H100 in its datasheet only. */
struct bench {
    char dir[64];
    struct lr_catalog *catalog;
};

static void path_in(const struct bench *b, const char *name, char path[256])
{
    snprintf(path, 256, "%s/%s", b->dir, name);
}

static void write_in(const struct bench *b, const char *name, const struct lr_text *text)
{
    struct lr_diags ds = {0};
    char path[256];
    path_in(b, name, path);
    ck_assert(lr_output_write(path, text, &ds));
}

static const char *const PARTS[] = {"rows.csv", "hardware/newchip.yaml", "kernels/newchip.yaml", "hardware", "kernels"};

static struct bench open_bench(void)
{
    struct bench b = {"/tmp/llmroof-fit-XXXXXX", NULL};
    struct lr_text profile = {0};
    char path[256];
    ck_assert_ptr_nonnull(mkdtemp(b.dir));
    for (int i = 3; i < 5; i++) {
        path_in(&b, PARTS[i], path);
        ck_assert_int_eq(mkdir(path, 0755), 0);
    }
    lr_text_add(&profile, "base: h100\nname: newchip\nsource: \"a datasheet\"\nmemory: {bandwidth: 4.8 TB/s}\n");
    write_in(&b, "hardware/newchip.yaml", &profile);
    lr_text_free(&profile);
    const char *const dirs[] = {b.dir, TEST_SOURCE_DIR "/configs"};
    b.catalog = lr_catalog_open(dirs, 2);
    ck_assert_ptr_nonnull(b.catalog);
    return b;
}

static void close_bench(struct bench *b)
{
    char path[256];
    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++) {
        path_in(b, PARTS[i], path);
        remove(path);
    }
    ck_assert_int_eq(rmdir(b->dir), 0);
    lr_catalog_free(b->catalog);
}

static struct lr_measured *load_rows(const struct bench *b)
{
    struct lr_diags ds = {0};
    char path[256];
    path_in(b, "rows.csv", path);
    struct lr_measured *m = lr_measured_load(path, b->catalog, &ds);
    suite_no_errors(&ds);
    ck_assert_ptr_nonnull(m);
    return m;
}

static struct lr_kernels *load_kernels(const struct bench *b, const char *name)
{
    struct lr_diags ds = {0};
    struct lr_kernels *k = lr_catalog_kernels(b->catalog, name, &ds);
    suite_no_errors(&ds);
    ck_assert_ptr_nonnull(k);
    return k;
}

/* Rows of a table. Their times are those of the kernel, changed by up to noise. shapes: lines without the time. */
static struct lr_measured *rows_of(const struct bench *b, const char *header, const struct lr_text *shapes,
                                   const struct lr_kernels *set, const struct lr_kernel *k, double noise)
{
    struct lr_text text = {0};
    struct dice d = {7};
    struct lr_measured *m = NULL;
    for (int pass = 0; pass < 2; pass++) { /* the first pass predicts the times */
        lr_text_cut(&text, 0);
        lr_text_addf(&text, "%s\n", header);
        size_t row = 0;
        for (const char *at = shapes->at; *at; at += strcspn(at, "\n") + 1, row++) {
            const double off = noise * dice_between(&d, -1, 1);
            const double us = m ? 1e6 * lr_predict(&m->row[row], set, k) * exp(off) : 1e6;
            lr_text_addf(&text, "%.*s,%.9g\n", (int)strcspn(at, "\n"), at, us);
        }
        write_in(b, "rows.csv", &text);
        lr_measured_free(m);
        m = load_rows(b);
        ck_assert_uint_eq(m->count, row);
    }
    lr_text_free(&text);
    return m;
}

static struct lr_kernels *calibrate(const struct lr_calibration *c, const struct lr_measured *m,
                                    const struct lr_kernels *prior, struct lr_text *out)
{
    struct lr_kernels *k = calloc(1, sizeof *k);
    struct lr_fitted *fitted = calloc(LR_FITTED_MAX, sizeof *fitted);
    struct lr_diags ds = {0};
    const struct lr_measured *const files[] = {m};
    ck_assert(k && fitted);
    const size_t n = lr_calibrate(c, files, 1, prior, k, fitted, &ds);
    suite_no_errors(&ds);
    ck_assert_uint_eq(n, 1);
    char *const text = lr_calibration_text(c, files, 1, k, fitted, n, &ds);
    ck_assert_ptr_nonnull(text);
    if (out)
        lr_text_add(out, text);
    free(text);
    for (int f = 0; f < LR_FAMILY_COUNT; f++) /* its names end with fitted */
        for (int t = 0; t <= LR_DTYPE_COUNT; t++)
            k->kernel[f][t].fit.chips = (struct lr_chip_list){0};
    lr_diags_free(&ds);
    free(fitted);
    return k;
}

static const char *const H100[] = {"h100"}, *const NEWCHIP[] = {"newchip"};

/* Products from one head and one token to 1024 and 256, so that fixed time, bandwidth and compute each dominate some
 * rows. spread: of the samples of rows before and after attention, or "". */
static const struct lr_kernel BMM = {.value = {[LR_BMM_FIXED] = 7e-6, [LR_BMM_MEMORY] = 0.55, [LR_BMM_COMPUTE] = 0.33}};

static struct lr_measured *bmm_rows(const struct bench *b, const struct lr_kernels *set, const char *const spread[2])
{
    struct lr_text shapes = {0};
    for (int m = 1; m <= 1024; m = 3 * m + 1)
        for (int heads = 1; heads <= 256; heads *= 4)
            for (int post = 0; post < 2; post++)
                lr_text_addf(&shapes, "h100,%s,%s,bf16,%d,%d\n", spread[post], post ? "mla_gen_post" : "mla_gen_pre", m,
                             heads);
    struct lr_measured *m = rows_of(b, "gpu,spread,which,dtype,tokens,heads,latency_us", &shapes, set, &BMM, 0.02);
    lr_text_free(&shapes);
    return m;
}

/* With a noise of +-2 % the constants come back within 4 %. Samples whose quartiles are 0.1349 or 0.4047 of the median
 * apart have a standard deviation of 0.1 or 0.3. 1.2816 times the root of their mean square is added in squares to both
 * ends of the interval. All else is the same. */
START_TEST(constants_come_back)
{
    struct bench b = open_bench();
    struct lr_kernels *set = load_kernels(&b, "hopper");
    static const char *const silent[] = {"", ""}, *const restless[] = {"0.1349", "0.4047"};
    struct lr_measured *m = bmm_rows(&b, set, silent);
    const struct lr_calibration c = {.name = "newchip", .hardware = H100, .hardware_count = 1};
    struct lr_kernels *k = calibrate(&c, m, NULL, NULL);
    const struct lr_kernel *got = &k->kernel[LR_FAMILY_BMM][LR_BF16];
    for (int i = 0; i < LR_BMM_CONSTANT_COUNT; i++)
        ck_assert_msg(fabs(got->value[i] / BMM.value[i] - 1) < 0.04, "constant %d: %g", i, got->value[i]);
    for (size_t i = 0; i < m->count; i++) /* fitted or held out */
        ck_assert_double_lt(fabs(log(lr_predict(&m->row[i], k, got) / lr_predict(&m->row[i], set, &BMM))), 0.02);
    ck_assert_double_lt(got->fit.median, 0.02);
    ck_assert_double_lt(got->fit.p90, 0.03);
    ck_assert(got->fit.low <= 0 && got->fit.low > -0.03 && got->fit.high >= 0 && got->fit.high < 0.03);
    struct lr_measured *apart = bmm_rows(&b, set, restless);
    struct lr_kernels *wider = calibrate(&c, apart, NULL, NULL);
    const struct lr_kernel *wide = &wider->kernel[LR_FAMILY_BMM][LR_BF16];
    ck_assert_mem_eq(wide->value, got->value, sizeof got->value);
    double squares = 0, rows = 0;
    for (size_t i = 0; i < apart->count; i++)
        if (!apart->row[i].held_out) {
            squares += apart->row[i].spread > 0.2 ? 0.09 : 0.01;
            rows++;
        }
    const double moment = 1.28155 * sqrt(squares / rows);
    ck_assert_double_eq(rows, wide->fit.rows);
    ck_assert(moment > 1.29 * 0.1 && moment < 1.28 * 0.3); /* rows of both kinds are used */
    ck_assert_double_eq_tol(wide->fit.low, -hypot(got->fit.low, moment), 1e-4);
    ck_assert_double_eq_tol(wide->fit.high, hypot(got->fit.high, moment), 1e-4);
    free(k);
    free(wider);
    lr_measured_free(m);
    lr_measured_free(apart);
    lr_kernels_free(set);
    close_bench(&b);
}
END_TEST

/* A slow tensor core and a low rate of the core around it look the same on one chip. If rows of an H100 show no limit,
 * the fit keeps none, so that it also predicts an H20, which has a seventh of the tensor cores. */
START_TEST(terms_that_rows_do_not_show_are_removed)
{
    struct bench b = open_bench();
    struct lr_kernels *set = load_kernels(&b, "hopper");
    size_t count;
    const struct lr_constant *constant = lr_constants(LR_FAMILY_ATTENTION, &count);
    struct lr_kernel truth = {.present = true};
    for (size_t i = 0; i < count; i++)
        truth.value[i] = constant[i].unit == LR_UNIT_CHOICE ? constant[i].start : 0;
    truth.value[LR_ATTENTION_FIXED] = 9e-6;
    truth.value[LR_ATTENTION_MEMORY] = 0.9;
    truth.value[LR_ATTENTION_COMPUTE] = 0.4;
    truth.value[LR_ATTENTION_CORE_RATE] = constant[LR_ATTENTION_CORE_RATE].greatest;
    truth.value[LR_ATTENTION_PREFILL] = 0.5;
    struct lr_text shapes = {0};
    for (int batch = 1; batch <= 256; batch *= 4)
        for (int s = 1024; s <= 131072; s *= 4)
            for (int heads = 4; heads <= 256; heads *= 2)
                lr_text_addf(&shapes, "h100,bf16,%d,%d,%d,2,128\nh20,bf16,%d,%d,%d,2,128\n", batch, s, heads, batch, s,
                             heads);
    struct lr_measured *m =
        rows_of(&b, "gpu,kv_dtype,batch,kv_len,heads,kv_heads,head_dim,latency_us", &shapes, set, &truth, 0.03);
    const struct lr_calibration c = {.name = "newchip", .hardware = H100, .hardware_count = 1};
    struct lr_kernels *k = calibrate(&c, m, NULL, NULL);
    const struct lr_kernel *got = &k->kernel[LR_FAMILY_ATTENTION][LR_BF16];
    ck_assert_double_eq(got->value[LR_ATTENTION_CORE_RATE], constant[LR_ATTENTION_CORE_RATE].greatest);
    ck_assert_double_eq(got->value[LR_ATTENTION_SPLIT], 0);
    ck_assert_double_eq(got->value[LR_ATTENTION_CHAIN], 0);
    ck_assert_double_eq(got->value[LR_ATTENTION_TILE], 16);
    for (size_t i = 0; i < m->count; i++) /* of both chips */
        ck_assert_double_lt(fabs(log(lr_predict(&m->row[i], k, got) / lr_predict(&m->row[i], set, &truth))), 0.1);
    free(k);
    lr_measured_free(m);
    lr_kernels_free(set);
    lr_text_free(&shapes);
    close_bench(&b);
}
END_TEST

static void gemm_shapes(struct lr_text *shapes, const char *chip)
{
    for (int m = 1; m <= 8192; m *= 2)
        for (int n = 1024; n <= 16384; n *= 4)
            for (int k = 1536; k <= 12288; k *= 2)
                lr_text_addf(shapes, "%s,bf16,%d,%d,%d\n", chip, m, n, k);
}

/* GEMM has choices, and constants that can replace each other: the times must come back, not the constants. */
START_TEST(predictions_stay_within_the_noise)
{
    struct bench b = open_bench();
    struct lr_kernels *set = load_kernels(&b, "hopper");
    struct lr_kernel truth = set->kernel[LR_FAMILY_GEMM][LR_BF16];
    truth.value[LR_GEMM_FIXED] = 6e-6;
    truth.value[LR_GEMM_MEMORY] = 0.7;
    truth.value[LR_GEMM_CORE_RATE] = 2e13;
    truth.value[LR_GEMM_WAVE] = 0.4;
    struct lr_text shapes = {0}, first = {0}, second = {0};
    gemm_shapes(&shapes, "h100");
    struct lr_measured *m = rows_of(&b, "gpu,dtype,m,n,k,latency_us", &shapes, set, &truth, 0.03);
    const struct lr_calibration c = {
        .name = "newchip", .base = "hopper", .hardware = H100, .hardware_count = 1, .title = "again"};
    struct lr_kernels *k = calibrate(&c, m, set, &first), *again = calibrate(&c, m, set, &second);
    const struct lr_kernel *got = &k->kernel[LR_FAMILY_GEMM][LR_BF16];
    double off[512];
    ck_assert_uint_lt(m->count, 512);
    for (size_t i = 0; i < m->count; i++)
        off[i] = fabs(log(lr_predict(&m->row[i], k, got) / lr_predict(&m->row[i], set, &truth)));
    ck_assert_double_lt(lr_quantile(off, m->count, 0.5), 0.015);
    ck_assert_double_lt(lr_quantile(off, m->count, 1), 0.06);
    ck_assert_double_eq_tol(got->value[LR_GEMM_MEMORY], 0.7, 0.035);
    ck_assert_double_lt(got->fit.median, 0.03);
    ck_assert_str_eq(lr_text_str(&first), lr_text_str(&second)); /* the same rows, the same bytes */
    ck_assert_mem_eq(k, again, sizeof *k);
    ck_assert_double_eq(got->value[LR_GEMM_PACK], 0); /* tensor cores do not have it, nor does their file */
    ck_assert_ptr_null(strstr(lr_text_str(&first), "pack:"));
    free(k);
    free(again);
    lr_measured_free(m);
    lr_kernels_free(set);
    lr_text_free(&shapes);
    lr_text_free(&first);
    lr_text_free(&second);
    close_bench(&b);
}
END_TEST

static const struct lr_kernels *the_set(void *user, const struct lr_hardware *hw, const char *engine)
{
    (void)hw;
    (void)engine;
    return user;
}

static struct lr_group total_of(const struct lr_measured *m, struct lr_kernels *set, bool include_fitted)
{
    struct lr_validation v;
    struct lr_diags ds = {0};
    ck_assert(lr_validate(&m, 1, the_set, set, include_fitted, &v, &ds));
    suite_no_errors(&ds);
    const struct lr_group total = v.total;
    ck_assert_uint_eq(total.n + v.left_out, m->count);
    ck_assert_uint_eq(v.points, total.n);
    lr_validation_free(&v);
    return total;
}

/* Predictions are 0.8 of the measured times: every error is -0.2, log(measured/predicted) is log(1.25) = 0.2231, and
 * the interval has all rows or none. */
START_TEST(validation_by_hand)
{
    struct bench b = open_bench();
    struct lr_kernels *set = load_kernels(&b, "hopper");
    struct lr_kernel truth = {.present = true}, *const fast = &set->kernel[LR_FAMILY_BMM][LR_BF16];
    struct lr_text shapes = {0};
    for (int heads = 1; heads <= 64; heads++)
        lr_text_addf(&shapes, "h100,mla_gen_pre,bf16,32,%d\n", heads);
    truth.value[LR_BMM_FIXED] = 7e-6;
    truth.value[LR_BMM_MEMORY] = 0.5;
    truth.value[LR_BMM_COMPUTE] = 0.4;
    *fast = truth;
    fast->value[LR_BMM_FIXED] *= 0.8;
    fast->value[LR_BMM_MEMORY] /= 0.8;
    fast->value[LR_BMM_COMPUTE] /= 0.8;
    static const char *const h100 = "h100";
    fast->fit.chips = (struct lr_chip_list){.name = &h100, .count = 1};
    fast->fit.high = 0.224;
    struct lr_measured *m = rows_of(&b, "gpu,which,dtype,tokens,heads,latency_us", &shapes, set, &truth, 0);
    struct lr_group g = total_of(m, set, true);
    ck_assert_uint_eq(g.n, 64);
    ck_assert_double_eq_tol(g.median_ape, 0.2, 1e-6);
    ck_assert_double_eq_tol(g.p90_ape, 0.2, 1e-6);
    ck_assert_double_eq_tol(g.bias, -0.2, 1e-6);
    ck_assert_double_eq_tol(g.worst, -0.2, 1e-6);
    ck_assert_double_eq(g.coverage, 1);
    fast->fit.high = 0.222;
    g = total_of(m, set, true);
    ck_assert_double_eq(g.coverage, 0);
    size_t held_out = 0;
    for (size_t i = 0; i < m->count; i++)
        held_out += m->row[i].held_out;
    ck_assert(held_out > 16 && held_out < 48);
    ck_assert_uint_eq(total_of(m, set, false).n, held_out);
    lr_measured_free(m);
    lr_kernels_free(set);
    lr_text_free(&shapes);
    close_bench(&b);
}
END_TEST

/* Rows of two chips, a third of them of an A100, in a file each and in one file. The figures of a chip are those of its
 * rows alone. */
START_TEST(validation_by_chip)
{
    struct bench b = open_bench();
    struct lr_kernels *set = load_kernels(&b, "hopper");
    struct lr_kernel truth = set->kernel[LR_FAMILY_BMM][LR_BF16];
    struct lr_text both = {0}, alone[2] = {{0}};
    static const char *const chip[2] = {"a100", "h100"};
    truth.value[LR_BMM_FIXED] *= 1.5;
    for (int heads = 1; heads <= 48; heads++) {
        const int c = heads % 3 > 0;
        lr_text_addf(&both, "%s,mla_gen_pre,bf16,32,%d\n", chip[c], heads);
        lr_text_addf(&alone[c], "%s,mla_gen_pre,bf16,32,%d\n", chip[c], heads);
    }
    static const char columns[] = "gpu,which,dtype,tokens,heads,latency_us";
    struct lr_measured *m = rows_of(&b, columns, &both, set, &truth, 0),
                       *again = rows_of(&b, columns, &both, set, &truth, 0);
    struct lr_validation v;
    struct lr_diags ds = {0};
    const struct lr_measured *const files[] = {m, again};
    ck_assert(lr_validate(files, 2, the_set, set, true, &v, &ds));
    suite_no_errors(&ds);
    ck_assert_uint_eq(v.chips, 2);
    ck_assert_uint_eq(v.chip[0].n, 32);
    ck_assert_uint_eq(v.total.n, 96);
    lr_validation_free(&v);
    lr_measured_free(again);
    ck_assert(lr_validate(files, 1, the_set, set, true, &v, &ds));
    ck_assert_uint_eq(v.chips, 2);
    for (int c = 0; c < 2; c++) {
        struct lr_measured *part = rows_of(&b, columns, &alone[c], set, &truth, 0);
        const struct lr_group of = total_of(part, set, true);
        ck_assert_str_eq(v.chip[c].hardware->name, chip[c]);
        ck_assert_uint_eq(v.chip[c].n, c ? 32 : 16);
        ck_assert_uint_eq(v.chip[c].n, of.n);
        ck_assert_double_eq(v.chip[c].median_ape, of.median_ape);
        ck_assert_double_eq_tol(v.chip[c].mean_ape, of.mean_ape, 1e-12);
        ck_assert_double_eq(v.chip[c].p90_ape, of.p90_ape);
        ck_assert_double_eq(v.chip[c].coverage, of.coverage);
        lr_measured_free(part);
        lr_text_free(&alone[c]);
    }
    ck_assert(v.chip[0].median_ape != v.chip[1].median_ape);
    ck_assert_uint_eq(v.total.n, 48);
    lr_validation_free(&v);
    lr_measured_free(m);
    lr_kernels_free(set);
    lr_text_free(&both);
    close_bench(&b);
}
END_TEST

/* A processor streams the weights for a few rows and packs them for many. Both constants come back, and are read back
 * from the file. */
START_TEST(vector_units_pack)
{
    static const char *const xeon[] = {"xeon-8480"};
    struct bench b = open_bench();
    struct lr_kernels *set = load_kernels(&b, "generic");
    const struct lr_kernel truth = {.value = {[LR_GEMM_FIXED] = 2e-6,
                                              [LR_GEMM_MEMORY] = 0.7,
                                              [LR_GEMM_CORE_RATE] = 3e12,
                                              [LR_GEMM_TILE_LOSS] = 1,
                                              [LR_GEMM_SPLIT] = 0.5,
                                              [LR_GEMM_TILE_LEAST] = 1,
                                              [LR_GEMM_TILE_MOST] = 128,
                                              [LR_GEMM_TILE_WIDTH] = 64,
                                              [LR_GEMM_PACK] = 1.5}};
    struct lr_text shapes = {0}, file = {0};
    for (int m = 1; m <= 64; m = m < 4 ? m + 1 : 2 * m)
        for (int n = 1536; n <= 24576; n *= 2)
            for (int k = 2048; k <= 8192; k *= 2)
                lr_text_addf(&shapes, "xeon-8480,fp32,%d,%d,%d\n", m, n, k);
    struct lr_measured *m = rows_of(&b, "gpu,dtype,m,n,k,latency_us", &shapes, set, &truth, 0.03);
    const struct lr_calibration c = {.name = "newchip", .base = "generic", .hardware = xeon, .hardware_count = 1};
    struct lr_kernels *k = calibrate(&c, m, set, &file);
    write_in(&b, "kernels/newchip.yaml", &file);
    struct lr_kernels *read = load_kernels(&b, "newchip");
    const struct lr_kernel *got = &read->kernel[LR_FAMILY_GEMM][LR_FP32];
    ck_assert_mem_eq(got->value, k->kernel[LR_FAMILY_GEMM][LR_FP32].value, sizeof got->value);
    ck_assert_double_eq_tol(got->value[LR_GEMM_PACK], 1.5, 0.1);
    ck_assert_double_eq(got->value[LR_GEMM_TILE_LEAST], 1);
    for (size_t i = 0; i < m->count; i++)
        ck_assert_double_lt(fabs(log(lr_predict(&m->row[i], read, got) / lr_predict(&m->row[i], set, &truth))), 0.05);
    free(k);
    lr_measured_free(m);
    lr_kernels_free(set);
    lr_kernels_free(read);
    lr_text_free(&shapes);
    lr_text_free(&file);
    close_bench(&b);
}
END_TEST

/* As docs/add-a-chip.md promises: for a chip that is known by its datasheet, five measured products give a set that is
 * closer to them, also when it is read back from its file. */
START_TEST(five_rows_of_a_new_chip_help)
{
    static const double fixed[] = {9e-6, 2e-6, 4e-6, 15e-6}, memory[] = {0.6, 0.95, 0.45, 0.75};
    struct bench b = open_bench();
    struct lr_kernels *prior = load_kernels(&b, "hopper");
    struct lr_kernel truth = prior->kernel[LR_FAMILY_GEMM][LR_BF16];
    struct lr_text shapes = {0}, first = {0}, second = {0};
    truth.value[LR_GEMM_FIXED] = fixed[_i % 4];
    truth.value[LR_GEMM_MEMORY] = memory[_i % 4];
    lr_text_add(&shapes, "newchip,bf16,1,6144,4096\nnewchip,bf16,16,28672,4096\nnewchip,bf16,32,4096,14336\n"
                         "newchip,bf16,64,5120,8192\nnewchip,bf16,256,4096,4096\n");
    struct lr_measured *m = rows_of(&b, "gpu,dtype,m,n,k,latency_us", &shapes, prior, &truth, 0.01);
    const struct lr_calibration c = {.name = "newchip", .base = "hopper", .hardware = NEWCHIP, .hardware_count = 1};
    struct lr_kernels *k = calibrate(&c, m, prior, &first), *again = calibrate(&c, m, prior, &second);
    ck_assert_str_eq(first.at, second.at);
    write_in(&b, "kernels/newchip.yaml", &first);
    struct lr_kernels *set = load_kernels(&b, "newchip");
    ck_assert_mem_eq(set->kernel[LR_FAMILY_GEMM][LR_BF16].value, k->kernel[LR_FAMILY_GEMM][LR_BF16].value,
                     sizeof truth.value);
    ck_assert(set->kernel[LR_FAMILY_MLA][LR_BF16].present); /* from the base */
    const struct lr_group before = total_of(m, prior, true), after = total_of(m, set, true);
    ck_assert_uint_eq(before.n, 5);
    ck_assert_uint_eq(after.n, 5);
    ck_assert_msg(after.median_ape < 0.5 * before.median_ape, "median %g, was %g", after.median_ape, before.median_ape);
    ck_assert_msg(after.p90_ape < before.p90_ape, "p90 %g, was %g", after.p90_ape, before.p90_ape);
    ck_assert_msg(fabs(after.worst) < fabs(before.worst), "worst %g, was %g", after.worst, before.worst);
    free(k);
    free(again);
    lr_measured_free(m);
    lr_kernels_free(set);
    lr_kernels_free(prior);
    lr_text_free(&shapes);
    lr_text_free(&first);
    lr_text_free(&second);
    close_bench(&b);
}
END_TEST

/* No rows, two rows, rows of another chip, flagged rows. No shape is held out. */
START_TEST(too_few_rows_are_refused)
{
    static const char *const lines[] = {"h100,bf16,1,6144,4096,,30\nh100,bf16,16,6144,4096,,30\n",
                                        "h200,bf16,1,6144,4096,,30\nh200,bf16,16,6144,4096,,30\n"
                                        "h200,bf16,32,6144,4096,,30\nh200,bf16,256,6144,4096,,30\n",
                                        "h100,bf16,1,6144,4096,l2,30\nh100,bf16,16,6144,4096,l2,30\n"
                                        "h100,bf16,32,6144,4096,l2,30\nh100,bf16,256,6144,4096,l2,30\n"};
    struct bench b = open_bench();
    const struct lr_calibration c = {.name = "newchip", .hardware = H100, .hardware_count = 1};
    struct lr_kernels *k = calloc(1, sizeof *k);
    struct lr_fitted *fitted = calloc(LR_FITTED_MAX, sizeof *fitted);
    ck_assert(k && fitted);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct lr_text text = {0};
        struct lr_diags ds = {0};
        lr_text_addf(&text, "gpu,dtype,m,n,k,flag,latency_us\n%s", lines[i]);
        write_in(&b, "rows.csv", &text);
        struct lr_measured *m = load_rows(&b);
        const struct lr_measured *const files[] = {m};
        ck_assert_uint_eq(lr_calibrate(&c, files, 1, NULL, k, fitted, &ds), 0);
        ck_assert_uint_eq(ds.errors, 1);
        ck_assert_ptr_nonnull(strstr(ds.item[0].message, "too few unflagged rows for this selection"));
        ck_assert(!k->kernel[LR_FAMILY_GEMM][LR_BF16].present);
        lr_measured_free(m);
        lr_text_free(&text);
        lr_diags_free(&ds);
    }
    free(k);
    free(fitted);
    close_bench(&b);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {quantiles,
                                  known_parameters_come_back,
                                  bounds_hold,
                                  outliers_lose_weight,
                                  unidentified_parameters_are_reported,
                                  constants_come_back,
                                  terms_that_rows_do_not_show_are_removed,
                                  predictions_stay_within_the_noise,
                                  vector_units_pack,
                                  validation_by_hand,
                                  validation_by_chip,
                                  too_few_rows_are_refused};
    const TTest *const chips[] = {five_rows_of_a_new_chip_help};
    const int failed = suite_run("fit", tests, sizeof tests / sizeof *tests, 1);
    return suite_run("fit, new chips", chips, 1, 4) || failed;
}
