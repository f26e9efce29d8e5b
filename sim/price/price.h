/* Operator x chip to seconds. Pure: no I/O, no globals, no allocation. */
#ifndef LLMROOF_PRICE_H
#define LLMROOF_PRICE_H

#include "core/formulas.h"
#include "price/norm.h"

#include <llmroof/hardware.h>
#include <llmroof/kernels.h>
#include <llmroof/operator.h>

/* What a formula may know of a chip, for one operator. */
struct lr_chip {
    double peak_flop_per_s; /* of the rate that computes this operator; 0 only when it needs none */
    double bandwidth_bytes_per_s;
    double units;                          /* 132 where the profile gives none */
    double time_scale;                     /* on the time constants of the kernel set */
    bool eager;                            /* kernels are launched one by one, not as a graph */
    double launch_hidden;                  /* share of fixed times that a graph hides, none across links */
    double query_group;                    /* query heads that decoding attention takes together; 0: any */
    bool whole_context;                    /* decoding attention does not split a context over units */
    double up_bytes_per_s, up_latency_s;   /* link inside a scale-up domain */
    bool host_path;                        /* ranks of a domain share the host's PCIe */
    double out_bytes_per_s, out_latency_s; /* link between them */
};

/* Context whose split over units costs nothing yet. */
#define LR_SPLIT_FREE 64.0

/* One execution. time_s combines the terms; it is never below any of them. */
struct lr_cost {
    double time_s;
    double compute_s, memory_s, link_s, fixed_s;
    double walked_s; /* of fixed_s: grows with the work and is no launch, so that nothing hides it */
};

struct lr_cost lr_price(const struct lr_op *op, const struct lr_step *s, const struct lr_work *w,
                        const struct lr_chip *chip, const struct lr_kernel *k);

/* Of an operator that walks through a cache (GQA, MLA, indexer), for steps of one new token a sequence. */
struct lr_walk lr_walk_of(const struct lr_op *op, const struct lr_step *s, const struct lr_chip *chip, const double *k);

/* What it costs, once it is known what its bytes and its FLOP take. */
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

/* No chip with this datasheet is faster: max of FLOP over the dense peak, weight and KV bytes over bandwidth, and the
 * link's bytes over its rate plus a hop. Activations are left out, since they may stay on the chip. */
double lr_floor(const struct lr_op *op, const struct lr_work *w, const struct lr_chip *chip);

/* The largest term; fixed time is LR_BOUND_LATENCY. */
enum lr_bound lr_cost_bound(const struct lr_cost *c);

/* One formula a family. */
struct lr_cost lr_price_gemm(const struct lr_gemm *g, double m, const struct lr_work *w, const struct lr_chip *chip,
                             const double *k);
struct lr_cost lr_price_attention(const struct lr_gqa *a, const struct lr_step *s, const struct lr_work *w,
                                  const struct lr_chip *chip, const double *k);
struct lr_cost lr_price_mla(const struct lr_mla *a, const struct lr_step *s, const struct lr_work *w,
                            const struct lr_chip *chip, const double *k);
struct lr_cost lr_price_bmm(const struct lr_work *w, const struct lr_chip *chip, const double *k);
struct lr_cost lr_price_moe(const struct lr_moe *e, double m, const struct lr_work *w, const struct lr_chip *chip,
                            const double *k);
struct lr_cost lr_price_index(const struct lr_index *a, const struct lr_step *s, const struct lr_work *w,
                              const struct lr_chip *chip, const double *k);
struct lr_cost lr_price_state(const struct lr_work *w, const struct lr_chip *chip, const double *k);
struct lr_cost lr_price_elementwise(const struct lr_work *w, const struct lr_chip *chip, const double *k);
struct lr_cost lr_price_exchange(const struct lr_collective *c, const struct lr_work *w, const struct lr_chip *chip,
                                 const double *k);
struct lr_cost lr_price_collective(enum lr_family f, const struct lr_collective *c, const struct lr_work *w,
                                   const struct lr_chip *chip, const double *k);

static inline double lr_bytes(const struct lr_work *w)
{
    return w->weight_bytes + w->kv_bytes + w->act_bytes;
}

#endif
