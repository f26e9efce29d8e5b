/* SPDX-License-Identifier: Apache-2.0 */
/* Writes to standard output, or to a file that gets its name only when it is complete. */
#ifndef LLMROOF_OUTPUT_OUTPUT_H
#define LLMROOF_OUTPUT_OUTPUT_H

#include "core/text.h"

#include <llmroof/diag.h>

#include <stdbool.h>

/* Writes text to path, or to standard output if path is NULL. A file is written under a temporary name in the same
 * folder, synced, and renamed. false, with an error: no such folder, disk full, pipe closed. */
bool lr_output_write(const char *path, const struct lr_text *text, struct lr_diags *ds);

/* Creates a folder and its missing parents. false, with an error, on failure. */
bool lr_output_folder(const char *path, struct lr_diags *ds);

#endif
