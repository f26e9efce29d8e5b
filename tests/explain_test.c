/* SPDX-License-Identifier: Apache-2.0 */
/* Explanations: differences that add up, flips that a search over every number finds too, levers compared with changed
 * profiles. */
#include "suite.h"

#include <llmroof/explain.h>

#include <math.h>

/* Two sides of one model. */
struct pair {
    struct lr_catalog *c;
    struct lr_model *m;
    struct lr_runtime *rt;
    struct lr_hardware *hw[2];
    struct lr_kernels *k[2];
    struct lr_deployment d;
    struct lr_plan *plan[2];
};

struct setting {
    const char *model, *left, *right, *runtime;
    double gpus, ep, context, batch;
};

static struct pair pair_open(const struct setting *s, const struct lr_override *set)
{
    const char *const name[2] = {s->left, s->right};
    struct lr_diags ds = {0};
    struct pair p = {.c = suite_catalog()};
    p.d = (struct lr_deployment){.gpus = s->gpus, .ep = s->ep, .weights = LR_DTYPE_NONE, .kv = LR_DTYPE_NONE};
    p.m = lr_catalog_model(p.c, s->model, NULL, 0, &ds);
    p.rt = lr_catalog_runtime(p.c, s->runtime ? s->runtime : "bare", NULL, 0, &ds);
    suite_no_errors(&ds);
    for (int i = 0; i < 2; i++) {
        p.hw[i] = lr_catalog_hardware(p.c, name[i], set, set && i == 1, &ds);
        suite_no_errors(&ds);
        p.k[i] = suite_kernels(p.c, p.hw[i]);
        p.plan[i] = lr_plan_new(p.hw[i], p.m, p.rt, p.k[i], &p.d, &ds);
        suite_no_errors(&ds);
    }
    lr_diags_free(&ds);
    return p;
}

static void pair_close(struct pair *p)
{
    for (int i = 0; i < 2; i++) {
        lr_plan_free(p->plan[i]);
        lr_kernels_free(p->k[i]);
        lr_hardware_free(p->hw[i]);
    }
    lr_runtime_free(p->rt);
    lr_model_free(p->m);
    lr_catalog_free(p->c);
}

static struct lr_side side_of(const struct pair *p, int i)
{
    return (struct lr_side){p->hw[i], p->k[i], p->m, p->rt, &p->d};
}

static double tpot_of(const struct lr_plan *p, const struct lr_workload *w)
{
    struct lr_estimate e;
    lr_plan_estimate(p, w, &e);
    return e.tpot_s;
}

static void near(double a, double b, double relative, const char *what)
{
    ck_assert_msg(fabs(a - b) <= relative * fabs(b), "%s: %.17g, expected %.17g", what, a, b);
}

/* Dense and MLA models, one chip and many, formats that one side lacks, overlap and host time, a different
 * architecture. */
