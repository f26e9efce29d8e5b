/* SPDX-License-Identifier: Apache-2.0 */
#include <llmroof/search.h>

#include <stdlib.h>

static double user(const struct lr_found *f)
{
    return f->estimate.tokens_per_s_per_user;
}

static double gpu(const struct lr_found *f)
{
    return f->estimate.tokens_per_s_per_gpu;
}

static bool covers(const struct lr_found *a, const struct lr_found *b)
{
    return a->hardware == b->hardware && user(a) >= user(b) && gpu(a) >= gpu(b);
}

static bool grow(struct lr_frontier *f)
{
    const size_t capacity = f->capacity ? 2 * f->capacity : 64;
    struct lr_found *const item = realloc(f->item, capacity * sizeof *item);
    f->out_of_memory = item == NULL;
    if (!item)
        return false;
    f->item = item;
    f->capacity = capacity;
    return true;
}

bool lr_frontier_offer(const struct lr_sweep_point *at, void *frontier)
{
    struct lr_frontier *f = frontier;
    size_t kept = 0;
    if (at->why)
        return true;
    const struct lr_found new = {at->model, at->hardware, at->runtime, at->deployment,
                                 at->batch, at->context,  at->estimate};
    for (size_t i = 0; i < f->count; i++)
        if (covers(&f->item[i], &new))
            return true;
    for (size_t i = 0; i < f->count; i++)
        if (!covers(&new, &f->item[i]))
            f->item[kept++] = f->item[i];
    f->count = kept;
    if (f->count == f->capacity && !grow(f))
        return false;
    f->item[f->count++] = new;
    return true;
}

static int slower(const void *x, const void *y)
{
    const struct lr_found *a = x, *b = y;
    return user(a) < user(b) ? -1 : user(a) > user(b);
}

void lr_frontier_sort(struct lr_frontier *f, const struct lr_sweep *s)
{
    size_t from = 0;
    for (size_t c = 0; c < s->chips; c++) {
        const size_t start = from;
        for (size_t i = from; i < f->count; i++)
            if (f->item[i].hardware == s->hardware[c]) {
                const struct lr_found swap = f->item[from];
                f->item[from++] = f->item[i];
                f->item[i] = swap;
            }
        qsort(f->item + start, from - start, sizeof *f->item, slower);
    }
}
