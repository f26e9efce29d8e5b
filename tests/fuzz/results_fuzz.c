/* SPDX-License-Identifier: Apache-2.0 */
/* A file as results of a serving benchmark. Runs that count have finite times, measured and predicted. */
#include "fuzz.h"

#include <llmroof/benchmark.h>
#include <llmroof/kernels.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct lr_catalog *catalog;
    static struct lr_benchmark_setting setting = {.runtime = "ideal", .deployment = {.gpus = 1}};
    static struct lr_kernels *kernels;
    static struct lr_runtime *rt;
    static struct lr_plan *plan;
    struct lr_diags ds = {0};
    if (!catalog) {
        catalog = fuzz_catalog();
        kernels = lr_catalog_kernels(catalog, "hopper", NULL);
        rt = lr_catalog_runtime(catalog, "ideal", NULL, 0, NULL);
        setting.hardware = lr_catalog_hardware(catalog, "h100", NULL, 0, NULL);
        setting.model = lr_catalog_model(catalog, "llama-3.1-8b", NULL, 0, NULL);
        setting.deployment.weights = setting.deployment.kv = LR_DTYPE_NONE;
        plan = lr_plan_new(setting.hardware, setting.model, rt, kernels, &setting.deployment, &ds);
    }
    if (!plan)
        abort();
    struct lr_benchmark *b = lr_benchmark_results(fuzz_file(data, size), catalog, &setting, &ds);
    for (size_t i = 0; b && i < b->count; i++) {
        if (b->row[i].skip)
            continue;
        const struct lr_forecast f = lr_benchmark_forecast(&b->row[i], plan);
        if (!isfinite(f.measured_s) || !isfinite(f.predicted_s) || !isfinite(f.low_s) || !isfinite(f.high_s))
            abort();
    }
    lr_benchmark_free(b);
    fuzz_diags(&ds, b != NULL);
    return 0;
}