static const struct setting settings[] = {
    {"llama-3.1-8b", "h20", "h100", NULL, 1, 0, 4096, 8},
    {"llama-3.1-70b", "h100", "a100", "vllm", 4, 0, 2048, 16},
    {"deepseek-v2", "h20", "a100", NULL, 8, 8, 4096, 32},
    {"deepseek-v3", "h20", "h200", "deepseek", 16, 16, 4096, 256},
    {"deepseek-v3", "a100", "h20", "sglang", 32, 32, 1024, 64},
    {"qwen3-8b", "mi300x", "h20", NULL, 1, 0, 8192, 4},
    {"llama-3.1-8b", "h100-pcie", "h100", NULL, 2, 0, 4096, 8},
    {"qwen3-30b-a3b", "b200", "a100", NULL, 1, 0, 4096, 64},
    {"deepseek-v2-lite", "h20", "h100", NULL, 1, 0, 4096, 8},
    {"llama-3.1-70b", "h20", "h100", "vllm", 4, 0, 4096, 32},
    {"qwen2.5-32b", "h20", "l40s", NULL, 4, 0, 4096, 32},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

START_TEST(operators_add_up)
{
    static struct lr_difference row[LR_DIFFERENCES_MAX];
    struct pair p = pair_open(&settings[_i], NULL);
    const struct lr_workload w = {settings[_i].batch, settings[_i].context, 1};
    const size_t n = lr_explain_operators(p.plan[0], p.plan[1], &w, row);
    double left_s = 0, right_s = 0;
    ck_assert_uint_gt(n, 5);
    for (size_t i = 0; i < n; i++) {
        left_s += row[i].left_s;
        right_s += row[i].right_s;
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(row[i].name, row[k].name);
        if (i > 0)
            ck_assert(fabs(row[i].right_s - row[i].left_s) <= fabs(row[i - 1].right_s - row[i - 1].left_s));
    }
    near(left_s, tpot_of(p.plan[0], &w), 1e-8, "left");
    near(right_s, tpot_of(p.plan[1], &w), 1e-8, "right");
    pair_close(&p);
}
END_TEST

START_TEST(causes_add_up)
{
    struct pair p = pair_open(&settings[_i], NULL);
    const struct lr_workload w = {settings[_i].batch, settings[_i].context, 1};
    const struct lr_side left = side_of(&p, 0), right = side_of(&p, 1);
    struct lr_waterfall f, back, self;
    struct lr_diags ds = {0};
    double sum_s = 0;
    ck_assert(lr_explain_causes(&left, &right, &w, &f, &ds));
    ck_assert(lr_explain_causes(&right, &left, &w, &back, &ds));
    ck_assert(lr_explain_causes(&left, &left, &w, &self, &ds));
    ck_assert(f.level_s[0] == tpot_of(p.plan[0], &w) && f.level_s[LR_CAUSE_COUNT] == tpot_of(p.plan[1], &w));
    ck_assert(back.level_s[0] == f.level_s[LR_CAUSE_COUNT] && back.level_s[LR_CAUSE_COUNT] == f.level_s[0]);
    for (int c = 0; c < LR_CAUSE_COUNT; c++) {
        sum_s += f.level_s[c + 1] - f.level_s[c];
        ck_assert_msg(self.level_s[c + 1] == self.level_s[0], "%s changes a chip into itself",
                      lr_cause_name((enum lr_cause)c));
    }
    near(f.level_s[0] + sum_s, f.level_s[LR_CAUSE_COUNT], 1e-12, "sum");
    /* from H20 to H100 bandwidth falls and the peak grows: the bars must show this */
    if (_i == 0) {
        ck_assert(f.level_s[LR_CAUSE_BANDWIDTH + 1] > f.level_s[LR_CAUSE_BANDWIDTH]);
        ck_assert(f.level_s[LR_CAUSE_PEAK + 1] < f.level_s[LR_CAUSE_PEAK]);
        ck_assert(f.level_s[LR_CAUSE_LAYOUT + 1] == f.level_s[0] && f.level_s[LR_CAUSE_HOST + 1] == f.level_s[8]);
    }
    suite_no_errors(&ds);
    pair_close(&p);
}
END_TEST

/* If the profiles differ in one field only, its bar is the whole difference. */
START_TEST(one_field_is_one_cause)
{
    static const struct {
        struct lr_override set;
        enum lr_cause cause;
    } row[] = {
        {{"memory.bandwidth", "4.8 TB/s"}, LR_CAUSE_BANDWIDTH},
        {{"compute.peak.bf16", "120 TFLOP/s"}, LR_CAUSE_PEAK},
        {{"compute.units", "70"}, LR_CAUSE_UNITS},
        {{"scale_up.bandwidth", "200 GB/s"}, LR_CAUSE_LINKS},
    };
    const struct setting s = {"llama-3.1-70b", "h20", "h20", NULL, 4, 0, 4096, 32};
    const struct lr_workload w = {s.batch, s.context, 1};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct pair p = pair_open(&s, &row[i].set);
        const struct lr_side left = side_of(&p, 0), right = side_of(&p, 1);
        struct lr_waterfall f;
        struct lr_diags ds = {0};
        ck_assert(lr_explain_causes(&left, &right, &w, &f, &ds));
        ck_assert(f.level_s[0] != f.level_s[LR_CAUSE_COUNT]);
        for (int c = 0; c < LR_CAUSE_COUNT; c++)
            ck_assert_msg(f.level_s[c + 1] == f.level_s[c > (int)row[i].cause - 1 ? LR_CAUSE_COUNT : 0], "%s: %s",
                          row[i].set.path, lr_cause_name((enum lr_cause)c));
        pair_close(&p);
    }
}
END_TEST

