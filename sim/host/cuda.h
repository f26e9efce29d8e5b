/* An NVIDIA GPU, through libraries that are loaded when asked for: the driver, the runtime and cuBLASLt. */
#ifndef LLMROOF_HOST_CUDA_H
#define LLMROOF_HOST_CUDA_H

#include <stdbool.h>
#include <stddef.h>

struct lr_cuda;

/* The first GPU. NULL with a sentence in error: no driver, no GPU, no CUDA libraries. */
struct lr_cuda *lr_cuda_open(char *error, size_t size);
void lr_cuda_close(struct lr_cuda *c);
const char *lr_cuda_name(const struct lr_cuda *c);

/* Takes a pool of so many bytes, or half of the memory that is free, whichever is less. false with a sentence. */
bool lr_cuda_take(struct lr_cuda *c, double bytes, char *error, size_t size);

/* Seconds of one copy inside the memory, of half of the pool; *bytes: read and written. 0 when it failed. */
double lr_cuda_copy(struct lr_cuda *c, double *bytes);

/* Seconds of one product y[m,n] = x[m,k] w[n,k]^T in BF16, of several that follow each other, each with the pool's next
 * weights. 0 when it failed or the pool is too small. */
double lr_cuda_gemm(struct lr_cuda *c, size_t m, size_t n, size_t k);

#endif
