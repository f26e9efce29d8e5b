/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for libcuda, libcudart and libcublasLt: a GPU that moves a terabyte a second and computes for nothing, and
 * whose kernels follow each other in a graph every microsecond. Built by measure_test.sh. LLMROOF_STANDIN: "none", the
 * driver finds no GPU; "broken", products fail; "old", there is no FP8 and no graph; "new", the compute capability is
 * one that nobody knows; "two", there is a second GPU, a tenth of a terabyte a second away. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct layout {
    int type;
    uint64_t rows, columns;
};

static double clock_s, graph_s;
static int capturing, current, reachable;

static int is(const char *what)
{
    const char *const is_set = getenv("LLMROOF_STANDIN");
    return is_set && strcmp(is_set, what) == 0;
}

/* NOLINTBEGIN: names and parameters are those of the libraries */
int cuInit(unsigned flags)
{
    return flags != 0;
}
int cuDeviceGetCount(int *count)
{
    *count = is("none") ? 0 : is("two") ? 2 : 1;
    return 0;
}
int cuDeviceGet(int *device, int ordinal)
{
    *device = 7;
    return ordinal != 0;
}
int cuDeviceGetName(char *name, int size, int device)
{
    if (device != 7 || size < 16)
        return 1;
    memcpy(name, "Stand-in GPU", 13);
    return 0;
}
int cuDeviceGetAttribute(int *value, int attribute, int device)
{
    switch (attribute) {
    case 13:
        *value = 1500000;
        break;
    case 16:
        *value = 100;
        break;
    case 38:
        *value = 50000000;
        break;
    case 75:
        *value = is("new") ? 99 : is("old") ? 8 : 9;
        break;
    default:
        *value = 0;
    }
    return device != 7;
}
int cudaStreamCreate(void **stream)
{
    *stream = malloc(1);
    return *stream == NULL;
}
int cudaStreamDestroy(void *stream)
{
    free(stream);
    return 0;
}
int cudaStreamBeginCapture(void *stream, int mode)
{
    capturing = !is("old");
    graph_s = 0;
    return stream == NULL || mode != 2 || !capturing;
}
int cudaStreamEndCapture(void *stream, void **graph)
{
    double *const of = malloc(sizeof *of);
    if (of)
        *of = graph_s;
    *graph = of;
    capturing = 0;
    return of == NULL || stream == NULL;
}
int cudaGraphInstantiateWithFlags(void **run, void *graph, unsigned long long flags)
{
    double *const of = malloc(sizeof *of);
    if (of)
        *of = *(double *)graph;
    *run = of;
    return of == NULL || flags != 0;
}
int cudaGraphLaunch(void *run, void *stream)
{
    clock_s += *(double *)run;
    return stream == NULL;
}
int cudaGraphExecDestroy(void *run)
{
    free(run);
    return 0;
}
int cudaGraphDestroy(void *graph)
{
    free(graph);
    return 0;
}
int cudaSetDevice(int device)
{
    current = device;
    return device < 0 || device > 1;
}
int cudaDeviceCanAccessPeer(int *can, int device, int peer)
{
    *can = 1;
    return device != 0 || peer != 1;
}
int cudaDeviceEnablePeerAccess(int peer, unsigned flags)
{
    reachable = 1;
    return peer != 1 || flags != 0 || current != 0;
}
int cudaMemcpyPeerAsync(void *to, int to_device, const void *from, int from_device, size_t bytes, void *stream)
{
    clock_s += 10e-12 * (double)bytes;
    return to == NULL || to_device != 1 || from == NULL || from_device != 0 || stream != NULL || !reachable ||
           current != 0;
}
int cudaMalloc(void **at, size_t bytes)
{
    *at = malloc(bytes);
    return *at == NULL;
}
int cudaFree(void *at)
{
    free(at);
    return 0;
}
int cudaMemset(void *at, int value, size_t bytes)
{
    return at == NULL || value == 0 || bytes == 0;
}
int cudaMemGetInfo(size_t *available, size_t *all)
{
    *available = 1 << 30;
    *all = (size_t)80 << 30;
    return 0;
}
int cudaMemcpyAsync(void *to, const void *from, size_t bytes, int kind, void *stream)
{
    clock_s += 2e-12 * (double)bytes;
    return kind != 3 || stream != NULL || (char *)to < (const char *)from + bytes;
}
int cudaEventCreate(void **event)
{
    *event = calloc(1, sizeof(double));
    return *event == NULL;
}
int cudaEventDestroy(void *event)
{
    free(event);
    return 0;
}
int cudaEventRecord(void *event, void *stream)
{
    *(double *)event = clock_s;
    return stream != NULL;
}
int cudaEventSynchronize(void *event)
{
    return event == NULL;
}
int cudaEventElapsedTime(float *ms, void *from, void *to)
{
    *ms = (float)(1e3 * (*(double *)to - *(double *)from));
    return 0;
}
int cublasLtCreate(void **handle)
{
    *handle = malloc(1);
    return *handle == NULL;
}
int cublasLtDestroy(void *handle)
{
    free(handle);
    return 0;
}
int cublasLtMatmulDescCreate(void **desc, int compute, int scale)
{
    *desc = calloc(1, sizeof(int));
    return *desc == NULL || compute != 68 || scale != 0;
}
int cublasLtMatmulDescDestroy(void *desc)
{
    free(desc);
    return 0;
}
int cublasLtMatmulDescSetAttribute(void *desc, int attribute, const void *value, size_t size)
{
    memcpy(desc, value, sizeof(int));
    return attribute != 3 || size != sizeof(int32_t);
}
int cublasLtMatrixLayoutCreate(void **layout, int type, uint64_t rows, uint64_t columns, int64_t stride)
{
    struct layout *const of = malloc(sizeof *of);
    if (of)
        *of = (struct layout){type, rows, columns};
    *layout = of;
    return of == NULL || (type != 14 && type != 28) || stride != (int64_t)rows;
}
int cublasLtMatrixLayoutDestroy(void *layout)
{
    free(layout);
    return 0;
}
int cublasLtMatmul(void *handle, void *desc, const void *alpha, const void *a, void *a_of, const void *b, void *b_of,
                   const void *beta, const void *c, void *c_of, void *d, void *d_of, const void *algorithm,
                   void *workspace, size_t size, void *stream)
{
    const struct layout *const w = a_of, *const x = b_of, *const y = d_of;
    if (capturing)
        graph_s += 1e-6;
    else
        clock_s += (w->type == 28 ? 1e-12 : 2e-12) * (double)(w->rows * w->columns);
    (void)handle, (void)a, (void)b;
    if (w->type == 28 && is("old"))
        return 15; /* not supported */
    return is("broken") || w->type != x->type || y->type != 14 || (stream != NULL) != (capturing != 0) ||
           *(int *)desc != 1 || *(const float *)alpha != 1 || *(const float *)beta != 0 || c != d || c_of != d_of ||
           w->rows != x->rows || w->columns != y->rows || x->columns != y->columns || algorithm != NULL ||
           workspace != NULL || size != 0;
}
/* NOLINTEND */
