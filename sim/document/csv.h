/* SPDX-License-Identifier: Apache-2.0 */
/* Comma-separated values with a header line (RFC 4180): quotes, doubled quotes, line breaks inside quotes, CRLF. */
#ifndef LLMROOF_DOCUMENT_CSV_H
#define LLMROOF_DOCUMENT_CSV_H

#include "core/arena.h"

#include <llmroof/diag.h>

#include <stddef.h>
#include <stdint.h>

enum { LR_CSV_BYTES_MAX = 64 << 20, LR_CSV_COLUMNS_MAX = 64 };

struct lr_csv_row {
    int line;          /* line in the file; the header is line 1 */
    const char **cell; /* one per column of the header, terminated, never NULL */
};

struct lr_csv {
    struct lr_arena arena;
    char *text; /* the whole file; cells point into it */
    const char *name;
    size_t columns;
    const char *column[LR_CSV_COLUMNS_MAX];
    size_t count;
    struct lr_csv_row *row;
    uint32_t hash; /* FNV-1a of the file's bytes. Files made from this data state it */
};

/* Reads a file. NULL after an error: it is not a regular file or is too large, contains a NUL byte or a quote that is
 * not closed, a column has no name, two columns have the same name, or the number of cells in a row is not that of the
 * header. Free with lr_csv_free. */
struct lr_csv *lr_csv_load(const char *path, struct lr_diags *ds);
void lr_csv_free(struct lr_csv *csv);

/* Index of a column; LR_CSV_COLUMNS_MAX when there is no such column. */
size_t lr_csv_column(const struct lr_csv *csv, const char *name);

/* The cell of a row; "" when there is no such column. */
const char *lr_csv_cell(const struct lr_csv *csv, size_t row, const char *column);

#endif
