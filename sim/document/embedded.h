/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles inside the program, for a binary that runs without a folder beside it. They stand in a folder of the
 * catalogue whose name no file has: "embedded:/configs/hardware/h20.yaml". */
#ifndef LLMROOF_DOCUMENT_EMBEDDED_H
#define LLMROOF_DOCUMENT_EMBEDDED_H

#include <stddef.h>

struct lr_embedded {
    const char *path; /* "embedded:/configs/hardware/h20.yaml" */
    const char *text;
    size_t size;
};

/* The i-th; NULL when there are fewer. Most builds have none. */
const struct lr_embedded *lr_embedded_at(size_t i);

/* NULL when there is none at this path. */
const struct lr_embedded *lr_embedded_find(const char *path);

#endif
