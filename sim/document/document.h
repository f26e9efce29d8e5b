/* SPDX-License-Identifier: Apache-2.0 */
/* Documents: the text of a YAML or JSON file as a tree of nodes, each of which knows where it stands.
 *
 * A document is refused, with a position, when it is larger than LR_DOCUMENT_BYTES_MAX, nested deeper than
 * LR_DOCUMENT_DEPTH_MAX, has more than LR_DOCUMENT_NODES_MAX keys and values, is not UTF-8, holds a NUL, an anchor, an
 * alias, a tag, a key twice, a key that is no scalar, a second document, or anything but a mapping at the top. */
#ifndef LLMROOF_DOCUMENT_DOCUMENT_H
#define LLMROOF_DOCUMENT_DOCUMENT_H

#include "core/arena.h"

#include <llmroof/diag.h>

#include <stdbool.h>
#include <stddef.h>

enum {
    LR_DOCUMENT_BYTES_MAX = 1 << 20,
    LR_DOCUMENT_DEPTH_MAX = 16,
    LR_DOCUMENT_NODES_MAX = 100000,
};

enum lr_node_kind { LR_NODE_SCALAR, LR_NODE_MAP, LR_NODE_SEQUENCE };

/* One value. Nodes are owned by their document and never change, except by the functions below. Children are a list in
 * the order of the file:  for (const struct lr_node *n = map->first; n; n = n->next)  n->key, n->text, ... */
struct lr_node {
    enum lr_node_kind kind;
    struct lr_pos pos;     /* of the value */
    const char *key;       /* in a map: its key; else NULL */
    struct lr_pos key_pos; /* in a map: where the key stands */
    const char *text;      /* scalar: UTF-8 without a NUL inside; else NULL */
    bool quoted;           /* scalar: in quotes or a block, so that "3" and 3, "null" and null differ */
    size_t count;          /* map, sequence: children */
    struct lr_node *first, *last, *next;
};

struct lr_document {
    struct lr_arena arena;    /* of the nodes; what is bound to the document may live in it too */
    const char *name;         /* the file's, as in positions */
    struct lr_node *root;     /* a map, with what was merged and set */
    struct lr_node *own;      /* the map as it stands in the file */
    struct lr_document *base; /* merged under this one and owned by it, or NULL */
    size_t nodes;
};

/* bytes need not be terminated and are not kept. name appears in positions. NULL after an error (in ds, which may be
 * NULL), but for keys that stand twice: there are errors in ds, and a document, so that the reader finds the other
 * mistakes in the same run; without ds it is NULL then too. Free with lr_document_free. */
struct lr_document *lr_document_parse(const char *name, const char *bytes, size_t size, struct lr_diags *ds);

/* Reads a regular file (a symbolic link to one counts); directories, devices and pipes are refused. */
struct lr_document *lr_document_load(const char *path, struct lr_diags *ds);

void lr_document_free(struct lr_document *doc);

/* Puts base under doc: a map takes the keys that it lacks; scalars, sequences and maps with a key "value" (figures) of
 * doc stand as they are. Takes ownership of base in every case. false when memory ran out. */
bool lr_document_merge(struct lr_document *doc, struct lr_document *base, struct lr_diags *ds);

/* Replaces, or adds, the scalar at a dotted path ("memory.bandwidth", "blocks.0.layers"); maps on the way are made
 * where they are missing. Its position has the file "--set memory.bandwidth" and no line. Whether such a field exists
 * is for the schema to say. false, with an error, when the path is empty or leads through a scalar or past a sequence.
 */
bool lr_document_set(struct lr_document *doc, const char *path, const char *value, struct lr_diags *ds);

/* The value of a key; NULL when map is NULL, is no map, or lacks it. */
struct lr_node *lr_node_get(const struct lr_node *map, const char *key);

/* The i-th child; NULL when there is none. */
struct lr_node *lr_node_at(const struct lr_node *parent, size_t i);

/* Takes a key out of a map; false when it was not there. */
bool lr_node_remove(struct lr_node *map, const char *key);

/* An unquoted null, ~ or nothing at all. false for a NULL node. */
bool lr_node_is_null(const struct lr_node *n);

/* An unquoted decimal number (1, -2.5, 1.0e9); false when it is none, or no finite one. out is untouched then. */
bool lr_node_number(const struct lr_node *n, double *out);

/* An unquoted true or false, as in YAML 1.2 and JSON; also True, TRUE. */
bool lr_node_bool(const struct lr_node *n, bool *out);

/* "mapping", "sequence", "scalar": for messages. */
const char *lr_node_kind_name(enum lr_node_kind k);

#endif
