/* SPDX-License-Identifier: Apache-2.0 */
/* Results of the serving benchmarks of vLLM and SGLang: how they are read, which are left out or refused, and the fit
 * of a runtime to a few of them. */
#include "suite.h"

#include "core/text.h"
#include "rows/results.h"

#include <llmroof/calibrate_runtime.h>
#include <llmroof/kernels.h>

#include <math.h>
#include <string.h>
#include <unistd.h>

struct bench {
    struct lr_catalog *catalog;
    struct lr_hardware *hw;
    struct lr_model *model;
    struct lr_kernels *kernels;
    struct lr_benchmark_setting setting;
    char path[32];
};

static void open_bench(struct bench *b)
{
    *b = (struct bench){.catalog = suite_catalog(), .path = "/tmp/llmroof-results-XXXXXX"};
    b->hw = lr_catalog_hardware(b->catalog, "h100", NULL, 0, NULL);
    b->model = lr_catalog_model(b->catalog, "llama-3.1-8b", NULL, 0, NULL);
    b->kernels = lr_catalog_kernels(b->catalog, "hopper", NULL);
    ck_assert(b->hw && b->model && b->kernels);
    b->setting = (struct lr_benchmark_setting){
        .hardware = b->hw, .runtime = "mine", .deployment = {.gpus = 1, .weights = LR_DTYPE_NONE, .kv = LR_DTYPE_NONE}};
    close(mkstemp(b->path));
}

static void close_bench(struct bench *b)
{
    unlink(b->path);
    lr_hardware_free(b->hw);
    lr_model_free(b->model);
    lr_kernels_free(b->kernels);
    lr_catalog_free(b->catalog);
}

