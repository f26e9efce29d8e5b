/* SPDX-License-Identifier: Apache-2.0 */
/* The time of one operator on one chip. Pure: no I/O, no globals, no allocation. */
#ifndef LLMROOF_PRICE_H
#define LLMROOF_PRICE_H

#include "core/formulas.h"
#include "core/operator.h"
#include "price/chip.h"
#include "price/norm.h"

#include <llmroof/estimate.h>
#include <llmroof/kernels.h>

/* Tokens of context up to which a split over units costs no time. */
#define LR_SPLIT_FREE 64.0

/* One execution of an operator. time_s combines the terms and is never below any of them. */
struct lr_cost {
    double time_s;
    double compute_s, memory_s, link_s, fixed_s;
    double walked_s; /* part of fixed_s that grows with the work; a graph cannot hide it */
};

struct lr_cost lr_price(const struct lr_op *op, const struct lr_step *s, const struct lr_work *w,
                        const struct lr_chip *chip, const struct lr_kernel *k);

/* A kernel that walks through a cache, as a function of the context. For a attended tokens, time(a) is fixed + split
 * log2(a/64) + || || memory, compute ||_2, chain a ||_3 (docs/method.md), and at least least_s. */
struct lr_walk {
    double attended_most;      /* a window, or the number of selected tokens; 0: no limit */
    double compute_s, chain_s; /* per attended token */
    double idle;               /* units per unit with an item, >= 1: scales the cache's time, is in compute_s */
    double fixed_s, split_s, least_s;
};

/* The walk of an operator with a cache (GQA, MLA, indexer), for steps of one new token per sequence. */
struct lr_walk lr_walk_of(const struct lr_op *op, const struct lr_step *s, const struct lr_chip *chip, const double *k);

/* The cost of a walk whose bytes take memory_s and whose FLOP take compute_s. */
static inline struct lr_cost lr_walk_cost(const struct lr_walk *w, double attended, double memory_s, double compute_s)
{
    const double chain_s = w->chain_s * attended;
    const double doublings = attended > LR_SPLIT_FREE ? log2(attended / LR_SPLIT_FREE) : 0;
    const double fixed_s = w->fixed_s + w->split_s * doublings;
    const double time_s = fixed_s + lr_norm3(lr_norm2(memory_s, compute_s, 0), chain_s);
    return (struct lr_cost){
        .time_s = time_s > w->least_s ? time_s : w->least_s,
        .memory_s = memory_s,
        .compute_s = compute_s,
        .fixed_s = fixed_s + chain_s,
        .walked_s = chain_s,
    };
}

/* The floor: no chip with this datasheet is faster. A kernel takes at least max(FLOP/dense peak, weight and KV
 * bytes/bandwidth), a collective at least its bytes over the link plus the link's latency. Activations are left out,
 * since they may stay on the chip. */
double lr_floor(const struct lr_op *op, const struct lr_work *w, const struct lr_chip *chip);

/* The largest term; fixed time is LR_BOUND_LATENCY. */
enum lr_bound lr_cost_bound(const struct lr_cost *c);

static inline double lr_bytes(const struct lr_work *w)
{
    return w->weight_bytes + w->kv_bytes + w->act_bytes;
}

#endif
