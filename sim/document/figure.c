/* SPDX-License-Identifier: Apache-2.0 */
/* Walks a document together with its schema: lists each value with its source, and each field with its documentation.
 */
#include "document/schema.h"

#include <stdio.h>
#include <string.h>

struct walk {
    const struct lr_document *doc;
    lr_figure_fn *fn;
    void *user;
    char path[512]; /* longer paths are cut, so that listing figures cannot fail */
    size_t length;
};

/* Appends a key to the path. Returns the old length, for step_out. */
static size_t step_in(struct walk *w, const char *key)
{
    const size_t length = w->length;
    snprintf(w->path + length, sizeof w->path - length, "%s%s", length ? "." : "", key);
    w->length = length + strlen(w->path + length);
    return length;
}

static void step_out(struct walk *w, size_t length)
{
    w->length = length;
    w->path[length] = '\0';
}

/* Appends a key. Returns the old length, for lr_text_cut. */
static size_t push(struct lr_text *path, const char *key)
{
    const size_t length = path->length;
    lr_text_addf(path, "%s%s", length ? "." : "", key);
    return length;
}

static const char *text_of(const struct lr_node *map, const char *key)
{
    const struct lr_node *n = lr_node_get(map, key);
    return n && n->kind == LR_NODE_SCALAR ? n->text : NULL;
}

/* The source given for the whole file that contains the node. That may be the file of a base. */
static const char *file_source(const struct lr_document *doc, const struct lr_node *n)
{
    for (; doc; doc = doc->base)
        if (n->pos.file == doc->name)
            return text_of(doc->own, "source");
    return NULL;
}

/* The source of a figure: its own; else that of the map that contains it, if it is in the same file; else the file's.
 */
static const char *source_of(const struct walk *w, const struct lr_node *figure, const struct lr_node *parent)
{
    const char *own = figure->kind == LR_NODE_MAP ? text_of(figure, "source") : NULL;
    if (own)
        return own;
    const struct lr_node *shared = parent == w->doc->root ? NULL : lr_node_get(parent, "source");
    if (shared && shared->kind == LR_NODE_SCALAR && shared->pos.file == figure->pos.file)
        return shared->text;
    return file_source(w->doc, figure);
}

/* The value with the unit that needs the fewest digits; the text as in the file when it is not a valid quantity. */
static const char *value_text(const struct lr_field *f, const struct lr_node *value, char *buf, size_t size)
{
    char error[LR_QUANTITY_ERROR];
    double x;
    if (f->type != LR_FIELD_QUANTITY || !lr_quantity_parse(value->text, f->dimension, &x, error, sizeof error))
        return value->text;
    lr_quantity_format(x, f->dimension, buf, size);
    return buf;
}

static void emit(struct walk *w, const struct lr_field *f, const struct lr_node *n, const struct lr_node *parent)
{
    const bool map = n->kind == LR_NODE_MAP;
    const struct lr_node *value = map ? lr_node_get(n, "value") : n;
    if (!value || value->kind != LR_NODE_SCALAR)
        return;
    char buf[LR_QUANTITY_SIZE];
    bool assumed = false;
    lr_node_bool(map ? lr_node_get(n, "assumed") : NULL, &assumed);
    const struct lr_figure figure = {
        .path = w->path,
        .value = value_text(f, value, buf, sizeof buf),
        .number = f->type == LR_FIELD_QUANTITY,
        .source = f->type == LR_FIELD_QUANTITY ? source_of(w, n, parent) : NULL,
        .note = map ? text_of(n, "note") : NULL,
        .assumed = assumed,
        .pos = n->pos,
    };
    w->fn(&figure, w->user);
}

static void walk_map(struct walk *w, const struct lr_schema *s, const struct lr_node *map);

/* A scalar, or the scalars directly below a node that has no schema. */
static void walk_scalars(struct walk *w, const struct lr_field *f, const struct lr_node *n,
                         const struct lr_node *parent)
{
    if (n->kind == LR_NODE_SCALAR) {
        emit(w, f, n, parent);
        return;
    }
    size_t i = 0;
    for (const struct lr_node *child = n->first; child; child = child->next, i++) {
        char index[24];
        snprintf(index, sizeof index, "%zu", i);
        const size_t cut = step_in(w, child->key ? child->key : index);
        if (child->kind == LR_NODE_SCALAR)
            emit(w, f, child, n);
        step_out(w, cut);
    }
}

static void walk_list(struct walk *w, const struct lr_field *f, const struct lr_node *n)
{
    size_t i = 0;
    for (const struct lr_node *item = n->first; item; item = item->next, i++) {
        char index[24];
        snprintf(index, sizeof index, "%zu", i);
        const size_t cut = step_in(w, index);
        walk_map(w, f->schema, item);
        step_out(w, cut);
    }
}

static void walk_variant(struct walk *w, const struct lr_field *f, const struct lr_node *n)
{
    const char *kind = text_of(n, "kind");
    for (int i = 0; kind && f->words[i]; i++) {
        if (strcmp(f->words[i], kind) == 0) {
            static const struct lr_field word = {.key = "kind", .type = LR_FIELD_WORD};
            const size_t cut = step_in(w, "kind");
            emit(w, &word, lr_node_get(n, "kind"), n);
            step_out(w, cut);
            walk_map(w, f->variants[i], n);
        }
    }
}

