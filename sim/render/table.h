/* SPDX-License-Identifier: Apache-2.0 */
/* Tables: columns named once, rendered as text, Markdown, CSV or JSON. */
#ifndef LLMROOF_RENDER_TABLE_H
#define LLMROOF_RENDER_TABLE_H

#include "core/arena.h"
#include "core/text.h"

#include <stdbool.h>
#include <stddef.h>

enum lr_format {
    LR_FORMAT_TEXT,
    LR_FORMAT_MD,
    LR_FORMAT_CSV,
    LR_FORMAT_JSON,
    LR_FORMAT_COUNT,                 /* of those that an answer may have */
    LR_FORMAT_HTML = LR_FORMAT_COUNT /* parts of a page */
};

/* What a cell holds, and so how people read it. CSV and JSON get the bare SI number. */
enum lr_cell_kind {
    LR_CELL_TEXT,
    LR_CELL_SECONDS, /* 4.61 ms */
    LR_CELL_BYTES,   /* 84.3 GB */
    LR_CELL_RATE,    /* tokens/s, three digits */
    LR_CELL_NUMBER,  /* three digits */
    LR_CELL_COUNT,   /* all digits */
    LR_CELL_PERCENT, /* of a ratio: 12.3 % */
    LR_CELL_TIMES,   /* of a ratio: 1.23x */
    LR_CELL_BOOL,    /* yes, no */
};

/* key: name in CSV and JSON; title: in text and Markdown, NULL where only machines want the column; offset: of the
 * member in the caller's row. Members of LR_CELL_TEXT are const char *, NULL for an empty cell; all others are double,
 * not finite for an empty cell. */
struct lr_column {
    const char *key, *title;
    enum lr_cell_kind kind;
    size_t offset;
};

/* A column whose key is the name of the member of struct row. */
#define LR_COLUMN(row, member, title, kind)                                                                            \
    {                                                                                                                  \
#member, title, LR_CELL_##kind, offsetof(struct row, member)                                                   \
    }

struct lr_cell {
    bool empty;
    double number;
    const char *text;
};

enum { LR_COLUMNS_MAX = 64 };

struct lr_table {
    const struct lr_column *column; /* at most LR_COLUMNS_MAX */
    size_t columns, rows, capacity;
    struct lr_cell *cell;
    struct lr_arena arena;
    bool out_of_memory;
};

void lr_table_init(struct lr_table *t, const struct lr_column *column, size_t columns);
void lr_table_free(struct lr_table *t);

/* Adds a row: the members of a struct that the columns' offsets name. Texts are copied. */
void lr_table_add(struct lr_table *t, const void *row);

/* Appends the table in a format; JSON is {"schema": schema, "rows": [...]}. */
void lr_table_render(const struct lr_table *t, enum lr_format format, const char *schema, struct lr_text *out);

/* What a row has in a column. The text is the row's own. */
struct lr_cell lr_cell_of(const struct lr_column *column, const void *row);

/* A cell as a member of the object that is open, null where it is empty. */
struct lr_json;
void lr_cell_json(const struct lr_column *column, const struct lr_cell *cell, struct lr_json *j);

/* A row as an object: every column. */
void lr_table_json_row(const struct lr_table *t, size_t row, struct lr_json *j, const char *key);

/* A number as people read it, in buf. */
enum { LR_HUMAN_SIZE = 48 };
const char *lr_human(double value, enum lr_cell_kind kind, char buf[LR_HUMAN_SIZE]);

#endif
