/* SPDX-License-Identifier: Apache-2.0 */
#include "host/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

/* Number of times that a thread reads the shared counter before it sleeps: about a millisecond. A sleeping thread takes
 * tens of microseconds to wake, often on the core of the thread that woke it, and the two then delay each other. */
enum { SPINS = 1 << 20 };

struct worker {
    struct lr_pool *pool;
    size_t part;
    pthread_t thread;
};

struct lr_pool {
    size_t threads, started;
    atomic_size_t turn;    /* number of runs; workers wait for the next */
    atomic_size_t working; /* workers that have not finished the run */
    atomic_bool stop;
    pthread_mutex_t mutex;
    pthread_cond_t begun, done;
    lr_pool_fn *fn;
    void *context;
    struct worker worker[LR_POOL_MAX];
};

static void wait_for_turn(struct lr_pool *p, size_t turn)
{
    for (int i = 0; i < SPINS; i++)
        if (atomic_load_explicit(&p->turn, memory_order_acquire) != turn)
            return;
    pthread_mutex_lock(&p->mutex);
    while (atomic_load(&p->turn) == turn)
        pthread_cond_wait(&p->begun, &p->mutex);
    pthread_mutex_unlock(&p->mutex);
}

static void *work(void *argument)
{
    struct worker *const w = argument;
    struct lr_pool *const p = w->pool;
    for (size_t turn = 0;; turn++) {
        wait_for_turn(p, turn);
        if (atomic_load(&p->stop))
            return NULL;
        p->fn(p->context, w->part, p->threads);
        if (atomic_fetch_sub_explicit(&p->working, 1, memory_order_acq_rel) == 1) {
            pthread_mutex_lock(&p->mutex);
            pthread_cond_signal(&p->done);
            pthread_mutex_unlock(&p->mutex);
        }
    }
}

static void next_turn(struct lr_pool *p)
{
    pthread_mutex_lock(&p->mutex);
    atomic_fetch_add_explicit(&p->turn, 1, memory_order_release);
    pthread_cond_broadcast(&p->begun);
    pthread_mutex_unlock(&p->mutex);
}

struct lr_pool *lr_pool_new(size_t threads)
{
    struct lr_pool *p = threads >= 1 && threads <= LR_POOL_MAX ? calloc(1, sizeof *p) : NULL;
    if (!p)
        return NULL;
    p->threads = threads;
    pthread_mutex_init(&p->mutex, NULL);
    pthread_cond_init(&p->begun, NULL);
    pthread_cond_init(&p->done, NULL);
    while (p->started + 1 < threads) {
        struct worker *w = &p->worker[p->started];
        *w = (struct worker){.pool = p, .part = p->started + 1};
        if (pthread_create(&w->thread, NULL, work, w) != 0) {
            lr_pool_free(p);
            return NULL;
        }
        p->started++;
    }
    return p;
}

void lr_pool_free(struct lr_pool *p)
{
    if (!p)
        return;
    atomic_store(&p->stop, true);
    next_turn(p);
    for (size_t i = 0; i < p->started; i++)
        pthread_join(p->worker[i].thread, NULL);
    pthread_cond_destroy(&p->done);
    pthread_cond_destroy(&p->begun);
    pthread_mutex_destroy(&p->mutex);
    free(p);
}

size_t lr_pool_threads(const struct lr_pool *p)
{
    return p->threads;
}

void lr_pool_run(struct lr_pool *p, lr_pool_fn *fn, void *context)
{
    p->fn = fn;
    p->context = context;
    atomic_store(&p->working, p->started);
    if (p->started > 0)
        next_turn(p);
    fn(context, 0, p->threads);
    for (int i = 0; i < SPINS; i++)
        if (atomic_load_explicit(&p->working, memory_order_acquire) == 0)
            return;
    pthread_mutex_lock(&p->mutex);
    while (atomic_load(&p->working) > 0)
        pthread_cond_wait(&p->done, &p->mutex);
    pthread_mutex_unlock(&p->mutex);
}

void lr_pool_share(size_t n, size_t grain, size_t part, size_t parts, size_t *from, size_t *to)
{
    const size_t grains = (n + grain - 1) / grain;
    *from = grains * part / parts * grain;
    *to = grains * (part + 1) / parts * grain;
    *from = *from < n ? *from : n;
    *to = *to < n ? *to : n;
}
