/* SPDX-License-Identifier: Apache-2.0 */
/* Fits kernel sets on measured rows. */
#ifndef LLMROOF_CALIBRATE_H
#define LLMROOF_CALIBRATE_H

#include "kernels.h"
#include "measured.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Which rows a set is fitted on, and what it is called. */
struct lr_calibration {
    const char *name, *title;
    const char *base;            /* set that fills what is not fitted, or NULL */
    const char *architecture;    /* rows of its chips only; NULL: all */
    const char *const *hardware; /* rows of these chips only; count 0: all */
    size_t hardware_count;
    const char *const *engine; /* in order: the first that has rows for a family and format; count 0: all together */
    size_t engine_count;
    const char *family;        /* this one only, or NULL */
    double reference_clock_hz; /* filled in */
};

/* What a fit found out beside the constants. */
struct lr_fitted {
    enum lr_family family;
    enum lr_dtype slot;
    const char *engine; /* or NULL: several */
    size_t train, test;
    char chips[128];                /* names of the profiles whose rows were used */
    double error[LR_CONSTANTS_MAX]; /* relative standard error; INFINITY: the rows do not need it fitted */
};

enum { LR_FITTED_MAX = 64 };

/* Fits every family and format for which at least 8 clean rows are left (3 where single chips are asked for). prior:
 * where constants stand that rows do not fix, unless their terms go (docs/method.md), and starting points; may be NULL.
 * A note for each constant that is not fitted. Returns how many kernels were fitted; out->kernel[...] of the others is
 * untouched. 0 with an error when there is none. */
size_t lr_calibrate(const struct lr_calibration *c, const struct lr_measured *const *files, size_t count,
                    const struct lr_kernels *prior, struct lr_kernels *out, struct lr_fitted fitted[LR_FITTED_MAX],
                    struct lr_diags *ds);

/* The kernels that were fitted, as a file of configs/kernels, to free(). The same rows give the same text. */
char *lr_calibration_text(const struct lr_calibration *c, const struct lr_measured *const *files, size_t count,
                          const struct lr_kernels *k, const struct lr_fitted *fitted, size_t fitted_count,
                          struct lr_diags *ds);

#ifdef __cplusplus
}
#endif

#endif
