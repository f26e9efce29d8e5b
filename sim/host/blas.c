/* SPDX-License-Identifier: Apache-2.0 */
#include "host/blas.h"

#include <dlfcn.h>
#include <string.h>

/* A cast from object to function pointer is not ISO C. */
static bool find(void *library, const char *name, void *to, size_t size)
{
    void *const symbol = dlsym(library, name);
    memcpy(to, &symbol, size);
    return symbol != NULL;
}

bool lr_blas_open(struct lr_blas *b, const char **error)
{
    *b = (struct lr_blas){.config = ""};
    b->library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!b->library)
        b->library = dlopen(LLMROOF_OPENBLAS, RTLD_NOW | RTLD_LOCAL);
    if (!b->library) {
        *error = "OpenBLAS was not found";
        return false;
    }
    if (!find(b->library, "cblas_sgemv", &b->sgemv, sizeof b->sgemv) ||
        !find(b->library, "cblas_sgemm", &b->sgemm, sizeof b->sgemm) ||
        !find(b->library, "cblas_dgemm", &b->dgemm, sizeof b->dgemm)) {
        *error = "OpenBLAS lacks cblas_sgemv, cblas_sgemm or cblas_dgemm";
        lr_blas_close(b);
        return false;
    }
    void (*set_threads)(int) = NULL;
    if (find(b->library, "openblas_set_num_threads", &set_threads, sizeof set_threads))
        set_threads(1); /* the pool has the threads */
    char *(*get_config)(void) = NULL;
    if (find(b->library, "openblas_get_config", &get_config, sizeof get_config))
        b->config = get_config();
    return true;
}

void lr_blas_close(struct lr_blas *b)
{
    if (b->library)
        dlclose(b->library);
    *b = (struct lr_blas){.config = ""};
}
