/* SPDX-License-Identifier: Apache-2.0 */
/* Plans and estimates: the time of a decode step, its bottleneck, whether it fits, and the uncertainty. */
#ifndef LLMROOF_ESTIMATE_H
#define LLMROOF_ESTIMATE_H

#include "deployment.h"
#include "diag.h"
#include "family.h"
#include "hardware.h"
#include "model.h"
#include "role.h"
#include "runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What an operator, or a step, spends most of its time on. */
#define LR_BOUNDS(X)                                                                                                   \
    X(MEMORY, "memory")                                                                                                \
    X(COMPUTE, "compute")                                                                                              \
    X(LINK, "link")                                                                                                    \
    X(LATENCY, "latency")                                                                                              \
    X(HOST, "host")

enum lr_bound {
#define X(id, name) LR_BOUND_##id,
    LR_BOUNDS(X)
#undef X
        LR_BOUND_COUNT
};
/* The name in output. "unknown" for a number that is no bound. */
const char *lr_bound_name(enum lr_bound b);

/* Where the constants of an estimate come from, best first. */
#define LR_EVIDENCES(X)                                                                                                \
    X(MEASURED, "measured")         /* fitted on this chip */                                                          \
    X(ARCHITECTURE, "architecture") /* fitted on another chip of the architecture */                                   \
    X(ASSUMED, "assumed")           /* pooled from other architectures */

enum lr_evidence {
#define X(id, name) LR_EVIDENCE_##id,
    LR_EVIDENCES(X)
#undef X
        LR_EVIDENCE_COUNT
};
/* The name in output. "unknown" for a number that is no evidence. */
const char *lr_evidence_name(enum lr_evidence e);

/* The memory of one GPU, bytes. */
struct lr_memory {
    double capacity_bytes, weights_bytes, kv_bytes, workspace_bytes;
    double reserve_bytes; /* the runtime's own, and the share of the capacity that it never uses */
    double max_batch;     /* of the replica at this context; 0: none fits. lr_plan_room fills it */
    double max_context;   /* of each sequence at this batch; 0: none fits. lr_plan_room fills it */
};

/* One decode step, or a token of it. */
struct lr_estimate {
    double tpot_s, tpot_low_s, tpot_high_s; /* 80 % interval */
    double floor_tpot_s;                    /* no hardware with these datasheet figures is faster */
    double tokens_per_s, tokens_per_s_per_gpu, tokens_per_s_per_user; /* 0 when it does not fit */
    double flop, bytes, link_bytes;                                   /* of one GPU, one step */
    double host_s;                                                    /* the runtime's part of tpot_s */
    enum lr_bound bound;
    enum lr_evidence evidence; /* the weakest that more than a tenth of the time depends on */
    bool fits;
    struct lr_memory memory;
};

/* One operator over a whole step: count executions. */
struct lr_op_estimate {
    const char *name;
    enum lr_role role;
    enum lr_family family;
    enum lr_dtype weight, kv;
    enum lr_rate rate; /* that computes it */
    enum lr_bound bound;
    enum lr_evidence evidence;
    double count, flop, bytes, link_bytes;
    double time_s, floor_s;
    double memory_s, compute_s, link_s, fixed_s; /* its terms before they are combined */
    double spread_low, spread_high; /* log ratios measured / estimate that bracket 80 % of the rows: low < 0 < high */
};

struct lr_kernels; /* kernels.h */

/* Everything about one deployment that no workload changes. Nothing changes it after it is made: any number of threads
 * may evaluate it. */
struct lr_plan;

/* Plans a deployment: lays the model out over the accelerators and looks up the constants of each operator. Fields of d
 * that are 0 are filled in: tp takes what gpus leaves, within a scale-up domain; dp takes the rest. The profiles must
 * outlive the plan. NULL with at least one error in ds: a layout that does not suit the model, a format that the chip
 * cannot hold, a family without constants, no link between GPUs, memory runs out. Free with lr_plan_free. */
struct lr_plan *lr_plan_new(const struct lr_hardware *hw, const struct lr_model *m, const struct lr_runtime *rt,
                            const struct lr_kernels *k, const struct lr_deployment *d, struct lr_diags *ds);
/* Frees the plan and none of its profiles. p may be NULL. */
void lr_plan_free(struct lr_plan *p);

/* The layout with every field filled in; weights and kv are the formats that the chip holds. Owned by the plan. */
const struct lr_deployment *lr_plan_deployment(const struct lr_plan *p);

/* How many notes the plan has: sentences about formats that the chip lacks and what it uses in their place. */
size_t lr_plan_note_count(const struct lr_plan *p);

/* Note i, owned by the plan; "" where there is none. */
const char *lr_plan_note(const struct lr_plan *p, size_t i);

/* The name of the kernel set, owned by the set. */
const char *lr_plan_kernels(const struct lr_plan *p);

/* Estimates one step: batch >= 1, context >= 0, q_len >= 1. Every field of out is finite. Pure, allocation-free.
 * docs/method.md has the formulas. */
void lr_plan_estimate(const struct lr_plan *p, const struct lr_workload *w, struct lr_estimate *out);

/* The estimates at count contexts of one batch: out[i] at context[i] >= 0. The same bits as lr_plan_estimate's at a
 * tenth of the time and less, for what no context changes is summed once. batch >= 1, q_len >= 1. */
void lr_plan_estimates(const struct lr_plan *p, double batch, double q_len, const double *context, size_t count,
                       struct lr_estimate *out);

/* Fills max_batch and max_context of m, the memory of an estimate of w: the largest batch at w's context and the
 * largest context at w's batch that fit. Allocation-free. */
void lr_plan_room(const struct lr_plan *p, const struct lr_workload *w, struct lr_memory *m);

/* Speculative decoding (Leviathan et al., arXiv 2211.17192). draft tokens are proposed and verified in one step of
 * q_len draft + 1, which yields accepted tokens on average, from 1 to draft + 1. draft_cost: time of drafting one
 * token, as a share of a plain decode step; 0: that of one layer and the head. */
struct lr_speculation {
    double draft, accepted, draft_cost;
};

/* Estimates speculative decoding; w->q_len is not used. Times are per token that a user gets:
 * (step(draft + 1) + draft x cost x step(1))/accepted. Pure, allocation-free. */
void lr_plan_speculate(const struct lr_plan *p, const struct lr_workload *w, const struct lr_speculation *s,
                       struct lr_estimate *out);

/* The operators of one step, in the order of the model, without the runtime's host time. Fills at most LR_OPS_MAX rows
 * and returns how many. The names are in static storage. Pure, allocation-free. */
size_t lr_plan_operators(const struct lr_plan *p, const struct lr_workload *w, struct lr_op_estimate out[LR_OPS_MAX]);

#ifdef __cplusplus
}
#endif

#endif
