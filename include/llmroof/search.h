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

/* A point of a search that fits, by value. The profiles are the sweep's. */
struct lr_found {
    const struct lr_model *model;
    const struct lr_hardware *hardware;
    const struct lr_runtime *runtime;
    struct lr_deployment deployment;
    double batch, context;
    struct lr_estimate estimate;
};

/* Whether two points have the same model, chip, runtime, formats and layout. Of a model without experts dp does not
 * count, for its groups are copies. Pure. */
bool lr_found_same_layout(const struct lr_found *a, const struct lr_found *b);

/* Points the sweep's lists at those of a usual search: accelerators 1, 2, 4 ... at most gpus (1 to 1024), batches 1 to
 * 16384 in steps of a half and a third. The lists are in static storage. */
void lr_search_lists(struct lr_sweep *s, double gpus);

/* Called for each point of a search; at->why is NULL where it fits. at is valid during the call. false ends the search.
 */
typedef bool lr_search_fn(const struct lr_sweep_point *at, void *user);

/* Calls fn with user for every layout of every number of GPUs, on every chip, at every batch and context of s. GPUs,
 * batches and contexts are those of the lists of s; tp, pp and ep are the divisors of the number of GPUs, tp within the
 * scale-up domain, and dp is filled in. A list of s for one of these four keeps its values only; the list {0} keeps
 * all. Several searches may go over one sweep at a time. false when memory runs out, or fn ended the search. */
bool lr_search_each(const struct lr_sweep *s, lr_search_fn *fn, void *user);

/* The point with the most tokens/s/GPU within limits on the times of a token (0: none). Of equals the first wins.
 * Set the limits, leave the rest 0, and give its address to lr_search_each with lr_best_offer. */
struct lr_best {
    double tpot_s, ttft_s;           /* ttft: of one prompt of context tokens */
    struct lr_found best, runner_up; /* of another layout, chip or runtime */
    bool any, any_runner_up;
    size_t points, impossible, too_large, too_slow, too_late; /* points; dropped by each reason in this order */
    bool *chip_any;               /* NULL, or per chip of sweep: chip has a point. The caller's, as chip */
    struct lr_found *chip;        /* NULL, or the best point of each chip of sweep */
    const struct lr_sweep *sweep; /* NULL without these */
};

/* Offers a point to a struct lr_best. An lr_search_fn: always true. */
bool lr_best_offer(const struct lr_sweep_point *at, void *best);

/* Whether left needs less GPU time for a token than right, and how sure that is, as lr_compare. Pure. */
enum lr_outcome lr_found_compare(const struct lr_found *left, const struct lr_found *right);

/* The Pareto frontier of each chip: points that no other point of the chip beats both in tokens/s/user and in
 * tokens/s/GPU. Of equals the first stays. Zero-initialise, give its address to lr_search_each with lr_frontier_offer,
 * and free(item). */
struct lr_frontier {
    struct lr_found *item;
    size_t count, capacity;
    bool out_of_memory;
};

/* Offers a point to a struct lr_frontier. An lr_search_fn: false when memory runs out, which out_of_memory says too. */
bool lr_frontier_offer(const struct lr_sweep_point *at, void *frontier);

/* Sorts the points: chips in the order of the sweep, each from the fewest tokens/s/user on. */
void lr_frontier_sort(struct lr_frontier *f, const struct lr_sweep *s);

/* Requests that arrive at a rate, and limits on their times. */
struct lr_demand {
    double requests_per_s;
    struct lr_traffic traffic; /* concurrency is that of the point's batch */
    double tpot_s, ttft_s;     /* limits, 0: none */
};

/* The fewest GPUs of one chip that serve a demand, in replicas of one layout. Set demand, leave the rest 0, and give
 * its address to lr_search_each, over one chip (lr_sweep_of_chip), with lr_capacity_offer. */
struct lr_capacity {
    struct lr_demand demand;
    struct lr_found point; /* one replica at its largest load inside the limits; its estimate is of the bare step */
    struct lr_served served;
    double replicas, gpus;
    double utilisation; /* demand over what the replicas serve at most */
    double in_flight;   /* requests in flight on all replicas, by Little's law: rate x time that each stays */
    bool any;
};

/* Offers a point to a struct lr_capacity. An lr_search_fn: always true. */
bool lr_capacity_offer(const struct lr_sweep_point *at, void *capacity);

#ifdef __cplusplus
}
#endif

#endif
