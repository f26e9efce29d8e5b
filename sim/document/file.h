/* SPDX-License-Identifier: Apache-2.0 */
/* Files of limited size, read whole. */
#ifndef LLMROOF_DOCUMENT_FILE_H
#define LLMROOF_DOCUMENT_FILE_H

#include <llmroof/diag.h>

#include <stddef.h>

/* The bytes of a regular file, to free(); never more than limit + 1, so that a caller can tell a file that is too
 * large. NULL with an error: no such file, a directory, a device, a pipe, not readable, out of memory. */
char *lr_file_read(const char *path, size_t limit, size_t *size, struct lr_diags *ds);

#endif
