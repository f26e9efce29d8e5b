/* SPDX-License-Identifier: Apache-2.0 */
/* What an explanation is made of: one deployment, or two side by side. */
#ifndef LLMROOF_CLI_VIEW_WHY_H
#define LLMROOF_CLI_VIEW_WHY_H

#include "cli/session/session.h"

#include <llmroof/explain.h>

struct lr_why {
    size_t sides; /* 1 or 2 */
    const struct lr_hardware *hw[2];
    const struct lr_kernels *kernels[2];
    char label[2][128];
    struct lr_plan *plan[2];
    struct lr_deployment asked; /* as lr_plan_new took it */
    struct lr_workload workload;
    struct lr_estimate estimate[2]; /* with room */
    struct lr_elasticity elasticity[2];
    bool fits; /* every side */
    /* Of two sides that both fit: */
    struct lr_difference row[LR_DIFFERENCES_MAX];
    size_t rows;
    struct lr_waterfall fall;
    enum lr_outcome outcome;
    /* Of two sides: along lr_axis, the other coordinate that of the workload. */
    struct lr_crossover cross[2];
};

/* Plans left, and right unless that is NULL, as the session's options say, and works everything out at one point. NULL
 * after an error. right_label NULL: the profile's name; else right is left with another value, and called so. */
struct lr_why *lr_why_open(struct lr_session *s, const struct lr_hardware *left, const struct lr_hardware *right,
                           const char *right_label, double batch, double context);
void lr_why_free(struct lr_why *w);

/* A side as lr_explain_causes takes it. */
struct lr_side lr_why_side(const struct lr_session *s, const struct lr_why *w, size_t side);

/* The word for an order: "clearly", "likely", "too close to call". */
const char *lr_why_sure(enum lr_outcome o);

/* The finding in plain words, one paragraph. */
void lr_why_words(const struct lr_session *s, const struct lr_why *w, struct lr_text *out);

#endif
