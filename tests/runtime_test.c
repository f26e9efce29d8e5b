/* SPDX-License-Identifier: Apache-2.0 */
/* What a runtime adds to a step, by hand on shipped profiles, and the fit of its constants. */
#include "suite.h"

#include <llmroof/calibrate_runtime.h>
#include <llmroof/kernels.h>

#include <math.h>
#include <string.h>
#include <unistd.h>

struct scene {
    struct lr_catalog *c;
    struct lr_hardware *hw;
    struct lr_kernels *k;
    struct lr_model *m;
    struct lr_runtime *rt;
};

static struct scene scene_open(const char *model, const char *hardware)
{
    struct lr_diags ds = {0};
    struct scene s = {.c = suite_catalog()};
    s.hw = lr_catalog_hardware(s.c, hardware, NULL, 0, &ds);
    s.m = lr_catalog_model(s.c, model, NULL, 0, &ds);
    s.rt = lr_catalog_runtime(s.c, "bare", NULL, 0, &ds);
    s.k = lr_catalog_kernels(s.c, "generic", &ds);
    suite_no_errors(&ds);
    lr_diags_free(&ds);
    return s;
}

static void scene_close(struct scene *s)
{
    lr_kernels_free(s->k);
    lr_runtime_free(s->rt);
    lr_model_free(s->m);
    lr_hardware_free(s->hw);
    lr_catalog_free(s->c);
}

static struct lr_plan *plan(const struct scene *s, double tp)
{
    struct lr_diags ds = {0};
    const struct lr_deployment d = {.tp = tp, .weights = LR_DTYPE_NONE, .kv = LR_DTYPE_NONE};
    struct lr_plan *p = lr_plan_new(s->hw, s->m, s->rt, s->k, &d, &ds);
    suite_no_errors(&ds);
    lr_diags_free(&ds);
    return p;
}

static struct lr_estimate step(const struct scene *s, double tp)
{
    struct lr_plan *p = plan(s, tp);
    struct lr_estimate e;
    lr_plan_estimate(p, &(struct lr_workload){8, 4096, 1}, &e);
    lr_plan_free(p);
    return e;
}

static struct lr_op_estimate named(const struct scene *s, double tp, enum lr_role role)
{
    struct lr_op_estimate op[LR_OPS_MAX];
    struct lr_plan *p = plan(s, tp);
    const size_t n = lr_plan_operators(p, &(struct lr_workload){8, 4096, 1}, op);
    size_t i = 0;
    while (i < n && op[i].role != role)
        i++;
    ck_assert_msg(i < n, "no operator '%s'", lr_role_name(role));
    lr_plan_free(p);
    return op[i];
}

static void assert_within(double a, double b, double relative)
{
    ck_assert_msg(fabs(a - b) <= relative * fabs(b), "%.12g, expected %.12g", a, b);
}

/* A graph starts a kernel while the one before it ends, but an all-reduce waits for the last GPU. */
START_TEST(graphs_hide_launches_but_not_links)
{
    struct scene s = scene_open("llama-3.1-8b", "h100");
    const double reduce_s = named(&s, 2, LR_ROLE_ATTN_ALL_REDUCE).time_s,
                 norm_s = named(&s, 2, LR_ROLE_ATTN_NORM).time_s;
    s.rt->launch_hidden = 0.9;
    ck_assert_double_eq(named(&s, 2, LR_ROLE_ATTN_ALL_REDUCE).time_s, reduce_s);
    ck_assert_double_lt(named(&s, 2, LR_ROLE_ATTN_NORM).time_s, norm_s);
    scene_close(&s);
}
END_TEST

/* 4 kernels of attention, 4 of the MLP and its norm a layer, and 3 of the head with the embedding: 32 x 9 + 4 of 20 us
 * take 5.84 ms, more than a small model's kernels; a larger batch fills the time between. */
START_TEST(without_graphs_the_host_launches)
{
    struct scene s = scene_open("llama-3.1-8b", "b200");
    struct lr_op_estimate op[LR_OPS_MAX];
    struct lr_plan *p = plan(&s, 1);
    const size_t n = lr_plan_operators(p, &(struct lr_workload){8, 4096, 1}, op);
    double kernels = 0, kernels_s = 0;
    for (size_t i = 0; i < n; i++) {
        kernels += op[i].count;
        kernels_s += op[i].time_s;
    }
    lr_plan_free(p);
    ck_assert_double_eq(kernels, 32 * 9 + 4);
    s.rt->launch_s = 20e-6;
    ck_assert_double_lt(kernels_s, 5.84e-3);
    const struct lr_estimate e = step(&s, 1);
    assert_within(e.tpot_s, 5.84e-3, 1e-12);
    assert_within(e.host_s, 5.84e-3 - kernels_s, 1e-12);
    s.rt->launch_s = 1e-9;
    assert_within(step(&s, 1).tpot_s, kernels_s, 1e-12);
    scene_close(&s);
}
END_TEST

