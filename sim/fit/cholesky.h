/* SPDX-License-Identifier: Apache-2.0 */
/* Small symmetric systems, by Cholesky's factorisation (Golub and Van Loan, Matrix Computations, 4th edition, section
 * 4.2). Pure; sums are taken in one order, so that a fit gives the same digits everywhere. */
#ifndef LLMROOF_FIT_CHOLESKY_H
#define LLMROOF_FIT_CHOLESKY_H

#include <stdbool.h>
#include <stddef.h>

/* Solves A x = b for a symmetric positive definite A of n x n: element (i, j) is a[i * stride + j], and only those with
 * j <= i are read. They become the factor L of A = L L', and b becomes x. false when A is not positive definite; b then
 * stays. */
bool lr_cholesky_solve(size_t n, size_t stride, double *a, double *b);

#endif
