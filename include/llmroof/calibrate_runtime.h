/* SPDX-License-Identifier: Apache-2.0 */
/* Fits what a serving engine adds to its kernels, on end-to-end measurements. */
#ifndef LLMROOF_CALIBRATE_RUNTIME_H
#define LLMROOF_CALIBRATE_RUNTIME_H

#include "benchmark.h"
#include "validate.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The constants of a runtime that are fitted: launch_hidden, prefill_exposed, layer_overhead, step_host, request_host
 * and mixer_overhead, in this order. */
enum { LR_RUNTIME_CONSTANTS = 6 };

/* The field of constant i, 0 <= i < LR_RUNTIME_CONSTANTS, in a runtime profile. */
const char *lr_runtime_constant_name(int i);

/* Fits the six constants of out on rows of count files. out has the starting point and all other fields. Rows count
 * when their runtime is out->name, they are static batches or were served under load, and are not held out.
 * mixer_overhead is fitted on rows of other runtimes where out->name has none with a state or an index. A constant on
 * which no row depends keeps its value. Then sets out's spread, its transfer (kept where all rows are of one chip) and
 * its chips, a list in the array chip, which must outlive out; the names belong to the rows. error[i] is the relative
 * standard error of constant i: INFINITY where the rows do not identify it, NAN where it kept its value. plan_for is
 * called with user for each row. Returns how many rows of out->name were used. With fewer than 20 it does what
 * lr_adjust_runtime does; with fewer than 4, or when memory runs out, it returns 0 with an error. */
size_t lr_calibrate_runtime(const struct lr_benchmark *const *files, size_t count, lr_plan_for *plan_for, void *user,
                            struct lr_runtime *out, double error[LR_RUNTIME_CONSTANTS],
                            const char *chip[LR_CHIP_LIST_MAX], struct lr_diags *ds);

/* The same for a few runs of one's own, at least 4: only constants that the runs move are changed. They are freed one
 * after another, as long as the final prediction error (Akaike, "Fitting autoregressive models for prediction", 1969)
 * falls and there are two rows for each free constant and two more. error is NAN for a constant that kept its value.
 * With fewer than 20 rows the spread is no narrower than out's was. 0 with an error when there are fewer than 4 rows,
 * or memory runs out. */
size_t lr_adjust_runtime(const struct lr_benchmark *const *files, size_t count, lr_plan_for *plan_for, void *user,
                         struct lr_runtime *out, double error[LR_RUNTIME_CONSTANTS], const char *chip[LR_CHIP_LIST_MAX],
                         struct lr_diags *ds);

/* The runtime as the text of a profile in YAML (configs/runtimes), to free(): base is the profile that it inherits
 * from, rows what the fit returned, error what it filled. The same rows give the same text. NULL with an error when
 * memory runs out. */
char *lr_runtime_text(const struct lr_runtime *rt, const char *base, const struct lr_benchmark *const *files,
                      size_t count, size_t rows, const double error[LR_RUNTIME_CONSTANTS], struct lr_diags *ds);

#ifdef __cplusplus
}
#endif

#endif
