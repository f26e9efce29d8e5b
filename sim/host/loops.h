/* SPDX-License-Identifier: Apache-2.0 */
/* The loops of a decode step, in FP32 on several threads. Each loop counts its FLOP, bytes of weights and cache, and
 * elements of activations. As in operator.h, exponentials, comparisons and norms are no FLOP. */
#ifndef LLMROOF_HOST_LOOPS_H
#define LLMROOF_HOST_LOOPS_H

#include "host/blas.h"
#include "host/pool.h"

#include <stddef.h>

/* Work, summed over threads. */
struct lr_count {
    double flop, weight_bytes, kv_bytes, act_elements;
};

/* The threads and the BLAS of all loops. Each thread writes its own count and scratch memory. */
struct lr_engine {
    struct lr_pool *pool;
    struct lr_blas blas;
    struct {
        struct lr_count count;
        float *scratch;
        char apart[64]; /* so that threads write different cache lines */
    } thread[LR_POOL_MAX];
};

/* Starts threads, 1 to LR_POOL_MAX with the calling one, and loads OpenBLAS. NULL after an error, with a message in
 * *error (static). */
struct lr_engine *lr_engine_new(size_t threads, const char **error);
void lr_engine_free(struct lr_engine *e);

/* The work since the last call. */
struct lr_count lr_engine_count(struct lr_engine *e);

enum {
    LR_LOOP_ROWS_MAX = 256,  /* rows of x in a product */
    LR_LOOP_HEAD_MAX = 512,  /* elements of a head */
    LR_LOOP_GROUP_MAX = 128, /* query heads that share a KV head */
};

/* y[m,n] = x[m,k] w[n,k]^T + bias (or NULL). Up to 4 rows are products of matrix and vector, over blocks of w that stay
 * in the nearest cache; more rows are one matrix product. */
void lr_loop_gemm(struct lr_engine *e, const float *x, size_t m, const float *w, size_t n, size_t k, const float *bias,
                  float *y);

/* residual += branch; normed = RMS norm of residual, times gain. Rows have n elements. */
void lr_loop_norm(struct lr_engine *e, size_t rows, size_t n, float *residual, const float *branch, const float *gain,
                  float *normed);

/* y[rows,n] = silu(g) u, where rows of up are g[n], then u[n]. */
void lr_loop_silu(struct lr_engine *e, size_t rows, size_t n, const float *up, float *y);

/* residual[i] = table[token[i]]. */
void lr_loop_embed(struct lr_engine *e, size_t rows, size_t n, const float *table, const size_t *token,
                   float *residual);

/* token[i] = the first index of the greatest logit, found in two passes. */
void lr_loop_sample(struct lr_engine *e, size_t rows, size_t n, const float *logits, size_t *token);

/* The cache of one layer: keys[sequence][head][capacity][dim], and values of the same shape. */
struct lr_cache {
    float *keys, *values;
    size_t kv_heads, dim, capacity;
};

/* Rows of qkv are heads x dim queries, kv_heads x dim keys and as many values. Rotates queries in place, and keys on
 * their way into the cache at position at, by angles[dim/2][cos, sin] (pairs i, i + dim/2). Values are copied. q_gain
 * and k_gain: RMS norm of each head before the rotation, or NULL. */
void lr_loop_rope(struct lr_engine *e, size_t rows, size_t heads, float *qkv, const float *angles, const float *q_gain,
                  const float *k_gain, const struct lr_cache *cache, size_t at);

/* out[rows, heads x dim] = softmax(q k / sqrt(dim)) v over the first length tokens of the cache. Rows of q are stride
 * floats apart. */
void lr_loop_attention(struct lr_engine *e, size_t rows, size_t heads, const float *q, size_t stride,
                       const struct lr_cache *cache, size_t length, float *out);

#endif
