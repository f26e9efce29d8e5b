/* SPDX-License-Identifier: Apache-2.0 */
/* Operations on the tree of a document: look up, merge, override. */
#include "document/document.h"

#include "core/number.h"
#include "document/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lr_document *lr_document_load(const char *path, struct lr_diags *ds)
{
    size_t size;
    char *bytes = lr_file_read(path, LR_DOCUMENT_BYTES_MAX, &size, ds);
    if (!bytes)
        return NULL;
    struct lr_document *doc = lr_document_parse(path, bytes, size, ds);
    free(bytes);
    return doc;
}

struct lr_node *lr_node_get(const struct lr_node *map, const char *key)
{
    if (!map || map->kind != LR_NODE_MAP)
        return NULL;
    struct lr_node *n = map->first;
    while (n && strcmp(n->key, key) != 0)
        n = n->next;
    return n;
}

struct lr_node *lr_node_at(const struct lr_node *parent, size_t i)
{
    struct lr_node *n = parent ? parent->first : NULL;
    while (n && i) {
        n = n->next;
        i--;
    }
    return n;
}

bool lr_node_remove(struct lr_node *map, const char *key)
{
    struct lr_node *removed = lr_node_get(map, key), *before = NULL;
    if (!removed)
        return false;
    for (struct lr_node *n = map->first; n != removed; n = n->next)
        before = n;
    *(before ? &before->next : &map->first) = removed->next;
    if (map->last == removed)
        map->last = before;
    map->count--;
    return true;
}

bool lr_node_is_null(const struct lr_node *n)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
    for (size_t i = 0; n && n->kind == LR_NODE_SCALAR && !n->quoted && i < sizeof nulls / sizeof nulls[0]; i++)
        if (strcmp(n->text, nulls[i]) == 0)
            return true;
    return false;
}

bool lr_node_number(const struct lr_node *n, double *out)
{
    return n && n->kind == LR_NODE_SCALAR && !n->quoted && lr_number_parse(n->text, out);
}

bool lr_node_bool(const struct lr_node *n, bool *out)
{
    static const struct {
        const char *text;
        bool value;
    } words[] = {{"true", true}, {"True", true}, {"TRUE", true}, {"false", false}, {"False", false}, {"FALSE", false}};
    for (size_t i = 0; n && n->kind == LR_NODE_SCALAR && !n->quoted && i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(n->text, words[i].text) == 0) {
            *out = words[i].value;
            return true;
        }
    }
    return false;
}

static void append(struct lr_node *parent, struct lr_node *child)
{
    child->next = NULL;
    *(parent->last ? &parent->last->next : &parent->first) = child;
    parent->last = child;
    parent->count++;
}

/* A copy of a node for another list. It shares the children. */
static struct lr_node *copy_node(struct lr_document *doc, const struct lr_node *n)
{
    struct lr_node *copy = lr_arena_alloc(&doc->arena, sizeof *copy);
    if (copy) {
        *copy = *n;
        copy->next = NULL;
    }
    return copy;
}

/* Changes neither tree. Figures keep their position, and with it the source of the file that they come from. */
static struct lr_node *merged(struct lr_document *doc, const struct lr_node *over, const struct lr_node *under)
{
    struct lr_node *map = copy_node(doc, over);
    const bool maps = over->kind == LR_NODE_MAP && under->kind == LR_NODE_MAP;
    if (!map || !maps || lr_node_get(over, "value"))
        return map; /* a figure {value, source, ...} is replaced as a whole: the old source does not state the new value
                     */
    map->first = map->last = NULL;
    map->count = 0;
    for (const struct lr_node *n = over->first; n; n = n->next) {
        const struct lr_node *below = lr_node_get(under, n->key);
        struct lr_node *copy = below ? merged(doc, n, below) : copy_node(doc, n);
        if (!copy)
            return NULL;
        append(map, copy);
    }
    for (const struct lr_node *n = under->first; n; n = n->next) {
        struct lr_node *copy = lr_node_get(over, n->key) ? NULL : copy_node(doc, n);
        if (copy)
            append(map, copy);
        else if (!lr_node_get(over, n->key))
            return NULL;
    }
    return map;
}

