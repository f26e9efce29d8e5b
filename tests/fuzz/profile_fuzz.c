/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte picks the kind of profile, the rest is its file. What loads must plan or be refused, and give finite
 * times. */
#include "estimate/finding.h"
#include "fuzz.h"

#include <llmroof/claim.h>
#include <llmroof/kernels.h>

static struct lr_catalog *catalog;
static struct lr_hardware *chip;
static struct lr_model *dense, *experts;
static struct lr_kernels *kernels;
static struct lr_runtime *ideal;

static void open_profiles(void)
{
    catalog = fuzz_catalog();
    chip = lr_catalog_hardware(catalog, "h100", NULL, 0, NULL);
    dense = lr_catalog_model(catalog, "llama-3.1-8b", NULL, 0, NULL);
    experts = lr_catalog_model(catalog, "deepseek-v2-lite", NULL, 0, NULL);
    kernels = lr_catalog_kernels(catalog, "hopper", NULL);
    ideal = lr_catalog_runtime(catalog, "ideal", NULL, 0, NULL);
    if (!chip || !dense || !experts || !kernels || !ideal)
        abort();
}

static void ignore(const struct lr_figure *f, void *user)
{
    (void)user;
    if (!f->path || !f->value)
        abort();
}

static bool try_hardware(const char *path, struct lr_diags *ds)
{
    static const struct lr_override set = {"memory.bandwidth", "1 TB/s"};
    struct lr_hardware *p = lr_catalog_hardware(catalog, path, NULL, 0, ds);
    if (p) {
        lr_hardware_figures(p, ignore, NULL);
        fuzz_estimate(p, dense, ideal, kernels, 1);
        fuzz_estimate(p, experts, ideal, kernels, 64);
    }
    lr_hardware_free(p);
    lr_hardware_free(lr_catalog_hardware(catalog, path, &set, 1, NULL));
    return p != NULL;
}

static bool try_model(const char *path, struct lr_diags *ds)
{
    struct lr_model *p = lr_catalog_model(catalog, path, NULL, 0, ds);
    if (p) {
        lr_model_figures(p, ignore, NULL);
        fuzz_estimate(chip, p, ideal, kernels, 1);
        fuzz_estimate(chip, p, ideal, kernels, 8);
    }
    lr_model_free(p);
    return p != NULL;
}

static bool try_kernels(const char *path, struct lr_diags *ds)
{
    struct lr_kernels *p = lr_catalog_kernels(catalog, path, ds);
    if (p) {
        fuzz_estimate(chip, dense, ideal, p, 2);
        fuzz_estimate(chip, experts, ideal, p, 16);
    }
    lr_kernels_free(p);
    return p != NULL;
}

static bool try_runtime(const char *path, struct lr_diags *ds)
{
    struct lr_runtime *p = lr_catalog_runtime(catalog, path, NULL, 0, ds);
    if (p) {
        lr_runtime_figures(p, ignore, NULL);
        fuzz_estimate(chip, experts, p, kernels, 16);
    }
    lr_runtime_free(p);
    return p != NULL;
}

static bool try_claim(const char *path, struct lr_diags *ds)
{
    struct lr_claim *p = lr_catalog_claim(catalog, path, ds);
    if (p) {
        const struct lr_deployment d = {.gpus = 2, .weights = LR_DTYPE_NONE, .kv = LR_DTYPE_NONE};
        struct lr_plan *plan = lr_plan_new(chip, dense, ideal, kernels, &d, ds);
        struct lr_finding f;
        if (p->statement_count)
            lr_claim_examine(p, &p->statement[0], plan, plan, 1, &f);
        lr_plan_free(plan);
    }
    lr_claim_free(p);
    return p != NULL;
}

static bool try_architecture(const char *path, struct lr_diags *ds)
{
    struct lr_architecture *p = lr_catalog_architecture(catalog, path, ds);
    if (p)
        lr_architecture_figures(p, ignore, NULL);
    lr_architecture_free(p);
    return p != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool (*const kind[])(const char *path, struct lr_diags *ds) = {try_hardware, try_model, try_kernels,
                                                                          try_runtime,  try_claim, try_architecture};
    struct lr_diags ds = {0};
    if (!catalog)
        open_profiles();
    if (size == 0)
        return 0;
    const bool ok = kind[data[0] % (sizeof kind / sizeof *kind)](fuzz_file(data + 1, size - 1), &ds);
    fuzz_diags(&ds, ok);
    return 0;
}
