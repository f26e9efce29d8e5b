/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles that are part of the program, for a binary that runs without a folder of profiles. Their paths start with
 * "embedded:/", which no file system uses. */
#ifndef LLMROOF_DOCUMENT_EMBEDDED_H
#define LLMROOF_DOCUMENT_EMBEDDED_H

#include <stddef.h>

struct lr_embedded {
    const char *path; /* "embedded:/configs/hardware/h20.yaml" */
    const char *text;
    size_t size;
};

/* The i-th file; NULL when there are fewer. Only static builds contain files. */
const struct lr_embedded *lr_embedded_at(size_t i);

/* The file with this path; NULL when there is none. */
const struct lr_embedded *lr_embedded_find(const char *path);

#endif
