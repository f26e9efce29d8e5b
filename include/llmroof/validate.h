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

/* The kernel set that prices a row; NULL when there is none (an error in ds). Called once a chip and engine. */
typedef const struct lr_kernels *lr_kernels_for(void *user, const struct lr_hardware *hw, const char *engine);

/* Rows of one family, chip, format and engine, or of one metric, model, chip, format and engine. Errors are relative:
 * predicted/measured - 1. */
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

/* One row that counted. */
struct lr_point {
    size_t group;
    int line;
    double measured_s, predicted_s, low_s, high_s, floor_s;
    struct lr_traffic traffic; /* of whole deployments, with what the forecast is made of */
    double gpus, step_s, prefill_s;
};

/* Why rows were left out, and how many. */
enum { LR_REASONS_MAX = 16 };
struct lr_reason {
    const char *why;
    size_t rows;
};

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

/* Rows with a flag never count; rows whose hash says that fits use them count only with include_fitted. false when out
 * of memory or a kernel set is missing. */
bool lr_validate(const struct lr_measured *const *files, size_t count, lr_kernels_for *set_for, void *user,
                 bool include_fitted, struct lr_validation *out, struct lr_diags *ds);
/* The plan of a benchmark's deployment; NULL when there is none, with the reason in *why (static storage). Owned by the
 * callee. */
typedef const struct lr_plan *lr_plan_for(void *user, const struct lr_benchmark_row *r, const char **why);

bool lr_validate_benchmarks(const struct lr_benchmark *const *files, size_t count, lr_plan_for *plan_for, void *user,
                            bool include_fitted, struct lr_validation *out, struct lr_diags *ds);
void lr_validation_free(struct lr_validation *v);

#ifdef __cplusplus
}
#endif

#endif