static struct lr_benchmark *read_text(struct bench *b, const char *text, struct lr_diags *ds)
{
    FILE *f = fopen(b->path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
    return lr_benchmark_results(b->path, b->catalog, &b->setting, ds);
}

static struct lr_benchmark *runs_in(struct bench *b, const char *text)
{
    struct lr_diags ds = {0};
    struct lr_benchmark *results = read_text(b, text, &ds);
    suite_no_errors(&ds);
    ck_assert_ptr_nonnull(results);
    lr_diags_free(&ds);
    return results;
}

/* 100 requests of 1000 tokens, answered with 200. */
#define RUN(more)                                                                                                      \
    "{\"completed\": 100, \"total_input_tokens\": 100000, \"total_output_tokens\": 20000, \"median_tpot_ms\": "        \
    "20, " more "}\n"
#define LLAMA "\"model_id\": \"meta-llama/Llama-3.1-8B\", "

static void assert_traffic(const struct lr_benchmark_row *r, double input, double output, double concurrency)
{
    ck_assert_msg(!r->skip, "line %d: %s", r->line, r->skip);
    ck_assert_double_eq_tol(r->traffic.input, input, 1e-9);
    ck_assert_double_eq_tol(r->traffic.output, output, 1e-9);
    ck_assert_double_eq_tol(r->traffic.concurrency, concurrency, 1e-9);
}

/* Objects on one line and on many, one after another and in a list. Lists of any depth are skipped, and brackets in
 * texts do not count. */
START_TEST(runs_one_after_another)
{
    static const char *const files[] = {
        RUN(LLAMA "\"max_concurrency\": 8, \"request_rate\": \"inf\"")
            RUN(LLAMA "\"max_concurrency\": 16, \"request_rate\": \"inf\", \"itls\": [[0.1, {\"a\": \"]\"}], []]"),
        "[" RUN(LLAMA "\"max_concurrency\": 8, \"request_rate\": Infinity") "," RUN(
            LLAMA "\"max_concurrency\": 16, \"label\": \"[{\\\"\", \"info\": {\"a\": [1], \"b\": {}}") "]",
        "\n{\"errors\": [\"\",\n\"}\"], " LLAMA
        "\"max_concurrency\":\n 8, \"completed\": 100,\n\"total_input_tokens\": 100000, "
        "\"total_output_tokens\": 20000, \"mean_tpot_ms\": 20}" RUN(LLAMA "\"max_concurrency\": 16")};
    static const int line[][2] = {{1, 2}, {1, 2}, {2, 5}};
    for (size_t i = 0; i < 3; i++) {
        struct bench b;
        open_bench(&b);
        struct lr_benchmark *const r = runs_in(&b, files[i]);
        ck_assert_uint_eq(r->count, 2);
        for (size_t k = 0; k < 2; k++) {
            assert_traffic(&r->row[k], 1000, 200, 8.0 * (double)(k + 1));
            ck_assert_int_eq(r->row[k].metric, LR_METRIC_TPOT);
            ck_assert_double_eq_tol(r->row[k].value, 0.02, 1e-12);
            ck_assert_str_eq(r->row[k].model->name, "llama-3.1-8b");
            ck_assert_ptr_eq(r->row[k].hardware, b.hw);
            ck_assert_int_eq(r->row[k].line, line[i][k]);
        }
        lr_benchmark_free(r);
        close_bench(&b);
    }
}
END_TEST

/* 100 requests at a rate, each in flight for 0.5 s + 199 x 20 ms = 4.48 s, within 56 s: 8 at a time. */
START_TEST(requests_in_flight)
{
    struct bench b;
    open_bench(&b);
    b.setting.model = b.model;
    b.setting.held_out = true;
    struct lr_benchmark *const r =
        runs_in(&b, RUN("\"request_rate\": 1.78, \"duration\": 56, \"mean_ttft_ms\": 500, \"mean_tpot_ms\": 20")
                        RUN("\"request_rate\": 0.01, \"duration\": 9999, \"mean_ttft_ms\": 500, \"mean_tpot_ms\": 20")
                            RUN("\"max_concurrency\": 50, \"request_rate\": \"inf\"")
                                RUN("\"max_concurrency\": 2, \"mean_tpot_ms\": 25"));
    assert_traffic(&r->row[0], 1000, 200, 8);
    assert_traffic(&r->row[1], 1000, 200, 1);
    assert_traffic(&r->row[2], 1000, 200, 50);
    ck_assert_double_eq_tol(r->row[3].value, 0.02, 1e-12); /* the median, if there is one */
    ck_assert(r->row[0].held_out);
    lr_benchmark_free(r);
    close_bench(&b);
}
END_TEST

START_TEST(runs_that_are_left_out_have_a_reason)
{
    static const struct {
        const char *text, *why;
    } row[] = {
        {RUN("\"max_concurrency\": 8"), "the result has no model_id, expected --model"},
        {RUN("\"model_id\": null"), "the result has no model_id, expected --model"},
        {RUN("\"model_id\": \"acme/nothing-like-it\""), "the model is not in the catalogue"},
        {RUN("\"model_id\": \"/etc/passwd\""), "the model is not in the catalogue"},
        {RUN(LLAMA "\"request_rate\": \"inf\", \"max_concurrency\": null"), "all requests were sent at once"},
        {RUN(LLAMA "\"request_rate\": 4"), "all requests were sent at once"},
        {RUN(LLAMA "\"max_concurrency\": 51"), "fewer than two requests per user"},
        {RUN(LLAMA "\"max_concurrency\": 8, \"accept_length\": 2.5"), "speculative decoding"},
        {RUN(LLAMA "\"max_concurrency\": 8, \"spec_decode_acceptance_length\": 1.9"), "speculative decoding"},
        {"{" LLAMA "\"max_concurrency\": 8, \"completed\": 0}", "no time per output token, or no lengths"},
        {"{" LLAMA "\"max_concurrency\": 8, \"completed\": 9, \"median_tpot_ms\": 3}",
         "no time per output token, or no lengths"},
    };
    struct bench b;
    open_bench(&b);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct lr_benchmark *const r = runs_in(&b, row[i].text);
        ck_assert_uint_eq(r->count, 1);
        ck_assert_msg(r->row[0].skip && strncmp(r->row[0].skip, row[i].why, strlen(row[i].why)) == 0, "%s: %s",
                      row[i].text, r->row[0].skip ? r->row[0].skip : "counts");
        lr_benchmark_free(r);
    }
    close_bench(&b);
}
END_TEST

