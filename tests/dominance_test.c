/* SPDX-License-Identifier: Apache-2.0 */
/* Comparisons are fair: with the same engine, a chip with at least as much of every figure is never slower. */
#include "scene.h"

#include <llmroof/catalog.h>
#include <llmroof/kernels.h>

/* The same figure in half of the cases, else up to four times as much. */
static double more(struct dice *d, double figure)
{
    return dice_pick(d, 2) ? figure : figure * dice_scale(d, 1, 4);
}

/* Makes every figure as high or higher, and every latency as low or lower. */
static void improve(struct dice *d, struct lr_hardware *hw)
{
    hw->memory.bandwidth_bytes_per_s = more(d, hw->memory.bandwidth_bytes_per_s);
    hw->memory.capacity_bytes = more(d, hw->memory.capacity_bytes);
    hw->compute.units = ceil(more(d, hw->compute.units));
    hw->compute.clock_hz = more(d, hw->compute.clock_hz);
    for (int r = 0; r < LR_RATE_COUNT; r++)
        hw->compute.peak[r] = more(d, hw->compute.peak[r]);
    hw->scale_up.bandwidth_bytes_per_s = more(d, hw->scale_up.bandwidth_bytes_per_s);
    hw->scale_out.bandwidth_bytes_per_s = more(d, hw->scale_out.bandwidth_bytes_per_s);
    hw->host_link_bytes_per_s = more(d, hw->host_link_bytes_per_s);
    hw->scale_up.latency_s /= more(d, 1);
    hw->scale_out.latency_s /= more(d, 1);
}

START_TEST(more_of_every_figure_is_never_slower)
{
    EACH_CASE(s, p)
    {
        const double batch = floor(dice_scale(&s->dice, 1, 1024)), context = floor(dice_scale(&s->dice, 1, 131072));
        const double before = estimate(p, batch, context, 1).tpot_s;
        improve(&s->dice, &s->hw);
        struct lr_plan *better = plan_of(s);
        ck_assert_ptr_nonnull(better);
        assert_no_less(before, estimate(better, batch, context, 1).tpot_s);
        lr_plan_free(better);
    }
    free(s);
}
END_TEST

/* The right chip has at least as much of every figure as the left one. */
static const char *const pairs[][2] = {{"h100", "h200"}, {"h20", "h200"}, {"h20", "h20-141gb"}, {"b200", "b300"}};
static const char *const engines[] = {"ideal", "vllm", "trtllm", "sglang", "deepseek"};

static struct lr_plan *plan(const struct lr_catalog *c, const struct lr_hardware *hw, const struct lr_model *m,
                            const struct lr_runtime *rt, double gpus, struct lr_kernels **k)
{
    struct lr_diags ds = {0};
    const struct lr_deployment d = lr_deployment_of(gpus);
    *k = lr_catalog_kernels_for(c, hw, rt->kernels, &ds);
    struct lr_plan *const p = *k ? lr_plan_new(hw, m, rt, *k, &d, &ds) : NULL;
    lr_diags_free(&ds);
    return p;
}

static void assert_pair(const struct lr_catalog *c, const struct lr_hardware *hw[2], const struct lr_model *m,
                        const struct lr_runtime *rt, double gpus)
{
    struct lr_kernels *k[2];
    struct lr_plan *p[2];
    for (int i = 0; i < 2; i++)
        p[i] = plan(c, hw[i], m, rt, gpus, &k[i]);
    for (double batch = 1; p[0] && p[1] && batch <= 1024; batch *= 4)
        for (double context = 1024; context <= 65536; context *= 8) {
            const double slow = estimate(p[0], batch, context, 1).tpot_s;
            const double fast = estimate(p[1], batch, context, 1).tpot_s;
            ck_assert_msg(fast <= slow * (1 + 1e-9),
                          "%s, %s, %.0f GPUs, batch %.0f, context %.0f: %s %.6g s, %s %.6g s", m->name, rt->name, gpus,
                          batch, context, hw[0]->name, slow, hw[1]->name, fast);
        }
    for (int i = 0; i < 2; i++) {
        lr_plan_free(p[i]);
        lr_kernels_free(k[i]);
    }
}

