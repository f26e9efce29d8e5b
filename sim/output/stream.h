/* SPDX-License-Identifier: Apache-2.0 */
/* An output that is written in parts. A file gets its name only when it is complete. */
#ifndef LLMROOF_OUTPUT_STREAM_H
#define LLMROOF_OUTPUT_STREAM_H

#include "core/text.h"

#include <llmroof/diag.h>

#include <stdbool.h>
#include <stddef.h>

struct lr_stream {
    const char *path;         /* NULL: standard output */
    struct lr_text temporary; /* temporary name in the same folder; empty if path is not a regular file */
    int fd;
    bool failed;
};

/* path must stay valid until the stream is closed. false, with an error, when the file cannot be created. */
bool lr_stream_open(struct lr_stream *s, const char *path, struct lr_diags *ds);

/* Writes length bytes. false, with an error, on failure; later calls then write nothing. */
bool lr_stream_add(struct lr_stream *s, const char *bytes, size_t length, struct lr_diags *ds);

/* complete: syncs the file and gives it its name, which replaces an existing file. If not complete, or after a failure,
 * removes the temporary file. true if the output was completed. */
bool lr_stream_close(struct lr_stream *s, bool complete, struct lr_diags *ds);

#endif