START_TEST(what_is_refused)
{
    static const struct {
        const char *text, *field, *message;
        int line;
    } row[] = {
        {"", NULL, "has no JSON object", 0},
        {"[1, 2]", NULL, "has no JSON object", 0},
        {"hello\n", NULL, "has no JSON object", 0},
        {"\"{\"", NULL, "has no JSON object", 0},
        {"{\"a\": 1}\n{\"a\": [1, 2}\n", NULL, "", -1},
        {"{\"a\": 1} hello", NULL, "", -1},
        {"{\"a\": 1, \"a\": 2}", NULL, "", -1},
        {"{" LLAMA "\n\"completed\": \"many\"}", "completed", "'many', expected a number of at least 0", 2},
        {"{" LLAMA "\n\n\"max_concurrency\": -1}", "max_concurrency", "'-1', expected a number of at least 0", 3},
        {"{" LLAMA "\"duration\": {}}", "duration", "'mapping', expected a number of at least 0", 1},
    };
    struct bench b;
    open_bench(&b);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct lr_diags ds = {0};
        ck_assert_msg(!read_text(&b, row[i].text, &ds), "%s", row[i].text);
        ck_assert_uint_ge(ds.errors, 1);
        ck_assert_msg(strncmp(ds.item[0].message, row[i].message, strlen(row[i].message)) == 0, "%s: %s", row[i].text,
                      ds.item[0].message);
        ck_assert(row[i].line < 0 || ds.item[0].pos.line == row[i].line);
        ck_assert(!row[i].field || strcmp(ds.item[0].field, row[i].field) == 0);
        lr_diags_free(&ds);
    }
    struct lr_diags ds = {0};
    ck_assert_ptr_null(lr_benchmark_results("/nowhere/at-all.json", b.catalog, &b.setting, &ds));
    ck_assert_uint_eq(ds.errors, 1);
    lr_diags_free(&ds);
    close_bench(&b);
}
END_TEST

/* Plans of rows, for one runtime. */
struct planner {
    const struct bench *bench;
    const struct lr_runtime *rt;
    struct lr_plan *plan;
};

static const struct lr_plan *plan_for(void *user, const struct lr_benchmark_row *r, const char **why)
{
    struct planner *const p = user;
    struct lr_diags ds = {0};
    *why = "no plan";
    if (!p->plan)
        p->plan = lr_plan_new(r->hardware, r->model, p->rt, p->bench->kernels, &r->deployment, &ds);
    suite_no_errors(&ds);
    lr_diags_free(&ds);
    return p->plan;
}

/* The results of an engine with these constants, for these numbers of users. */
static struct lr_benchmark *runs_of(struct bench *b, const struct lr_runtime *truth, size_t runs)
{
    static const double users[] = {1, 64, 8, 32, 2, 16, 48, 4};
    struct lr_text text = {0};
    struct planner p = {b, truth, NULL};
    b->setting.model = b->model;
    for (size_t i = 0; i < runs; i++) {
        struct lr_benchmark_row r = {.hardware = b->hw,
                                     .model = b->model,
                                     .deployment = b->setting.deployment,
                                     .traffic = {.input = 1000, .output = 200, .concurrency = users[i]},
                                     .metric = LR_METRIC_TPOT,
                                     .value = 1};
        const char *why;
        const struct lr_forecast f = lr_benchmark_forecast(&r, plan_for(&p, &r, &why));
        lr_text_addf(&text,
                     "{\"max_concurrency\": %g, \"completed\": 1000, \"total_input_tokens\": 1000000, "
                     "\"total_output_tokens\": 200000, \"median_tpot_ms\": %.9g}\n",
                     users[i], 1e3 * f.predicted_s);
    }
    lr_plan_free(p.plan);
    struct lr_benchmark *const results = runs_in(b, lr_text_str(&text));
    lr_text_free(&text);
    return results;
}

