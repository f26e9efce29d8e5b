/* SPDX-License-Identifier: Apache-2.0 */
/* Measured kernels: rows of a CSV file as an operator, a step, a chip and seconds. */
#ifndef LLMROOF_MEASURED_H
#define LLMROOF_MEASURED_H

#include "catalog.h"
#include "diag.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The rows of one file. Immutable once loaded: threads may share it. */
struct lr_measured;

/* Reads a table of measured kernels in CSV; its columns say which family (docs/measured-data.md). NULL with errors that
 * have file and line: an unknown column or chip, a shape below 1, a spread below 0, a time that is not positive or not
 * plausible in microseconds (below 1/50 of the floor, or over 100 s), memory runs out. The profiles of the chips are
 * loaded and owned. Free with lr_measured_free. */
struct lr_measured *lr_measured_load(const char *path, struct lr_catalog *catalog, struct lr_diags *ds);

/* Frees the rows and their chips. m may be NULL. */
void lr_measured_free(struct lr_measured *m);

#ifdef __cplusplus
}
#endif

#endif
