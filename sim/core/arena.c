/* SPDX-License-Identifier: Apache-2.0 */
#include "core/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct lr_arena_block {
    struct lr_arena_block *older;
    size_t used, capacity;
    alignas(max_align_t) unsigned char bytes[];
};

enum { BLOCK_MIN = 4096, BLOCK_MAX = 1 << 18 };

static size_t aligned(size_t size)
{
    const size_t step = alignof(max_align_t);
    return (size + step - 1) / step * step;
}

/* Each block is twice as large as the one before, so a profile fits in one page, and a large document needs few calls
 * of malloc. */
static struct lr_arena_block *grow(struct lr_arena *a, size_t size)
{
    size_t capacity = a->newest ? a->newest->capacity * 2 : BLOCK_MIN;
    if (capacity > BLOCK_MAX)
        capacity = BLOCK_MAX;
    if (capacity < size)
        capacity = size;
    struct lr_arena_block *b = malloc(sizeof *b + capacity);
    if (!b)
        return NULL;
    b->older = a->newest;
    b->used = 0;
    b->capacity = capacity;
    a->newest = b;
    return b;
}

void *lr_arena_alloc(struct lr_arena *a, size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    const size_t need = aligned(size ? size : 1);
    if (a->limit && (need > a->limit || a->used > a->limit - need))
        return NULL;
    struct lr_arena_block *b = a->newest;
    if (!b || b->capacity - b->used < need) {
        b = grow(a, need);
        if (!b)
            return NULL;
    }
    void *p = b->bytes + b->used;
    b->used += need;
    a->used += need;
    memset(p, 0, need);
    return p;
}

void *lr_arena_array(struct lr_arena *a, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        return NULL;
    return lr_arena_alloc(a, count * size);
}

char *lr_arena_text(struct lr_arena *a, const char *text, size_t length)
{
    if (length == SIZE_MAX)
        return NULL;
    char *copy = lr_arena_alloc(a, length + 1);
    if (copy && length)
        memcpy(copy, text, length);
    return copy;
}

void lr_arena_free(struct lr_arena *a)
{
    while (a->newest) {
        struct lr_arena_block *older = a->newest->older;
        free(a->newest);
        a->newest = older;
    }
    a->used = 0;
}
