/* SPDX-License-Identifier: Apache-2.0 */
/* What a search goes over: the models, chips, runtimes, layouts and points of the options, and its rows in an answer.
 */
#ifndef LLMROOF_CLI_SESSION_SPACE_H
#define LLMROOF_CLI_SESSION_SPACE_H

#include "cli/session/point_row.h"
#include "cli/session/session.h"

#include <llmroof/search.h>

struct lr_space {
    struct lr_sweep *sweep;     /* owned; its lists point into the rest, and into the session's options */
    bool priced[LR_OPENED_MAX]; /* chips whose price the options give */
    struct lr_points batch, context;
};

/* Opens everything that the options name; batches and contexts are those of the options or their defaults. false after
 * an error. Free in every case, before the session is closed. */
bool lr_space_open(struct lr_space *p, struct lr_session *s);
void lr_space_free(struct lr_space *p);

/* Add a row of lr_search_columns. */
void lr_space_row(const struct lr_sweep_point *at, struct lr_table *t);
void lr_space_found(const struct lr_found *f, struct lr_table *t);

/* As lr_space_open, with the defaults of a search over one model: batches 1 to 16384 in steps of a half and a third,
 * GPUs 1 to --max in powers of two. */
bool lr_space_search(struct lr_space *p, struct lr_session *s);

/* A line for each price that answers rest on, with its source and date. */
void lr_space_prices(const struct lr_space *p, struct lr_text *out);

/* The rows of a table as lines: CSV without the names of the columns, or a JSON object each. */
void lr_space_lines(const struct lr_table *t, bool json, struct lr_text *out);

/* The names of the columns, as a line of CSV. */
void lr_space_header(struct lr_text *out);

/* A number that any machine gets for the same question: of everything that the profiles say and of all lists. */
uint32_t lr_space_hash(const struct lr_space *p, bool json);

#endif
