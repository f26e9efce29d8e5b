/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns that select modules of a model in quantisation settings. */
#ifndef LLMROOF_IMPORT_IMPORT_PATTERN_H
#define LLMROOF_IMPORT_IMPORT_PATTERN_H

#include <stdbool.h>

enum { LR_PATTERN_MAX = 255 };

/* True if pattern matches the module or one that contains it. module is "layers.3.self_attn.q_proj" or "lm_head",
 * without the prefix that checkpoints use ("model.", "language_model."). A pattern is one of
 *   mlp.gate                matches whole parts of the name, anywhere in it
 *   model.layers.3.*_proj   with '*': matches from the start of the name
 *   re:.*mlp\.(up|gate)_.*  a regular expression: matches from the start; supports . * + ? | ( ) [ ] \d and escapes
 * Adds the number of steps to *work, so that a caller can stop when a long list of patterns takes too long. */
bool lr_pattern_matches(const char *pattern, const char *module, long *work);

/* True if the pattern is not too long and uses only the syntax above. */
bool lr_pattern_valid(const char *pattern);

enum { LR_PATTERN_ANY_LAYER = -1, LR_PATTERN_NO_LAYER = -2 };

/* The only layer that the pattern can match ("layers.17.mlp"), or one of the values above ("model.vision_tower*"
 * matches no layer). */
long lr_pattern_layer(const char *pattern);

#endif
