/* SPDX-License-Identifier: Apache-2.0 */
/* An output that grows piece by piece, and appears under its name only when it is whole. */
#ifndef LLMROOF_OUTPUT_STREAM_H
#define LLMROOF_OUTPUT_STREAM_H

#include "core/text.h"

#include <llmroof/diag.h>

#include <stdbool.h>
#include <stddef.h>

struct lr_stream {
    const char *path;         /* or NULL: standard output */
    struct lr_text temporary; /* beside it; empty where path is no plain file */
    int fd;
    bool failed;
};

/* path must outlive the stream. false with an error: no such folder, ... */
bool lr_stream_open(struct lr_stream *s, const char *path, struct lr_diags *ds);

/* false with an error when it cannot be written; after that nothing more is. */
bool lr_stream_add(struct lr_stream *s, const char *bytes, size_t length, struct lr_diags *ds);

/* whole: syncs the file and gives it its name, in place of one that is there. Otherwise, and after a failure, nothing
 * is left. false with an error when that fails. */
bool lr_stream_close(struct lr_stream *s, bool whole, struct lr_diags *ds);

#endif
