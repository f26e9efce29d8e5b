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
    double spread; /* distance of the quartiles of the samples over their median, which is seconds; 0: not given */
    int line;
    bool eager;    /* launched one by one, without a graph */
    bool flagged;  /* the file marks it as not clean (cache-resident, fallback kernel) */
    bool held_out; /* the hash of its shape is odd: for tests, never for fits */
};

/* One file. Immutable once loaded; owns everything that its rows point at. */
struct lr_measured {
    const char *file;
    uint32_t hash; /* FNV-1a of the file's bytes */
    struct lr_measured_row *row;
    size_t count;
};

/* The floor of a measured row, s: no chip with this datasheet runs the kernel faster. */
double lr_row_floor(const struct lr_measured_row *r);

#endif
