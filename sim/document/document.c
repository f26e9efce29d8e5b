/* SPDX-License-Identifier: Apache-2.0 */
#include "document/document.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* State of the parser between events of libyaml. */
struct reader {
    struct lr_document *doc;
    struct lr_diags *ds;
    yaml_parser_t yaml;
    struct lr_node *open[LR_DOCUMENT_DEPTH_MAX]; /* maps and sequences that are not closed yet */
    size_t depth;
    const char *key; /* in a map: key of the next value, or NULL when a key comes next */
    struct lr_pos key_pos;
    bool done, failed, duplicate_keys;
};

static struct lr_pos pos_of(const struct reader *r, yaml_mark_t mark)
{
    const int line = mark.line < INT32_MAX ? (int)mark.line + 1 : 0;
    const int col = mark.column < INT32_MAX ? (int)mark.column + 1 : 0;
    return (struct lr_pos){.file = r->doc->name, .line = line, .col = col};
}

LR_PRINTF(3, 4)
static void refuse(struct reader *r, struct lr_pos pos, const char *format, ...)
{
    char message[256];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    lr_diag(r->ds, LR_ERROR, pos, NULL, "%s", message);
    r->failed = true;
}

static void refuse_memory(struct reader *r)
{
    if (!r->failed)
        refuse(r, (struct lr_pos){.file = r->doc->name}, "out of memory");
}

/* Counts keys and values. false, with an error, when there are too many. */
static bool count_node(struct reader *r, struct lr_pos pos)
{
    if (++r->doc->nodes <= LR_DOCUMENT_NODES_MAX)
        return true;
    refuse(r, pos, "has too many keys and values, expected at most %d", LR_DOCUMENT_NODES_MAX);
    return false;
}

static void append(struct lr_node *parent, struct lr_node *child)
{
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    parent->count++;
}

static struct lr_node *top(const struct reader *r)
{
    return r->depth ? r->open[r->depth - 1] : NULL;
}

/* Adds a value to the innermost open container, or the root. NULL after an error. */
static struct lr_node *add_node(struct reader *r, enum lr_node_kind kind, yaml_mark_t mark)
{
    const struct lr_pos pos = pos_of(r, mark);
    if (!count_node(r, pos))
        return NULL;
    struct lr_node *parent = top(r);
    if (!parent && kind != LR_NODE_MAP) {
        refuse(r, pos, "is a %s, expected a mapping", lr_node_kind_name(kind));
        return NULL;
    }
    struct lr_node *n = lr_arena_alloc(&r->doc->arena, sizeof *n);
    if (!n) {
        refuse_memory(r);
        return NULL;
    }
    n->kind = kind;
    n->pos = pos;
    if (!parent) {
        r->doc->root = n;
        return n;
    }
    n->key = r->key;
    n->key_pos = r->key_pos;
    r->key = NULL;
    append(parent, n);
    return n;
}

static void refuse_kind(struct reader *r, yaml_mark_t mark, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor)
        refuse(r, pos_of(r, mark), "anchor '&%.40s' is not allowed, expected plain values", (const char *)anchor);
    else if (tag)
        refuse(r, pos_of(r, mark), "tag '%.40s' is not allowed, expected plain values", (const char *)tag);
}

static void on_scalar(struct reader *r, const yaml_event_t *e)
{
    const char *value = (const char *)e->data.scalar.value;
    const size_t length = e->data.scalar.length;
    refuse_kind(r, e->start_mark, e->data.scalar.anchor, e->data.scalar.tag);
    if (!r->failed && memchr(value, '\0', length))
        refuse(r, pos_of(r, e->start_mark), "contains a NUL character, expected text");
    if (r->failed)
        return;
    const char *text = lr_arena_text(&r->doc->arena, value, length);
    if (!text) {
        refuse_memory(r);
        return;
    }
    const struct lr_node *parent = top(r);
    if (parent && parent->kind == LR_NODE_MAP && !r->key) {
        r->key = text;
        r->key_pos = pos_of(r, e->start_mark);
        count_node(r, r->key_pos);
        return;
    }
    struct lr_node *n = add_node(r, LR_NODE_SCALAR, e->start_mark);
    if (n) {
        n->text = text;
        n->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    }
}

