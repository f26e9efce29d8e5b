/* SPDX-License-Identifier: Apache-2.0 */
/* Robust least squares with bounds: Levenberg-Marquardt (More 1978) with normal equations. Large residuals lose weight
 * (soft L1 of scale s: rho(r) = 2 s^2 (sqrt(1 + (r/s)^2) - 1)). */
#ifndef LLMROOF_FIT_MINIMISE_H
#define LLMROOF_FIT_MINIMISE_H

#include <stdbool.h>
#include <stddef.h>

enum { LR_PARAMETERS_MAX = 12 };

/* The scale s of fits: residuals above 10 % lose weight. */
#define LR_FIT_SCALE 0.1

/* The rows do not fix a constant whose relative standard error is above this. */
#define LR_FIT_UNIDENTIFIED 2.0

struct lr_problem {
    size_t parameters, residuals; /* with 0 parameters only the cost is computed */
    const double *lower, *upper;  /* of each parameter */
    double scale;                 /* s; residuals are of log time, so 0.1 means 10 % */
    void (*evaluate)(const double *x, double *r, void *context);
    void *context;
};

struct lr_minimum {
    double x[LR_PARAMETERS_MAX];
    double error[LR_PARAMETERS_MAX]; /* standard errors; INFINITY if the residuals do not depend on it */
    double cost;                     /* mean of rho */
};

/* Minimises the cost, starting from out->x. false if memory runs out. */
bool lr_minimise(const struct lr_problem *p, struct lr_minimum *out);

#endif
