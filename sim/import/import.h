/* SPDX-License-Identifier: Apache-2.0 */
/* Reads Hugging Face config.json files as models. */
#ifndef LLMROOF_IMPORT_IMPORT_H
#define LLMROOF_IMPORT_IMPORT_H

#include <llmroof/diag.h>
#include <llmroof/model.h>

#include <stdbool.h>
#include <stddef.h>

struct lr_arena;
struct lr_document;

/* Reads a config.json into *out. Texts are stored in arena. For a multi-modal model, reads the language model only. A
 * key that is not supported and may change an estimate is an error; a value that the file does not state and a default
 * replaces is a note in ds. On failure returns false, with at least one error in ds, and *out is undefined. */
bool lr_import_config(const struct lr_document *doc, struct lr_model *out, struct lr_arena *arena, struct lr_diags *ds);

/* As above. quantization is the hf_quant_config.json in the same folder, or NULL. It is used if config.json has no
 * quantization_config. */
bool lr_import_quantized(const struct lr_document *doc, const struct lr_document *quantization, struct lr_model *out,
                         struct lr_arena *arena, struct lr_diags *ds);

#endif
