/* Roofs do not meet in a corner: terms are combined by a p-norm, which is never below any of them. */
#ifndef LLMROOF_PRICE_NORM_H
#define LLMROOF_PRICE_NORM_H

#include <math.h>

static inline double lr_norm2(double a, double b, double c)
{
    return sqrt(a * a + b * b + c * c);
}

static inline double lr_norm3(double a, double b)
{
    return cbrt(a * a * a + b * b * b);
}

/* Harmonic sum: two limits on one rate. b of 0 means that there is no second limit. */
static inline double lr_rate_limit(double a, double b)
{
    return b > 0 ? 1 / (1 / a + 1 / b) : a;
}

static inline double lr_round_up(double x, double multiple)
{
    return ceil(x / multiple) * multiple;
}

#endif
