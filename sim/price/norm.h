/* SPDX-License-Identifier: Apache-2.0 */
/* The terms of a price are combined by a p-norm, a smooth maximum that is never below any of them. */
#ifndef LLMROOF_PRICE_NORM_H
#define LLMROOF_PRICE_NORM_H

#include <math.h>

static inline double lr_norm2(double a, double b, double c)
{
    return sqrt(a * a + b * b + c * c);
}

/* large cbrt(1 + v), where v is the cube of small/large. The cube root starts with a parabola that is within 0.1 %. Two
 * steps of Halley's iteration, each of which cubes the error, make it exact to the last digits. cbrt() takes three
 * times as long. A ratio whose cube is beyond the last digit adds nothing. */
static inline double lr_norm3(double a, double b)
{
    const double large = a > b ? a : b, small = a > b ? b : a;
    if (small <= 5e-6 * large)
        return large;
    const double ratio = small / large, v = ratio * ratio * ratio, x = 1 + v;
    double t = 1 + v * (0.321 - 0.062 * v);
    for (int i = 0; i < 2; i++) {
        const double cube = t * t * t;
        t *= (cube + 2 * x) / (2 * cube + x);
    }
    return t > 1 ? large * t : large;
}

/* Harmonic sum of two limits on a rate. b of 0: there is no second limit. */
static inline double lr_rate_limit(double a, double b)
{
    return b > 0 ? 1 / (1 / a + 1 / b) : a;
}

static inline double lr_round_up(double x, double multiple)
{
    return ceil(x / multiple) * multiple;
}

#endif
