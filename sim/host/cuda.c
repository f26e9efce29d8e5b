/* SPDX-License-Identifier: Apache-2.0 */
#include "host/cuda.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Launches between two events: so many that running them takes longer than launching them. */
enum { LAUNCHES = 10, LIBRARIES = 3, NAMES_MAX = 4, BF16 = 14, FP8_E4M3 = 28, FP32 = 0, COMPUTE_FP32 = 68 };
/* Byte of all operands: every element is 0.0115 in BF16 and 1.5 in FP8. Random operands draw more power, so that long
 * products on them may clock lower than here. */
enum { PATTERN = 0x3c };

enum { ATTRIBUTE_A_TRANSPOSED = 3, TRANSPOSED = 1, DEVICE_TO_DEVICE = 3, CAPTURE_RELAXED = 2 };

/* Numbers of the driver's attributes of a GPU. */
enum { CLOCK_KHZ = 13, UNITS = 16, CACHE_BYTES = 38, MAJOR = 75, MINOR = 76 };

/* Products in a graph, and their m, n and k. */
enum { STEPS = 200, STEP_SIZE = 64 };

/* Bytes of a copy to another GPU: so many that its start does not count. */
static const size_t PEER_BYTES = (size_t)1 << 28;

static const char *const libraries[LIBRARIES][NAMES_MAX] = {
    {"libcuda.so.1"},
    {"libcudart.so.13", "libcudart.so.12", "libcudart.so.11.0", "libcudart.so"},
    {"libcublasLt.so.13", "libcublasLt.so.12", "libcublasLt.so.11", "libcublasLt.so"}};

/* The functions that are used: library, name, parameters. Handles are pointers in all of these interfaces. */
#define FUNCTIONS(X)                                                                                                   \
    X(0, cuInit, (unsigned))                                                                                           \
    X(0, cuDeviceGetCount, (int *))                                                                                    \
    X(0, cuDeviceGet, (int *, int))                                                                                    \
    X(0, cuDeviceGetName, (char *, int, int))                                                                          \
    X(0, cuDeviceGetAttribute, (int *, int, int))                                                                      \
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

/* Functions that some versions lack, or that one GPU does not need; NULL if missing. */
#define MORE_FUNCTIONS(X)                                                                                              \
    X(1, cudaStreamCreate, (void **))                                                                                  \
    X(1, cudaStreamDestroy, (void *))                                                                                  \
    X(1, cudaStreamBeginCapture, (void *, int))                                                                        \
    X(1, cudaStreamEndCapture, (void *, void **))                                                                      \
    X(1, cudaGraphInstantiateWithFlags, (void **, void *, unsigned long long))                                         \
    X(1, cudaGraphLaunch, (void *, void *))                                                                            \
    X(1, cudaGraphExecDestroy, (void *))                                                                               \
    X(1, cudaGraphDestroy, (void *))                                                                                   \
    X(1, cudaSetDevice, (int))                                                                                         \
    X(1, cudaDeviceCanAccessPeer, (int *, int, int))                                                                   \
    X(1, cudaDeviceEnablePeerAccess, (int, unsigned))                                                                  \
    X(1, cudaMemcpyPeerAsync, (void *, int, const void *, int, size_t, void *))

struct lr_cuda {
    void *library[LIBRARIES];
#define X(library, name, parameters) int(*name) parameters;
    FUNCTIONS(X)
    MORE_FUNCTIONS(X)
#undef X
    struct lr_cuda_device device;
    char *pool, *peer; /* of the first GPU, and of the second */
    bool all;          /* all functions were found */
    bool alone;        /* no other GPU can be reached */
    size_t bytes, at;
    void *start, *stop, *blas;
};

