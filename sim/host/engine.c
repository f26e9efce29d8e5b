/* SPDX-License-Identifier: Apache-2.0 */
#include "host/engine.h"

#include <stdlib.h>

/* Scratch memory of one thread: the product of a block of weights with all rows, or the queries, sums and scores of a
 * head group, whichever is more. */
static size_t scratch_floats(void)
{
    const size_t product = (size_t)LR_ENGINE_BLOCK * LR_LOOP_ROWS_MAX;
    const size_t attention = (size_t)LR_LOOP_GROUP_MAX * (LR_LOOP_HEAD_MAX + LR_ENGINE_BLOCK);
    return product > attention ? product : attention;
}

struct lr_engine *lr_engine_new(size_t threads, const char **error)
{
    struct lr_engine *e = calloc(1, sizeof *e);
    *error = "out of memory";
    if (!e)
        return NULL;
    if (!lr_blas_open(&e->blas, error)) {
        free(e);
        return NULL;
    }
    e->pool = lr_pool_new(threads);
    *error = e->pool ? "out of memory" : "threads cannot be started";
    bool ok = e->pool != NULL;
    for (size_t i = 0; ok && i < threads; i++) {
        e->thread[i].scratch = malloc(scratch_floats() * sizeof(float));
        ok = e->thread[i].scratch != NULL;
    }
    if (ok)
        return e;
    lr_engine_free(e);
    return NULL;
}

void lr_engine_free(struct lr_engine *e)
{
    if (!e)
        return;
    lr_pool_free(e->pool);
    for (size_t i = 0; i < LR_POOL_MAX; i++)
        free(e->thread[i].scratch);
    lr_blas_close(&e->blas);
    free(e);
}

struct lr_count lr_engine_count(struct lr_engine *e)
{
    struct lr_count sum = {0};
    for (size_t i = 0; i < lr_pool_threads(e->pool); i++) {
        const struct lr_count *c = &e->thread[i].count;
        sum.flop += c->flop;
        sum.weight_bytes += c->weight_bytes;
        sum.kv_bytes += c->kv_bytes;
        sum.act_elements += c->act_elements;
        e->thread[i].count = (struct lr_count){0};
    }
    return sum;
}
