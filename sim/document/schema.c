/* SPDX-License-Identifier: Apache-2.0 */
#include "document/schema.h"

#include "core/chip_list.h"
#include "core/number.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void *member(void *out, size_t offset)
{
    return (char *)out + offset;
}

void lr_bind_error(struct lr_binder *b, struct lr_pos pos, const char *format, ...)
{
    char message[512];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    lr_diag(b->ds, LR_ERROR, pos, b->path.length ? lr_text_str(&b->path) : NULL, "%s", message);
}

/* Appends a key to the path. Returns the old length, for pop. */
static size_t push(struct lr_binder *b, const char *key)
{
    const size_t length = b->path.length;
    lr_text_addf(&b->path, "%s%s", length ? "." : "", key);
    return length;
}

static void pop(struct lr_binder *b, size_t length)
{
    lr_text_cut(&b->path, length);
}

enum { EXPECTED_SIZE = 512 };

/* "expected one of 'none', 'plain', 'gated', 'moe'" */
static void describe_words(const char *const *words, char *out, size_t size)
{
    size_t used = (size_t)snprintf(out, size, "expected one of ");
    for (int i = 0; words[i] && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s'%s'", i ? ", " : "", words[i]);
}

/* "expected text", "expected bytes/s with a unit, for example '3.35 TB/s'" */
static void describe(const struct lr_field *f, char *out, size_t size)
{
    char example[LR_QUANTITY_ERROR] = "";
    switch (f->type) {
    case LR_FIELD_QUANTITY:
        lr_quantity_expected(f->dimension, example, sizeof example);
        snprintf(out, size, "%s", example);
        break;
    case LR_FIELD_TEXT:
    case LR_FIELD_CHIPS:
        snprintf(out, size, "expected text");
        break;
    case LR_FIELD_BOOL:
        snprintf(out, size, "expected true or false");
        break;
    case LR_FIELD_WORD:
        describe_words(f->words, out, size);
        break;
    case LR_FIELD_DTYPE:
        snprintf(out, size, "expected a number format, for example 'bf16'");
        break;
    case LR_FIELD_TEXTS:
    case LR_FIELD_LIST:
        snprintf(out, size, "expected a sequence");
        break;
    case LR_FIELD_MAP:
    case LR_FIELD_VARIANT:
        snprintf(out, size, "expected a mapping");
        break;
    case LR_FIELD_CUSTOM:
        snprintf(out, size, "expected a value");
        break;
    }
}

static void report_missing(struct lr_binder *b, const struct lr_field *f, struct lr_pos pos)
{
    char expected[EXPECTED_SIZE];
    describe(f, expected, sizeof expected);
    lr_bind_error(b, pos, "is missing, %s", expected);
}

/* Reports a node of another kind, or an empty value. */
static bool is_kind(struct lr_binder *b, const struct lr_field *f, const struct lr_node *n, enum lr_node_kind kind)
{
    const bool null = lr_node_is_null(n);
    if (n->kind == kind && !null)
        return true;
    char expected[EXPECTED_SIZE];
    describe(f, expected, sizeof expected);
    if (null)
        lr_bind_error(b, n->pos, "is empty, %s", expected);
    else if (n->kind == LR_NODE_SCALAR)
        lr_bind_error(b, n->pos, "'%.40s' is a single value, %s", n->text, expected);
    else
        lr_bind_error(b, n->pos, "is a %s, %s", lr_node_kind_name(n->kind), expected);
    return false;
}

static void bind_text(struct lr_binder *b, const struct lr_field *f, const struct lr_node *n, void *out)
{
    if (!is_kind(b, f, n, LR_NODE_SCALAR))
        return;
    if (!*n->text)
        lr_bind_error(b, n->pos, "is empty, expected text");
    else if (f->offset != LR_NO_MEMBER)
        *(const char **)member(out, f->offset) = n->text;
}

static void bind_chips(struct lr_binder *b, const struct lr_field *f, const struct lr_node *n, void *out)
{
    const char *text = NULL;
    const struct lr_field as_text = {.type = LR_FIELD_TEXT};
    bind_text(b, &as_text, n, &text);
    if (text && !lr_chip_list_split(&b->doc->arena, text, member(out, f->offset)))
        lr_bind_error(b, n->pos, "out of memory");
}

static void check_range(struct lr_binder *b, const struct lr_field *f, const struct lr_node *n, double value)
{
    char least[LR_QUANTITY_SIZE], most[LR_QUANTITY_SIZE];
    if (value >= f->min && (f->max <= 0 || value <= f->max))
        return;
    lr_quantity_format(f->min, f->dimension, least, sizeof least);
    lr_quantity_format(f->max, f->dimension, most, sizeof most);
    if (f->max > 0)
        lr_bind_error(b, n->pos, "'%.40s' is out of range, expected %s to %s", n->text, least, most);
    else
        lr_bind_error(b, n->pos, "'%.40s' is out of range, expected at least %s", n->text, least);
}

static void bind_number(struct lr_binder *b, const struct lr_field *f, const struct lr_node *n, void *out)
{
    double value = 0;
    char error[LR_QUANTITY_ERROR];
    if (!is_kind(b, f, n, LR_NODE_SCALAR))
        return;
    if (!f->required && strcmp(n->text, "none") == 0) {
        *(double *)member(out, f->offset) = 0; /* removes the value of a base profile */
        return;
    }
    if (!lr_quantity_parse(n->text, f->dimension, &value, error, sizeof error)) {
        lr_bind_error(b, n->pos, "%s", error);
        return;
    }
    check_range(b, f, n, value);
    *(double *)member(out, f->offset) = value;
}

static const struct lr_field *find_field(const struct lr_schema *s, const char *key)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->field[i].key, key) == 0)
            return &s->field[i];
    return NULL;
}

