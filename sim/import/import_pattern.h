/* SPDX-License-Identifier: Apache-2.0 */
/* How quantisation settings name the modules of a model. */
#ifndef LLMROOF_IMPORT_IMPORT_PATTERN_H
#define LLMROOF_IMPORT_IMPORT_PATTERN_H

#include <stdbool.h>

enum { LR_PATTERN_MAX = 255 };

/* Whether pattern names the module, or one around it. module is "layers.3.self_attn.q_proj", "lm_head", without what
 * stands before it in a checkpoint ("model.", "language_model."). A pattern is one of
 *   mlp.gate                whole parts of the name, anywhere in it
 *   model.layers.3.*_proj   with '*', from the start of the name
 *   re:.*mlp\.(up|gate)_.*  a regular expression, from the start: . * + ? | ( ) [ ] \d and escapes; nothing else
 * *work grows by the steps that it took, so that a caller can stop a long list of costly patterns. */
bool lr_pattern_matches(const char *pattern, const char *module, long *work);

/* Whether it can be read: not too long, and no regular expression with what is not in the list above. */
bool lr_pattern_valid(const char *pattern);

enum { LR_PATTERN_ANY_LAYER = -1, LR_PATTERN_NO_LAYER = -2 };

/* The layer that it is limited to ("layers.17.mlp"), any, or none ("model.vision_tower*"). */
long lr_pattern_layer(const char *pattern);

#endif