START_TEST(serial_launches_are_not_hidden)
{
    struct scene s = scene_open("llama-3.1-8b", "h100");
    const double whole_s = step(&s, 1).tpot_s;
    s.rt->launch_hidden = 0.9;
    ck_assert_double_lt(step(&s, 1).tpot_s, whole_s);
    s.hw->compute.serial_launches = true;
    ck_assert_double_eq(step(&s, 1).tpot_s, whole_s);
    scene_close(&s);
}
END_TEST

/* Of the 60 layers of Qwen3.5-397B 45 keep a state; all of DeepSeek-V3.2's 61 have an index; Llama has neither. */
START_TEST(mixers_have_small_kernels_of_their_own)
{
    static const struct {
        const char *model;
        double layers;
    } row[] = {{"qwen3.5-397b-a17b", 45}, {"deepseek-v3.2", 61}, {"llama-3.1-8b", 0}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct scene s = scene_open(row[i].model, "h200");
        s.rt->mixer_overhead_s = 1e-5;
        assert_within(step(&s, 8).host_s, row[i].layers * 1e-5, 1e-12);
        scene_close(&s);
    }
}
END_TEST

/* Seven links of 64 GB/s: two GPUs share one of them, eight GPUs have all. A floor is half, or seven eighths, of what a
 * rank has: 32 times 8 tokens of 4096 x 2 B. */
START_TEST(a_mesh_has_one_link_for_each_peer)
{
    struct scene s = scene_open("llama-3.1-8b", "mi300x");
    const double bytes = 32 * 8 * 4096 * 2;
    assert_within(named(&s, 2, LR_ROLE_ATTN_ALL_REDUCE).floor_s, bytes * 0.5 / 64e9, 1e-12);
    assert_within(named(&s, 8, LR_ROLE_ATTN_ALL_REDUCE).floor_s, bytes * 0.875 / 448e9, 1e-12);
    s.hw->scale_up.topology = LR_TOPOLOGY_SWITCH;
    assert_within(named(&s, 2, LR_ROLE_ATTN_ALL_REDUCE).floor_s, bytes * 0.5 / 448e9, 1e-12);
    scene_close(&s);
}
END_TEST

START_TEST(a_chip_that_its_fit_has_not_seen_widens_the_interval)
{
    struct scene s = scene_open("llama-3.1-8b", "h100");
    s.rt->spread_low = s.rt->spread_high = 0;
    const struct lr_estimate plain = step(&s, 1);
    s.rt->transfer = 0.5;
    static const char *const seen[] = {"b200", "h100"}, *const unseen[] = {"b200", "h100x"};
    s.rt->chips = (struct lr_chip_list){seen, 2};
    assert_within(step(&s, 1).tpot_high_s, plain.tpot_high_s, 1e-12);
    s.rt->chips = (struct lr_chip_list){unseen, 2};
    const double grown = expm1(1.2815515655446004 * 0.5) * plain.tpot_s, own = plain.tpot_high_s - plain.tpot_s;
    assert_within(step(&s, 1).tpot_high_s - plain.tpot_s, sqrt(grown * grown + own * own), 1e-12);
    ck_assert_double_lt(step(&s, 1).tpot_low_s, plain.tpot_low_s);
    scene_close(&s);
}
END_TEST

/* Served runs whose times are those of a runtime with constants that the fit does not know. */
struct runs {
    struct lr_catalog *c;
    struct lr_benchmark *b;
    struct lr_kernels *k;
    struct lr_runtime *truth;
    struct lr_plan *plan[256];
};

static const struct lr_plan *plan_of(void *user, const struct lr_benchmark_row *r, const char **why)
{
    struct runs *const runs = user;
    const size_t i = (size_t)(r - runs->b->row);
    (void)why;
    if (!runs->plan[i]) {
        struct lr_diags ds = {0};
        runs->plan[i] = lr_plan_new(r->hardware, r->model, runs->truth, runs->k, &r->deployment, &ds);
        suite_no_errors(&ds);
        lr_diags_free(&ds);
    }
    return runs->plan[i];
}