/* Every whole number, one by one. */
START_TEST(flips_agree_with_a_full_search)
{
    static const double contexts[] = {512, 4096, 20000};
    size_t found = 0;
    for (size_t n = 0; n < SETTINGS; n++) {
        struct pair p = pair_open(&settings[n], NULL);
        for (size_t k = 0; k < 6; k++) {
            const enum lr_axis axis = k < 3 ? LR_AXIS_BATCH : LR_AXIS_CONTEXT;
            struct lr_workload w = {k < 3 ? 1 : 1 << (2 * (k - 2)), contexts[k % 3], 1};
            struct lr_crossover c;
            size_t flip = 0;
            lr_explain_crossover(p.plan[0], p.plan[1], &w, axis, 3000, &c);
            bool leads = c.left_first;
            for (double x = 1; x <= c.most; x++) {
                struct lr_estimate l, r;
                *(axis == LR_AXIS_BATCH ? &w.batch : &w.context) = x;
                lr_plan_estimate(p.plan[0], &w, &l);
                lr_plan_estimate(p.plan[1], &w, &r);
                ck_assert(l.fits && r.fits);
                const bool now = l.tpot_s < r.tpot_s;
                if (x == 1)
                    ck_assert(now == leads);
                if (now != leads) {
                    ck_assert_msg(flip < c.flips, "%s %s %s: a flip at %g is not found", settings[n].model,
                                  settings[n].left, settings[n].right, x);
                    ck_assert_msg(c.flip[flip].at == x, "%s: flip at %g, a walk says %g", settings[n].model,
                                  c.flip[flip].at, x);
                    leads = now;
                    flip++;
                    found++;
                }
            }
            ck_assert_uint_eq(flip, c.flips);
        }
        pair_close(&p);
    }
    ck_assert_uint_gt(found, 3);
}
END_TEST

/* The order is undecided between the ends of a band, and decided just outside. */
START_TEST(bands_of_flips)
{
    static const struct setting s = {"llama-3.1-8b", "h20", "h100", NULL, 1, 0, 4096, 1};
    struct pair p = pair_open(&s, NULL);
    struct lr_workload w = {1, s.context, 1};
    struct lr_crossover c;
    lr_explain_crossover(p.plan[0], p.plan[1], &w, LR_AXIS_BATCH, 1e5, &c);
    ck_assert_uint_ge(c.flips, 1);
    ck_assert(c.flip[0].open_from >= 1 && c.flip[0].open_from <= c.flip[0].at);
    ck_assert(c.flip[0].open_to >= c.flip[0].at && c.flip[0].open_to <= c.most);
    for (double x = fmax(1, c.flip[0].open_from - 1); x <= fmin(c.most, c.flip[0].open_to + 1); x++) {
        struct lr_estimate l, r;
        w.batch = x;
        lr_plan_estimate(p.plan[0], &w, &l);
        lr_plan_estimate(p.plan[1], &w, &r);
        ck_assert_msg((lr_compare(&l, &r, 1) == LR_OUTCOME_CLOSE) ==
                          (x >= c.flip[0].open_from && x <= c.flip[0].open_to),
                      "batch %g", x);
    }
    pair_close(&p);
}
END_TEST

START_TEST(no_flips_if_nothing_fits)
{
    static const struct setting s = {"llama-3.1-405b", "h20", "h100", NULL, 1, 0, 4096, 1};
    struct pair p = pair_open(&s, NULL);
    const struct lr_workload w = {1, 4096, 1};
    struct lr_crossover c;
    lr_explain_crossover(p.plan[0], p.plan[1], &w, LR_AXIS_BATCH, 1e5, &c);
    ck_assert(c.most == 0 && c.flips == 0);
    pair_close(&p);
}
END_TEST