/* The keys of a figure. */
static const struct lr_field provenance_fields[] = {
    {.key = "source", .type = LR_FIELD_TEXT, .offset = LR_NO_MEMBER, .doc = "document or page, and its date"},
    {.key = "note", .type = LR_FIELD_TEXT, .offset = LR_NO_MEMBER, .doc = "remark about the figure"},
    {.key = "assumed", .type = LR_FIELD_BOOL, .offset = LR_NO_MEMBER, .doc = "true: the figure has no source"},
    {.key = "value", .type = LR_FIELD_TEXT, .offset = LR_NO_MEMBER, .required = true, .doc = "the figure"},
};
static const struct lr_schema provenance = {
    .name = "figure", .field = provenance_fields, .count = sizeof provenance_fields / sizeof provenance_fields[0]};

static void bind_map(struct lr_binder *b, const struct lr_schema *s, const struct lr_node *map, const char *kind_key,
                     void *out);

static void bind_quantity(struct lr_binder *b, const struct lr_field *f, const struct lr_node *n, void *out)
{
    if (n->kind != LR_NODE_MAP) {
        bind_number(b, f, n, out);
        return;
    }
    bind_map(b, &provenance, n, NULL, NULL);
    const struct lr_node *value = lr_node_get(n, "value");
    if (value && value->kind == LR_NODE_SCALAR && !lr_node_is_null(value) && *value->text)
        bind_number(b, f, value, out);
}

static void bind_bool(struct lr_binder *b, const struct lr_field *f, const struct lr_node *n, void *out)
{
    bool value;
    if (!is_kind(b, f, n, LR_NODE_SCALAR))
        return;
    if (!lr_node_bool(n, &value))
        lr_bind_error(b, n->pos, "'%.40s' is not a boolean, expected true or false", n->text);
    else if (f->offset != LR_NO_MEMBER)
        *(bool *)member(out, f->offset) = value;
}

/* The index of the word; -1, with an error, when it is not one of the words. */
static int find_word(struct lr_binder *b, const char *const *words, const struct lr_node *n)
{
    struct lr_nearest nearest = {0};
    struct lr_text all = {0};
    for (int i = 0; words[i]; i++) {
        if (strcmp(n->text, words[i]) == 0) {
            lr_text_free(&all);
            return i;
        }
        lr_nearest_offer(&nearest, n->text, words[i]);
        lr_text_addf(&all, "%s'%s'", i ? ", " : "", words[i]);
    }
    lr_bind_error(b, n->pos, "unknown value '%.40s', expected one of %s", n->text, lr_text_str(&all));
    if (lr_nearest_name(&nearest, n->text))
        lr_hint(b->ds, "did you mean '%s'?", nearest.name);
    lr_text_free(&all);
    return -1;
}

static void bind_word(struct lr_binder *b, const struct lr_field *f, const struct lr_node *n, void *out)
{
    const int word = is_kind(b, f, n, LR_NODE_SCALAR) ? find_word(b, f->words, n) : -1;
    if (word >= 0)
        memcpy(member(out, f->offset), &word, sizeof word);
}

