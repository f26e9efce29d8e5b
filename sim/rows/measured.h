/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of measured kernels. */
#ifndef LLMROOF_ROWS_MEASURED_H
#define LLMROOF_ROWS_MEASURED_H

#include "core/operator.h"

#include <llmroof/hardware.h>
#include <llmroof/measured.h>

#include <stdint.h>

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

/* The floor of a measured row, s: no chip with this datasheet runs the kernel in less. */
double lr_row_floor(const struct lr_measured_row *r);

#endif
