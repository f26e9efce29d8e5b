/* SPDX-License-Identifier: Apache-2.0 */
/* Searches over all layouts that a model and a machine allow. */
#ifndef LLMROOF_SEARCH_H
#define LLMROOF_SEARCH_H

#include "claim.h"
#include "serving.h"
#include "sweep.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A feasible point by value: outlives its walk. */
struct lr_found {
    const struct lr_model *model;
    const struct lr_hardware *hardware;
    const struct lr_runtime *runtime;
    struct lr_deployment deployment;
    double batch, context;
    struct lr_estimate estimate;
};
bool lr_found_same_layout(const struct lr_found *a, const struct lr_found *b); /* chip and runtime too */

/* Points the sweep's lists at those of a usual search: accelerators 1, 2, 4 ... at most gpus (1 to 1024), batches 1 to
 * 16384 in steps of a half and a third. The lists are in static storage. */
void lr_search_lists(struct lr_sweep *s, double gpus);

/* Each point of a search: point->why says why it is none. plan is valid during the call. false ends the search. */
typedef bool lr_search_fn(const struct lr_sweep_point *at, void *user);

/* Every layout of every number of gpus in s (which it lists; its other layout lists keep some only, a list of a single
 * 0 keeps all) on every chip at every batch and context. false when memory ran out, or fn ended it. */
bool lr_search_each(const struct lr_sweep *s, lr_search_fn *fn, void *user);

/* The most tokens a second and GPU under a limit on the time of a token (0: none). Of equals the first wins. */
struct lr_best {
    double tpot_s, ttft_s;           /* ttft: of one prompt of context tokens */
    struct lr_found best, runner_up; /* of another layout, chip or runtime */
    bool any, any_runner_up;
    size_t points, impossible, too_large, too_slow, too_late; /* each of all points that the ones before left */
    bool *chip_any;                                           /* or NULL: of each chip of the sweep, beside: */
    struct lr_found *chip;                                    /* its best */
    const struct lr_sweep *sweep;
};
bool lr_best_offer(const struct lr_sweep_point *at, void *best); /* a lr_search_fn */

/* Which of two needs less GPU time for a token, and how sure that is; left wins: LR_OUTCOME_HOLDS_... */
enum lr_outcome lr_found_compare(const struct lr_found *left, const struct lr_found *right);

/* The points that none beats both in tokens/s/user and in tokens/s/GPU, for each chip, from the slowest user on. Of
 * equals the first stays. Free item. */
struct lr_frontier {
    struct lr_found *item;
    size_t count, capacity;
    bool out_of_memory;
};
bool lr_frontier_offer(const struct lr_sweep_point *at, void *frontier); /* a lr_search_fn */
void lr_frontier_sort(struct lr_frontier *f, const struct lr_sweep *s);  /* chips in the sweep's order */

/* The fewest GPUs of a chip that serve requests at a rate, in replicas of one layout. */
struct lr_demand {
    double requests_per_s;
    struct lr_traffic traffic; /* concurrency is that of the point's batch */
    double tpot_s, ttft_s;     /* limits, 0: none */
};
struct lr_capacity {
    struct lr_demand demand;
    struct lr_found point; /* one replica at its largest load inside the limits; its estimate is of the bare step */
    struct lr_served served;
    double replicas, gpus;
    double utilisation; /* demand over what the replicas serve at most */
    double in_flight;   /* requests at a time, by Little's law: rate x time that each stays */
    bool any;
};
bool lr_capacity_offer(const struct lr_sweep_point *at, void *capacity); /* a lr_search_fn, for one chip */

#ifdef __cplusplus
}
#endif

#endif