/* The engine differs from the base in one or two constants. These come back, the others stay. */
START_TEST(a_few_runs_change_few_constants)
{
    static const struct {
        size_t runs;
        double step_host_s, request_host_s;
    } cases[] = {{4, 2e-3, 0}, {4, 0, 60e-6}, {8, 2e-3, 60e-6}, {8, 0, 0}, {6, 5e-4, 0}};
    struct bench b;
    open_bench(&b);
    struct lr_runtime *const base = lr_catalog_runtime(b.catalog, "vllm-defaults", NULL, 0, NULL);
    struct lr_runtime truth = *base, out = *base;
    const size_t runs = cases[_i].runs;
    double error[LR_RUNTIME_CONSTANTS];
    const char *chip[LR_CHIP_LIST_MAX];
    struct lr_diags ds = {0};
    out.name = out.title = "mine";
    truth.step_host_s += cases[_i].step_host_s;
    truth.request_host_s += cases[_i].request_host_s;
    struct lr_benchmark *const r = runs_of(&b, &truth, runs);
    const struct lr_benchmark *const files[] = {r};
    struct planner p = {&b, base, NULL};
    ck_assert_uint_eq(lr_adjust_runtime(files, 1, plan_for, &p, &out, error, chip, &ds), runs);
    suite_no_errors(&ds);
    char *const text = lr_runtime_text(&out, "vllm-defaults", files, 1, runs, error, &ds);
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_eq(out.chips.count, 1);
    ck_assert_str_eq(out.chips.name[0], "h100");
    struct planner fitted = {&b, &out, NULL};
    for (size_t i = 0; i < runs; i++) {
        const char *why;
        const struct lr_forecast f = lr_benchmark_forecast(&r->row[i], plan_for(&fitted, &r->row[i], &why));
        ck_assert_msg(fabs(f.predicted_s / f.measured_s - 1) < 0.02, "run %zu: %g, measured %g", i, f.predicted_s,
                      f.measured_s);
    }
    size_t moved = 0;
    for (int i = 0; i < LR_RUNTIME_CONSTANTS; i++) {
        moved += !isnan(error[i]);
        ck_assert((strstr(text, lr_runtime_constant_name(i)) != NULL) == !isnan(error[i]));
    }
    ck_assert_uint_le(moved, (runs - 2) / 2);
    ck_assert((cases[_i].step_host_s + cases[_i].request_host_s > 0) == (moved > 0));
    ck_assert(out.spread_low <= base->spread_low && out.spread_high >= base->spread_high);
    free(text);
    lr_diags_free(&ds);
    lr_plan_free(p.plan);
    lr_plan_free(fitted.plan);
    lr_benchmark_free(r);
    lr_runtime_free(base);
    close_bench(&b);
}
END_TEST

START_TEST(three_runs_are_too_few)
{
    struct bench b;
    open_bench(&b);
    struct lr_runtime *const base = lr_catalog_runtime(b.catalog, "vllm", NULL, 0, NULL);
    struct lr_runtime out = *base;
    out.name = "mine";
    struct lr_benchmark *const r = runs_of(&b, base, 3);
    const struct lr_benchmark *const files[] = {r};
    struct planner p = {&b, base, NULL};
    struct lr_diags ds = {0};
    double error[LR_RUNTIME_CONSTANTS];
    const char *chip[LR_CHIP_LIST_MAX];
    ck_assert_uint_eq(lr_adjust_runtime(files, 1, plan_for, &p, &out, error, chip, &ds), 0);
    ck_assert_uint_eq(ds.errors, 1);
    ck_assert_str_eq(ds.item[0].message, "3 runs of 'mine' to fit on, expected at least 4");
    lr_diags_free(&ds);
    lr_plan_free(p.plan);
    lr_benchmark_free(r);
    lr_runtime_free(base);
    close_bench(&b);
}
END_TEST

/* Ten megabytes of times become a small document. */
START_TEST(lists_cost_nothing)
{
    struct lr_text text = {0};
    struct lr_diags ds = {0};
    uint32_t hash;
    char path[] = "/tmp/llmroof-results-XXXXXX";
    const int fd = mkstemp(path);
    lr_text_add(&text, "{\"itls\": [");
    for (int i = 0; i < 1000000; i++)
        lr_text_add(&text, "0.012345, ");
    lr_text_add(&text, "0], \"completed\": 3}");
    ck_assert_int_eq((int)write(fd, text.at, text.length), (int)text.length);
    close(fd);
    struct lr_document *const doc = lr_results_load(path, &hash, &ds);
    suite_no_errors(&ds);
    const struct lr_node *const run = lr_node_get(doc->root, "runs")->first;
    ck_assert_uint_eq(lr_node_get(run, "itls")->count, 0);
    ck_assert_str_eq(lr_node_get(run, "completed")->text, "3");
    lr_document_free(doc);
    lr_text_free(&text);
    lr_diags_free(&ds);
    unlink(path);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {runs_one_after_another, requests_in_flight,     runs_that_are_left_out_have_a_reason,
                                  what_is_refused,        three_runs_are_too_few, lists_cost_nothing};
    const TTest *const fits[] = {a_few_runs_change_few_constants};
    const int failed = suite_run("results", tests, sizeof tests / sizeof *tests, 1);
    return suite_run("results, fits", fits, 1, 5) || failed;
}