void lr_bind_dtype(struct lr_binder *b, const struct lr_node *n, enum lr_dtype *out)
{
    static const struct lr_field field = {.type = LR_FIELD_DTYPE};
    if (!is_kind(b, &field, n, LR_NODE_SCALAR))
        return;
    const enum lr_dtype d = lr_dtype_parse(n->text);
    if (d != LR_DTYPE_NONE) {
        *out = d;
        return;
    }
    struct lr_nearest nearest = {0};
    struct lr_text all = {0};
    for (int i = 0; i < LR_DTYPE_COUNT; i++) {
        lr_nearest_offer(&nearest, n->text, lr_dtype_name((enum lr_dtype)i));
        lr_text_addf(&all, "%s'%s'", i ? ", " : "", lr_dtype_name((enum lr_dtype)i));
    }
    lr_bind_error(b, n->pos, "unknown number format '%.40s', expected one of %s", n->text, lr_text_str(&all));
    if (lr_nearest_name(&nearest, n->text))
        lr_hint(b->ds, "did you mean '%s'?", nearest.name);
    lr_text_free(&all);
}

static void bind_texts(struct lr_binder *b, const struct lr_field *f, const struct lr_node *n, void *out)
{
    if (!is_kind(b, f, n, LR_NODE_SEQUENCE))
        return;
    const char **texts = lr_arena_array(&b->doc->arena, n->count, sizeof *texts);
    size_t count = 0;
    for (const struct lr_node *item = n->first; item && texts; item = item->next)
        if (item->kind == LR_NODE_SCALAR && !lr_node_is_null(item) && *item->text)
            texts[count++] = item->text;
        else
            lr_bind_error(b, item->pos, "has an item that is not text, expected a sequence of texts");
    if (!texts) {
        lr_bind_error(b, n->pos, "out of memory");
    } else if (f->offset != LR_NO_MEMBER) {
        *(const char ***)member(out, f->offset) = texts;
        *(size_t *)member(out, f->count_offset) = count;
    }
}

static void bind_variant(struct lr_binder *b, const struct lr_field *f, const struct lr_node *n, void *out)
{
    if (!is_kind(b, f, n, LR_NODE_MAP))
        return;
    const struct lr_node *kind = lr_node_get(n, "kind");
    const size_t cut = push(b, "kind");
    const struct lr_field as_word = {.type = LR_FIELD_WORD, .words = f->words};
    int word = -1;
    if (!kind)
        report_missing(b, &as_word, n->pos);
    else if (is_kind(b, &as_word, kind, LR_NODE_SCALAR))
        word = find_word(b, f->words, kind);
    pop(b, cut);
    if (word >= 0) {
        memcpy(member(out, f->count_offset), &word, sizeof word);
        bind_map(b, f->variants[word], n, "kind", member(out, f->offset));
    }
}

static void bind_list(struct lr_binder *b, const struct lr_field *f, const struct lr_node *n, void *out)
{
    if (!is_kind(b, f, n, LR_NODE_SEQUENCE))
        return;
    if (!n->count || n->count > f->cap) {
        lr_bind_error(b, n->pos, "has %zu items, expected 1 to %zu", n->count, f->cap);
        return;
    }
    size_t i = 0;
    for (const struct lr_node *item = n->first; item; item = item->next, i++) {
        char index[24];
        snprintf(index, sizeof index, "%zu", i);
        const size_t cut = push(b, index);
        void *at = member(out, f->offset + i * f->schema->size);
        if (f->schema->defaults)
            memcpy(at, f->schema->defaults, f->schema->size);
        const struct lr_field as_map = {.type = LR_FIELD_MAP};
        if (is_kind(b, &as_map, item, LR_NODE_MAP))
            bind_map(b, f->schema, item, NULL, at);
        pop(b, cut);
    }
    *(size_t *)member(out, f->count_offset) = n->count;
}

void lr_bind_value(struct lr_binder *b, const struct lr_field *f, const struct lr_node *n, void *out)
{
    switch (f->type) {
    case LR_FIELD_TEXT:
        bind_text(b, f, n, out);
        break;
    case LR_FIELD_CHIPS:
        bind_chips(b, f, n, out);
        break;
    case LR_FIELD_QUANTITY:
        bind_quantity(b, f, n, out);
        break;
    case LR_FIELD_BOOL:
        bind_bool(b, f, n, out);
        break;
    case LR_FIELD_WORD:
        bind_word(b, f, n, out);
        break;
    case LR_FIELD_DTYPE:
        lr_bind_dtype(b, n, member(out, f->offset));
        break;
    case LR_FIELD_TEXTS:
        bind_texts(b, f, n, out);
        break;
    case LR_FIELD_VARIANT:
        bind_variant(b, f, n, out);
        break;
    case LR_FIELD_LIST:
        bind_list(b, f, n, out);
        break;
    case LR_FIELD_CUSTOM:
        f->bind(b, n, out);
        break;
    case LR_FIELD_MAP:
        if (is_kind(b, f, n, LR_NODE_MAP))
            bind_map(b, f->schema, n, NULL, member(out, f->offset));
        break;
    }
}

