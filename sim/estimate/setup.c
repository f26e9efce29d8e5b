/* SPDX-License-Identifier: Apache-2.0 */
#include <llmroof/setup.h>

#include <stdlib.h>

static struct lr_kernels *kernels_of(const struct lr_catalog *c, const struct lr_question *q, const struct lr_setup *s,
                                     struct lr_diags *ds)
{
    if (q->kernels)
        return lr_catalog_kernels(c, q->kernels, ds);
    return s->hardware && s->runtime ? lr_catalog_kernels_for(c, s->hardware, s->runtime->kernels, ds) : NULL;
}

/* Whether a name is given. If it is not, adds an error with an example. */
static bool given(const char *name, const char *field, const char *example, struct lr_diags *ds)
{
    if (!name)
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, field, "is missing, expected a profile such as %s", example);
    return name != NULL;
}

struct lr_setup *lr_setup_open(const struct lr_catalog *c, const struct lr_question *q, struct lr_diags *ds)
{
    struct lr_setup *s = calloc(1, sizeof *s);
    if (!s) {
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
        return NULL;
    }
    if (given(q->model, "model", "llama-3.1-8b", ds))
        s->model = lr_catalog_model(c, q->model, NULL, 0, ds);
    if (given(q->hardware, "hardware", "h20", ds))
        s->hardware = lr_catalog_hardware(c, q->hardware, q->override, q->override_count, ds);
    s->runtime = lr_catalog_runtime(c, q->runtime ? q->runtime : LR_DEFAULT_RUNTIME, NULL, 0, ds);
    s->kernels = kernels_of(c, q, s, ds);
    if (s->model && s->hardware && s->runtime && s->kernels)
        s->plan = lr_plan_new(s->hardware, s->model, s->runtime, s->kernels, &q->deployment, ds);
    if (s->plan)
        return s;
    lr_setup_free(s);
    return NULL;
}

void lr_setup_free(struct lr_setup *s)
{
    if (!s)
        return;
    lr_plan_free(s->plan);
    lr_kernels_free(s->kernels);
    lr_runtime_free(s->runtime);
    lr_hardware_free(s->hardware);
    lr_model_free(s->model);
    free(s);
}
