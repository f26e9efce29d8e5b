/* SPDX-License-Identifier: Apache-2.0 */
/* The content of a plan, for the files of this layer. scripts/check-layers checks that no other file includes it. */
#ifndef LLMROOF_ESTIMATE_PLAN_H
#define LLMROOF_ESTIMATE_PLAN_H

#include "estimate/lowered.h"
#include "price/chip.h"
#include "price/price.h"

#include <llmroof/estimate.h>

enum { LR_PLAN_NOTES_MAX = 8, LR_PLAN_NOTE_SIZE = 160 };

/* What pricing needs to know about one operator, selected once. */
struct lr_planned {
    const struct lr_kernel *kernel;
    struct lr_chip chip;
    enum lr_rate rate;
    enum lr_evidence evidence;
    double low, high;    /* log ratios measured/predicted that bracket 80 %: low <= 0 <= high */
    double shrink, grow; /* the same as shares of the time: 1 - exp(low), exp(high) - 1 */
};

struct lr_plan {
    struct lr_deployment d;
    struct lr_lowering l;
    struct lr_planned op[LR_OPS_MAX];  /* one for each of l.op */
    unsigned char steady[LR_OPS_MAX];  /* indices of operators that do not depend on the context */
    unsigned char growing[LR_OPS_MAX]; /* indices of the others */
    size_t steady_count, growing_count;
    struct lr_runtime rt;
    bool serial_launches; /* the chip starts a kernel only after the one before it has ended */
    double launches_s;    /* host time to launch all kernels of a step */
    double mixer_layers;  /* layers with a state or an index */
    double shrink, grow;  /* spread of the runtime, as shares of the time */
    double capacity_bytes;
    const char *kernels;
    char note[LR_PLAN_NOTES_MAX][LR_PLAN_NOTE_SIZE];
    size_t note_count;
    size_t alternatives;       /* further kernel sets; the fastest kernel of all sets prices an operator */
    struct lr_planned other[]; /* [set x LR_OPS_MAX + operator]; kernel NULL: the set has none */
};

/* A copy; free it with lr_plan_free. NULL if memory runs out. */
struct lr_plan *lr_plan_copy(const struct lr_plan *p);

/* Overwrites a copy of p with p. */
void lr_plan_restore(struct lr_plan *copy, const struct lr_plan *p);

/* Sets launch_hidden of all operators from the runtime. */
void lr_plan_hide_launches(struct lr_plan *p);

/* Takes off the time of what the runtime overlaps: the shared expert during the exchange or, where that is faster, two
 * halves of the batch. Attention of one half then runs during dispatch, experts and combine of the other: 2
 * max(attention, moe) of a half (DeepSeek-V3, arXiv 2412.19437, section 3.4.2). The floor of what overlaps is the
 * larger of both. */
void lr_plan_overlap(const struct lr_plan *p, const struct lr_workload *w, struct lr_estimate *e);

/* Memory of one GPU for a workload. */
void lr_plan_memory(const struct lr_plan *p, const struct lr_workload *w, struct lr_memory *out);
double lr_memory_used(const struct lr_memory *m);
bool lr_memory_fits(const struct lr_memory *m);

/* Memory of one GPU for the step s, without a cache. */
void lr_memory_start(const struct lr_plan *p, const struct lr_step *s, struct lr_memory *m);

/* Sequences whose cache a GPU keeps. Each pipeline stage keeps that of all sequences. */
double lr_memory_sequences(const struct lr_plan *p, double batch);

#endif
