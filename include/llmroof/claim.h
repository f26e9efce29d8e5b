/* SPDX-License-Identifier: Apache-2.0 */
/* Claims: a statement of the press with a scope and a predicate, and what the estimates say of it. */
#ifndef LLMROOF_CLAIM_H
#define LLMROOF_CLAIM_H

#include "catalog.h"
#include "diag.h"
#include "estimate.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { LR_CLAIM_CASES_MAX = 16, LR_CLAIM_STATEMENTS_MAX = 8, LR_CLAIM_FACTS_MAX = 16, LR_CLAIM_POINTS_MAX = 64 };

/* A model and its layout on the left chip. */
struct lr_claim_case {
    const char *model;
    double gpus, tp, pp, ep, dp; /* 0: as lr_deployment_complete fills it */
};

/* What a statement says of left and right; id, name in a file. */
#define LR_CLAIM_KINDS(X)                                                                                              \
    X(FASTER, "faster")   /* chips: left needs less time a token; with a factor, right's is at least so many times */  \
    X(AS_FAST, "as_fast") /* chips: neither takes more than factor times as long as the other */                       \
    X(FITS, "fits")       /* chips: left's memory holds the case and right's, of as many GPUs, does not */             \
    X(KV_RATIO, "kv_ratio") /* models: KV bytes a token, left over right, are factor, within tolerance */

enum lr_claim_kind {
#define X(id, name) LR_CLAIM_##id,
    LR_CLAIM_KINDS(X)
#undef X
        LR_CLAIM_KIND_COUNT
};
/* The name in claim files and in output. "unknown" for a number that is no kind. */
const char *lr_claim_kind_name(enum lr_claim_kind k);

struct lr_claim_statement {
    const char *says;
    enum lr_claim_kind kind;
    const char *left, *right; /* hardware profiles; of kv_ratio models, right NULL: left as if every head had keys and
                               * values of its own */
    double factor;            /* 0: not given, which is 1 */
    double tolerance;         /* kv_ratio: relative; 0: not given, which is 0.01 */
    double left_kv_bits;      /* kv_ratio: bits an element of left's cache; 0: 16 */
};

/* Figures of a hardware profile, in the unit that articles use. */
#define LR_CLAIM_FIGURES(X)                                                                                            \
    X(CAPACITY, "memory.capacity")              /* GB as vendors count it, GiB */                                      \
    X(BANDWIDTH, "memory.bandwidth")            /* GB/s */                                                             \
    X(BF16, "compute.bf16")                     /* TFLOP/s, dense */                                                   \
    X(FP8, "compute.fp8")                       /* TFLOP/s, dense */                                                   \
    X(SCALE_UP_BANDWIDTH, "scale_up.bandwidth") /* GB/s a direction */

enum lr_claim_figure {
#define X(id, name) LR_CLAIM_FIGURE_##id,
    LR_CLAIM_FIGURES(X)
#undef X
        LR_CLAIM_FIGURE_COUNT
};
/* The path of the figure in a hardware profile. "unknown" for a number that is no figure. */
const char *lr_claim_figure_name(enum lr_claim_figure f);

/* A figure of the profiles: figure of `of`, divided by that of `over` where there is one; and the same figure as the
 * article states it. */
struct lr_claim_fact {
    const char *says;
    enum lr_claim_figure figure;
    const char *of, *over;
    double article;   /* in GB, GB/s or FLOP/s over 1e12, or a ratio; 0: the article does not state it */
    double tolerance; /* relative; above 0 where the article states the figure, else 0 */
};

struct lr_claim {
    const char *name, *title, *source;
    const char *article; /* who said it, where and when */
    const char *says;    /* in our words */
    const char *finding; /* what we make of it, or NULL */
    const char *runtime; /* profile of the engine of both sides; NULL: LR_DEFAULT_RUNTIME */
    const char *kernels; /* class of kernels for every chip whose architecture has it ("deepseek"), so that chips are
                          * compared and not engines; or NULL */
    struct lr_claim_case item[LR_CLAIM_CASES_MAX];
    size_t item_count;
    struct lr_claim_statement statement[LR_CLAIM_STATEMENTS_MAX];
    size_t statement_count;
    struct lr_claim_fact fact[LR_CLAIM_FACTS_MAX];
    size_t fact_count;
    double batch[LR_CLAIM_POINTS_MAX], context[LR_CLAIM_POINTS_MAX];
    size_t batch_count, context_count;
};

/* Loads a claim by name or path. NULL with at least one error in ds: a mistake in the file, a model or chip that the
 * catalogue does not have, memory runs out. Free with lr_claim_free. */
struct lr_claim *lr_catalog_claim(const struct lr_catalog *c, const char *name, struct lr_diags *ds);
/* Frees a claim of lr_catalog_claim. c may be NULL. */
void lr_claim_free(struct lr_claim *c);

/* At one point: is left faster? In the words of comparison.h. */
#define LR_OUTCOMES(X)                                                                                                 \
    X(HOLDS_CLEARLY, "clearly true")                                                                                   \
    X(HOLDS_LIKELY, "likely true")                                                                                     \
    X(CLOSE, "too close to call")                                                                                      \
    X(FAILS_LIKELY, "likely false")                                                                                    \
    X(FAILS_CLEARLY, "clearly false")                                                                                  \
    X(LEFT_ONLY, "only the left chip fits")                                                                            \
    X(RIGHT_ONLY, "only the right chip fits")                                                                          \
    X(NEITHER, "neither fits")