static void on_open(struct reader *r, enum lr_node_kind kind, const yaml_event_t *e)
{
    const bool map = kind == LR_NODE_MAP;
    refuse_kind(r, e->start_mark, map ? e->data.mapping_start.anchor : e->data.sequence_start.anchor,
                map ? e->data.mapping_start.tag : e->data.sequence_start.tag);
    const struct lr_node *parent = top(r);
    if (!r->failed && parent && parent->kind == LR_NODE_MAP && !r->key)
        refuse(r, pos_of(r, e->start_mark), "a %s cannot be a key, expected text", lr_node_kind_name(kind));
    if (!r->failed && r->depth == LR_DOCUMENT_DEPTH_MAX)
        refuse(r, pos_of(r, e->start_mark), "is nested too deeply, expected at most %d levels", LR_DOCUMENT_DEPTH_MAX);
    struct lr_node *n = r->failed ? NULL : add_node(r, kind, e->start_mark);
    if (n)
        r->open[r->depth++] = n;
}

static int by_key(const void *a, const void *b)
{
    const struct lr_node *x = *(const struct lr_node *const *)a, *y = *(const struct lr_node *const *)b;
    const int order = strcmp(x->key, y->key);
    if (order)
        return order;
    const struct lr_pos p = x->key_pos, q = y->key_pos;
    return p.line != q.line ? (p.line > q.line) - (p.line < q.line) : (p.col > q.col) - (p.col < q.col);
}

/* Sorts the keys first, because comparing all pairs is too slow for a large map. */
static void refuse_duplicates(struct reader *r, const struct lr_node *map)
{
    const struct lr_node **sorted = map->count > 1 ? malloc(map->count * sizeof *sorted) : NULL;
    if (!sorted) {
        if (map->count > 1)
            refuse_memory(r);
        return;
    }
    size_t count = 0;
    for (const struct lr_node *n = map->first; n; n = n->next)
        sorted[count++] = n;
    qsort(sorted, count, sizeof *sorted, by_key);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(sorted[i - 1]->key, sorted[i]->key) == 0) {
            lr_diag(r->ds, LR_ERROR, sorted[i]->key_pos, NULL, "duplicate key '%.80s', first used on line %d",
                    sorted[i]->key, sorted[i - 1]->key_pos.line);
            r->duplicate_keys = true;
        }
    }
    free(sorted);
}

static void on_close(struct reader *r)
{
    const struct lr_node *n = r->open[--r->depth];
    if (n->kind == LR_NODE_MAP)
        refuse_duplicates(r, n);
}

static void on_event(struct reader *r, const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (r->doc->root)
            refuse(r, pos_of(r, e->start_mark), "starts a second document, expected one per file");
        break;
    case YAML_ALIAS_EVENT:
        refuse(r, pos_of(r, e->start_mark), "alias '*%.40s' is not allowed, expected plain values",
               (const char *)e->data.alias.anchor);
        break;
    case YAML_SCALAR_EVENT:
        on_scalar(r, e);
        break;
    case YAML_SEQUENCE_START_EVENT:
        on_open(r, LR_NODE_SEQUENCE, e);
        break;
    case YAML_MAPPING_START_EVENT:
        on_open(r, LR_NODE_MAP, e);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        on_close(r);
        break;
    case YAML_STREAM_END_EVENT:
        r->done = true;
        break;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
}

