/* SPDX-License-Identifier: Apache-2.0 */
/* Reads whole files of limited size. */
#ifndef LLMROOF_DOCUMENT_FILE_H
#define LLMROOF_DOCUMENT_FILE_H

#include <llmroof/diag.h>

#include <stddef.h>

/* Returns the bytes of a regular or embedded file, which the caller frees, and their number in *size. It reads at most
 * limit + 1 bytes, so a size above limit means that the file is too large. NULL, with an error: no such file, not a
 * regular file, not readable, out of memory. */
char *lr_file_read(const char *path, size_t limit, size_t *size, struct lr_diags *ds);

#endif
