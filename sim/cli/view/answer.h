/* SPDX-License-Identifier: Apache-2.0 */
/* An estimate in words and numbers: the fields that every command prints, named once. */
#ifndef LLMROOF_CLI_VIEW_ANSWER_H
#define LLMROOF_CLI_VIEW_ANSWER_H

#include "cli/session/point_row.h"
#include "cli/session/session.h"
#include "render/json.h"

/* One evaluated point. */
struct lr_answer {
    const struct lr_hardware *hardware;
    const struct lr_model *model;
    const struct lr_plan *plan;
    struct lr_workload workload;
    struct lr_speculation speculation; /* draft 0: plain decoding */
    struct lr_estimate estimate;
};

/* Evaluates. */
struct lr_answer lr_answer_at(const struct lr_session *s, const struct lr_plan *p, const struct lr_hardware *hw,
                              double batch, double context);

/* The object of DESIGN's JSON contract, without its schema tag. */
void lr_answer_json(const struct lr_session *s, const struct lr_answer *a, struct lr_json *j, const char *key);

/* Its parts that other answers have too. */
void lr_answer_json_deployment(const struct lr_session *s, const struct lr_plan *p, struct lr_json *j);
void lr_answer_json_provenance(const struct lr_session *s, const struct lr_answer *a, struct lr_json *j);

/* Headline, memory ledger, operators, notes. */
void lr_answer_text(const struct lr_session *s, const struct lr_answer *a, enum lr_format format, struct lr_text *out);

/* Its operators, slowest first. */
void lr_answer_operators(const struct lr_answer *a, enum lr_format format, struct lr_text *out);

/* The memory ledger of a GPU, a line. */
void lr_answer_memory(const struct lr_answer *a, struct lr_text *out);

/* Formats that stand in for others, assumptions of the chip, what the constants rest on: a line each, each once. */
void lr_answer_notes(const struct lr_answer *a, struct lr_text *out);

/* Adds a row of lr_compare_columns. baseline: the first chip's answer at the same point, or NULL. */
void lr_answer_row(const struct lr_answer *a, const struct lr_answer *baseline, struct lr_table *t);

#endif
