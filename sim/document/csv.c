/* SPDX-License-Identifier: Apache-2.0 */
#include "document/csv.h"

#include "core/hash.h"
#include "document/file.h"

#include <stdlib.h>
#include <string.h>

/* Reads in place: the terminators of cells are written into the text of the file. */
struct reader {
    char *at, *end;
    int line;
    const char *name;
    struct lr_diags *ds;
};

static struct lr_pos here(const struct reader *r, int line)
{
    return (struct lr_pos){r->name, line, 0};
}

/* Reads a quoted cell from after its opening quote and replaces doubled quotes by single ones. NULL, with an error,
 * when it is not closed. */
static char *read_quoted(struct reader *r)
{
    char *const cell = r->at;
    char *to = cell;
    const int line = r->line;
    for (; r->at < r->end; r->at++) {
        if (*r->at == '\n')
            r->line++;
        if (*r->at != '"') {
            *to++ = *r->at;
        } else if (r->at + 1 < r->end && r->at[1] == '"') {
            *to++ = *r->at++;
        } else {
            r->at++;
            *to = '\0';
            return cell;
        }
    }
    lr_diag(r->ds, LR_ERROR, here(r, line), NULL, "quote is not closed, expected '\"'");
    return NULL;
}

/* Reads the next cell and sets *last when it is the last of its row. The separator after a cell becomes its terminator.
 */
static char *read_cell(struct reader *r, bool *last)
{
    char *cell;
    if (r->at < r->end && *r->at == '"') {
        r->at++;
        cell = read_quoted(r);
        if (!cell)
            return NULL;
        if (r->at < r->end && *r->at != ',' && *r->at != '\n' && *r->at != '\r') {
            lr_diag(r->ds, LR_ERROR, here(r, r->line), NULL, "text after a closing quote, expected ','");
            return NULL;
        }
    } else {
        cell = r->at;
        while (r->at < r->end && *r->at != ',' && *r->at != '\n')
            r->at++;
    }
    *last = r->at >= r->end || *r->at == '\n' || *r->at == '\r';
    char *stop = r->at;
    if (stop > cell && stop[-1] == '\r' && *last)
        stop[-1] = '\0';
    if (r->at < r->end && *r->at == '\r')
        *r->at++ = '\0';
    if (r->at < r->end && *r->at == '\n')
        r->line++;
    if (r->at < r->end)
        *r->at++ = '\0';
    else
        *r->at = '\0';
    return cell;
}

static bool read_header(struct reader *r, struct lr_csv *csv)
{
    bool last = false;
    while (!last) {
        const char *cell = read_cell(r, &last);
        if (!cell)
            return false;
        if (csv->columns == LR_CSV_COLUMNS_MAX) {
            lr_diag(r->ds, LR_ERROR, here(r, 1), NULL, "too many columns, expected at most %d", LR_CSV_COLUMNS_MAX);
            return false;
        }
        if (!*cell || lr_csv_column(csv, cell) != LR_CSV_COLUMNS_MAX) {
            lr_diag(r->ds, LR_ERROR, here(r, 1), NULL,
                    *cell ? "column '%s' appears twice, expected different names"
                          : "column%s has no name, expected one",
                    cell);
            return false;
        }
        csv->column[csv->columns++] = cell;
    }
    return true;
}

static bool read_row(struct reader *r, struct lr_csv *csv, struct lr_csv_row *row)
{
    size_t n = 0;
    bool last = false;
    row->line = r->line;
    row->cell = lr_arena_array(&csv->arena, csv->columns, sizeof *row->cell);
    if (!row->cell) {
        lr_diag(r->ds, LR_ERROR, here(r, r->line), NULL, "out of memory");
        return false;
    }
    for (; !last; n++) {
        const char *cell = read_cell(r, &last);
        if (!cell)
            return false;
        if (n < csv->columns)
            row->cell[n] = cell;
    }
    if (n != csv->columns)
        lr_diag(r->ds, LR_ERROR, here(r, row->line), NULL, "row has %zu cells, expected %zu as in the header", n,
                csv->columns);
    return n == csv->columns;
}

static bool read_rows(struct reader *r, struct lr_csv *csv)
{
    size_t lines = 0;
    for (const char *at = r->at; at < r->end; at++)
        lines += *at == '\n';
    csv->row = lr_arena_array(&csv->arena, lines + 1, sizeof *csv->row);
    if (!csv->row) {
        lr_diag(r->ds, LR_ERROR, here(r, 1), NULL, "out of memory");
        return false;
    }
    while (r->at < r->end) {
        if (*r->at == '\n' || *r->at == '\r') { /* an empty line */
            r->line += *r->at++ == '\n';
            continue;
        }
        if (!read_row(r, csv, &csv->row[csv->count]))
            return false;
        csv->count++;
    }
    return true;
}

/* Returns the text of the file with a terminator; NULL after an error. */
static char *read_text(const char *path, size_t *size, struct lr_diags *ds)
{
    const struct lr_pos pos = {path, 0, 0};
    char *text = lr_file_read(path, LR_CSV_BYTES_MAX, size, ds);
    if (!text)
        return NULL;
    char *terminated = NULL;
    if (*size > LR_CSV_BYTES_MAX)
        lr_diag(ds, LR_ERROR, pos, NULL, "is too large, expected at most %d MiB", LR_CSV_BYTES_MAX >> 20);
    else if (*size == 0)
        lr_diag(ds, LR_ERROR, pos, NULL, "is empty, expected a header line");
    else if (memchr(text, '\0', *size))
        lr_diag(ds, LR_ERROR, pos, NULL, "contains a NUL byte, expected text");
    else if ((terminated = realloc(text, *size + 1)) == NULL)
        lr_diag(ds, LR_ERROR, pos, NULL, "out of memory");
    if (!terminated) {
        free(text);
        return NULL;
    }
    terminated[*size] = '\0';
    return terminated;
}

struct lr_csv *lr_csv_load(const char *path, struct lr_diags *ds)
{
    struct lr_csv *csv = calloc(1, sizeof *csv);
    size_t size = 0;
    if (csv)
        csv->text = read_text(path, &size, ds);
    else
        lr_diag(ds, LR_ERROR, (struct lr_pos){path, 0, 0}, NULL, "out of memory");
    if (!csv || !csv->text) {
        lr_csv_free(csv);
        return NULL;
    }
    csv->name = lr_arena_text(&csv->arena, path, strlen(path));
    csv->hash = lr_hash(LR_HASH_START, csv->text, size);
    const size_t bom = strncmp(csv->text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0; /* byte order mark; spreadsheets write one */
    struct reader r = {.at = csv->text + bom, .end = csv->text + size, .line = 1, .name = csv->name, .ds = ds};
    if (!csv->name)
        lr_diag(ds, LR_ERROR, (struct lr_pos){path, 0, 0}, NULL, "out of memory");
    else if (read_header(&r, csv) && read_rows(&r, csv))
        return csv;
    lr_csv_free(csv);
    return NULL;
}

void lr_csv_free(struct lr_csv *csv)
{
    if (!csv)
        return;
    lr_arena_free(&csv->arena);
    free(csv->text);
    free(csv);
}

size_t lr_csv_column(const struct lr_csv *csv, const char *name)
{
    for (size_t i = 0; i < csv->columns; i++)
        if (strcmp(csv->column[i], name) == 0)
            return i;
    return LR_CSV_COLUMNS_MAX;
}

const char *lr_csv_cell(const struct lr_csv *csv, size_t row, const char *column)
{
    const size_t i = lr_csv_column(csv, column);
    return i < csv->columns ? csv->row[row].cell[i] : "";
}