START_TEST(shipped_chips_are_in_order)
{
    if ((size_t)_i >= sizeof pairs / sizeof *pairs)
        return;
    struct lr_diags ds = {0};
    struct lr_catalog *const c = suite_catalog();
    struct lr_hardware *left = lr_catalog_hardware(c, pairs[_i][0], NULL, 0, &ds);
    struct lr_hardware *right = lr_catalog_hardware(c, pairs[_i][1], NULL, 0, &ds);
    size_t models = 0;
    struct lr_catalog_entry *entry = lr_catalog_list(c, LR_PROFILE_MODEL, &models, &ds);
    for (size_t e = 0; e < sizeof engines / sizeof *engines; e++) {
        struct lr_runtime *rt = lr_catalog_runtime(c, engines[e], NULL, 0, &ds);
        for (size_t i = 0; i < models; i++) {
            struct lr_model *m = lr_catalog_model(c, entry[i].name, NULL, 0, &ds);
            suite_no_errors(&ds);
            assert_pair(c, (const struct lr_hardware *[]){left, right}, m, rt, 1);
            assert_pair(c, (const struct lr_hardware *[]){left, right}, m, rt, 8);
            lr_model_free(m);
        }
        lr_runtime_free(rt);
    }
    lr_catalog_entries_free(entry);
    lr_hardware_free(left);
    lr_hardware_free(right);
    lr_catalog_free(c);
    lr_diags_free(&ds);
}
END_TEST

/* Every model and engine on one chip, on 1, 8 and 16 accelerators, with as many attention groups if the model allows
 * it. */
static void assert_ideal(const struct lr_catalog *c, const struct lr_hardware *hw, struct lr_model **m, size_t models,
                         struct lr_runtime **rt, size_t runtimes)
{
    struct lr_diags ds = {0};
    struct lr_runtime *ideal = lr_catalog_runtime(c, "ideal", NULL, 0, &ds);
    struct lr_kernels *best = lr_catalog_kernels_for(c, hw, ideal->kernels, &ds);
    suite_no_errors(&ds);
    for (size_t r = 0; r < runtimes; r++) {
        struct lr_kernels *k = lr_catalog_kernels_for(c, hw, rt[r]->kernels, &ds);
        for (size_t i = 0; i < models; i++)
            for (double gpus = 1; gpus <= 16; gpus *= 4) {
                struct lr_deployment d = lr_deployment_of(gpus);
                if (gpus > 1 && (i + r) % 2)
                    d.dp = 2;
                struct lr_plan *fast = lr_plan_new(hw, m[i], ideal, best, &d, NULL);
                struct lr_plan *slow = lr_plan_new(hw, m[i], rt[r], k, &d, NULL);
                for (double batch = 1; fast && slow && batch <= 1024; batch *= 16) {
                    const double least = estimate(fast, batch, 16 * batch, 1).tpot_s;
                    const double tpot = estimate(slow, batch, 16 * batch, 1).tpot_s;
                    ck_assert_msg(least <= tpot * (1 + 1e-9), "%s on %.0f %s, batch %.0f: ideal %.6g s, %s %.6g s",
                                  m[i]->name, gpus, hw->name, batch, least, rt[r]->name, tpot);
                }
                lr_plan_free(fast);
                lr_plan_free(slow);
            }
        lr_kernels_free(k);
    }
    lr_kernels_free(best);
    lr_runtime_free(ideal);
    lr_diags_free(&ds);
}

START_TEST(no_engine_is_faster_than_ideal)
{
    struct lr_diags ds = {0};
    struct lr_catalog *const c = suite_catalog();
    size_t chips = 0, models = 0, runtimes = 0;
    struct lr_catalog_entry *chip = lr_catalog_list(c, LR_PROFILE_HARDWARE, &chips, &ds);
    struct lr_catalog_entry *model = lr_catalog_list(c, LR_PROFILE_MODEL, &models, &ds);
    struct lr_catalog_entry *runtime = lr_catalog_list(c, LR_PROFILE_RUNTIME, &runtimes, &ds);
    struct lr_model **m = calloc(models, sizeof *m);
    struct lr_runtime **rt = calloc(runtimes, sizeof *rt);
    for (size_t i = 0; i < models; i++)
        m[i] = lr_catalog_model(c, model[i].name, NULL, 0, &ds);
    for (size_t i = 0; i < runtimes; i++)
        rt[i] = lr_catalog_runtime(c, runtime[i].name, NULL, 0, &ds);
    for (size_t i = (size_t)_i; i < chips; i += SEEDS) {
        struct lr_hardware *hw = lr_catalog_hardware(c, chip[i].name, NULL, 0, &ds);
        suite_no_errors(&ds);
        assert_ideal(c, hw, m, models, rt, runtimes);
        lr_hardware_free(hw);
    }
    for (size_t i = 0; i < models; i++)
        lr_model_free(m[i]);
    for (size_t i = 0; i < runtimes; i++)
        lr_runtime_free(rt[i]);
    free(m);
    free(rt);
    lr_catalog_entries_free(chip);
    lr_catalog_entries_free(model);
    lr_catalog_entries_free(runtime);
    lr_catalog_free(c);
    lr_diags_free(&ds);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {more_of_every_figure_is_never_slower, shipped_chips_are_in_order,
                                  no_engine_is_faster_than_ideal};
    return suite_run("dominance", tests, sizeof tests / sizeof *tests, SEEDS);
}
