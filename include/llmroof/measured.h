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

/* The family is told by the columns. Unknown columns, an unknown chip, a shape below 1, a time that is not positive or
 * not plausible for microseconds (a fiftieth of the floor, or over 100 s), a spread below 0 are errors with the line.
 * NULL after an error. */
struct lr_measured *lr_measured_load(const char *path, struct lr_catalog *catalog, struct lr_diags *ds);
void lr_measured_free(struct lr_measured *m);

#ifdef __cplusplus
}
#endif

#endif
