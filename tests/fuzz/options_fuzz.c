/* SPDX-License-Identifier: Apache-2.0 */
/* Four bytes pick the groups of options, the rest is a command line, a word a line. */
#include "fuzz.h"

#include "cli/argument/options.h"

#include <string.h>

enum { WORDS_MAX = 512 };

static void check(const struct lr_options *o)
{
    const double *const number[] = {&o->gpus, &o->tp, &o->pp, &o->ep, &o->dp, &o->input, &o->prefix_hit, &o->slo_s};
    for (size_t i = 0; i < sizeof number / sizeof *number; i++)
        if (!isfinite(*number[i]) || *number[i] < 0)
            abort();
    if (o->operand.count > LR_NAMES_MAX || o->hardware.count > LR_NAMES_MAX || o->override_count > LR_OVERRIDES_MAX)
        abort();
    for (size_t i = 0; i < o->hardware.count; i++)
        if (!*o->hardware.name[i])
            abort();
    for (size_t i = 0; i < o->batch.count; i++)
        if (!(o->batch.value[i] >= 1) || !isfinite(o->batch.value[i]))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char program[] = "llmroof";
    char *word[WORDS_MAX + 1] = {program};
    int words = 1;
    if (size < 4)
        return 0;
    char *const text = malloc(size - 3);
    struct lr_options *const o = malloc(sizeof *o);
    if (!text || !o)
        abort();
    memcpy(text, data + 4, size - 4);
    text[size - 4] = '\0';
    for (char *at = text; at && words < WORDS_MAX; words++) {
        word[words] = at;
        at = strchr(at, '\n');
        if (at)
            *at++ = '\0';
    }
    struct lr_diags ds = {0};
    const unsigned groups = data[0] | (unsigned)data[1] << 8 | (unsigned)data[2] << 16 | (unsigned)data[3] << 24;
    const bool ok = lr_options_parse(words, word, groups, o, &ds);
    if (ok)
        check(o);
    free(o);
    fuzz_diags(&ds, ok);
    free(text);
    return 0;
}