enum lr_outcome {
#define X(id, name) LR_OUTCOME_##id,
    LR_OUTCOMES(X)
#undef X
        LR_OUTCOME_COUNT
};
/* The outcome in words, as LR_OUTCOMES has it. "unknown" for a number that is no outcome. */
const char *lr_outcome_name(enum lr_outcome o);

/* Whether left is faster than right: both estimates are of one model at one batch and context. apart: as for
 * lr_probability_faster. Pure. */
enum lr_outcome lr_compare(const struct lr_estimate *left, const struct lr_estimate *right, double apart);

/* One statement on one case: tallies over batches and contexts, and where the order flips. */
struct lr_finding {
    size_t tally[LR_OUTCOME_COUNT];
    size_t compared;                  /* both fit; of a statement about what fits: one of them does */
    size_t holds;                     /* of these, the estimates are as the statement says */
    size_t floor_holds;               /* of these, the datasheet rooflines are */
    double flip[LR_CLAIM_POINTS_MAX]; /* per context: first batch whose order differs from that of the first; 0: none */
    bool first[LR_CLAIM_POINTS_MAX];  /* per context: the statement holds at the first batch that both fit */
    bool any[LR_CLAIM_POINTS_MAX];    /* per context: both fit at some batch */
};

/* Of what was compared, 95 % and more hold: holds; 5 % and less: fails; else it depends. Nothing: there was no point to
 * compare. */
#define LR_VERDICTS(X)                                                                                                 \
    X(HOLDS, "holds")                                                                                                  \
    X(DEPENDS, "depends")                                                                                              \
    X(FAILS, "fails")                                                                                                  \
    X(NOTHING, "nothing to compare")

enum lr_verdict {
#define X(id, name) LR_VERDICT_##id,
    LR_VERDICTS(X)
#undef X
        LR_VERDICT_COUNT
};

/* The verdict in words, as LR_VERDICTS has it. "unknown" for a number that is no verdict. */
const char *lr_verdict_name(enum lr_verdict v);

/* What two machines are compared at. Id, name, key. Except for GPUS, both run the same number of GPUs per replica, and
 * the load is shared in proportion: a machine whose replica has 5/6 of the other's memory runs 6/5 as many replicas, so
 * each of them decodes 5/6 of the batch. */
#define LR_CLAIM_EQUALS(X)                                                                                             \
    X(GPUS, "GPU count", "equal_gpus")                                                                                 \
    X(MEMORY, "memory", "equal_memory") /* capacity */                                                                 \
    X(POWER, "power", "equal_power")    /* TDP */                                                                      \
    X(COST, "cost", "equal_cost")       /* price per hour; skipped where a profile has none */

enum lr_claim_equal {
#define X(id, name, key) LR_CLAIM_EQUAL_##id,
    LR_CLAIM_EQUALS(X)
#undef X
        LR_CLAIM_EQUAL_COUNT
};
/* "GPU count". "unknown" for a number that is none of these. Static storage. */
const char *lr_claim_equal_name(enum lr_claim_equal e);
/* The same as a key of JSON: "equal_gpus". */
const char *lr_claim_equal_key(enum lr_claim_equal e);

/* One statement on one case. */
struct lr_claim_result {
    const struct lr_claim_case *item;
    enum lr_claim_equal equal;
    double left_gpus, right_gpus; /* with the same total load; the right one may be a fraction of replicas */
    struct lr_finding finding;
};

/* What the estimates say of one statement of a claim. */
struct lr_statement_verdict {
    enum lr_verdict verdict;                       /* at equal GPU count */
    struct lr_finding total[LR_CLAIM_EQUAL_COUNT]; /* over its cases, each point with the same weight; without flips */
    double kv_ratio;                               /* of a statement of this kind, which has no cases; else 0 */
    struct lr_claim_result result[LR_CLAIM_CASES_MAX * LR_CLAIM_EQUAL_COUNT];
    size_t result_count;
};

/* What the estimates say of a claim. */
struct lr_settled {
    struct lr_claim *claim;                                         /* owned */
    struct lr_runtime *runtime;                                     /* of both sides; owned */
    bool holds;                                                     /* every statement does */
    struct lr_statement_verdict statement[LR_CLAIM_STATEMENTS_MAX]; /* claim->statement_count of them */
    double fact[LR_CLAIM_FACTS_MAX];                                /* the profiles' figures, in the article's units */
};

/* Loads a claim and settles it: each statement on each case, at every batch and context of the claim, at equal numbers
 * of accelerators and, where a statement is about which is faster, at equal memory, power and cost. runtime is the
 * engine of both sides with its kernels, or NULL for that of the claim. sets are count overrides of fields of all chips
 * (as for lr_catalog_hardware), or NULL. NULL with at least one error in ds: the claim or a profile that it names
 * cannot be read, a layout does not suit a model, memory runs out. ds may be NULL. The catalogue is only read, and only
 * during the call. Free with lr_settled_free. */
struct lr_settled *lr_settle(const struct lr_catalog *c, const char *claim, const char *runtime,
                             const struct lr_override *sets, size_t count, struct lr_diags *ds);

/* Frees the claim too. s may be NULL. */
void lr_settled_free(struct lr_settled *s);

#ifdef __cplusplus
}
#endif

#endif
