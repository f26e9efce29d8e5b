/* SPDX-License-Identifier: Apache-2.0 */
/* Values of profiles with their sources, and the fields that a profile may have. */
#ifndef LLMROOF_FIGURE_H
#define LLMROOF_FIGURE_H

#include "diag.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One value of a profile and where it comes from, for 'show'. Valid during the call only. */
struct lr_figure {
    const char *path;          /* "memory.bandwidth" */
    const char *value;         /* with its unit: "3.35 TB/s" */
    bool number;               /* a figure, not a name or a switch: has provenance */
    const char *source, *note; /* or NULL */
    bool assumed;
    struct lr_pos pos;
};
typedef void lr_figure_fn(const struct lr_figure *f, void *user);

/* One field that profiles of a kind may have, for the documentation. Valid during the call only. */
struct lr_field_doc {
    const char *path;    /* "blocks.N.attention.heads" */
    const char *type;    /* "bytes/s", "text", "one of none, switch, mesh, torus" */
    const char *example; /* "3.35 TB/s" or "" */
    bool required;
    const char *doc;
};
typedef void lr_field_fn(const struct lr_field_doc *f, void *user);

#ifdef __cplusplus
}
#endif

#endif
