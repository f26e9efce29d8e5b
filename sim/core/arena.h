/* SPDX-License-Identifier: Apache-2.0 */
/* A bump arena: many small objects that are freed together. A zero-initialised arena is valid and empty. */
#ifndef LLMROOF_CORE_ARENA_H
#define LLMROOF_CORE_ARENA_H

#include <stddef.h>

struct lr_arena_block;

struct lr_arena {
    struct lr_arena_block *newest;
    size_t used;  /* bytes allocated */
    size_t limit; /* greatest value of used: an allocation that would exceed it fails; 0: no limit */
};

/* Returns zeroed memory, aligned for any type. NULL when memory runs out or the limit is reached. size 0 gives a valid
 * pointer. */
void *lr_arena_alloc(struct lr_arena *a, size_t size);

/* As lr_arena_alloc, for count objects of size bytes; NULL also when the product overflows. */
void *lr_arena_array(struct lr_arena *a, size_t count, size_t size);

/* Returns a terminated copy of length bytes; NULL as above. */
char *lr_arena_text(struct lr_arena *a, const char *text, size_t length);

/* Frees everything. The arena is then empty and can be used again with the same limit. */
void lr_arena_free(struct lr_arena *a);

#endif
