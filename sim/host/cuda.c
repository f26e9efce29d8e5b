#include "host/cuda.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Launches between two events: enough that starting them takes less than running them. */
enum { LAUNCHES = 10, LIBRARIES = 3, NAMES_MAX = 4, BF16 = 14, FP32 = 0, COMPUTE_FP32 = 68 };
/* Every element is 0.0115. Random ones draw more power, so that long products may clock lower than here. */
enum { PATTERN = 0x3c };

enum { ATTRIBUTE_A_TRANSPOSED = 3, TRANSPOSED = 1, DEVICE_TO_DEVICE = 3 };

static const char *const libraries[LIBRARIES][NAMES_MAX] = {
    {"libcuda.so.1"},
    {"libcudart.so.13", "libcudart.so.12", "libcudart.so.11.0", "libcudart.so"},
    {"libcublasLt.so.13", "libcublasLt.so.12", "libcublasLt.so.11", "libcublasLt.so"}};

/* The functions that are used: library, result and name, parameters. Handles are pointers in all of these interfaces.
 */
#define FUNCTIONS(X)                                                                                                   \
    X(0, cuInit, (unsigned))                                                                                           \
    X(0, cuDeviceGetCount, (int *))                                                                                    \
    X(0, cuDeviceGet, (int *, int))                                                                                    \
    X(0, cuDeviceGetName, (char *, int, int))                                                                          \
    X(1, cudaMalloc, (void **, size_t))                                                                                \
    X(1, cudaFree, (void *))                                                                                           \
    X(1, cudaMemset, (void *, int, size_t))                                                                            \
    X(1, cudaMemGetInfo, (size_t *, size_t *))                                                                         \
    X(1, cudaMemcpyAsync, (void *, const void *, size_t, int, void *))                                                 \
    X(1, cudaEventCreate, (void **))                                                                                   \
    X(1, cudaEventDestroy, (void *))                                                                                   \
    X(1, cudaEventRecord, (void *, void *))                                                                            \
    X(1, cudaEventSynchronize, (void *))                                                                               \
    X(1, cudaEventElapsedTime, (float *, void *, void *))                                                              \
    X(2, cublasLtCreate, (void **))                                                                                    \
    X(2, cublasLtDestroy, (void *))                                                                                    \
    X(2, cublasLtMatmulDescCreate, (void **, int, int))                                                                \
    X(2, cublasLtMatmulDescDestroy, (void *))                                                                          \
    X(2, cublasLtMatmulDescSetAttribute, (void *, int, const void *, size_t))                                          \
    X(2, cublasLtMatrixLayoutCreate, (void **, int, uint64_t, uint64_t, int64_t))                                      \
    X(2, cublasLtMatrixLayoutDestroy, (void *))                                                                        \
    X(2, cublasLtMatmul,                                                                                               \
      (void *, void *, const void *, const void *, void *, const void *, void *, const void *, const void *, void *,   \
       void *, void *, const void *, void *, size_t, void *))

struct lr_cuda {
    void *library[LIBRARIES];
#define X(library, name, parameters) int(*name) parameters;
    FUNCTIONS(X)
#undef X
    char name[96];
    char *pool;
    size_t bytes, at;
    void *start, *stop, *blas;
};

