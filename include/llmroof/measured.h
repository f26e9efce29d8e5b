/* SPDX-License-Identifier: Apache-2.0 */
/* Measured kernels: rows of a CSV file as an operator, a step, a chip and seconds. */
#ifndef LLMROOF_MEASURED_H
#define LLMROOF_MEASURED_H

#include "catalog.h"
#include "diag.h"
#include "hardware.h"
#include "operator.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lr_measured_row {
    struct lr_op op;
    struct lr_step step;
    const struct lr_hardware *hardware;
    const char *engine; /* of the kernel: "trtllm", "vllm", "sglang", "nccl", "deepseek" */
    double seconds;
    double spread; /* of the samples whose median seconds is: distance between their quartiles over it, 0: not told */
    int line;
    bool eager;    /* launched one by one, not in a graph */
    bool flagged;  /* the file says that it is no clean row (cache-resident, fallback kernel) */
    bool held_out; /* its shape's hash is odd: for testing, never for fitting */
};

/* One file. Immutable once loaded; owns everything that its rows point at. */
struct lr_measured {
    const char *file;
    uint32_t hash; /* FNV-1a of the file's bytes */
    struct lr_measured_row *row;
    size_t count;
};

/* The family is told by the columns. Unknown columns, an unknown chip, a shape below 1, a time that is not positive or
 * not plausible for microseconds (a fiftieth of the floor, or over 100 s), a spread below 0 are errors with the line.
 * NULL after an error. */
struct lr_measured *lr_measured_load(const char *path, struct lr_catalog *catalog, struct lr_diags *ds);
void lr_measured_free(struct lr_measured *m);

/* The floor of a measured row, s: no chip with this datasheet runs the kernel in less. */
double lr_row_floor(const struct lr_measured_row *r);

#ifdef __cplusplus
}
#endif

#endif
