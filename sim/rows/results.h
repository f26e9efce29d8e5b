/* SPDX-License-Identifier: Apache-2.0 */
/* Result files of benchmark programs: JSON objects, one after another or in a list, as one document. */
#ifndef LLMROOF_ROWS_RESULTS_H
#define LLMROOF_ROWS_RESULTS_H

#include "document/document.h"

#include <stdint.h>

enum { LR_RESULTS_BYTES_MAX = 64 << 20 };

/* {"runs": [...]}: the objects of the file in their order, each on its line. Their lists (a time for every request, the
 * texts that were made) are left out, so that a file of many megabytes becomes a small document: an empty list stands
 * for them. hash: FNV-1a of the file's bytes. NULL after an error: no such file, too large, what is no JSON, and what
 * lr_document_parse refuses of the rest. Free with lr_document_free. */
struct lr_document *lr_results_load(const char *path, uint32_t *hash, struct lr_diags *ds);

#endif
