/* SPDX-License-Identifier: Apache-2.0 */
/* NVIDIA GPUs, through libraries that are loaded when asked for: the driver, the runtime and cuBLASLt. */
#ifndef LLMROOF_HOST_CUDA_H
#define LLMROOF_HOST_CUDA_H

#include <stdbool.h>
#include <stddef.h>

struct lr_cuda;

/* What the driver says of a GPU; 0: nothing. */
struct lr_cuda_device {
    char name[96];
    int count;        /* GPUs in this machine */
    int major, minor; /* compute capability */
    double units, clock_hz, cache_bytes, memory_bytes;
};

/* Operands of products; the result is BF16. */
enum lr_cuda_format { LR_CUDA_BF16, LR_CUDA_FP8, LR_CUDA_FORMATS };

/* The first GPU. NULL with a sentence in error: no driver, no GPU, no CUDA libraries. */
struct lr_cuda *lr_cuda_open(char *error, size_t size);
void lr_cuda_close(struct lr_cuda *c);
const struct lr_cuda_device *lr_cuda_device(const struct lr_cuda *c);

/* Takes a pool of so many bytes, or half of the memory that is free, whichever is less. false with a sentence. */
bool lr_cuda_take(struct lr_cuda *c, double bytes, char *error, size_t size);

/* Seconds of one copy inside the memory, of half of the pool; *bytes: read and written. 0 when it failed. */
double lr_cuda_copy(struct lr_cuda *c, double *bytes);

/* Seconds of one product y[m,n] = x[m,k] w[n,k]^T, of several that follow each other, each with the pool's next
 * weights. 0 when it failed, the pool is too small, or the GPU lacks the format. */
double lr_cuda_gemm(struct lr_cuda *c, enum lr_cuda_format format, size_t m, size_t n, size_t k);

/* Seconds from the start of one product of next to nothing to that of the next, in a graph of many: what a kernel costs
 * whatever it does. 0 when it failed, or the libraries have no graphs. */
double lr_cuda_step(struct lr_cuda *c);

/* Seconds of one copy to the next GPU, of *bytes, over the link between them. 0 where there is no other or none that it
 * reaches. */
double lr_cuda_peer(struct lr_cuda *c, double *bytes);

#endif
