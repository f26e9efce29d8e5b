/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* madvise */

#include "host/pages.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { LARGE = 2 << 20 };

float *lr_pages_take(size_t floats)
{
    const size_t bytes = (floats * sizeof(float) + LARGE - 1) / LARGE * LARGE;
    float *const at = aligned_alloc(LARGE, bytes);
#ifdef MADV_HUGEPAGE
    if (at)
        madvise(at, bytes, MADV_HUGEPAGE); /* only advice: without it, the pages are small */
#endif
    return at;
}
