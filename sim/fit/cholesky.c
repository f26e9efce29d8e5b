/* SPDX-License-Identifier: Apache-2.0 */
#include "fit/cholesky.h"

#include <math.h>

/* Algorithm 4.2.1: one column after the other, from the columns to its left. */
static bool factorise(size_t n, size_t stride, double *a)
{
    for (size_t j = 0; j < n; j++) {
        for (size_t k = 0; k < j; k++)
            for (size_t i = j; i < n; i++)
                a[i * stride + j] -= a[i * stride + k] * a[j * stride + k];
        if (!(a[j * stride + j] > 0)) /* or not a number */
            return false;
        const double pivot = sqrt(a[j * stride + j]);
        for (size_t i = j; i < n; i++)
            a[i * stride + j] /= pivot;
    }
    return true;
}

bool lr_cholesky_solve(size_t n, size_t stride, double *a, double *b)
{
    if (!factorise(n, stride, a))
        return false;
    for (size_t i = 0; i < n; i++) { /* L y = b */
        for (size_t k = 0; k < i; k++)
            b[i] -= a[i * stride + k] * b[k];
        b[i] /= a[i * stride + i];
    }
    for (size_t i = n; i-- > 0;) { /* L' x = y */
        for (size_t k = i + 1; k < n; k++)
            b[i] -= a[k * stride + i] * b[k];
        b[i] /= a[i * stride + i];
    }
    return true;
}
