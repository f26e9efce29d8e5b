/* SPDX-License-Identifier: Apache-2.0 */
/* Sweeps: every model on every chip in every layout at every batch and context of lists. */
#ifndef LLMROOF_SWEEP_H
#define LLMROOF_SWEEP_H

#include "catalog.h"
#include "estimate.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Values of one axis. Owned by the caller. */
struct lr_sweep_list {
    const double *value;
    size_t count;
};

enum lr_sweep_axis {
    LR_SWEEP_GPUS,
    LR_SWEEP_TP,
    LR_SWEEP_PP,
    LR_SWEEP_EP,
    LR_SWEEP_DP,
    LR_SWEEP_BATCH,
    LR_SWEEP_CONTEXT,
    LR_SWEEP_AXES
};

/* What a sweep goes over. No list is empty. A layout value of 0 is filled in as lr_plan_new does. Unless the sweep is
 * of lr_sweep_open, the profiles belong to the caller and outlive it. */
struct lr_sweep {
    struct lr_model *const *model;
    struct lr_hardware *const *hardware;
    struct lr_runtime *const *runtime;
    struct lr_kernels *const *kernels; /* of chip c under runtime r: [c x runtimes + r] */
    size_t models, chips, runtimes;
    struct lr_sweep_list axis[LR_SWEEP_AXES];
    const enum lr_dtype *weights, *kv;
    size_t weight_formats, kv_formats;
};

/* Profiles of a sweep by their names, in the catalogue's spelling or as aliases and paths. The texts belong to the
 * caller. */
struct lr_sweep_names {
    const char *const *model;
    const char *const *hardware;
    const char *const *runtime;
    size_t models, chips, runtimes; /* how many of each; no runtime: LR_DEFAULT_RUNTIME alone */
    const char *kernels; /* kernel set of all; NULL: for each chip and runtime the one of lr_catalog_kernels_for */
    const struct lr_override *override; /* fields of all hardware profiles, override_count of them; NULL: none */
    size_t override_count;
};

/* Loads the profiles that are named; the sweep owns them. All its lists have one value: layouts are filled in, batch 1,
 * context 4096, formats as published. The caller may point axis, weights and kv at lists that outlive the sweep.
 * Several mistakes are reported in one call. NULL with at least one error in ds: no model or chip is named, a profile
 * cannot be read, memory runs out. ds may be NULL. The catalogue is only read, and only during the call. Free with
 * lr_sweep_free. */
struct lr_sweep *lr_sweep_open(const struct lr_catalog *c, const struct lr_sweep_names *names, struct lr_diags *ds);

/* Frees a sweep of lr_sweep_open and its profiles. s may be NULL. */
void lr_sweep_free(struct lr_sweep *s);

/* The sweep over one chip of s, chip < s->chips. It borrows everything from s. */
struct lr_sweep lr_sweep_of_chip(const struct lr_sweep *s, size_t chip);

/* How many points a sweep has; 0 when there are more than 2^53. They are in the order of nested loops: models
 * outermost, then chips, runtimes, gpus, tp, pp, ep, dp, weights, kv, batches, contexts. */
uint64_t lr_sweep_count(const struct lr_sweep *s);

/* One point of a sweep. */
struct lr_sweep_point {
    const struct lr_model *model;
    const struct lr_hardware *hardware;
    const struct lr_runtime *runtime;
    const struct lr_plan *plan;      /* NULL: the layout is impossible. Valid until the next point */
    struct lr_deployment deployment; /* with every field filled in; without a plan as it was asked for */
    double batch, context;
    struct lr_estimate estimate; /* where there is a plan */
    const char *why;             /* why it does not fit or is impossible; NULL: it fits. Valid until the next point */
};

/* A walk over points of a sweep. It belongs to one thread; several walks may go over one sweep at a time. */
struct lr_sweep_walk;

/* Starts a walk over points from to to - 1, to <= lr_sweep_count(s). The sweep must outlive it. NULL when memory runs
 * out. Free with lr_sweep_walk_free. */
struct lr_sweep_walk *lr_sweep_walk_new(const struct lr_sweep *s, uint64_t from, uint64_t to);

/* Fills out with the next point. false at the end, and when memory runs out. */
bool lr_sweep_walk_next(struct lr_sweep_walk *w, struct lr_sweep_point *out);

/* Whether memory sufficed so far; asked at the end: whether the walk saw every point. */
bool lr_sweep_walk_whole(const struct lr_sweep_walk *w);

/* Ends a walk. w may be NULL. */
void lr_sweep_walk_free(struct lr_sweep_walk *w);

#ifdef __cplusplus
}
#endif

#endif