/* One per cent more in the profile, through the loader and the plan. */
START_TEST(elasticities_agree_with_changed_profiles)
{
    static const struct {
        struct lr_override set;
        enum lr_lever lever;
    } row[] = {{{"memory.bandwidth", "4.04 TB/s"}, LR_LEVER_BANDWIDTH},
               {{"compute.peak.bf16", "149.48 TFLOP/s"}, LR_LEVER_PEAK},
               {{"scale_up.bandwidth", "454.5 GB/s"}, LR_LEVER_LINKS}};
    const struct setting s = {"llama-3.1-70b", "h20", "h20", NULL, 4, 0, 4096, 32};
    const struct lr_workload w = {s.batch, s.context, 1};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        static struct lr_elasticity x;
        struct pair p = pair_open(&s, &row[i].set);
        ck_assert(lr_explain_elasticity(p.plan[0], &w, &x));
        const double fall = 100 * (1 - tpot_of(p.plan[1], &w) / tpot_of(p.plan[0], &w));
        ck_assert(fall > 0);
        near(x.step[row[i].lever], fall, 1e-6, row[i].set.path);
        pair_close(&p);
    }
}
END_TEST

/* Elasticities agree with -d ln T / d ln X by central differences of a thousandth. */
START_TEST(elasticities_are_derivatives)
{
    static struct lr_elasticity x;
    struct pair p = pair_open(&settings[_i], NULL);
    const struct lr_workload w = {settings[_i].batch, settings[_i].context, 1};
    ck_assert(lr_explain_elasticity(p.plan[0], &w, &x));
    for (int l = 0; l < LR_LEVER_UNITS; l++) { /* tiles on units change in steps */
        struct lr_plan *up = lr_plan_scaled(p.plan[0], (enum lr_lever)l, 1.001, &w);
        struct lr_plan *down = lr_plan_scaled(p.plan[0], (enum lr_lever)l, 1 / 1.001, &w);
        const double slope = -log(tpot_of(up, &w) / tpot_of(down, &w)) / (2 * log(1.001));
        double sum = 0;
        for (size_t i = 0; i < x.ops; i++) {
            ck_assert(x.op[i][l] > -1e-9);
            sum += x.op[i][l];
        }
        ck_assert_msg(fabs(x.step[l] - slope) < 0.02 * fabs(slope) + 1e-6, "%s: %g, derivative %g",
                      lr_lever_name((enum lr_lever)l), x.step[l], slope);
        if (!p.rt->two_batch_overlap && !p.rt->shared_overlap)
            ck_assert_msg(fabs(sum - x.step[l]) < 1e-9, "%s: operators %g, step %g", lr_lever_name((enum lr_lever)l),
                          sum, x.step[l]);
        ck_assert(slope >= 0 && slope <= 1);
        lr_plan_free(up);
        lr_plan_free(down);
    }
    pair_close(&p);
}
END_TEST

/* Half the bits: the cache of a layer has 2 x 32 x 4096 x 8 x 128 elements of 2 bytes, 536870912 bytes; queries and
 * outputs 2 x 32 x 32 x 128 x 2 = 524288. (268435456 + 524288)/(536870912 + 524288) = 0.5004878. */
START_TEST(half_the_bits_of_the_cache)
{
    struct lr_op_estimate before[LR_OPS_MAX], after[LR_OPS_MAX];
    struct pair p = pair_open(&settings[0], NULL);
    const struct lr_workload w = {32, 4096, 1};
    struct lr_plan *half = lr_plan_scaled(p.plan[0], LR_LEVER_KV_BITS, 2, &w);
    const size_t n = lr_plan_operators(p.plan[0], &w, before);
    struct lr_estimate e, f;
    bool seen = false;
    lr_plan_operators(half, &w, after);
    for (size_t i = 0; i < n; i++) {
        if (before[i].family == LR_FAMILY_ATTENTION) {
            near(after[i].memory_s / before[i].memory_s, 0.5004878, 1e-6, "attention");
            seen = true;
        } else if (before[i].family == LR_FAMILY_GEMM) {
            ck_assert(after[i].time_s == before[i].time_s);
        }
    }
    ck_assert(seen);
    lr_plan_estimate(p.plan[0], &w, &e);
    lr_plan_estimate(half, &w, &f);
    near(f.memory.kv_bytes, e.memory.kv_bytes / 2, 1e-12, "cache");
    lr_plan_free(half);
    pair_close(&p);
}
END_TEST

