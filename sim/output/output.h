/* SPDX-License-Identifier: Apache-2.0 */
/* Where an answer goes: standard output, or a file that appears under its name only when it is whole. */
#ifndef LLMROOF_OUTPUT_OUTPUT_H
#define LLMROOF_OUTPUT_OUTPUT_H

#include "core/text.h"

#include <llmroof/diag.h>

#include <stdbool.h>

/* Writes text to path, or to standard output when path is NULL. A file is written beside its place under a temporary
 * name, synced, and renamed. false with an error: no such folder, disk full, pipe closed. */
bool lr_output_write(const char *path, const struct lr_text *text, struct lr_diags *ds);

/* Makes a folder and those above it where they are missing. false with an error. */
bool lr_output_folder(const char *path, struct lr_diags *ds);

#endif
