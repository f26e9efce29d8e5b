/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session/shard.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Rows before those of a part, in all parts of equal size but for one row. */
static uint64_t before(uint64_t total, uint64_t index, uint64_t of)
{
    return total / of * index + total % of * index / of;
}

bool lr_shard_parse(const char *text, uint64_t total, struct lr_shard *out, struct lr_diags *ds)
{
    int end = 0;
    const bool digits = *text >= '1' && *text <= '9';
    const int n = digits ? sscanf(text, "%9" SCNu64 "/%9" SCNu64 "%n", &out->index, &out->of, &end) : 0;
    if (n != 2 || text[end] || out->index < 1 || out->index > out->of || out->of > LR_SHARDS_MAX) {
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, "--shard", "'%s', expected K/N such as 2/8, 1 to N of at most %d", text,
                LR_SHARDS_MAX);
        return false;
    }
    out->total = total;
    out->first = before(total, out->index - 1, out->of);
    out->rows = before(total, out->index, out->of) - out->first;
    return true;
}

#define FORMAT                                                                                                         \
    "llmroof shard %" PRIu64 "/%" PRIu64 " first %" PRIu64 " rows %" PRIu64 " of %" PRIu64 " command %08" PRIx32       \
    " data %08" PRIx32

void lr_shard_line(const struct lr_shard *s, struct lr_text *out)
{
    lr_text_addf(out, s->json ? "{\"shard\": \"" FORMAT "\"}\n" : "# " FORMAT "\n", s->index, s->of, s->first, s->rows,
                 s->total, s->command, s->data);
}

bool lr_shard_read(const char *line, struct lr_shard *out)
{
    struct lr_text again = {0};
    *out = (struct lr_shard){.json = *line == '{'};
    const char *const at = strstr(line, "llmroof shard ");
    bool ok = at && sscanf(at,
                           "llmroof shard %" SCNu64 "/%" SCNu64 " first %" SCNu64 " rows %" SCNu64 " of %" SCNu64
                           " command %" SCNx32 " data %" SCNx32,
                           &out->index, &out->of, &out->first, &out->rows, &out->total, &out->command, &out->data) == 7;
    lr_shard_line(out, &again); /* not one byte more or less */
    ok = ok && strncmp(lr_text_str(&again), line, strlen(line)) == 0 && again.length == strlen(line) + 1;
    lr_text_free(&again);
    return ok && out->index >= 1 && out->index <= out->of && out->of <= LR_SHARDS_MAX;
}
