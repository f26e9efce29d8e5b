/* SPDX-License-Identifier: Apache-2.0 */
/* Explanations: why one deployment is faster than another, where the order flips, and what would have to be true. */
#ifndef LLMROOF_EXPLAIN_H
#define LLMROOF_EXPLAIN_H

#include "claim.h"
#include "estimate.h"
#include "kernels.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The profiles and the layout of a plan. */
struct lr_side {
    const struct lr_hardware *hw;
    const struct lr_kernels *kernels;
    const struct lr_model *model;
    const struct lr_runtime *runtime;
    const struct lr_deployment *deployment; /* as lr_plan_new takes it */
};

/* An operator on both sides, all executions of a step; operators of one name are added up. "host" is the runtime's own
 * time, "overlap" (0 or less) what it does at the same time: with these two the rows add up to TPOT. */
enum { LR_DIFFERENCES_MAX = 2 * LR_OPS_MAX + 2 };
struct lr_difference {
    const char *name;
    double left_s, right_s;                /* 0 where a side has no such operator */
    enum lr_bound left_bound, right_bound; /* LR_BOUND_COUNT where there is none; of several the longest one's */
    double left_longest_s, right_longest_s;
};

/* Compares the operators of two plans of one model at w. Returns how many rows, those that differ most first. Pure,
 * allocation-free. */
size_t lr_explain_operators(const struct lr_plan *left, const struct lr_plan *right, const struct lr_workload *w,
                            struct lr_difference out[LR_DIFFERENCES_MAX]);

/* The left side becomes the right one, a property at a time, in this order; each change of TPOT is that property's. The
 * order is part of the definition: what two properties do together falls to the later one. */
#define LR_CAUSES(X)                                                                                                   \
    X(LAYOUT, "layout")       /* GPUs, how the model is laid out over them, the size of a scale-up domain */           \
    X(FORMATS, "formats")     /* that the chip computes: one that it lacks gets the next wider one's peak */           \
    X(BANDWIDTH, "bandwidth") /* of the memory */                                                                      \
    X(PEAK, "peak")           /* all dense peaks */                                                                    \
    X(UNITS, "units")         /* how many, and their clock */                                                          \
    X(LINKS, "links")         /* rates and latencies between GPUs */                                                   \
    X(FIXED, "fixed time")    /* the kernels' time constants */                                                        \
    X(PADDING, "padding")     /* sizes of their tiles, and the other choices */                                        \
    X(HOST, "host")           /* the runtime */                                                                        \
    X(KERNELS, "kernels")     /* the rest: their efficiencies and rates, and anything that no step above took */

enum lr_cause {
#define X(id, name) LR_CAUSE_##id,
    LR_CAUSES(X)
#undef X
        LR_CAUSE_COUNT
};
/* The name in output. "unknown" for a number that is no cause. */
const char *lr_cause_name(enum lr_cause c);

/* level_s[0] is the left TPOT, level_s[i + 1] that after cause i, the last the right TPOT, bit for bit: the steps add
 * up to the difference. A step that makes no deployment (a link that is not there) takes nothing. */
struct lr_waterfall {
    double level_s[LR_CAUSE_COUNT + 1];
};

/* Splits the difference of TPOT between two sides of one model at w by causes. false with an error when a side cannot
 * be planned or memory runs out. */
bool lr_explain_causes(const struct lr_side *left, const struct lr_side *right, const struct lr_workload *w,
                       struct lr_waterfall *out, struct lr_diags *ds);

/* Where the order flips along one axis. */
enum lr_axis { LR_AXIS_BATCH, LR_AXIS_CONTEXT };
enum { LR_FLIPS_MAX = 16 };
struct lr_flip {
    double at;                 /* the first whole number of the other order */
    double open_from, open_to; /* around it the order is undecided (lr_compare) in this range; 0: nowhere */
};
struct lr_crossover {
    double left_most, right_most; /* what fits on each, at most limit */
    double most;                  /* the lesser: both fit up to here; 0: nowhere, and then nothing below is set */
    bool left_first;              /* left is faster at 1 */
    struct lr_flip flip[LR_FLIPS_MAX];
    size_t flips; /* more may follow when it is LR_FLIPS_MAX */
};

/* Finds where the order of two plans of one model flips along an axis, from 1 to limit, with the other value of w.
 * Steps are whole numbers to 64, then 1/32 of the way so far. Between two steps of different order the place is found
 * by bisection, so an order that flips twice inside one step is not seen. Allocation-free. */
