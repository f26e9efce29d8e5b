/* SPDX-License-Identifier: Apache-2.0 */
/* Statements of claims, examined on two plans. */
#ifndef LLMROOF_ESTIMATE_FINDING_H
#define LLMROOF_ESTIMATE_FINDING_H

#include <llmroof/claim.h>

/* A figure of a profile in the unit that articles use (LR_CLAIM_FIGURES); 0 if the profile gives none. */
double lr_claim_figure_of(const struct lr_hardware *hw, enum lr_claim_figure f);

/* KV bytes per token of left divided by those of right. right NULL: divided by those of left if every head had its own
 * key and value (MHA, table 1 of DeepSeek-V2), of head_dim elements, or of v_dim in MLA. Both are in 16 bits; left_bits
 * > 0 replaces those of left. */
double lr_claim_kv_ratio(const struct lr_model *left, const struct lr_model *right, double left_bits);

/* Examines a statement on two plans of one model. s NULL: the statement that left is faster. load: batch of right over
 * that of left, > 0; right decodes at least one sequence. For what fits, floor_holds counts the weights alone. */
void lr_claim_examine(const struct lr_claim *c, const struct lr_claim_statement *s, const struct lr_plan *left,
                      const struct lr_plan *right, double load, struct lr_finding *out);

/* Adds the tallies of b to those of a. Flips stay as they are. */
void lr_finding_add(struct lr_finding *a, const struct lr_finding *b);

/* The verdict on a finding, or on a total of findings. */
enum lr_verdict lr_finding_verdict(const struct lr_finding *f);

#endif