/* The position of a byte: the reader of libyaml reports its errors with an offset only. */
static struct lr_pos pos_of_byte(const struct reader *r, const char *bytes, size_t size, size_t offset)
{
    struct lr_pos pos = {.file = r->doc->name, .line = 1, .col = 1};
    for (size_t i = 0; i < size && i < offset; i++) {
        const bool newline = bytes[i] == '\n';
        pos.line += newline;
        pos.col = newline ? 1 : pos.col + (((unsigned char)bytes[i] & 0xc0) != 0x80);
    }
    return pos;
}

static void refuse_syntax(struct reader *r, const char *bytes, size_t size)
{
    const yaml_parser_t *y = &r->yaml;
    const char *problem = y->problem ? y->problem : "is not valid YAML";
    if (y->error == YAML_MEMORY_ERROR)
        refuse_memory(r);
    else if (y->error == YAML_READER_ERROR)
        refuse(r, pos_of_byte(r, bytes, size, y->problem_offset), "%s, expected UTF-8 text", problem);
    else if (y->context)
        refuse(r, pos_of(r, y->problem_mark), "%s %s", y->context, problem);
    else
        refuse(r, pos_of(r, y->problem_mark), "%s", problem);
}

static void read_events(struct reader *r, const char *bytes, size_t size)
{
    while (!r->done && !r->failed) {
        yaml_event_t e;
        if (!yaml_parser_parse(&r->yaml, &e)) {
            refuse_syntax(r, bytes, size);
            return;
        }
        on_event(r, &e);
        yaml_event_delete(&e);
    }
    if (!r->failed && !r->doc->root)
        refuse(r, (struct lr_pos){.file = r->doc->name}, "is empty, expected a mapping");
}

static bool refuse_bytes(struct reader *r, const char *bytes, size_t size)
{
    const char *nul = size ? memchr(bytes, '\0', size) : NULL;
    if (size > LR_DOCUMENT_BYTES_MAX) {
        refuse(r, (struct lr_pos){.file = r->doc->name}, "is too large, expected at most %d bytes",
               LR_DOCUMENT_BYTES_MAX);
    } else if (nul) {
        refuse(r, pos_of_byte(r, bytes, size, (size_t)(nul - bytes)), "contains a NUL character, expected text");
    }
    return r->failed;
}

static struct lr_document *new_document(const char *name, struct lr_diags *ds)
{
    struct lr_document *doc = calloc(1, sizeof *doc);
    if (doc)
        doc->name = lr_arena_text(&doc->arena, name, strlen(name));
    if (!doc || !doc->name) {
        lr_diag(ds, LR_ERROR, (struct lr_pos){.file = name}, NULL, "out of memory");
        lr_document_free(doc);
        return NULL;
    }
    return doc;
}

struct lr_document *lr_document_parse(const char *name, const char *bytes, size_t size, struct lr_diags *ds)
{
    struct reader r = {.doc = new_document(name, ds), .ds = ds};
    if (!r.doc)
        return NULL;
    if (!refuse_bytes(&r, bytes, size)) {
        if (yaml_parser_initialize(&r.yaml)) {
            yaml_parser_set_encoding(&r.yaml, YAML_UTF8_ENCODING);
            yaml_parser_set_input_string(&r.yaml, (const unsigned char *)bytes, size);
            read_events(&r, bytes, size);
        } else {
            refuse_memory(&r);
        }
        yaml_parser_delete(&r.yaml);
    }
    if (r.failed || (r.duplicate_keys && !ds)) {
        lr_document_free(r.doc);
        return NULL;
    }
    r.doc->own = r.doc->root;
    return r.doc;
}

void lr_document_free(struct lr_document *doc)
{
    while (doc) {
        struct lr_document *base = doc->base;
        lr_arena_free(&doc->arena);
        free(doc);
        doc = base;
    }
}

const char *lr_node_kind_name(enum lr_node_kind k)
{
    static const char *const name[] = {
        [LR_NODE_SCALAR] = "scalar", [LR_NODE_MAP] = "mapping", [LR_NODE_SEQUENCE] = "sequence"};
    return name[k];
}
