/* SPDX-License-Identifier: Apache-2.0 */
#include "document/embedded.h"

#include <string.h>

#ifdef LLMROOF_EMBEDDED
static const struct lr_embedded files[] = {
#include LLMROOF_EMBEDDED
    {NULL, NULL, 0},
};
#else
static const struct lr_embedded files[] = {{NULL, NULL, 0}};
#endif

const struct lr_embedded *lr_embedded_at(size_t i)
{
    return i + 1 < sizeof files / sizeof *files ? &files[i] : NULL;
}

const struct lr_embedded *lr_embedded_find(const char *path)
{
    for (const struct lr_embedded *e = files; e->path; e++)
        if (strcmp(e->path, path) == 0)
            return e;
    return NULL;
}
