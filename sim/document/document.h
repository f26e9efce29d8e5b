/* SPDX-License-Identifier: Apache-2.0 */
/* Documents: a YAML or JSON file as a tree of nodes, each with its position in the file.
 *
 * A document is an error, reported with its position, if it
 * - is larger than LR_DOCUMENT_BYTES_MAX, nested deeper than LR_DOCUMENT_DEPTH_MAX, or has more than
 *   LR_DOCUMENT_NODES_MAX keys and values;
 * - is not UTF-8, or contains a NUL character;
 * - contains an anchor, an alias, a tag, a duplicate key, a key that is not a scalar, or a second document;
 * - is not a mapping at the top level. */
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

/* One value. The document owns its nodes; only the functions below change them. Children are a list in the order of the
 * file: for (const struct lr_node *n = map->first; n; n = n->next) n->key, n->text, ... */
struct lr_node {
    enum lr_node_kind kind;
    struct lr_pos pos;     /* of the value */
    const char *key;       /* in a map: its key; else NULL */
    struct lr_pos key_pos; /* in a map: position of the key */
    const char *text;      /* scalar: terminated UTF-8; else NULL */
    bool quoted;           /* scalar: in quotes or a block. It makes "3" differ from 3, and "null" from null */
    size_t count;          /* map, sequence: number of children */
    struct lr_node *first, *last, *next;
};

struct lr_document {
    struct lr_arena arena;    /* owns the nodes, and arrays that a schema binds */
    const char *name;         /* name of the file in positions */
    struct lr_node *root;     /* a map, with merged and set values */
    struct lr_node *own;      /* the map as in the file */
    struct lr_document *base; /* the document merged under this one, owned by it; or NULL */
    size_t nodes;
};

/* Parses size bytes, which need not be terminated and are not kept. name appears in positions. Returns NULL after an
 * error (in ds, which may be NULL). There is one exception: with a ds, duplicate keys are errors in ds but a document
 * is returned, so that the caller can report the other mistakes in the same run. Free with lr_document_free. */
struct lr_document *lr_document_parse(const char *name, const char *bytes, size_t size, struct lr_diags *ds);

/* Reads and parses a regular file, or a symbolic link to one. Directories, devices and pipes are errors. */
struct lr_document *lr_document_load(const char *path, struct lr_diags *ds);

void lr_document_free(struct lr_document *doc);

/* Merges base under doc: each map of doc gets the keys of base that it does not have. Scalars, sequences and maps with
 * a key "value" (figures) of doc do not change. Takes ownership of base in every case. false when memory ran out. */
bool lr_document_merge(struct lr_document *doc, struct lr_document *base, struct lr_diags *ds);

/* Replaces or adds the scalar at a dotted path ("memory.bandwidth", "blocks.0.layers") and adds missing maps on the
 * way. Its position has the file "--set memory.bandwidth" and no line. Schemas, not this function, check that the field
 * exists. false, with an error, when the path is empty, leads through a scalar, or has an index that a sequence does
 * not have. */
bool lr_document_set(struct lr_document *doc, const char *path, const char *value, struct lr_diags *ds);

/* The value of a key; NULL when map is NULL, is not a map, or does not have the key. */
struct lr_node *lr_node_get(const struct lr_node *map, const char *key);

/* The i-th child; NULL when there is none. */
struct lr_node *lr_node_at(const struct lr_node *parent, size_t i);

/* Removes a key from a map; false when the map does not have it. */
bool lr_node_remove(struct lr_node *map, const char *key);

/* True for an unquoted null or ~ and for an empty value. false for a NULL node. */
bool lr_node_is_null(const struct lr_node *n);

/* Reads an unquoted finite decimal number (1, -2.5, 1.0e9). false, with out unchanged, for anything else. */
bool lr_node_number(const struct lr_node *n, double *out);

/* Reads an unquoted true or false, as in YAML 1.2 and JSON (also True, TRUE). false, with out unchanged, for anything
 * else. */
bool lr_node_bool(const struct lr_node *n, bool *out);

/* "mapping", "sequence" or "scalar", for messages. */
const char *lr_node_kind_name(enum lr_node_kind k);

#endif
