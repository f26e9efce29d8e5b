/* SPDX-License-Identifier: Apache-2.0 */
/* Statements of claims, examined on two plans. */
#ifndef LLMROOF_ESTIMATE_FINDING_H
#define LLMROOF_ESTIMATE_FINDING_H

#include <llmroof/claim.h>

/* A figure of a profile in the unit that articles use (LR_CLAIM_FIGURES); 0 where the profile gives none. */
double lr_claim_figure_of(const struct lr_hardware *hw, enum lr_claim_figure f);

/* KV bytes a token of left over those of right; right NULL: over those of left with a key and a value of head_dim for
 * each head (MHA, DeepSeek-V2's table 1; of MLA the dimension of values). Both in 16 bits, but for left_bits > 0. */
double lr_claim_kv_ratio(const struct lr_model *left, const struct lr_model *right, double left_bits);

/* Fills out for two plans of one model. s NULL: that left is faster. The roofline's word on what fits is that of the
 * weights alone. */
void lr_claim_examine(const struct lr_claim *c, const struct lr_claim_statement *s, const struct lr_plan *left,
                      const struct lr_plan *right, struct lr_finding *out);

/* Adds b's tallies to a's; flips are left alone. */
void lr_finding_add(struct lr_finding *a, const struct lr_finding *b);

/* The verdict on a finding, or on a total of findings. */
enum lr_verdict lr_finding_verdict(const struct lr_finding *f);

#endif
