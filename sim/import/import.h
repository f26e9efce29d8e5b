/* SPDX-License-Identifier: Apache-2.0 */
/* Hugging Face config.json files as models. */
#ifndef LLMROOF_IMPORT_IMPORT_H
#define LLMROOF_IMPORT_IMPORT_H

#include <llmroof/diag.h>
#include <llmroof/model.h>

#include <stdbool.h>
#include <stddef.h>

struct lr_arena;
struct lr_document;

/* Reads a config.json into *out. Texts live in arena. Of a multi-modal model the language model is read. What is not
 * understood and may change the answer is refused, naming the key; what was settled without being said is a note in ds.
 * false, with at least one error in ds, when the model cannot be read; *out is undefined then. */
bool lr_import_config(const struct lr_document *doc, struct lr_model *out, struct lr_arena *arena, struct lr_diags *ds);

/* As above, with the hf_quant_config.json that stands beside a config.json without a quantization_config. quantization
 * may be NULL. Where both say how weights are stored, config.json counts. */
bool lr_import_quantized(const struct lr_document *doc, const struct lr_document *quantization, struct lr_model *out,
                         struct lr_arena *arena, struct lr_diags *ds);

#endif