static bool load(struct lr_cuda *c, char *error, size_t size)
{
    for (size_t i = 0; i < LIBRARIES; i++) {
        for (size_t n = 0; n < NAMES_MAX && libraries[i][n] && !c->library[i]; n++)
            c->library[i] = dlopen(libraries[i][n], RTLD_NOW | RTLD_LOCAL);
        if (!c->library[i]) {
            snprintf(error, size, i == 0 ? "no NVIDIA driver: %s was not found" : "%s was not found", libraries[i][0]);
            return false;
        }
    }
    bool found = true;
#define X(from, function, parameters)                                                                                  \
    {                                                                                                                  \
        void *const symbol = dlsym(c->library[from], #function);                                                       \
        if (!symbol && found)                                                                                          \
            snprintf(error, size, "%s has no " #function, libraries[from][0]);                                         \
        found = found && symbol;                                                                                       \
        memcpy(&c->function, &symbol, sizeof symbol);                                                                  \
    }
    FUNCTIONS(X)
    const bool enough = found;
    MORE_FUNCTIONS(X)
#undef X
    c->all = found;
    return enough;
}

static bool describe_device(struct lr_cuda *c, int count)
{
    struct lr_cuda_device *const d = &c->device;
    int device = 0, units = 0, clock_khz = 0, cache_bytes = 0;
    d->count = count;
    if (c->cuDeviceGet(&device, 0) != 0 || c->cuDeviceGetName(d->name, (int)sizeof d->name - 1, device) != 0)
        return false;
    c->cuDeviceGetAttribute(&d->major, MAJOR, device);
    c->cuDeviceGetAttribute(&d->minor, MINOR, device);
    c->cuDeviceGetAttribute(&units, UNITS, device);
    c->cuDeviceGetAttribute(&clock_khz, CLOCK_KHZ, device);
    c->cuDeviceGetAttribute(&cache_bytes, CACHE_BYTES, device);
    d->units = units;
    d->clock_hz = 1e3 * clock_khz;
    d->cache_bytes = cache_bytes;
    return true;
}

struct lr_cuda *lr_cuda_open(char *error, size_t size)
{
    struct lr_cuda *c = calloc(1, sizeof *c);
    int count = 0;
    snprintf(error, size, "out of memory");
    bool ok = c && load(c, error, size);
    if (ok && (c->cuInit(0) != 0 || c->cuDeviceGetCount(&count) != 0 || count < 1)) {
        snprintf(error, size, "the NVIDIA driver finds no GPU");
        ok = false;
    }
    if (ok && (!describe_device(c, count) || c->cudaEventCreate(&c->start) != 0 || c->cudaEventCreate(&c->stop) != 0 ||
               c->cublasLtCreate(&c->blas) != 0)) {
        snprintf(error, size, "the GPU cannot be initialised");
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
    if (c->peer)
        c->cudaFree(c->peer);
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

const struct lr_cuda_device *lr_cuda_device(const struct lr_cuda *c)
{
    return &c->device;
}

bool lr_cuda_take(struct lr_cuda *c, double bytes, char *error, size_t size)
{
    size_t available = 0, all = 0;
    void *pool = NULL;
    if (c->cudaMemGetInfo(&available, &all) == 0)
        c->bytes = bytes < (double)available / 2 ? (size_t)bytes : available / 2;
    c->device.memory_bytes = (double)all;
    c->bytes = c->bytes / 4096 * 4096;
    if (c->bytes == 0 || c->cudaMalloc(&pool, c->bytes) != 0 || c->cudaMemset(pool, PATTERN, c->bytes) != 0) {
        snprintf(error, size, "%.2f GB of GPU memory cannot be allocated", 1e-9 * (double)c->bytes);
        return false;
    }
    c->pool = pool;
    return true;
}

/* Seconds of one of several launches between the events; 0 after a failure. */
static double elapsed_s(struct lr_cuda *c, bool ok, int times)
{
    float ms = 0;
    ok = c->cudaEventRecord(c->stop, NULL) == 0 && c->cudaEventSynchronize(c->stop) == 0 && ok;
    ok = ok && c->cudaEventElapsedTime(&ms, c->start, c->stop) == 0;
    return ok ? 1e-3 * (double)ms / times : 0;
}

double lr_cuda_copy(struct lr_cuda *c, double *bytes)
{
    const size_t half = c->bytes / 2;
    bool ok = c->cudaEventRecord(c->start, NULL) == 0;
    for (int i = 0; i < LAUNCHES; i++)
        ok = c->cudaMemcpyAsync(c->pool + half, c->pool, half, DEVICE_TO_DEVICE, NULL) == 0 && ok;
    *bytes = 2 * (double)half;
    return elapsed_s(c, ok, LAUNCHES);
}

/* A product: its descriptors in cuBLASLt, and its operands. */
struct product {
    void *of[4];
    char *in, *out;
};

/* cuBLASLt is column-major: y^T[n,m] = (w^T)^T x^T. */
static bool describe(struct lr_cuda *c, struct product *p, int type, size_t m, size_t n, size_t k)
{
    const int32_t transposed = TRANSPOSED;
    return c->cublasLtMatmulDescCreate(&p->of[0], COMPUTE_FP32, FP32) == 0 &&
           c->cublasLtMatmulDescSetAttribute(p->of[0], ATTRIBUTE_A_TRANSPOSED, &transposed, sizeof transposed) == 0 &&
           c->cublasLtMatrixLayoutCreate(&p->of[1], type, k, n, (int64_t)k) == 0 &&
           c->cublasLtMatrixLayoutCreate(&p->of[2], type, k, m, (int64_t)k) == 0 &&
           c->cublasLtMatrixLayoutCreate(&p->of[3], BF16, n, m, (int64_t)n) == 0;
}

static void forget(struct lr_cuda *c, struct product *p)
{
    for (size_t i = 1; i < 4; i++)
        if (p->of[i])
            c->cublasLtMatrixLayoutDestroy(p->of[i]);
    if (p->of[0])
        c->cublasLtMatmulDescDestroy(p->of[0]);
}

static bool multiply(struct lr_cuda *c, const struct product *p, const char *weights, void *stream)
{
    const float one = 1, zero = 0;
    return c->cublasLtMatmul(c->blas, p->of[0], &one, weights, p->of[1], p->in, p->of[2], &zero, p->out, p->of[3],
                             p->out, p->of[3], NULL, NULL, 0, stream) == 0;
}

static size_t aligned(size_t bytes)
{
    return (bytes + 255) / 256 * 256;
}

double lr_cuda_gemm(struct lr_cuda *c, enum lr_cuda_format format, size_t m, size_t n, size_t k)
{
    const size_t element = format == LR_CUDA_FP8 ? 1 : 2;
    const size_t w = aligned(element * n * k), x = aligned(element * m * k), y = aligned(2 * m * n);
    struct product p = {.in = c->pool, .out = c->pool + x};
    double seconds = 0;
    if (x + y + w > c->bytes)
        return 0;
    if (describe(c, &p, format == LR_CUDA_FP8 ? FP8_E4M3 : BF16, m, n, k)) {
        bool ok = c->cudaEventRecord(c->start, NULL) == 0;
        for (int i = 0; i < LAUNCHES; i++) {
            c->at = c->at + w > c->bytes - x - y ? 0 : c->at;
            ok = multiply(c, &p, p.out + y + c->at, NULL) && ok;
            c->at += w;
        }
        seconds = elapsed_s(c, ok, LAUNCHES);
    }
    forget(c, &p);
    return seconds;
}

/* Runs a graph of products, each of which needs the one before. The second run is the one that counts. */
static double run_graph(struct lr_cuda *c, const struct product *p, void *stream)
{
    void *graph = NULL, *run = NULL;
    bool ok = c->cudaStreamBeginCapture(stream, CAPTURE_RELAXED) == 0;
    for (int i = 0; ok && i < STEPS; i++)
        ok = multiply(c, p, c->pool + aligned(c->bytes / 2), stream);
    ok = c->cudaStreamEndCapture(stream, &graph) == 0 && ok;
    ok = ok && c->cudaGraphInstantiateWithFlags(&run, graph, 0) == 0 && c->cudaGraphLaunch(run, stream) == 0;
    ok = ok && c->cudaEventRecord(c->start, NULL) == 0 && c->cudaGraphLaunch(run, stream) == 0;
    const double seconds = elapsed_s(c, ok, STEPS);
    if (run)
        c->cudaGraphExecDestroy(run);
    if (graph)
        c->cudaGraphDestroy(graph);
    return seconds;
}

double lr_cuda_step(struct lr_cuda *c)
{
    struct product p = {.in = c->pool, .out = c->pool + aligned(c->bytes / 4)};
    void *stream = NULL;
    double seconds = 0;
    if (c->all && c->cudaStreamCreate(&stream) == 0) {
        if (describe(c, &p, BF16, 1, STEP_SIZE, STEP_SIZE))
            seconds = run_graph(c, &p, stream);
        forget(c, &p);
        c->cudaStreamDestroy(stream);
    }
    return seconds;
}

/* Allocates memory on a second GPU, to which the first one can write. */
static bool reach(struct lr_cuda *c)
{
    int can = 0;
    void *at = NULL;
    if (c->peer || c->alone)
        return !c->alone;
    c->alone = true;
    if (!c->all || c->device.count < 2 || c->bytes < PEER_BYTES || c->cudaDeviceCanAccessPeer(&can, 0, 1) != 0 || !can)
        return false;
    bool ok = c->cudaDeviceEnablePeerAccess(1, 0) == 0;
    ok = c->cudaSetDevice(1) == 0 && ok && c->cudaMalloc(&at, PEER_BYTES) == 0;
    c->peer = at;
    c->alone = c->cudaSetDevice(0) != 0 || !ok;
    return !c->alone;
}

double lr_cuda_peer(struct lr_cuda *c, double *bytes)
{
    *bytes = (double)PEER_BYTES;
    if (!reach(c))
        return 0;
    bool ok = c->cudaEventRecord(c->start, NULL) == 0;
    for (int i = 0; i < LAUNCHES; i++)
        ok = c->cudaMemcpyPeerAsync(c->peer, 1, c->pool, 0, PEER_BYTES, NULL) == 0 && ok;
    return elapsed_s(c, ok, LAUNCHES);
}
