/* SPDX-License-Identifier: Apache-2.0 */
/* Schemas: tables of the fields that a profile has. One row describes a field: how to check it, the member of a struct
 * that stores it, how to show it with its source, and its documentation. */
#ifndef LLMROOF_DOCUMENT_SCHEMA_H
#define LLMROOF_DOCUMENT_SCHEMA_H

#include "core/quantity.h"
#include "core/text.h"
#include "document/document.h"

#include <llmroof/diag.h>
#include <llmroof/dtype.h>
#include <llmroof/figure.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lr_field_type {
    LR_FIELD_TEXT,     /* const char * */
    LR_FIELD_QUANTITY, /* double; may be {value, source, note, assumed}; 'none' is 0 if the field is not required */
    LR_FIELD_BOOL,     /* bool */
    LR_FIELD_WORD,     /* an enum of the size of int: the index in words */
    LR_FIELD_DTYPE,    /* enum lr_dtype */
    LR_FIELD_TEXTS,    /* const char ** in the arena, and their number (size_t) at count_offset */
    LR_FIELD_CHIPS,    /* struct lr_chip_list in the arena, from one text: "b200, h100" */
    LR_FIELD_MAP,      /* a nested struct, described by schema */
    LR_FIELD_VARIANT,  /* a nested struct; its key 'kind' is a word (stored at count_offset) that selects the schema */
    LR_FIELD_LIST,     /* an array of at most cap nested structs; their number (size_t) at count_offset */
    LR_FIELD_CUSTOM,   /* the function bind reads it */
};

/* The field is checked and shown, but not stored. */
#define LR_NO_MEMBER SIZE_MAX

struct lr_schema;
struct lr_binder;

struct lr_field {
    const char *key;
    enum lr_field_type type;
    size_t offset; /* of the member in the schema's struct, or LR_NO_MEMBER */
    bool required;
    enum lr_dimension dimension;
    double min, max;          /* inclusive, in SI units; max 0: no upper limit. 'none' is not checked */
    const char *const *words; /* ends with NULL */
    const struct lr_schema *schema;
    const struct lr_schema *const *variants; /* one for each word */
    size_t count_offset, cap;
    void (*bind)(struct lr_binder *b, const struct lr_node *n, void *out);
    const char *doc; /* one line */
};

/* Rows of a table of fields, for the common types. */
#define LR_TEXT_ROW(name, at, needed, text)                                                                            \
    {                                                                                                                  \
        .key = name, .type = LR_FIELD_TEXT, .offset = at, .required = needed, .doc = text                              \
    }
#define LR_FIGURE_ROW(name, at, dim, least, most, needed, text)                                                        \
    {                                                                                                                  \
        .key = name, .type = LR_FIELD_QUANTITY, .offset = at, .dimension = LR_DIMENSION_##dim, .min = least,           \
        .max = most, .required = needed, .doc = text                                                                   \
    }

struct lr_schema {
    const char *name;
    const struct lr_field *field;
    size_t count;
    size_t size;          /* size of the struct: the stride in a LIST */
    const void *defaults; /* initial value of a struct in a LIST; NULL: zeroes */
    bool sourced;         /* accepts the keys 'source' and 'note' for the figures in it */
};

#define LR_SCHEMA(type, table, ...)                                                                                    \
    {                                                                                                                  \
        .name = #type, .field = table, .count = sizeof(table) / sizeof((table)[0]), .size = sizeof(struct type),       \
        __VA_ARGS__                                                                                                    \
    }

/* State of a binding, which custom binders use to report errors. path is the path of the field that is being bound. */
struct lr_binder {
    struct lr_document *doc;
    struct lr_diags *ds;
    struct lr_text path;
};

/* Fills the struct at out from the whole document and reports all mistakes. Before the call, out contains the defaults.
 * Texts belong to the document. false when there were errors. */
bool lr_schema_bind(const struct lr_schema *s, struct lr_document *doc, void *out, struct lr_diags *ds);

/* For custom binders: bind a value as one of the types above, and report an error at the current path. */
void lr_bind_value(struct lr_binder *b, const struct lr_field *f, const struct lr_node *n, void *out);
void lr_bind_dtype(struct lr_binder *b, const struct lr_node *n, enum lr_dtype *out);
LR_PRINTF(3, 4) void lr_bind_error(struct lr_binder *b, struct lr_pos pos, const char *format, ...);

/* Reports a mistake that concerns several fields. Its position is that of the field at path or, when that is missing,
 * of its closest parent. */
LR_PRINTF(5, 6)
void lr_schema_report(const struct lr_document *doc, struct lr_diags *ds, enum lr_severity severity, const char *path,
                      const char *format, ...);

/* The node at a dotted path; NULL when there is none. *nearest, unless nearest is NULL, is the last node on the path
 * that exists. */
const struct lr_node *lr_node_find(const struct lr_node *root, const char *path, const struct lr_node **nearest);

/* Calls fn for each value of the document that the schema describes, in the order of the schema. */
void lr_schema_figures(const struct lr_schema *s, const struct lr_document *doc, lr_figure_fn *fn, void *user);

/* Calls fn for each field of the schema. */
void lr_schema_fields(const struct lr_schema *s, lr_field_fn *fn, void *user);

/* Reports the first figure that has no source. Figures that are assumed, or set with --set, need none. */
void lr_schema_require_source(const struct lr_schema *s, const struct lr_document *doc, struct lr_diags *ds);

#endif
