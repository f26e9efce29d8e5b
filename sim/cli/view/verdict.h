/* SPDX-License-Identifier: Apache-2.0 */
/* What the estimates say of a claim. */
#ifndef LLMROOF_CLI_VIEW_VERDICT_H
#define LLMROOF_CLI_VIEW_VERDICT_H

#include "cli/session/session.h"

#include <llmroof/claim.h>

enum { LR_VERDICT_EQUAL_GPUS, LR_VERDICT_EQUAL_MEMORY, LR_VERDICT_LAYOUTS };

/* One statement on one case and layout. */
struct lr_verdict_case {
    const struct lr_claim_case *item;
    int layout;
    double left_gpus, right_gpus;
    struct lr_finding f;
};

struct lr_verdicts {
    struct lr_claim *claim; /* owned */
    struct lr_verdict_case finding[LR_CLAIM_STATEMENTS_MAX][LR_CLAIM_CASES_MAX * LR_VERDICT_LAYOUTS];
    size_t count[LR_CLAIM_STATEMENTS_MAX];
    struct lr_finding total[LR_CLAIM_STATEMENTS_MAX];
    double ratio[LR_CLAIM_STATEMENTS_MAX]; /* of statements about KV bytes */
    struct lr_hardware *left[LR_CLAIM_STATEMENTS_MAX], *right[LR_CLAIM_STATEMENTS_MAX]; /* NULL of those */
    double fact[LR_CLAIM_FACTS_MAX];
};

/* Loads a claim and examines it. NULL after an error. */
struct lr_verdicts *lr_verdicts_find(struct lr_session *s, const char *name);
void lr_verdicts_free(struct lr_verdicts *r);

const char *lr_verdict_name(enum lr_verdict v);

#endif
