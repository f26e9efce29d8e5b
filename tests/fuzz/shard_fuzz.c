/* SPDX-License-Identifier: Apache-2.0 */
/* A text as the part of a sweep that is asked for, and as the line that says which part a file is. */
#include "fuzz.h"

#include "cli/session/shard.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint64_t totals[] = {0, 1, 99999, UINT64_C(1) << 53};
    char *const text = malloc(size + 1);
    if (!text)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    for (size_t i = 0; i < sizeof totals / sizeof *totals; i++) {
        struct lr_diags ds = {0};
        struct lr_shard s = {0};
        const bool ok = lr_shard_parse(text, totals[i], &s, &ds);
        if (ok && (s.index < 1 || s.index > s.of || s.first > s.total || s.rows > s.total - s.first))
            abort();
        fuzz_diags(&ds, ok);
    }
    struct lr_shard s;
    if (lr_shard_read(text, &s)) { /* what is written of it is what was read */
        struct lr_text again = {0};
        lr_shard_line(&s, &again);
        if (strncmp(lr_text_str(&again), text, strlen(text)) != 0)
            abort();
        lr_text_free(&again);
    }
    free(text);
    return 0;
}