static void runs_open(struct runs *runs)
{
    char path[] = "/tmp/llmroof-runtime-XXXXXX";
    struct lr_diags ds = {0};
    FILE *f = fdopen(mkstemp(path), "w");
    ck_assert_ptr_nonnull(f);
    fprintf(f, "backend,model_path,system,mode,isl,osl,gemm_quant_mode,moe_quant_mode,batch_size,tp_size,moe_ep_size,"
               "silicon_tpot_ms\n");
    for (int i = 0; i < 120; i++)
        fprintf(f, "vllm,%s,%s,agg,%d,%d,bfloat16,,%d,%d,1,1\n", i % 3 ? "meta-llama/Llama-3.1-8B" : "Qwen/Qwen3-32B",
                i % 5 ? "h100_sxm" : "b200_sxm", 256 << i % 4, 128 << i % 3, 1 << i % 7, 1 << i % 4);
    for (int i = 0; i < 40; i++)
        fprintf(f, "sglang,qwen3.5-397b-a17b,b200_sxm,agg,%d,512,bfloat16,,%d,8,1,1\n", 128 << i % 5, 1 << i % 8);
    fclose(f);
    *runs = (struct runs){.c = suite_catalog()};
    runs->b = lr_benchmark_load(path, runs->c, &ds);
    runs->k = lr_catalog_kernels(runs->c, "generic", &ds);
    runs->truth = lr_catalog_runtime(runs->c, "vllm-defaults", NULL, 0, &ds);
    suite_no_errors(&ds);
    lr_diags_free(&ds);
    unlink(path);
    runs->truth->launch_hidden = 0.6;
    runs->truth->prefill_exposed = 0.7;
    runs->truth->layer_overhead_s = 25e-6;
    runs->truth->step_host_s = 1e-3;
    runs->truth->mixer_overhead_s = 60e-6;
    for (size_t i = 0; i < runs->b->count; i++) {
        const char *why = NULL;
        struct lr_benchmark_row *const r = &runs->b->row[i];
        ck_assert_msg(!r->skip, "line %d: %s", r->line, r->skip);
        r->value = lr_benchmark_forecast(r, plan_of(runs, r, &why)).predicted_s;
    }
}

static void runs_close(struct runs *runs)
{
    for (size_t i = 0; i < runs->b->count; i++)
        lr_plan_free(runs->plan[i]);
    lr_runtime_free(runs->truth);
    lr_kernels_free(runs->k);
    lr_benchmark_free(runs->b);
    lr_catalog_free(runs->c);
}

START_TEST(constants_of_a_runtime_come_back)
{
    struct runs runs;
    struct lr_diags ds = {0};
    double error[LR_RUNTIME_CONSTANTS];
    const char *chip[LR_CHIP_LIST_MAX];
    runs_open(&runs);
    const struct lr_benchmark *const file = runs.b;
    struct lr_runtime found = *runs.truth;
    found.name = "vllm";
    found.launch_hidden = found.prefill_exposed = found.layer_overhead_s = found.step_host_s = 0;
    found.mixer_overhead_s = 0;
    const size_t rows = lr_calibrate_runtime(&file, 1, plan_of, &runs, &found, error, chip, &ds);
    suite_no_errors(&ds);
    ck_assert_uint_ge(rows, 30);
    ck_assert_uint_le(rows, 90); /* no rows of the other runtime, and none for tests */
    assert_within(found.launch_hidden, 0.6, 0.02);
    assert_within(found.prefill_exposed, 0.7, 0.02);
    assert_within(found.layer_overhead_s, 25e-6, 0.02);
    assert_within(found.step_host_s, 1e-3, 0.05);
    assert_within(found.mixer_overhead_s, 60e-6, 0.02); /* only rows of the other runtime have such layers */
    ck_assert_double_eq(found.spread_high, 0);
    ck_assert_double_lt(found.transfer, 0.002);
    ck_assert(lr_chip_list_has(&found.chips, "h100"));
    ck_assert(lr_chip_list_has(&found.chips, "b200"));
    runs_close(&runs);
}
END_TEST

/* Static batches do not wait for prefills of others, and a chip that starts its kernels one after the other hides no
 * launch. Both constants keep their value, whatever the rows say. */
