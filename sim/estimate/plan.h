/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of a plan, for the files of this layer; scripts/check-layers sees that no other includes it. */
#ifndef LLMROOF_ESTIMATE_PLAN_H
#define LLMROOF_ESTIMATE_PLAN_H

#include "estimate/lowered.h"
#include "price/chip.h"
#include "price/price.h"

#include <llmroof/estimate.h>

enum { LR_PLAN_NOTES_MAX = 8, LR_PLAN_NOTE_SIZE = 160 };

/* What pricing needs of one operator, looked up once. */
struct lr_planned {
    const struct lr_kernel *kernel;
    struct lr_chip chip;
    enum lr_rate rate;
    enum lr_evidence evidence;
    double low, high;    /* log ratios that bracket 80 %: low <= 0 <= high */
    double shrink, grow; /* the same as shares of the time: 1 - exp(low), exp(high) - 1 */
};

struct lr_plan {
    struct lr_deployment d;
    struct lr_lowering l;
    struct lr_planned op[LR_OPS_MAX];  /* beside l.op */
    unsigned char steady[LR_OPS_MAX];  /* operators that no context changes, by index */
    unsigned char growing[LR_OPS_MAX]; /* the others */
    size_t steady_count, growing_count;
    struct lr_runtime rt;
    bool serial_launches; /* the chip starts no kernel before the one before it ends, whatever the runtime does */
    double launches_s;    /* of the host, for all kernels of a step */
    double mixer_layers;  /* that keep a state or an index */
    double shrink, grow;  /* the runtime's own spread, as shares of the time */
    double capacity_bytes;
    const char *kernels;
    char note[LR_PLAN_NOTES_MAX][LR_PLAN_NOTE_SIZE];
    size_t note_count;
};

/* Puts what the runtime hides of launches where pricing finds it. */
void lr_plan_hide_launches(struct lr_plan *p);

/* Takes off what the runtime does at the same time: the shared expert beside the exchange, or, where that is faster,
 * two halves of the batch in turn, attention of one beside dispatch, experts and combine of the other: 2 max(attention,
 * moe) of a half (DeepSeek-V3, arXiv 2412.19437, section 3.4.2). The floor of what overlaps is the larger of both. */
void lr_plan_overlap(const struct lr_plan *p, const struct lr_workload *w, struct lr_estimate *e);

/* The ledger of one GPU for a workload. */
void lr_plan_memory(const struct lr_plan *p, const struct lr_workload *w, struct lr_memory *out);
double lr_memory_used(const struct lr_memory *m);
bool lr_memory_fits(const struct lr_memory *m);

/* The ledger without a cache; what a step of s needs. */
void lr_memory_start(const struct lr_plan *p, const struct lr_step *s, struct lr_memory *m);

/* Sequences whose cache a GPU keeps: each pipeline stage has all of them. */
double lr_memory_sequences(const struct lr_plan *p, double batch);

#endif