static void bind_field(struct lr_binder *b, const struct lr_field *f, const struct lr_node *n, void *out)
{
    const size_t cut = push(b, f->key);
    lr_bind_value(b, f, n, out);
    pop(b, cut);
}

static bool is_provenance(const struct lr_schema *s, const char *key)
{
    return s->sourced && (strcmp(key, "source") == 0 || strcmp(key, "note") == 0);
}

static void report_unknown(struct lr_binder *b, const struct lr_schema *s, const struct lr_node *n)
{
    const size_t cut = push(b, n->key);
    if (b->ds && b->ds->count >= LR_DIAGS_MAX) {
        lr_bind_error(b, n->key_pos, "unknown field");
        pop(b, cut);
        return;
    }
    struct lr_nearest nearest = {0};
    struct lr_text all = {0};
    for (size_t i = 0; i < s->count; i++) {
        lr_nearest_offer(&nearest, n->key, s->field[i].key);
        lr_text_addf(&all, "%s'%s'", i ? ", " : "", s->field[i].key);
    }
    const char *suggestion = lr_nearest_name(&nearest, n->key);
    if (suggestion)
        lr_bind_error(b, n->key_pos, "unknown field '%.80s', expected '%s'", n->key, suggestion);
    else
        lr_bind_error(b, n->key_pos, "unknown field '%.80s', expected one of %s", n->key, lr_text_str(&all));
    lr_text_free(&all);
    pop(b, cut);
}

/* kind_key, when not NULL, is a key that bind_variant has read already. */
static void bind_map(struct lr_binder *b, const struct lr_schema *s, const struct lr_node *map, const char *kind_key,
                     void *out)
{
    for (const struct lr_node *n = map->first; n; n = n->next) {
        const struct lr_field *f = find_field(s, n->key);
        if (f)
            bind_field(b, f, n, out);
        else if (is_provenance(s, n->key))
            bind_field(b, find_field(&provenance, n->key), n, out);
        else if (!kind_key || strcmp(n->key, kind_key) != 0)
            report_unknown(b, s, n);
    }
    for (size_t i = 0; i < s->count; i++)
        if (s->field[i].required && !lr_node_get(map, s->field[i].key)) {
            const size_t cut = push(b, s->field[i].key);
            report_missing(b, &s->field[i], map->key ? map->key_pos : map->pos);
            pop(b, cut);
        }
}

bool lr_schema_bind(const struct lr_schema *s, struct lr_document *doc, void *out, struct lr_diags *ds)
{
    struct lr_diags own = {0};
    struct lr_binder b = {.doc = doc, .ds = ds ? ds : &own};
    const size_t before = b.ds->errors;
    bind_map(&b, s, doc->root, NULL, out);
    if (b.path.out_of_memory)
        lr_diag(b.ds, LR_ERROR, doc->root->pos, NULL, "out of memory");
    const bool clean = b.ds->errors == before && !b.ds->out_of_memory;
    lr_text_free(&b.path);
    lr_diags_free(&own);
    return clean;
}

const struct lr_node *lr_node_find(const struct lr_node *root, const char *path, const struct lr_node **nearest)
{
    const struct lr_node *n = root;
    while (*path) {
        if (nearest)
            *nearest = n;
        char step[80];
        const size_t length = strcspn(path, ".");
        snprintf(step, sizeof step, "%.*s", (int)length, path);
        double index;
        const bool sequence = n->kind == LR_NODE_SEQUENCE && lr_number_parse(step, &index) && index >= 0 && index < 1e6;
        n = sequence ? lr_node_at(n, (size_t)index) : lr_node_get(n, step);
        if (!n)
            return NULL;
        path += length + (path[length] == '.');
    }
    if (nearest)
        *nearest = n;
    return n;
}

void lr_schema_report(const struct lr_document *doc, struct lr_diags *ds, enum lr_severity severity, const char *path,
                      const char *format, ...)
{
    char message[512];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    const struct lr_node *nearest = doc->root;
    lr_node_find(doc->root, path, &nearest);
    lr_diag(ds, severity, nearest->pos, path, "%s", message);
}
