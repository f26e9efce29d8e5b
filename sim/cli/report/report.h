/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a report, in the order in which the page shows them. */
#ifndef LLMROOF_CLI_REPORT_REPORT_H
#define LLMROOF_CLI_REPORT_REPORT_H

#include "cli/view/grid.h"

enum { LR_REPORT_CHIPS = 6 }; /* that a plot still shows apart */

struct lr_report {
    struct lr_session *s;
    struct lr_text *out;
    struct lr_grid point;               /* every chip at the batch and context of the options */
    struct lr_points batches, contexts; /* that curves and maps go through */
    size_t figures;
};

/* Texts. */
void lr_report_head(struct lr_report *r);
void lr_report_answer(struct lr_report *r);
void lr_report_sources(struct lr_report *r);
void lr_report_tail(struct lr_report *r);

/* What is drawn, with the tables beside it. false after an error. */
bool lr_report_curves(struct lr_report *r);
bool lr_report_reasons(struct lr_report *r);
bool lr_report_operators(struct lr_report *r);
bool lr_report_memory(struct lr_report *r);

#endif
