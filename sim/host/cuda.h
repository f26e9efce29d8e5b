/* SPDX-License-Identifier: Apache-2.0 */
/* NVIDIA GPUs, through the driver, the runtime and cuBLASLt, which are loaded at run time. */
#ifndef LLMROOF_HOST_CUDA_H
#define LLMROOF_HOST_CUDA_H

#include <stdbool.h>
#include <stddef.h>

struct lr_cuda;

/* Properties of a GPU, from the driver; 0: unknown. */
struct lr_cuda_device {
    char name[96];
    int count;        /* GPUs in this machine */
    int major, minor; /* compute capability */
    double units, clock_hz, cache_bytes, memory_bytes;
};

/* Format of the operands of a product. The result is in BF16. */
enum lr_cuda_format { LR_CUDA_BF16, LR_CUDA_FP8, LR_CUDA_FORMATS };

/* Opens the first GPU. NULL, with a message in error, if there is no driver, no GPU, or no CUDA library. */
struct lr_cuda *lr_cuda_open(char *error, size_t size);
void lr_cuda_close(struct lr_cuda *c);
const struct lr_cuda_device *lr_cuda_device(const struct lr_cuda *c);

/* Allocates a pool of this size, but of at most half the free memory. false, with a message in error, after a
 * failure. */
bool lr_cuda_take(struct lr_cuda *c, double bytes, char *error, size_t size);

/* Seconds to copy half of the pool within the GPU's memory. *bytes: read and written. 0 after a failure. */
double lr_cuda_copy(struct lr_cuda *c, double *bytes);

/* Seconds of one product y[m,n] = x[m,k] w[n,k]^T, from several in a row, each with other weights of the pool. 0 after
 * a failure, if the pool is too small, or if the GPU lacks the format. */
double lr_cuda_gemm(struct lr_cuda *c, enum lr_cuda_format format, size_t m, size_t n, size_t k);

/* Seconds from the start of one very small product to that of the next in a graph: what a kernel costs whatever it
 * computes. 0 after a failure, or if the libraries have no graphs. */
double lr_cuda_step(struct lr_cuda *c);

/* Seconds to copy *bytes to another GPU over the link between them. 0 if no other GPU can be reached. */
double lr_cuda_peer(struct lr_cuda *c, double *bytes);

#endif