bool lr_document_merge(struct lr_document *doc, struct lr_document *base, struct lr_diags *ds)
{
    struct lr_document *last = doc;
    while (last->base)
        last = last->base;
    last->base = base;
    struct lr_node *root = merged(doc, doc->root, base->root);
    if (!root) {
        lr_diag(ds, LR_ERROR, (struct lr_pos){.file = doc->name}, NULL, "out of memory");
        return false;
    }
    doc->root = root;
    return true;
}

/* One step of a path, without the dot. */
struct step {
    const char *text;
    size_t length;
};

static bool next_step(const char **path, struct step *s)
{
    s->text = *path;
    s->length = strcspn(*path, ".");
    *path += s->length;
    if (**path == '.') {
        (*path)++;
        return s->length && **path; /* a dot at the end is an error */
    }
    return s->length;
}

static struct lr_node *find_child(const struct lr_node *parent, const struct step *s)
{
    struct lr_node *n = parent->first;
    if (parent->kind == LR_NODE_SEQUENCE) {
        double index = -1;
        char text[16];
        snprintf(text, sizeof text, "%.*s", (int)s->length, s->text);
        return s->length < sizeof text && lr_number_parse(text, &index) && index >= 0 && index < (double)parent->count
                   ? lr_node_at(parent, (size_t)index)
                   : NULL;
    }
    while (n && (strncmp(n->key, s->text, s->length) != 0 || n->key[s->length]))
        n = n->next;
    return n;
}

/* Replaces the children of parent by copies, because another tree may share them. */
static bool unshare(struct lr_document *doc, struct lr_node *parent)
{
    const struct lr_node *n = parent->first;
    parent->first = parent->last = NULL;
    parent->count = 0;
    for (; n; n = n->next) {
        struct lr_node *copy = copy_node(doc, n);
        if (!copy)
            return false;
        append(parent, copy);
    }
    return true;
}

static struct lr_node *add_child(struct lr_document *doc, struct lr_node *parent, const struct step *s,
                                 struct lr_pos pos)
{
    struct lr_node *n = lr_arena_alloc(&doc->arena, sizeof *n);
    const char *key = lr_arena_text(&doc->arena, s->text, s->length);
    if (!n || !key)
        return NULL;
    *n = (struct lr_node){.kind = LR_NODE_MAP, .key = key, .pos = pos, .key_pos = pos};
    append(parent, n);
    return n;
}

static bool fail(struct lr_diags *ds, struct lr_pos pos, const char *what)
{
    lr_diag(ds, LR_ERROR, pos, NULL, "%s", what);
    return false;
}

bool lr_document_set(struct lr_document *doc, const char *path, const char *value, struct lr_diags *ds)
{
    char where[128];
    snprintf(where, sizeof where, "--set %s", path);
    const struct lr_pos option = {.file = where};
    char *file = lr_arena_text(&doc->arena, where, strlen(where));
    char *text = lr_arena_text(&doc->arena, value, strlen(value));
    struct lr_node *at = copy_node(doc, doc->root);
    if (!file || !text || !at)
        return fail(ds, option, "out of memory");
    struct lr_node *const root = at;
    const struct lr_pos pos = {.file = file};
    struct step s;
    do {
        if (!next_step(&path, &s)) {
            return fail(ds, option,
                        "is not a field path, expected names separated by dots, for example 'memory.bandwidth'");
        }
        if (at->kind == LR_NODE_SCALAR)
            return fail(ds, option, "a field on the path has a single value, expected a mapping");
        if (!unshare(doc, at))
            return fail(ds, option, "out of memory");
        struct lr_node *child = find_child(at, &s);
        if (!child && at->kind == LR_NODE_SEQUENCE)
            return fail(ds, option, "index is out of range, expected that of an item, counted from 0");
        if (!child)
            child = add_child(doc, at, &s, pos);
        if (!child)
            return fail(ds, option, "out of memory");
        at = child;
    } while (*path);
    *at = (struct lr_node){
        .kind = LR_NODE_SCALAR, .key = at->key, .key_pos = pos, .pos = pos, .text = text, .next = at->next};
    doc->root = root;
    return true;
}
