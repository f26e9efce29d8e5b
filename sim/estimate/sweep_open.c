/* SPDX-License-Identifier: Apache-2.0 */
/* Opens a sweep from names of profiles. */
#include "load/kernel_sets.h"

#include <llmroof/sweep.h>

#include <stdlib.h>

/* A sweep and what it owns. */
struct opened {
    struct lr_sweep public;
    struct lr_model **model;
    struct lr_hardware **hardware;
    struct lr_runtime **runtime;
    struct lr_kernels **kernels; /* owned by sets */
    struct lr_kernel_sets sets;
};

static const double FILLED_IN[] = {0}, ONE[] = {1}, CONTEXT[] = {4096};
static const enum lr_dtype PUBLISHED[] = {LR_DTYPE_NONE};
static const char *const DEFAULT[] = {LR_DEFAULT_RUNTIME};

/* Opens all profiles, so that all wrong names are reported. */
static void open_profiles(struct opened *o, const struct lr_catalog *c, const struct lr_sweep_names *n,
                          struct lr_diags *ds)
{
    struct lr_sweep *const s = &o->public;
    const char *const *const runtime = n->runtimes ? n->runtime : DEFAULT;
    for (size_t i = 0; i < n->models; i++)
        if ((o->model[s->models] = lr_catalog_model(c, n->model[i], NULL, 0, ds)) != NULL)
            s->models++;
    for (size_t i = 0; i < (n->runtimes ? n->runtimes : 1); i++)
        if ((o->runtime[s->runtimes] = lr_catalog_runtime(c, runtime[i], NULL, 0, ds)) != NULL)
            s->runtimes++;
    for (size_t i = 0; i < n->chips; i++)
        if ((o->hardware[s->chips] = lr_catalog_hardware(c, n->hardware[i], n->override, n->override_count, ds)) !=
            NULL)
            s->chips++;
}

static bool open_kernels(struct opened *o, const struct lr_catalog *c, const char *name, struct lr_diags *ds)
{
    const struct lr_sweep *const s = &o->public;
    bool ok = true;
    for (size_t i = 0; i < s->chips; i++)
        for (size_t r = 0; r < s->runtimes; r++) {
            struct lr_kernels *const k =
                lr_kernel_sets_open(&o->sets, c, name, o->hardware[i], o->runtime[r]->kernels, ds);
            o->kernels[i * s->runtimes + r] = k;
            ok = ok && k;
        }
    return ok;
}

/* Allocates the lists of profiles and sets all other lists to one default value. false if memory runs out. */
static bool prepare(struct opened *o, const struct lr_sweep_names *n)
{
    const size_t runtimes = n->runtimes ? n->runtimes : 1;
    struct lr_sweep *const s = &o->public;
    s->model = o->model = calloc(n->models + 1, sizeof *o->model);
    s->hardware = o->hardware = calloc(n->chips + 1, sizeof *o->hardware);
    s->runtime = o->runtime = calloc(runtimes, sizeof *o->runtime);
    s->kernels = o->kernels = calloc(n->chips * runtimes + 1, sizeof *o->kernels);
    for (int i = 0; i < LR_SWEEP_AXES; i++)
        s->axis[i] = (struct lr_sweep_list){FILLED_IN, 1};
    s->axis[LR_SWEEP_BATCH].value = ONE;
    s->axis[LR_SWEEP_CONTEXT].value = CONTEXT;
    s->weights = s->kv = PUBLISHED;
    s->weight_formats = s->kv_formats = 1;
    return o->model && o->hardware && o->runtime && o->kernels;
}

struct lr_sweep *lr_sweep_open(const struct lr_catalog *c, const struct lr_sweep_names *names, struct lr_diags *ds)
{
    struct opened *const o = calloc(1, sizeof *o);
    struct lr_sweep *const s = o ? &o->public : NULL;
    if (!o || !prepare(o, names)) {
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
        lr_sweep_free(s);
        return NULL;
    }
    if (names->models == 0)
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, "model", "is missing, expected a model such as llama-3.1-8b");
    if (names->chips == 0)
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, "hardware", "is missing, expected a hardware profile such as h20");
    open_profiles(o, c, names, ds);
    const bool all = names->models > 0 && names->chips > 0 && s->models == names->models && s->chips == names->chips &&
                     s->runtimes == (names->runtimes ? names->runtimes : 1);
    if (all && open_kernels(o, c, names->kernels, ds))
        return s;
    lr_sweep_free(s);
    return NULL;
}

void lr_sweep_free(struct lr_sweep *s)
{
    struct opened *const o = (struct opened *)s;
    if (!o)
        return;
    for (size_t i = 0; i < s->models; i++)
        lr_model_free(o->model[i]);
    for (size_t i = 0; i < s->chips; i++)
        lr_hardware_free(o->hardware[i]);
    for (size_t i = 0; i < s->runtimes; i++)
        lr_runtime_free(o->runtime[i]);
    lr_kernel_sets_free(&o->sets);
    free(o->model);
    free(o->hardware);
    free(o->runtime);
    free(o->kernels);
    free(o);
}
