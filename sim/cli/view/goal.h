/* SPDX-License-Identifier: Apache-2.0 */
/* Goals on a command line, and what would reach them. */
#ifndef LLMROOF_CLI_VIEW_GOAL_H
#define LLMROOF_CLI_VIEW_GOAL_H

#include "cli/view/why.h"
#include "render/json.h"

/* "tpot < 30 ms", "tokens_per_s > 5000". false with an error. */
bool lr_goal_parse(const char *text, struct lr_goal *out, struct lr_diags *ds);

/* The least of each property that reaches a goal. */
enum { LR_REMEDIES = 5 };
struct lr_remedies {
    struct lr_goal goal;
    char says[96];
    size_t side;
    bool met; /* already */
    struct lr_remedy item[LR_REMEDIES];
};

/* For one side of an explanation. false after an error. */
bool lr_remedies_find(struct lr_session *s, const struct lr_why *w, size_t side, const struct lr_goal *g,
                      struct lr_remedies *out);

void lr_remedies_text(const struct lr_why *w, const struct lr_remedies *r, enum lr_format format, struct lr_text *out);
void lr_remedies_json(const struct lr_why *w, const struct lr_remedies *r, struct lr_json *j, const char *key);

#endif
