/* SPDX-License-Identifier: Apache-2.0 */
/* LAPACK in OpenBLAS, loaded when first needed: it takes milliseconds to start, which no other command should pay. */
#ifndef LLMROOF_FIT_LAPACK_H
#define LLMROOF_FIT_LAPACK_H

#include <stdbool.h>

/* dposv: solves A x = b for a symmetric positive definite A; b becomes x, A its Cholesky factor. */
typedef void lr_dposv(const char *uplo, const int *n, const int *nrhs, double *a, const int *lda, double *b,
                      const int *ldb, int *info);

struct lr_lapack {
    void *library;
    lr_dposv *dposv;
};

/* false, with what is wrong in *error (static, or valid until the next call), when there is no OpenBLAS. */
bool lr_lapack_open(struct lr_lapack *l, const char **error);
void lr_lapack_close(struct lr_lapack *l);

#endif