static void walk_map(struct walk *w, const struct lr_schema *s, const struct lr_node *map)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct lr_field *f = &s->field[i];
        const struct lr_node *n = lr_node_get(map, f->key);
        if (!n)
            continue;
        const size_t cut = step_in(w, f->key);
        switch (f->type) {
        case LR_FIELD_MAP:
            walk_map(w, f->schema, n);
            break;
        case LR_FIELD_VARIANT:
            walk_variant(w, f, n);
            break;
        case LR_FIELD_LIST:
            walk_list(w, f, n);
            break;
        case LR_FIELD_QUANTITY:
            emit(w, f, n, map);
            break;
        case LR_FIELD_TEXT:
        case LR_FIELD_CHIPS:
        case LR_FIELD_BOOL:
        case LR_FIELD_WORD:
        case LR_FIELD_DTYPE:
        case LR_FIELD_TEXTS:
        case LR_FIELD_CUSTOM:
            walk_scalars(w, f, n, map);
            break;
        }
        step_out(w, cut);
    }
}

void lr_schema_figures(const struct lr_schema *s, const struct lr_document *doc, lr_figure_fn *fn, void *user)
{
    struct walk w = {.doc = doc, .fn = fn, .user = user};
    walk_map(&w, s, doc->root);
}

struct unsourced {
    struct lr_diags *ds;
    bool found;
};

static void find_unsourced(const struct lr_figure *f, void *user)
{
    struct unsourced *u = user;
    const bool none = strcmp(f->value, "none") == 0; /* removes the figure of a base profile */
    if (u->found || !f->number || none || f->source || f->assumed || !f->pos.line)
        return;
    u->found = true;
    lr_diag(u->ds, LR_ERROR, f->pos, f->path,
            "has no source, expected 'source:' at the top of the file or in the figure");
    lr_hint(u->ds, "write {value: %s, source: \"datasheet, 2026-01\"}", f->value);
}

void lr_schema_require_source(const struct lr_schema *s, const struct lr_document *doc, struct lr_diags *ds)
{
    struct unsourced u = {.ds = ds};
    lr_schema_figures(s, doc, find_unsourced, &u);
}

struct listing {
    lr_field_fn *fn;
    void *user;
    struct lr_text path, type;
};

static void list_schema(struct listing *l, const struct lr_schema *s);

static void add_words(struct lr_text *t, const char *const *words)
{
    lr_text_add(t, "one of ");
    for (int i = 0; words[i]; i++)
        lr_text_addf(t, "%s%s", i ? ", " : "", words[i]);
}

static void add_dtypes(struct lr_text *t)
{
    lr_text_add(t, "one of ");
    for (int d = 0; d < LR_DTYPE_COUNT; d++)
        lr_text_addf(t, "%s%s", d ? ", " : "", lr_dtype_name((enum lr_dtype)d));
}

static void describe(struct lr_text *t, const struct lr_field *f)
{
    lr_text_cut(t, 0);
    switch (f->type) {
    case LR_FIELD_QUANTITY:
        lr_text_add(t, lr_dimension_name(f->dimension));
        break;
    case LR_FIELD_TEXT:
    case LR_FIELD_CHIPS:
        lr_text_add(t, "text");
        break;
    case LR_FIELD_TEXTS:
        lr_text_add(t, "texts");
        break;
    case LR_FIELD_BOOL:
        lr_text_add(t, "true or false");
        break;
    case LR_FIELD_WORD:
    case LR_FIELD_VARIANT:
        add_words(t, f->words);
        break;
    case LR_FIELD_DTYPE:
        add_dtypes(t);
        break;
    case LR_FIELD_CUSTOM:
        lr_text_add(t, "a value or a mapping");
        break;
    case LR_FIELD_MAP:
    case LR_FIELD_LIST:
        break;
    }
}

static void list_one(struct listing *l, const struct lr_field *f)
{
    describe(&l->type, f);
    const struct lr_field_doc d = {
        .path = lr_text_str(&l->path),
        .type = lr_text_str(&l->type),
        .example = f->type == LR_FIELD_QUANTITY ? lr_dimension_example(f->dimension) : "",
        .required = f->required,
        .doc = f->doc ? f->doc : "",
    };
    l->fn(&d, l->user);
}

static void list_variants(struct listing *l, const struct lr_field *f)
{
    const size_t cut = push(&l->path, "kind");
    list_one(l, f);
    lr_text_cut(&l->path, cut);
    for (int i = 0; f->words[i]; i++) {
        lr_text_addf(&l->path, " (%s)", f->words[i]);
        list_schema(l, f->variants[i]);
        lr_text_cut(&l->path, cut);
    }
}

static void list_schema(struct listing *l, const struct lr_schema *s)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct lr_field *f = &s->field[i];
        const size_t cut = push(&l->path, f->key);
        if (f->type == LR_FIELD_VARIANT) {
            list_variants(l, f);
        } else if (f->type == LR_FIELD_MAP || f->type == LR_FIELD_LIST) {
            lr_text_add(&l->path, f->type == LR_FIELD_LIST ? ".N" : "");
            list_schema(l, f->schema);
        } else {
            list_one(l, f);
        }
        lr_text_cut(&l->path, cut);
    }
}

void lr_schema_fields(const struct lr_schema *s, lr_field_fn *fn, void *user)
{
    struct listing l = {.fn = fn, .user = user};
    list_schema(&l, s);
    lr_text_free(&l.path);
    lr_text_free(&l.type);
}
