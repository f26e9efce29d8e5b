/* SPDX-License-Identifier: Apache-2.0 */
/* A deployment by names: one call from a catalogue to a plan. */
#ifndef LLMROOF_SETUP_H
#define LLMROOF_SETUP_H

#include "catalog.h"
#include "deployment.h"
#include "diag.h"
#include "estimate.h"
#include "kernels.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is asked: a model on accelerators under a serving engine. The texts belong to the caller. */
struct lr_question {
    const char *model;                  /* profile, alias, or path of a Hugging Face config.json; not NULL */
    const char *hardware;               /* profile, alias or path; not NULL */
    const char *runtime;                /* profile of the engine; NULL: LR_DEFAULT_RUNTIME */
    const char *kernels;                /* kernel set; NULL: the one that lr_catalog_kernels_for chooses */
    struct lr_deployment deployment;    /* start from lr_deployment_of(gpus) */
    const struct lr_override *override; /* fields of the hardware profile, override_count of them; NULL: none */
    size_t override_count;
};

/* A deployment with everything that it is made of. All parts are owned by it. Nothing in it changes after it is
 * opened, so threads may share it. */
struct lr_setup {
    struct lr_model *model;
    struct lr_hardware *hardware;
    struct lr_runtime *runtime;
    struct lr_kernels *kernels;
    struct lr_plan *plan;
};

/* Loads the profiles that q names and plans the deployment. Several mistakes are reported in one call. NULL with at
 * least one error in ds: a name is missing, a profile cannot be read, the layout does not suit the model, memory runs
 * out. ds may be NULL. The catalogue is only read, and only during the call. Free with lr_setup_free. */
struct lr_setup *lr_setup_open(const struct lr_catalog *c, const struct lr_question *q, struct lr_diags *ds);

/* Frees the plan and all profiles. s may be NULL. */
void lr_setup_free(struct lr_setup *s);

#ifdef __cplusplus
}
#endif

#endif
