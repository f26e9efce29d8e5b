/* SPDX-License-Identifier: Apache-2.0 */
/* Predicted against measured. */
#ifndef LLMROOF_VALIDATE_H
#define LLMROOF_VALIDATE_H

#include "benchmark.h"
#include "kernels.h"
#include "measured.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Gives the kernel set that prices rows of a chip and an engine, which must outlive the validation; NULL when there is
 * none. Called once for each chip and engine. */
typedef const struct lr_kernels *lr_kernels_for(void *user, const struct lr_hardware *hw, const char *engine);

/* Rows of one family, chip, format and engine, or of one metric, model, chip, format and engine. Errors are relative:
 * predicted/measured - 1. The names point into the files and sets. */
struct lr_group {
    enum lr_family family;        /* of kernels */
    const struct lr_model *model; /* of whole deployments; NULL: kernels */
    enum lr_metric metric;
    const struct lr_hardware *hardware;
    enum lr_dtype dtype;
    const char *engine;
    const char *set; /* kernel set */
    enum lr_evidence evidence;
    size_t n;
    double median_ape, mean_ape, p90_ape;   /* of the absolute error */
    double bias;                            /* median of the signed error */
    double coverage;                        /* share of the rows inside the 80 % interval; NAN without rows */
    double floor_median_ape, floor_p90_ape; /* those of the plain roofline */
    int worst_line;                         /* of the row with the greatest error, and that error */
    double worst;
};

/* One row that counts. */
struct lr_point {
    size_t group;
    int line;
    double measured_s, predicted_s, low_s, high_s, floor_s;
    struct lr_traffic traffic; /* of whole deployments, with what the forecast is made of */
    double gpus, step_s, prefill_s;
};

/* A reason why rows do not count, and how many they are. */
enum { LR_REASONS_MAX = 16 };
struct lr_reason {
    const char *why;
    size_t rows;
};

/* Predicted against measured, over all rows that count. Free with lr_validation_free. */
struct lr_validation {
    struct lr_group *group; /* by family, chip, format, engine */
    size_t count;
    struct lr_group *chip; /* over all rows of a chip, by name; of the names only hardware is set */
    size_t chips;
    struct lr_group total; /* over all rows; names are NULL */
    struct lr_point *point;
    size_t points;
    size_t left_out;                         /* rows that the fits have used, and flagged ones */
    struct lr_reason reason[LR_REASONS_MAX]; /* of other rows that do not count */
    size_t reasons;
};

/* Predicts the rows of count tables of kernels. Flagged rows never count; rows that fits use count only with
 * include_fitted. set_for is called with user. false with an error when a kernel set is missing or memory runs out.
 * Free out with lr_validation_free in both cases. */
bool lr_validate(const struct lr_measured *const *files, size_t count, lr_kernels_for *set_for, void *user,
                 bool include_fitted, struct lr_validation *out, struct lr_diags *ds);

/* Gives the plan of a row's deployment, which must outlive the validation and belongs to the callee; NULL when there is
 * none, with the reason in *why (static storage). */
typedef const struct lr_plan *lr_plan_for(void *user, const struct lr_benchmark_row *r, const char **why);

/* Predicts the rows of count files of whole deployments, as lr_validate does for kernels. */
bool lr_validate_benchmarks(const struct lr_benchmark *const *files, size_t count, lr_plan_for *plan_for, void *user,
                            bool include_fitted, struct lr_validation *out, struct lr_diags *ds);

/* Frees what lr_validate or lr_validate_benchmarks allocated for v, and not v. v may be NULL. */
void lr_validation_free(struct lr_validation *v);

#ifdef __cplusplus
}
#endif

#endif