/* A remedy must reach the goal, and a thousandth less must not. */
START_TEST(remedies_are_minimal)
{
    const struct setting *s = &settings[_i];
    struct pair p = pair_open(s, NULL);
    const struct lr_workload w = {s->batch, s->context, 1};
    const double now_s = tpot_of(p.plan[0], &w);
    for (int l = 0; l < LR_LEVER_UNITS; l++) {
        const struct lr_goal g = {.of = LR_GOAL_TPOT, .value = 0.97 * now_s};
        struct lr_remedy r;
        struct lr_estimate e;
        ck_assert(lr_explain_remedy(p.plan[0], &w, &g, (enum lr_lever)l, &r));
        struct lr_plan *most = lr_plan_scaled(p.plan[0], (enum lr_lever)l, 1e6, &w);
        lr_plan_estimate(most, &w, &e);
        ck_assert(r.possible == lr_goal_met(&g, &e));
        lr_plan_free(most);
        if (!r.possible)
            continue;
        ck_assert(r.factor > 1 && r.best <= g.value);
        struct lr_plan *less = lr_plan_scaled(p.plan[0], (enum lr_lever)l, r.factor * 0.999, &w);
        ck_assert(tpot_of(less, &w) > g.value);
        lr_plan_free(less);
    }
    pair_close(&p);
}
END_TEST

START_TEST(goals_that_cannot_be_reached)
{
    struct pair p = pair_open(&settings[0], NULL);
    const struct lr_workload w = {8, 4096, 1};
    const struct lr_goal far = {.of = LR_GOAL_TPOT, .value = 1e-6}, met = {.of = LR_GOAL_TOKENS, .value = 1};
    struct lr_remedy r;
    for (int l = 0; l < LR_LEVER_COUNT; l++) {
        ck_assert(lr_explain_remedy(p.plan[0], &w, &far, (enum lr_lever)l, &r));
        ck_assert(!r.possible && r.best > far.value && r.best <= tpot_of(p.plan[0], &w));
        ck_assert(lr_explain_remedy(p.plan[0], &w, &met, (enum lr_lever)l, &r));
        ck_assert(r.possible && r.factor == 1);
    }
    pair_close(&p);
}
END_TEST

/* 70e9 parameters in BF16 are 141 GB: one chip has too little memory, and only capacity helps. */
START_TEST(capacity_and_gpus)
{
    static const struct setting s = {"llama-3.1-70b", "h100", "h100", NULL, 1, 0, 4096, 1};
    struct pair p = pair_open(&s, NULL);
    const struct lr_workload w = {1, 4096, 1};
    const struct lr_goal g = {.of = LR_GOAL_TPOT, .value = 1};
    const struct lr_side side = side_of(&p, 0);
    struct lr_remedy r;
    ck_assert(lr_explain_remedy(p.plan[0], &w, &g, LR_LEVER_BANDWIDTH, &r));
    ck_assert(!r.possible && isnan(r.best));
    ck_assert(lr_explain_remedy(p.plan[0], &w, &g, LR_LEVER_CAPACITY, &r));
    ck_assert(r.possible);
    ck_assert(r.factor * p.hw[0]->memory.capacity_bytes > 141e9 && r.factor * p.hw[0]->memory.capacity_bytes < 150e9);
    ck_assert(lr_explain_gpus(&side, p.plan[0], &w, &g, &r));
    ck_assert(r.possible && r.gpus == 2);
    pair_close(&p);
}
END_TEST

int main(void)
{
    const TTest *const once[] = {one_field_is_one_cause,
                                 flips_agree_with_a_full_search,
                                 bands_of_flips,
                                 no_flips_if_nothing_fits,
                                 elasticities_agree_with_changed_profiles,
                                 half_the_bits_of_the_cache,
                                 goals_that_cannot_be_reached,
                                 capacity_and_gpus};
    const TTest *const each[] = {operators_add_up, causes_add_up, elasticities_are_derivatives, remedies_are_minimal};
    const int a = suite_run("explain", once, sizeof once / sizeof *once, 1);
    const int b = suite_run("explain, each", each, sizeof each / sizeof *each, SETTINGS);
    return a ? a : b;
}
