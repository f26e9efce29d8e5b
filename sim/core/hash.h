/* SPDX-License-Identifier: Apache-2.0 */
/* FNV-1a, 32 bits (Fowler, Noll, Vo; draft-eastlake-fnv). A simple hash to identify data and to split rows into folds.
 * Not for security. */
#ifndef LLMROOF_CORE_HASH_H
#define LLMROOF_CORE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define LR_HASH_START UINT32_C(2166136261)

/* Returns hash updated with size bytes. Start with LR_HASH_START. */
uint32_t lr_hash(uint32_t hash, const void *bytes, size_t size);

#endif
