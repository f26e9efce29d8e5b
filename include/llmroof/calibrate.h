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
    const char *const *engine; /* the first that has rows for a family and format is used; count 0: all together */
    size_t engine_count;
    const char *family;        /* this one only, or NULL */
    double reference_clock_hz; /* filled in */
};

/* What a fit found besides the constants, for one family and format. */
struct lr_fitted {
    enum lr_family family;
    enum lr_dtype slot;
    const char *engine;                 /* NULL: several */
    size_t train, test;                 /* rows that were fitted on, and rows for testing */
    const char *chip[LR_CHIP_LIST_MAX]; /* profiles whose rows were used; the names belong to the rows */
    size_t chips;
    double error[LR_CONSTANTS_MAX]; /* relative standard error; INFINITY: the rows do not need it fitted */
};

enum { LR_FITTED_MAX = 64 };

/* Fits the constants of every family and format that has at least 8 clean rows (3 where c names chips) in count files.
 * Sets fill out->kernel[family][format] and one entry of fitted each; other kernels of out are untouched, and so are
 * its texts. prior, which may be NULL, gives starting points and the values of constants that the rows do not identify,
 * unless the term is dropped (docs/method.md). ds gets a note for each constant that is not fitted. Returns how many
 * kernels were fitted; 0 with an error when no family has enough rows, or memory runs out. The names in out and fitted
 * point into c, files and fitted, which must outlive them. */
size_t lr_calibrate(const struct lr_calibration *c, const struct lr_measured *const *files, size_t count,
                    const struct lr_kernels *prior, struct lr_kernels *out, struct lr_fitted fitted[LR_FITTED_MAX],
                    struct lr_diags *ds);

/* The fitted_count kernels that lr_calibrate fitted, as the text of a kernel set in YAML (configs/kernels), to free().
 * The same rows give the same text. NULL with an error when memory runs out. */
char *lr_calibration_text(const struct lr_calibration *c, const struct lr_measured *const *files, size_t count,
                          const struct lr_kernels *k, const struct lr_fitted *fitted, size_t fitted_count,
                          struct lr_diags *ds);

#ifdef __cplusplus
}
#endif

#endif
