/* SPDX-License-Identifier: Apache-2.0 */
/* Tables: describe the columns once, then write text, Markdown, CSV, JSON or HTML. */
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
    LR_FORMAT_COUNT,                 /* number of formats that --output accepts */
    LR_FORMAT_HTML = LR_FORMAT_COUNT /* for the HTML report */
};

/* The kind of value in a cell, which determines how text formats print it. CSV and JSON have the plain number in SI
 * units. */
enum lr_cell_kind {
    LR_CELL_TEXT,
    LR_CELL_SECONDS, /* 4.61 ms */
    LR_CELL_BYTES,   /* 84.3 GB */
    LR_CELL_RATE,    /* tokens/s, three significant digits */
    LR_CELL_NUMBER,  /* three significant digits */
    LR_CELL_COUNT,   /* all digits */
    LR_CELL_PERCENT, /* a ratio as 12.3 % */
    LR_CELL_TIMES,   /* a ratio as 1.23x */
    LR_CELL_BOOL,    /* yes, no */
};

/* key is the name in CSV and JSON. title is the heading in text, Markdown and HTML; NULL: only CSV and JSON have the
 * column. offset is that of the member in the caller's row. Members of LR_CELL_TEXT are const char *, NULL for an empty
 * cell; all others are double, and not finite for an empty cell. */
struct lr_column {
    const char *key, *title;
    enum lr_cell_kind kind;
    size_t offset;
};

/* A column for a member of struct row, with the name of the member as key. */
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

/* Adds a row from a struct, with the members at the offsets of the columns. Copies texts. */
void lr_table_add(struct lr_table *t, const void *row);

/* Appends the table to out in a format. JSON is {"schema": schema, "rows": [...]}. */
void lr_table_render(const struct lr_table *t, enum lr_format format, const char *schema, struct lr_text *out);

/* The cell of a row. The row owns the text. */
struct lr_cell lr_cell_of(const struct lr_column *column, const void *row);

/* Writes a cell as a member of the open object, or null if it is empty. */
struct lr_json;
void lr_cell_json(const struct lr_column *column, const struct lr_cell *cell, struct lr_json *j);

/* Writes a row as an object with all columns. */
void lr_table_json_row(const struct lr_table *t, size_t row, struct lr_json *j, const char *key);

/* Writes a number as text formats print it to buf, and returns buf. */
enum { LR_HUMAN_SIZE = 48 };
const char *lr_human(double value, enum lr_cell_kind kind, char buf[LR_HUMAN_SIZE]);

#endif
