/* SPDX-License-Identifier: Apache-2.0 */
#include "rows/results.h"

#include "core/hash.h"
#include "core/text.h"
#include "document/file.h"

#include <stdlib.h>
#include <string.h>

/* Copies JSON without the content of lists. depth: open objects; lists: open lists; objects: outermost objects so
 * far. */
struct copier {
    const char *at, *end;
    struct lr_text out;
    size_t depth, lists, objects;
};

static void keep(struct copier *c, const char *from, size_t size)
{
    if (c->lists == 0)
        lr_text_add_bytes(&c->out, from, size);
    else
        for (size_t i = 0; i < size; i++) /* so that lines keep their numbers */
            if (from[i] == '\n')
                lr_text_add(&c->out, "\n");
}

/* A string, from its opening quote to the byte after its closing one. */
static void copy_string(struct copier *c)
{
    const char *const from = c->at++;
    while (c->at < c->end && *c->at != '"')
        c->at += *c->at == '\\' && c->at + 1 < c->end ? 2 : 1;
    c->at += c->at < c->end;
    keep(c, from, (size_t)(c->at - from));
}

/* Characters that may separate objects. */
static bool between(char c)
{
    return c && strchr(" \t\r,[]", c);
}

static void copy(struct copier *c)
{
    const char *const from = c->at;
    if (*from == '"') {
        copy_string(c);
        return;
    }
    c->at++;
    if (c->depth == 0 && between(*from))
        return;
    if (*from == ']' && c->lists > 0)
        c->lists--;
    if (*from == '{' && c->lists == 0 && c->depth++ == 0 && c->objects++ > 0)
        lr_text_add(&c->out, ",");
    keep(c, from, 1);
    if (*from == '}' && c->lists == 0 && c->depth > 0)
        c->depth--;
    c->lists += *from == '[';
}

struct lr_document *lr_results_load(const char *path, uint32_t *hash, struct lr_diags *ds)
{
    const struct lr_pos pos = {path, 0, 0};
    size_t size = 0;
    char *const text = lr_file_read(path, LR_RESULTS_BYTES_MAX, &size, ds);
    struct lr_document *doc = NULL;
    if (!text)
        return NULL;
    struct copier c = {.at = text, .end = text + size};
    *hash = lr_hash(LR_HASH_START, text, size);
    lr_text_add(&c.out, "{\"runs\": [");
    while (size <= LR_RESULTS_BYTES_MAX && c.at < c.end)
        copy(&c);
    lr_text_add(&c.out, "]}");
    if (size > LR_RESULTS_BYTES_MAX)
        lr_diag(ds, LR_ERROR, pos, NULL, "is too large, expected at most %d MiB", LR_RESULTS_BYTES_MAX >> 20);
    else if (c.out.out_of_memory)
        lr_diag(ds, LR_ERROR, pos, NULL, "out of memory");
    else if (c.objects == 0)
        lr_diag(ds, LR_ERROR, pos, NULL, "has no JSON object, expected the result of a benchmark");
    else
        doc = lr_document_parse(path, c.out.at, c.out.length, ds);
    lr_text_free(&c.out);
    free(text);
    return doc;
}
