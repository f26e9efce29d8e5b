/* SPDX-License-Identifier: Apache-2.0 */
/* Fits what a serving engine adds to its kernels, on end-to-end measurements. */
#ifndef LLMROOF_CALIBRATE_RUNTIME_H
#define LLMROOF_CALIBRATE_RUNTIME_H

#include "benchmark.h"
#include "validate.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fits launch_hidden, prefill_exposed, layer_overhead, step_host, request_host and mixer_overhead of out, which holds
 * where to start and everything else, on the rows of out->name that were served under load or are static batches, and
 * are not for testing; the last on other runtimes' rows where its own have no layer with a state or an index. A
 * constant on which no row depends stays. Then sets its spread, transfer (which stays where all rows are of one chip)
 * and chips (in chips, of size bytes). error: relative standard errors of the six; INFINITY: not fixed by the rows;
 * NAN: stayed. Returns how many of its own rows were used; fewer than 20 adjust out as below; 0 with an error when
 * there are fewer than 4. */
enum { LR_RUNTIME_CONSTANTS = 6 };
const char *lr_runtime_constant_name(int i);
size_t lr_calibrate_runtime(const struct lr_benchmark *const *files, size_t count, lr_plan_for *plan_for, void *user,
                            struct lr_runtime *out, double error[LR_RUNTIME_CONSTANTS], char *chips, size_t size,
                            struct lr_diags *ds);

/* The same for runs of one's own, at least 4: out's constants stay as they are but for those that the runs move. One
 * constant after another is freed, as long as the final prediction error (Akaike 1969) falls and there are two rows a
 * free constant and two more. error is NAN for those that stayed. With fewer than 20 rows the spread is no narrower
 * than out's was. 0 with an error when there are fewer than 4 rows. */
size_t lr_adjust_runtime(const struct lr_benchmark *const *files, size_t count, lr_plan_for *plan_for, void *user,
                         struct lr_runtime *out, double error[LR_RUNTIME_CONSTANTS], char *chips, size_t size,
                         struct lr_diags *ds);

/* The runtime as a file of configs/runtimes, to free(). The same rows give the same text. */
char *lr_runtime_text(const struct lr_runtime *rt, const char *base, const struct lr_benchmark *const *files,
                      size_t count, size_t rows, const double error[LR_RUNTIME_CONSTANTS], struct lr_diags *ds);

#ifdef __cplusplus
}
#endif

#endif
