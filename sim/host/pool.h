/* SPDX-License-Identifier: Apache-2.0 */
/* A pool of threads that run one function at a time. */
#ifndef LLMROOF_HOST_POOL_H
#define LLMROOF_HOST_POOL_H

#include <stddef.h>

enum { LR_POOL_MAX = 256 };

struct lr_pool;

/* part: 0 to parts - 1. */
typedef void lr_pool_fn(void *context, size_t part, size_t parts);

/* threads: 1 to LR_POOL_MAX, the calling thread included. NULL if threads cannot be started. */
struct lr_pool *lr_pool_new(size_t threads);
void lr_pool_free(struct lr_pool *p);
size_t lr_pool_threads(const struct lr_pool *p);

/* Calls fn once on each thread and returns when all have finished. Threads spin for a while before they sleep, so that
 * a run shortly after another one starts within microseconds. */
void lr_pool_run(struct lr_pool *p, lr_pool_fn *fn, void *context);

/* The range [*from, *to) of n that a part gets, in multiples of grain. */
void lr_pool_share(size_t n, size_t grain, size_t part, size_t parts, size_t *from, size_t *to);

#endif
