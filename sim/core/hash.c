/* SPDX-License-Identifier: Apache-2.0 */
#include "core/hash.h"

uint32_t lr_hash(uint32_t hash, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * UINT32_C(16777619);
    return hash;
}
