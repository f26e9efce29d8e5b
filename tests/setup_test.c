/* SPDX-License-Identifier: Apache-2.0 */
/* Deployments and searches from names of profiles. */
#include "suite.h"

#include <llmroof/search.h>
#include <llmroof/setup.h>

#include <string.h>

/* A deployment from names equals one from its parts, bit for bit. */
START_TEST(a_setup_is_its_parts)
{
    const struct lr_workload w = {.batch = 32, .context = 4096, .q_len = 1};
    const struct lr_deployment d = lr_deployment_of(8);
    struct lr_catalog *c = suite_catalog();
    struct lr_diags ds = {0};
    struct lr_hardware *hw = lr_catalog_hardware(c, "h20", NULL, 0, &ds);
    struct lr_model *m = lr_catalog_model(c, "deepseek-v3", NULL, 0, &ds);
    struct lr_runtime *rt = lr_catalog_runtime(c, LR_DEFAULT_RUNTIME, NULL, 0, &ds);
    struct lr_kernels *k = suite_kernels(c, hw);
    struct lr_plan *p = lr_plan_new(hw, m, rt, k, &d, &ds);
    struct lr_estimate parts, whole;
    const struct lr_question q = {.model = "DeepSeek-V3", .hardware = "H20", .deployment = d};
    struct lr_setup *s = lr_setup_open(c, &q, &ds);
    suite_no_errors(&ds);
    ck_assert_str_eq(s->runtime->name, LR_DEFAULT_RUNTIME);
    ck_assert_str_eq(s->kernels->name, k->name);
    lr_plan_estimate(p, &w, &parts);
    lr_plan_estimate(s->plan, &w, &whole);
    ck_assert_double_eq(parts.tpot_s, whole.tpot_s);
    ck_assert_double_eq(parts.tpot_low_s, whole.tpot_low_s);
    ck_assert_double_eq(parts.memory.kv_bytes, whole.memory.kv_bytes);
    lr_setup_free(s);
    lr_plan_free(p);
    lr_kernels_free(k);
    lr_runtime_free(rt);
    lr_model_free(m);
    lr_hardware_free(hw);
    lr_catalog_free(c);
}
END_TEST

START_TEST(a_question_may_name_everything)
{
    const struct lr_override faster = {"memory.bandwidth", "40 TB/s"};
    const struct lr_question q = {.model = TEST_SOURCE_DIR "/tests/configs/phi-4.json",
                                  .hardware = "h20",
                                  .runtime = "vllm",
                                  .kernels = "hopper-vllm",
                                  .deployment = lr_deployment_of(1),
                                  .override = &faster,
                                  .override_count = 1};
    struct lr_catalog *c = suite_catalog();
    struct lr_diags ds = {0};
    struct lr_setup *s = lr_setup_open(c, &q, &ds);
    suite_no_errors(&ds);
    ck_assert_double_eq(s->hardware->memory.bandwidth_bytes_per_s, 40e12);
    ck_assert_str_eq(s->runtime->name, "vllm");
    ck_assert_str_eq(lr_plan_kernels(s->plan), "hopper-vllm");
    lr_setup_free(s);
    lr_setup_free(NULL);
    lr_diags_free(&ds);
    lr_catalog_free(c);
}
END_TEST

/* Every wrong name is reported in one call. */
START_TEST(errors_of_a_setup)
{
    static const struct {
        struct lr_question q;
        size_t errors;
        const char *says;
    } row[] = {{{.model = "llama-3.1-8c", .hardware = "h21", .runtime = "vlm"}, 3, "unknown model 'llama-3.1-8c'"},
               {{.model = NULL, .hardware = NULL}, 2, "is missing, expected a profile such as llama-3.1-8b"},
               {{.model = "llama-3.1-8b", .hardware = "h20", .kernels = "hoper"}, 1, "unknown kernel set 'hoper'"},
               {{.model = "llama-3.1-8b", .hardware = "h20", .deployment = {.gpus = 7}}, 1, "7"}};
    struct lr_catalog *c = suite_catalog();
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct lr_diags ds = {0};
        ck_assert_ptr_null(lr_setup_open(c, &row[i].q, &ds));
        ck_assert_msg(ds.errors == row[i].errors, "%zu: %zu errors, first %s", i, ds.errors, ds.item[0].message);
        ck_assert_msg(strstr(ds.item[0].message, row[i].says), "%s", ds.item[0].message);
        ck_assert_ptr_null(lr_setup_open(c, &row[i].q, NULL));
        lr_diags_free(&ds);
    }
    lr_catalog_free(c);
}
END_TEST

/* A search from names finds the same point as a deployment with that layout. */
START_TEST(a_search_by_names)
{
    static const char *const model[] = {"qwen3-8b"}, *const hardware[] = {"h20", "H100-SXM5-80GB"};
    const struct lr_sweep_names names = {.model = model, .models = 1, .hardware = hardware, .chips = 2};
    struct lr_catalog *c = suite_catalog();
    struct lr_diags ds = {0};
    struct lr_sweep *s = lr_sweep_open(c, &names, &ds);
    suite_no_errors(&ds);
    ck_assert_str_eq(s->runtime[0]->name, LR_DEFAULT_RUNTIME);
    ck_assert_str_eq(s->kernels[1]->name, "hopper");
    ck_assert_uint_eq(lr_sweep_count(s), 2);
    lr_search_lists(s, 5);
    ck_assert_uint_eq(s->axis[LR_SWEEP_GPUS].count, 3);
    const struct lr_sweep one = lr_sweep_of_chip(s, 1);
    struct lr_best all = {.tpot_s = 0.02}, second = {.tpot_s = 0.02};
    ck_assert(lr_search_each(s, lr_best_offer, &all));
    ck_assert(lr_search_each(&one, lr_best_offer, &second));
    ck_assert(all.any && second.any && second.best.hardware == s->hardware[1]);
    ck_assert_double_ge(all.best.estimate.tokens_per_s_per_gpu, second.best.estimate.tokens_per_s_per_gpu);
    const struct lr_question q = {
        .model = model[0], .hardware = all.best.hardware->name, .deployment = all.best.deployment};
    const struct lr_workload w = {all.best.batch, all.best.context, 1};
    struct lr_setup *alone = lr_setup_open(c, &q, &ds);
    struct lr_estimate e;
    lr_plan_estimate(alone->plan, &w, &e);
    ck_assert_double_eq(e.tpot_s, all.best.estimate.tpot_s);
    lr_setup_free(alone);
    lr_sweep_free(s);
    lr_catalog_free(c);
}
END_TEST

START_TEST(errors_of_a_search)
{
    static const char *const wrong[] = {"qwen3-8c"}, *const chips[] = {"h21", "h22"};
    const struct lr_sweep_names none = {0}, bad = {wrong, chips, wrong, 1, 2, 1, NULL, NULL, 0};
    struct lr_catalog *c = suite_catalog();
    struct lr_diags ds = {0};
    ck_assert_ptr_null(lr_sweep_open(c, &none, &ds));
    ck_assert_uint_eq(ds.errors, 2);
    ck_assert_ptr_null(lr_sweep_open(c, &bad, &ds));
    ck_assert_uint_eq(ds.errors, 6);
    ck_assert_ptr_null(lr_sweep_open(c, &bad, NULL));
    lr_sweep_free(NULL);
    lr_diags_free(&ds);
    lr_catalog_free(c);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_setup_is_its_parts, a_question_may_name_everything, errors_of_a_setup,
                                  a_search_by_names, errors_of_a_search};
    return suite_run("setup", tests, sizeof tests / sizeof *tests, 1);
}