START_TEST(constants_without_rows_keep_the_base)
{
    struct runs runs;
    struct lr_diags ds = {0};
    double error[LR_RUNTIME_CONSTANTS];
    const char *chip[LR_CHIP_LIST_MAX];
    runs_open(&runs);
    for (size_t i = 0; i < runs.b->count; i++) {
        const char *why = NULL;
        struct lr_benchmark_row *const r = &runs.b->row[i];
        struct lr_hardware *const hw = (struct lr_hardware *)r->hardware;
        lr_plan_free(runs.plan[i]);
        runs.plan[i] = NULL;
        hw->compute.serial_launches = true;
        r->metric = LR_METRIC_LATENCY;
        r->value = lr_benchmark_forecast(r, plan_of(&runs, r, &why)).predicted_s;
    }
    const struct lr_benchmark *const file = runs.b;
    struct lr_runtime found = *runs.truth;
    found.name = "vllm";
    found.launch_hidden = 0.123;
    found.prefill_exposed = 0.456;
    found.layer_overhead_s = 0;
    ck_assert_uint_ge(lr_calibrate_runtime(&file, 1, plan_of, &runs, &found, error, chip, &ds), 30);
    suite_no_errors(&ds);
    ck_assert_double_eq(found.launch_hidden, 0.123);
    ck_assert_double_eq(found.prefill_exposed, 0.456);
    ck_assert(isnan(error[0]) && isnan(error[1]) && !isnan(error[2]));
    assert_within(found.layer_overhead_s, 25e-6, 0.02);
    runs_close(&runs);
}
END_TEST

/* A dozen rows of a runtime that differs from the base in one constant: this one changes, and the spread is at least
 * that of the base. */
START_TEST(few_rows_change_few_constants)
{
    struct runs runs;
    struct lr_diags ds = {0};
    double error[LR_RUNTIME_CONSTANTS];
    const char *chip[LR_CHIP_LIST_MAX];
    size_t kept = 0;
    runs_open(&runs);
    for (size_t i = 0; i < runs.b->count; i++) {
        struct lr_benchmark_row *const r = &runs.b->row[i];
        r->held_out = r->held_out || kept == 12;
        kept += !r->held_out && strcmp(r->runtime, "vllm") == 0;
    }
    const struct lr_benchmark *const file = runs.b;
    struct lr_runtime found = *runs.truth;
    found.name = "vllm";
    found.layer_overhead_s = 5e-6;
    found.spread_low = -0.1;
    found.spread_high = 0.2;
    found.transfer = 0.3;
    const size_t rows = lr_calibrate_runtime(&file, 1, plan_of, &runs, &found, error, chip, &ds);
    suite_no_errors(&ds);
    ck_assert_uint_ge(rows, 4);
    ck_assert_uint_lt(rows, 20);
    assert_within(found.layer_overhead_s, 25e-6, 0.02);
    ck_assert_double_eq(found.launch_hidden, 0.6);
    ck_assert_double_eq(found.step_host_s, 1e-3);
    ck_assert_double_le(found.spread_low, -0.1);
    ck_assert_double_ge(found.spread_high, 0.2);
    ck_assert_double_ge(found.transfer, 0.3);
    runs_close(&runs);
}
END_TEST

START_TEST(one_chip_gives_no_spread_between_chips)
{
    struct runs runs;
    struct lr_diags ds = {0};
    double error[LR_RUNTIME_CONSTANTS];
    const char *chip[LR_CHIP_LIST_MAX];
    runs_open(&runs);
    for (size_t i = 0; i < runs.b->count; i++)
        if (strcmp(runs.b->row[i].hardware->name, "h100") != 0)
            runs.b->row[i].held_out = true;
    const struct lr_benchmark *const file = runs.b;
    struct lr_runtime found = *runs.truth;
    found.name = "vllm";
    found.transfer = 0.3;
    ck_assert_uint_ge(lr_calibrate_runtime(&file, 1, plan_of, &runs, &found, error, chip, &ds), 20);
    suite_no_errors(&ds);
    ck_assert_uint_eq(found.chips.count, 1);
    ck_assert_str_eq(found.chips.name[0], "h100");
    ck_assert_double_eq(found.transfer, 0.3);
    runs_close(&runs);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        graphs_hide_launches_but_not_links, without_graphs_the_host_launches,
        serial_launches_are_not_hidden,     mixers_have_small_kernels_of_their_own,
        a_mesh_has_one_link_for_each_peer,  a_chip_that_its_fit_has_not_seen_widens_the_interval,
        constants_of_a_runtime_come_back,   constants_without_rows_keep_the_base,
        few_rows_change_few_constants,      one_chip_gives_no_spread_between_chips};
    return suite_run("runtime", tests, sizeof tests / sizeof *tests, 1);
}
