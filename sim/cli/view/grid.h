/* SPDX-License-Identifier: Apache-2.0 */
/* All points of the options: each batch and context on each chip. */
#ifndef LLMROOF_CLI_VIEW_GRID_H
#define LLMROOF_CLI_VIEW_GRID_H

#include "cli/view/answer.h"

/* answer[(context x batches + batch) x chips + chip]: contexts outermost, chips innermost. */
struct lr_grid {
    struct lr_plan *plan[LR_OPENED_MAX];
    size_t chips, batches, contexts, count;
    struct lr_answer *answer;
};

/* Opens the deployment, plans each chip, evaluates each point. false after an error. Free in every case. */
bool lr_grid_open(struct lr_grid *g, struct lr_session *s);

/* The same for a deployment that is open already, some of its chips, and any points. */
bool lr_grid_fill(struct lr_grid *g, struct lr_session *s, struct lr_hardware *const *chip, size_t chips,
                  const struct lr_points *batch, const struct lr_points *context);
void lr_grid_free(struct lr_grid *g);

/* How many points fit. */
size_t lr_grid_fitting(const struct lr_grid *g);

/* Every point as a row of lr_compare_columns. */
void lr_grid_table(const struct lr_grid *g, struct lr_table *t);

/* The notes of all chips. */
void lr_grid_notes(const struct lr_grid *g, struct lr_text *out);

#endif
