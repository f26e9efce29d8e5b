/* SPDX-License-Identifier: Apache-2.0 */
/* Small symmetric systems, by Cholesky's factorisation (Golub and Van Loan, Matrix Computations, 4th edition, section
 * 4.2). Pure. The order of all sums is fixed, so that a fit gives the same digits on every machine. */
#ifndef LLMROOF_FIT_CHOLESKY_H
#define LLMROOF_FIT_CHOLESKY_H

#include <stdbool.h>
#include <stddef.h>

/* Solves A x = b for a symmetric positive definite n x n matrix A. Element (i, j) is a[i * stride + j]; only elements
 * with j <= i are read. They are overwritten by the factor L of A = L L', and b by x. false if A is not positive
 * definite; b is then unchanged. */
bool lr_cholesky_solve(size_t n, size_t stride, double *a, double *b);

#endif
