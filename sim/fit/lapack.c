/* SPDX-License-Identifier: Apache-2.0 */
#include "fit/lapack.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

bool lr_lapack_open(struct lr_lapack *l, const char **error)
{
    /* one thread: sums in one order, so that a fit can be repeated to the digit */
    if (!getenv("OPENBLAS_NUM_THREADS"))
        setenv("OPENBLAS_NUM_THREADS", "1", 0);
    *l = (struct lr_lapack){.library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL)};
    if (!l->library)
        l->library = dlopen(LLMROOF_OPENBLAS, RTLD_NOW | RTLD_LOCAL);
    void *const symbol = l->library ? dlsym(l->library, "dposv_") : NULL;
    memcpy(&l->dposv, &symbol, sizeof symbol); /* a cast from object to function pointer is not ISO C */
    if (symbol)
        return true;
    *error = l->library ? "OpenBLAS has no dposv_" : "OpenBLAS was not found";
    lr_lapack_close(l);
    return false;
}

void lr_lapack_close(struct lr_lapack *l)
{
    if (l->library)
        dlclose(l->library);
    *l = (struct lr_lapack){0};
}
