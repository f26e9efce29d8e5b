/* SPDX-License-Identifier: Apache-2.0 */
/* Time per output token of a model on an accelerator, with libllmroof.
 *
 *   cc estimate.c $(pkg-config --cflags --libs llmroof) -o estimate
 *   ./estimate "$(pkg-config --variable=configs llmroof)" llama-3.1-8b h20 8 4096 */
#include <llmroof/llmroof.h>

#include <stdio.h>
#include <stdlib.h>

/* What an estimate is made of. Each part outlives the plan. */
struct parts {
    struct lr_catalog *catalog;
    struct lr_hardware *hardware;
    struct lr_model *model;
    struct lr_runtime *runtime;
    struct lr_kernels *kernels;
};

/* A chip names a kernel set that was fitted on it; else its architecture does. */
static struct lr_kernels *kernels_of(const struct parts *p, struct lr_diags *ds)
{
    if (p->hardware->kernels)
        return lr_catalog_kernels(p->catalog, p->hardware->kernels, ds);
    struct lr_architecture *a = lr_catalog_architecture(p->catalog, p->hardware->architecture, ds);
    struct lr_kernels *k = a ? lr_catalog_kernels(p->catalog, a->kernels ? a->kernels : "generic", ds) : NULL;
    lr_architecture_free(a);
    return k;
}

static struct lr_plan *plan(struct parts *p, char **argv, struct lr_diags *ds)
{
    const char *const folders[] = {argv[1]};
    p->catalog = lr_catalog_open(folders, 1);
    if (!p->catalog)
        return NULL;
    p->model = lr_catalog_model(p->catalog, argv[2], NULL, 0, ds);
    p->hardware = lr_catalog_hardware(p->catalog, argv[3], NULL, 0, ds);
    p->runtime = lr_catalog_runtime(p->catalog, "ideal", NULL, 0, ds);
    p->kernels = p->hardware ? kernels_of(p, ds) : NULL;
    if (!p->model || !p->runtime || !p->kernels)
        return NULL;
    const struct lr_deployment d = {.gpus = 1, .weights = LR_DTYPE_NONE, .kv = LR_DTYPE_NONE};
    return lr_plan_new(p->hardware, p->model, p->runtime, p->kernels, &d, ds);
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: estimate CONFIGS MODEL HARDWARE BATCH CONTEXT\n");
        return 2;
    }
    struct lr_diags ds = {0};
    struct parts parts = {0};
    struct lr_plan *p = plan(&parts, argv, &ds);
    if (p) {
        const struct lr_workload w = {.batch = strtod(argv[4], NULL), .context = strtod(argv[5], NULL), .q_len = 1};
        struct lr_estimate e;
        lr_plan_estimate(p, &w, &e);
        printf("tpot_s %.6g\nlow %.6g\nhigh %.6g\nfloor %.6g\nbound %s\nfits %s\n", e.tpot_s, e.tpot_low_s,
               e.tpot_high_s, e.floor_tpot_s, lr_bound_name(e.bound), e.fits ? "yes" : "no");
    }
    for (size_t i = 0; i < ds.count; i++) {
        char line[512];
        lr_diag_format(&ds.item[i], line, sizeof line);
        fprintf(stderr, "%s\n", line);
    }
    lr_plan_free(p);
    lr_kernels_free(parts.kernels);
    lr_runtime_free(parts.runtime);
    lr_model_free(parts.model);
    lr_hardware_free(parts.hardware);
    lr_catalog_free(parts.catalog);
    lr_diags_free(&ds);
    return p ? 0 : 2;
}