static bool load(struct lr_cuda *c, char *error, size_t size)
{
    for (size_t i = 0; i < LIBRARIES; i++) {
        for (size_t n = 0; n < NAMES_MAX && libraries[i][n] && !c->library[i]; n++)
            c->library[i] = dlopen(libraries[i][n], RTLD_NOW | RTLD_LOCAL);
        if (!c->library[i]) {
            snprintf(error, size, i == 0 ? "there is no NVIDIA driver here: %s was not found" : "%s was not found",
                     libraries[i][0]);
            return false;
        }
    }
#define X(from, function, parameters)                                                                                  \
    {                                                                                                                  \
        void *const symbol = dlsym(c->library[from], #function);                                                       \
        if (!symbol) {                                                                                                 \
            snprintf(error, size, "%s has no " #function, libraries[from][0]);                                         \
            return false;                                                                                              \
        }                                                                                                              \
        memcpy(&c->function, &symbol, sizeof symbol);                                                                  \
    }
    FUNCTIONS(X)
#undef X
    return true;
}

struct lr_cuda *lr_cuda_open(char *error, size_t size)
{
    struct lr_cuda *c = calloc(1, sizeof *c);
    int count = 0, device = 0;
    snprintf(error, size, "out of memory");
    bool ok = c && load(c, error, size);
    if (ok && (c->cuInit(0) != 0 || c->cuDeviceGetCount(&count) != 0 || count < 1)) {
        snprintf(error, size, "the NVIDIA driver finds no GPU");
        ok = false;
    }
    if (ok &&
        (c->cuDeviceGet(&device, 0) != 0 || c->cuDeviceGetName(c->name, (int)sizeof c->name - 1, device) != 0 ||
         c->cudaEventCreate(&c->start) != 0 || c->cudaEventCreate(&c->stop) != 0 || c->cublasLtCreate(&c->blas) != 0)) {
        snprintf(error, size, "the GPU could not be set up");
        ok = false;
    }
    if (ok)
        return c;
    lr_cuda_close(c);
    return NULL;
}

void lr_cuda_close(struct lr_cuda *c)
{
    if (!c)
        return;
    if (c->pool)
        c->cudaFree(c->pool);
    if (c->blas)
        c->cublasLtDestroy(c->blas);
    if (c->start)
        c->cudaEventDestroy(c->start);
    if (c->stop)
        c->cudaEventDestroy(c->stop);
    for (size_t i = LIBRARIES; i-- > 0;)
        if (c->library[i])
            dlclose(c->library[i]);
    free(c);
}

const char *lr_cuda_name(const struct lr_cuda *c)
{
    return c->name;
}

bool lr_cuda_take(struct lr_cuda *c, double bytes, char *error, size_t size)
{
    size_t available = 0, all = 0;
    void *pool = NULL;
    if (c->cudaMemGetInfo(&available, &all) == 0)
        c->bytes = bytes < (double)available / 2 ? (size_t)bytes : available / 2;
    c->bytes = c->bytes / 4096 * 4096;
    if (c->bytes == 0 || c->cudaMalloc(&pool, c->bytes) != 0 || c->cudaMemset(pool, PATTERN, c->bytes) != 0) {
        snprintf(error, size, "%.2f GB of the GPU's memory could not be had", 1e-9 * (double)c->bytes);
        return false;
    }
    c->pool = pool;
    return true;
}

static double elapsed_s(struct lr_cuda *c, bool ok)
{
    float ms = 0;
    ok = c->cudaEventRecord(c->stop, NULL) == 0 && c->cudaEventSynchronize(c->stop) == 0 && ok;
    ok = ok && c->cudaEventElapsedTime(&ms, c->start, c->stop) == 0;
    return ok ? 1e-3 * (double)ms / LAUNCHES : 0;
}

double lr_cuda_copy(struct lr_cuda *c, double *bytes)
{
    const size_t half = c->bytes / 2;
    bool ok = c->cudaEventRecord(c->start, NULL) == 0;
    for (int i = 0; i < LAUNCHES; i++)
        ok = c->cudaMemcpyAsync(c->pool + half, c->pool, half, DEVICE_TO_DEVICE, NULL) == 0 && ok;
    *bytes = 2 * (double)half;
    return elapsed_s(c, ok);
}

/* Column-major, as the library has it: y^T[n,m] = (w^T)^T x^T. */
static bool describe(struct lr_cuda *c, void *of[4], size_t m, size_t n, size_t k)
{
    const int32_t transposed = TRANSPOSED;
    return c->cublasLtMatmulDescCreate(&of[0], COMPUTE_FP32, FP32) == 0 &&
           c->cublasLtMatmulDescSetAttribute(of[0], ATTRIBUTE_A_TRANSPOSED, &transposed, sizeof transposed) == 0 &&
           c->cublasLtMatrixLayoutCreate(&of[1], BF16, k, n, (int64_t)k) == 0 &&
           c->cublasLtMatrixLayoutCreate(&of[2], BF16, k, m, (int64_t)k) == 0 &&
           c->cublasLtMatrixLayoutCreate(&of[3], BF16, n, m, (int64_t)n) == 0;
}

double lr_cuda_gemm(struct lr_cuda *c, size_t m, size_t n, size_t k)
{
    const size_t align = 256, w = (2 * n * k + align - 1) / align * align;
    const size_t x = (2 * m * k + align - 1) / align * align, y = (2 * m * n + align - 1) / align * align;
    const float one = 1, zero = 0;
    void *of[4] = {NULL};
    if (x + y + w > c->bytes)
        return 0;
    char *const in = c->pool, *const out = in + x, *const weights = out + y;
    const size_t room = c->bytes - x - y;
    bool ok = describe(c, of, m, n, k);
    double seconds = 0;
    if (ok) {
        ok = c->cudaEventRecord(c->start, NULL) == 0;
        for (int i = 0; i < LAUNCHES; i++) {
            c->at = c->at + w > room ? 0 : c->at;
            ok = c->cublasLtMatmul(c->blas, of[0], &one, weights + c->at, of[1], in, of[2], &zero, out, of[3], out,
                                   of[3], NULL, NULL, 0, NULL) == 0 &&
                 ok;
            c->at += w;
        }
        seconds = elapsed_s(c, ok);
    }
    for (size_t i = 1; i < 4; i++)
        if (of[i])
            c->cublasLtMatrixLayoutDestroy(of[i]);
    if (of[0])
        c->cublasLtMatmulDescDestroy(of[0]);
    return seconds;
}
