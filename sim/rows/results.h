/* SPDX-License-Identifier: Apache-2.0 */
/* Result files of benchmark programs: JSON objects, one after another or in a list, read as one document. */
#ifndef LLMROOF_ROWS_RESULTS_H
#define LLMROOF_ROWS_RESULTS_H

#include "document/document.h"

#include <stdint.h>

enum { LR_RESULTS_BYTES_MAX = 64 << 20 };

/* {"runs": [...]} with the objects of the file in order, each on its line. Their lists (times of every request,
 * generated texts) become empty, so that a file of many megabytes is a small document. hash: FNV-1a of the bytes of the
 * file. NULL after an error: no such file, too large, not JSON, or refused by lr_document_parse. Free it with
 * lr_document_free. */
struct lr_document *lr_results_load(const char *path, uint32_t *hash, struct lr_diags *ds);

#endif