void lr_explain_crossover(const struct lr_plan *left, const struct lr_plan *right, const struct lr_workload *w,
                          enum lr_axis axis, double limit, struct lr_crossover *out);

/* Properties that another chip may have more of: identifier, name, field of the profile. */
#define LR_LEVERS(X)                                                                                                   \
    X(BANDWIDTH, "bandwidth", "memory.bandwidth")                                                                      \
    X(PEAK, "peak", "compute.peak")                                                                                    \
    X(LINKS, "links", "scale_up.bandwidth, scale_out.bandwidth")                                                       \
    X(UNITS, "units", "compute.units")                                                                                 \
    X(KV_BITS, "KV bits", "kv")                                                                                        \
    X(CAPACITY, "capacity", "memory.capacity")

enum lr_lever {
#define X(id, name, field) LR_LEVER_##id,
    LR_LEVERS(X)
#undef X
        LR_LEVER_COUNT
};
/* The name in output. "unknown" for a number that is no property. */
const char *lr_lever_name(enum lr_lever l);

/* The field or fields of the profile, for example "memory.bandwidth". "unknown" as above. */
const char *lr_lever_field(enum lr_lever l);

/* A copy of a plan with factor > 0 times as much of one property; for KV bits, 1/factor of the bytes at the batch and
 * context of w. It borrows the same profiles. NULL when memory runs out. Free with lr_plan_free. */
struct lr_plan *lr_plan_scaled(const struct lr_plan *p, enum lr_lever l, double factor, const struct lr_workload *w);

/* By how many per cent TPOT falls for one per cent more (of KV bits: fewer): 100 (1 - TPOT'/TPOT). Those of operators
 * are what each contributes to the whole, in the order of lr_plan_operators; without overlap they add up to it. */
struct lr_elasticity {
    double step[LR_LEVER_COUNT];
    double op[LR_OPS_MAX][LR_LEVER_COUNT];
    size_t ops;
};

/* Fills out for p at w. false when memory runs out. */
bool lr_explain_elasticity(const struct lr_plan *p, const struct lr_workload *w, struct lr_elasticity *out);

/* "tpot < 30 ms": at most, or at least. */
#define LR_GOALS(X)                                                                                                    \
    X(TPOT, "tpot", tpot_s)                                                                                            \
    X(TOKENS, "tokens_per_s", tokens_per_s)                                                                            \
    X(TOKENS_GPU, "tokens_per_s_per_gpu", tokens_per_s_per_gpu)                                                        \
    X(TOKENS_USER, "tokens_per_s_per_user", tokens_per_s_per_user)

enum lr_goal_of {
#define X(id, name, field) LR_GOAL_##id,
    LR_GOALS(X)
#undef X
        LR_GOAL_COUNT
};
/* The name in output and in goals. "unknown" for a number that is no goal. */
const char *lr_goal_name(enum lr_goal_of g);

/* A limit that an estimate meets or does not meet. */
struct lr_goal {
    enum lr_goal_of of;
    double value; /* seconds for tpot, which may not be above it; else tokens/s, which may not be below */
};

/* Whether an estimate meets a goal. One that does not fit meets none. Pure. */
bool lr_goal_met(const struct lr_goal *g, const struct lr_estimate *e);

/* The least of one property that meets a goal, the others as they are. */
struct lr_remedy {
    bool possible;
    double factor; /* of what there is; >= 1 */
    double gpus;   /* lr_explain_gpus */
    double best;   /* of what the goal is about: with factor, or, where nothing does, with a million times as much; NAN
                    * when even that does not fit */
};

/* Finds the least factor of property l with which p meets g at w, by bisection over 1 to a million. TPOT does not rise
 * with more of any property but units, for which the search assumes the same. false when memory runs out. */
bool lr_explain_remedy(const struct lr_plan *p, const struct lr_workload *w, const struct lr_goal *g, enum lr_lever l,
                       struct lr_remedy *out);

/* Finds the least number of accelerators above that of p, up to 1024, with which the side's layout meets g at w. false
 * when memory runs out. */
bool lr_explain_gpus(const struct lr_side *s, const struct lr_plan *p, const struct lr_workload *w,
                     const struct lr_goal *g, struct lr_remedy *out);

#ifdef __cplusplus
}
#endif

#endif
