/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel sets: how well real kernels use a chip. Constants of the price formulas, each written by `llmroof calibrate`
 * together with the rows that they were fitted on and the errors that were left.
 *
 * One row of a table below is the field of a kernel file, the parameter of a formula, and the bound of a fit:
 * id, key in the file, unit, least, greatest, starting point of a fit, meaning. Time constants are those of the chip
 * that the set was fitted on. */
#ifndef LLMROOF_KERNELS_H
#define LLMROOF_KERNELS_H

#include "chip_list.h"
#include "diag.h"
#include "dtype.h"
#include "family.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A choice is one of least, 2 least, 4 least ... greatest: a property of a kernel's tiling, tried out rather than
 * fitted. LR_UNIT_VECTORS is a number that only kernels on vector units have, those of FP32: others neither fit it nor
 * have it in their files, and it is its least there, 0, which takes its term away. */
enum lr_constant_unit {
    LR_UNIT_SECONDS,
    LR_UNIT_RATIO,
    LR_UNIT_NUMBER,
    LR_UNIT_PER_SECOND,
    LR_UNIT_CHOICE,
    LR_UNIT_VECTORS
};

struct lr_constant {
    const char *key;
    enum lr_constant_unit unit;
    double least, greatest, start;
    const char *meaning;
};

/* The constants of a family's formula, *count of them, in the order of lr_kernel.value. NULL with *count = 0 for a
 * number that is no family. Static storage. */
const struct lr_constant *lr_constants(enum lr_family f, size_t *count);

enum { LR_CONSTANTS_MAX = 12, LR_MEASURED_ON_MAX = 8 };

/* The constants of one formula for one format. */
struct lr_kernel {
    bool present;
    double value[LR_CONSTANTS_MAX];
    struct {
        double rows;        /* that the fit used; 0: constants are assumed */
        double median, p90; /* absolute relative error on the rows left out of the fit */
        double low, high;   /* 10 % and 90 % quantiles of log(measured / predicted) on those rows; low <= 0 <= high */
        double transfer;    /* spread (one standard deviation of the log) added on a chip that was not measured */
        struct lr_chip_list chips; /* of the rows that were used */
    } fit;
};

/* Kernels that have no format of their own (elementwise, collectives) use the slot LR_DTYPE_NONE. */
struct lr_kernels {
    const char *name, *title, *source;
    const char *architecture;  /* NULL: of none in particular */
    double reference_clock_hz; /* of the chip that the set was fitted on; times scale with it on another architecture */
    struct lr_kernel kernel[LR_FAMILY_COUNT][LR_DTYPE_COUNT + 1];
    struct lr_kernels *next; /* further sets: each operator takes the fastest kernel of all. Owned; NULL: no further */
};

#ifdef __cplusplus
}
#endif

#endif
