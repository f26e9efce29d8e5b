/* SPDX-License-Identifier: Apache-2.0 */
/* Robust least squares with bounds: Levenberg-Marquardt (More 1978) on residuals whose weight falls when they are large
 * (soft L1, scale s: rho(r) = 2 s^2 (sqrt(1 + (r/s)^2) - 1)). The normal equations are solved by Cholesky's
 * factorisation. */
#ifndef LLMROOF_FIT_MINIMISE_H
#define LLMROOF_FIT_MINIMISE_H

#include <stdbool.h>
#include <stddef.h>

enum { LR_PARAMETERS_MAX = 12 };

/* The scale s of fits: residuals of 10 % and more lose weight. */
#define LR_FIT_SCALE 0.1

/* A relative standard error above this means that the rows do not fix a constant. */
#define LR_FIT_UNIDENTIFIED 2.0

struct lr_problem {
    size_t parameters, residuals; /* parameters may be 0: only the cost is found */
    const double *lower, *upper;  /* of each parameter */
    double scale;                 /* s; residuals are of log time, so 0.1 means 10 % */
    void (*evaluate)(const double *x, double *r, void *context);
    void *context;
};

struct lr_minimum {
    double x[LR_PARAMETERS_MAX];
    double error[LR_PARAMETERS_MAX]; /* standard error; INFINITY where the rows say nothing of a parameter */
    double cost;                     /* mean of rho */
};

/* From out->x. false when memory runs out. */
bool lr_minimise(const struct lr_problem *p, struct lr_minimum *out);

#endif
