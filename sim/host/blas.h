/* SPDX-License-Identifier: Apache-2.0 */
/* Products of OpenBLAS, which is loaded at run time. Each call runs on the calling thread only. */
#ifndef LLMROOF_HOST_BLAS_H
#define LLMROOF_HOST_BLAS_H

#include <stdbool.h>
#include <stddef.h>

/* Row-major: y = A x, A of rows x columns. */
typedef void lr_sgemv(int order, int transposed, int rows, int columns, float alpha, const float *a, int stride,
                      const float *x, int x_step, float beta, float *y, int y_step);
typedef void lr_sgemm(int order, int a_transposed, int b_transposed, int m, int n, int k, float alpha, const float *a,
                      int a_stride, const float *b, int b_stride, float beta, float *c, int c_stride);
typedef void lr_dgemm(int order, int a_transposed, int b_transposed, int m, int n, int k, double alpha, const double *a,
                      int a_stride, const double *b, int b_stride, double beta, double *c, int c_stride);

enum { LR_BLAS_ROWS = 101, LR_BLAS_AS_IS = 111, LR_BLAS_TRANSPOSED = 112 }; /* constants of the CBLAS interface */

struct lr_blas {
    void *library;
    lr_sgemv *sgemv;
    lr_sgemm *sgemm;
    lr_dgemm *dgemm;
    const char *config; /* "OpenBLAS 0.3.21 ...", or "" */
};

/* Loads OpenBLAS and sets it to one thread. If OPENBLAS_NUM_THREADS=1 is set before, it starts no threads when it is
 * loaded. false, with a message in *error (static), if there is no OpenBLAS. */
bool lr_blas_open(struct lr_blas *b, const char **error);
void lr_blas_close(struct lr_blas *b);

#endif
