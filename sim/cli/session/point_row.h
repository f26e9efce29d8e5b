/* SPDX-License-Identifier: Apache-2.0 */
/* One evaluated point as a row of a table: the columns of compare and of searches. */
#ifndef LLMROOF_CLI_SESSION_POINT_ROW_H
#define LLMROOF_CLI_SESSION_POINT_ROW_H

#include "render/table.h"

#include <llmroof/estimate.h>
#include <llmroof/hardware.h>
#include <llmroof/model.h>

/* Where the column stands, member, kind of cell, title in compare, title in a search; NULL: for machines only. The
 * order is that of CSV and JSON. */
#define LR_POINT_COLUMNS(X)                                                                                            \
    X(BOTH, model, TEXT, NULL, "model")                                                                                \
    X(BOTH, hardware, TEXT, "hardware", "hardware")                                                                    \
    X(BOTH, gpus, COUNT, "gpus", "gpus")                                                                               \
    X(BOTH, tp, COUNT, "tp", "tp")                                                                                     \
    X(BOTH, pp, COUNT, NULL, "pp")                                                                                     \
    X(BOTH, ep, COUNT, NULL, "ep")                                                                                     \
    X(BOTH, dp, COUNT, NULL, "dp")                                                                                     \
    X(BOTH, batch, COUNT, "batch", "batch")                                                                            \
    X(BOTH, context, COUNT, "context", "context")                                                                      \
    X(BOTH, weights, TEXT, "weights", NULL)                                                                            \
    X(BOTH, kv, TEXT, "kv", NULL)                                                                                      \
    X(BOTH, tpot_s, SECONDS, "TPOT", "TPOT")                                                                           \
    X(BOTH, tpot_low_s, SECONDS, "low", "low")                                                                         \
    X(BOTH, tpot_high_s, SECONDS, "high", "high")                                                                      \
    X(BOTH, floor_tpot_s, SECONDS, "floor", NULL)                                                                      \
    X(BOTH, tokens_per_s, RATE, NULL, NULL)                                                                            \
    X(BOTH, tokens_per_s_per_gpu, RATE, "tok/s/GPU", "tok/s/GPU")                                                      \
    X(BOTH, tokens_per_s_per_user, RATE, NULL, "tok/s/user")                                                           \
    X(BOTH, bound, TEXT, "bound", "bound")                                                                             \
    X(BOTH, fits, BOOL, "fits", NULL)                                                                                  \
    X(COMPARE, ratio, TIMES, "TPOT ratio", NULL)                                                                       \
    X(BOTH, evidence, TEXT, "constants", NULL)                                                                         \
    X(COMPARE, probability_faster, PERCENT, NULL, NULL)                                                                \
    X(COMPARE, word, TEXT, "order", NULL)                                                                              \
    X(SEARCH, runtime, TEXT, NULL, NULL)                                                                               \
    X(SEARCH, usd_per_million_tokens, NUMBER, NULL, "$/Mtok")                                                          \
    X(SEARCH, joule_per_token, NUMBER, NULL, "J/token")                                                                \
    X(SEARCH, why, TEXT, NULL, NULL)

/* What does not fit has a floor and no speed. */
struct lr_point_row {
    const char *model, *hardware;
    double gpus, tp, pp, ep, dp, batch, context;
    const char *weights, *kv;
    double tpot_s, tpot_low_s, tpot_high_s, floor_tpot_s;
    double tokens_per_s, tokens_per_s_per_gpu, tokens_per_s_per_user;
    const char *bound;
    double fits, ratio;        /* ratio: TPOT over that of the first chip at the same point */
    double probability_faster; /* than the first chip at the same point */
    const char *word;          /* for it, "clearly faster" */
    const char *evidence, *runtime;
    double usd_per_million_tokens, joule_per_token;
    const char *why; /* it is not feasible */
};

/* e NULL: the layout is impossible, and the row has no figures. Columns of one table only are left empty. */
struct lr_point_row lr_point_row(const struct lr_model *m, const struct lr_hardware *hw, const struct lr_deployment *d,
                                 double batch, double context, const struct lr_estimate *e);

enum { LR_COMPARE_COLUMNS = 24, LR_SEARCH_COLUMNS = 25 };
extern const struct lr_column lr_compare_columns[LR_COMPARE_COLUMNS], lr_search_columns[LR_SEARCH_COLUMNS];

#endif
