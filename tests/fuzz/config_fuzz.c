/* SPDX-License-Identifier: Apache-2.0 */
/* A config.json is refused or becomes a model, whose profile reads back, and which can be planned. */
#include "fuzz.h"

#include "core/arena.h"
#include "document/document.h"
#include "import/import.h"
#include "load/profile.h"

#include <llmroof/kernels.h>

#include <string.h>

static struct lr_hardware *chip;
static struct lr_kernels *kernels;
static struct lr_runtime *ideal;

static void open_profiles(void)
{
    struct lr_catalog *c = fuzz_catalog();
    chip = lr_catalog_hardware(c, "h100", NULL, 0, NULL);
    kernels = lr_catalog_kernels(c, "hopper", NULL);
    ideal = lr_catalog_runtime(c, "ideal", NULL, 0, NULL);
    lr_catalog_free(c);
    if (!chip || !kernels || !ideal)
        abort();
}

/* The profile that is written parses; where its schema takes it, it is the model that it was. */
static void again(const struct lr_model *m)
{
    char *const text = lr_model_text(m, NULL);
    if (!text)
        abort();
    struct lr_diags ds = {0};
    struct lr_document *doc = lr_document_parse("written", text, strlen(text), &ds);
    struct lr_model read;
    if (!doc)
        abort();
    if (lr_model_bind(doc, &read, &ds)) {
        if (read.block_count != m->block_count || read.hidden != m->hidden || read.vocab != m->vocab)
            abort();
        fuzz_estimate(chip, &read, ideal, kernels, 1);
        fuzz_estimate(chip, &read, ideal, kernels, 8);
    }
    lr_document_free(doc);
    lr_diags_free(&ds);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lr_diags ds = {0};
    struct lr_arena arena = {0};
    struct lr_model m;
    if (!chip)
        open_profiles();
    struct lr_document *doc = lr_document_parse("fuzz/config.json", (const char *)data, size, &ds);
    const size_t twice = ds.errors; /* keys that stand twice leave a document */
    const bool read = doc && lr_import_config(doc, &m, &arena, &ds), ok = read && twice == 0;
    if (read)
        again(&m);
    if (doc) /* as what stands beside another config.json, too */
        lr_import_quantized(doc, doc, &m, &arena, NULL);
    lr_arena_free(&arena);
    lr_document_free(doc);
    fuzz_diags(&ds, ok);
    return 0;
}
