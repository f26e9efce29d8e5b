/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a sweep: consecutive rows, and a last line that says which they are. */
#ifndef LLMROOF_CLI_SESSION_SHARD_H
#define LLMROOF_CLI_SESSION_SHARD_H

#include "core/text.h"

#include <llmroof/diag.h>

#include <stdbool.h>
#include <stdint.h>

struct lr_shard {
    uint64_t index, of;   /* from 1 */
    uint64_t first, rows; /* of the sweep's, first from 0 */
    uint64_t total;
    uint32_t command; /* lr_space_hash */
    uint32_t data;    /* lr_hash of every byte before the last line */
    bool json;
};

enum { LR_SHARDS_MAX = 100000 };

/* "2/4": fills index, of, first and rows of total rows. false with an error. */
bool lr_shard_parse(const char *text, uint64_t total, struct lr_shard *out, struct lr_diags *ds);

/* The last line of its file, and back; line ends before its line break. */
enum { LR_SHARD_LINE = 256 };
void lr_shard_line(const struct lr_shard *s, struct lr_text *out);
bool lr_shard_read(const char *line, struct lr_shard *out);

#endif
