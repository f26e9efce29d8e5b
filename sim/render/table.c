/* SPDX-License-Identifier: Apache-2.0 */
#include "render/table.h"

#include "core/number.h"
#include "render/html.h"
#include "render/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void lr_table_init(struct lr_table *t, const struct lr_column *column, size_t columns)
{
    *t = (struct lr_table){.column = column, .columns = columns};
}

void lr_table_free(struct lr_table *t)
{
    free(t->cell);
    lr_arena_free(&t->arena);
    *t = (struct lr_table){0};
}

static bool grow(struct lr_table *t)
{
    if (t->rows < t->capacity)
        return true;
    const size_t capacity = t->capacity ? 2 * t->capacity : 16;
    struct lr_cell *cell = realloc(t->cell, capacity * t->columns * sizeof *cell);
    if (!cell)
        return false;
    t->cell = cell;
    t->capacity = capacity;
    return true;
}

struct lr_cell lr_cell_of(const struct lr_column *column, const void *row)
{
    const char *const member = (const char *)row + column->offset;
    if (column->kind == LR_CELL_TEXT) {
        const char *const text = *(const char *const *)member;
        return (struct lr_cell){.empty = !text, .text = text};
    }
    const double number = *(const double *)member;
    return (struct lr_cell){.empty = !isfinite(number), .number = number};
}

static void copy_text(struct lr_table *t, struct lr_cell *c)
{
    if (!c->text)
        return;
    c->text = lr_arena_text(&t->arena, c->text, strlen(c->text));
    c->empty = !c->text;
    t->out_of_memory = t->out_of_memory || c->empty;
}

void lr_table_add(struct lr_table *t, const void *row)
{
    if (t->out_of_memory || !grow(t)) {
        t->out_of_memory = true;
        return;
    }
    struct lr_cell *const cell = &t->cell[t->rows++ * t->columns];
    for (size_t i = 0; i < t->columns; i++) {
        cell[i] = lr_cell_of(&t->column[i], row);
        copy_text(t, &cell[i]);
    }
}

static const struct lr_cell *at(const struct lr_table *t, size_t row, size_t column)
{
    return &t->cell[row * t->columns + column];
}

static const char *shown(const struct lr_table *t, size_t row, size_t column, char buf[LR_HUMAN_SIZE])
{
    const struct lr_cell *c = at(t, row, column);
    if (c->empty)
        return "-";
    return c->text ? c->text : lr_human(c->number, t->column[column].kind, buf);
}

/* The number of characters: UTF-8 continuation bytes have no width. */
static size_t width_of(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static void pad(struct lr_text *out, size_t n, char with)
{
    for (size_t i = 0; i < n; i++)
        lr_text_add_bytes(out, &with, 1);
}

static void aligned(struct lr_text *out, const char *text, size_t width, bool left)
{
    const size_t n = width - width_of(text);
    if (!left)
        pad(out, n, ' ');
    lr_text_add(out, text);
    if (left)
        pad(out, n, ' ');
}

/* Escapes '|' and replaces line breaks, which would end a Markdown cell. */
static void add_cell(struct lr_text *out, const char *text, size_t width, bool left, bool md)
{
    if (!md || !strpbrk(text, "|\n")) {
        aligned(out, text, width, left);
        return;
    }
    for (; *text; text++)
        lr_text_add(out, *text == '|' ? "\\|" : *text == '\n' ? " " : (const char[]){*text, '\0'});
}

static size_t column_width(const struct lr_table *t, size_t column)
{
    char buf[LR_HUMAN_SIZE];
    size_t width = width_of(t->column[column].title);
    for (size_t r = 0; r < t->rows; r++) {
        const size_t w = width_of(shown(t, r, column, buf));
        width = w > width ? w : width;
    }
    return width;
}

/* Text and Markdown have the same cells and differ in the separators. */
static void render_text(const struct lr_table *t, bool md, struct lr_text *out)
{
    char buf[LR_HUMAN_SIZE];
    size_t widths[LR_COLUMNS_MAX] = {0};
    for (size_t i = 0; i < t->columns; i++)
        widths[i] = t->column[i].title ? column_width(t, i) : 0;
    for (size_t row = 0; row <= t->rows + 1; row++) { /* titles, rule, rows */
        bool first = true;
        for (size_t i = 0; i < t->columns; i++) {
            const struct lr_column *c = &t->column[i];
            if (!c->title)
                continue;
            const size_t width = widths[i];
            const bool left = c->kind == LR_CELL_TEXT || c->kind == LR_CELL_BOOL;
            lr_text_add(out, md ? (first ? "| " : " | ") : first ? "" : "  ");
            first = false;
            if (row == 1) {
                pad(out, md && !left ? width - 1 : width, '-');
                lr_text_add(out, md && !left ? ":" : "");
            } else {
                add_cell(out, row == 0 ? c->title : shown(t, row - 2, i, buf), width, left, md);
            }
        }
        while (!md && out->length > 0 && out->at[out->length - 1] == ' ')
            lr_text_cut(out, out->length - 1);
        lr_text_add(out, md ? " |\n" : "\n");
    }
}

static void csv_text(struct lr_text *out, const char *text)
{
    if (!strpbrk(text, ",\"\n\r")) {
        lr_text_add(out, text);
        return;
    }
    lr_text_add(out, "\"");
    for (; *text; text++)
        lr_text_add_bytes(out, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
    lr_text_add(out, "\"");
}

static void csv_cell(struct lr_text *out, const struct lr_cell *c, enum lr_cell_kind kind)
{
    char number[LR_DOUBLE_SIZE];
    if (c->empty)
        return;
    if (c->text) {
        csv_text(out, c->text);
        return;
    }
    lr_format_double(c->number, number, sizeof number);
    lr_text_add(out, kind == LR_CELL_BOOL ? (c->number != 0 ? "true" : "false") : number);
}

static void render_csv(const struct lr_table *t, struct lr_text *out)
{
    for (size_t i = 0; i < t->columns; i++)
        lr_text_addf(out, "%s%s", i ? "," : "", t->column[i].key);
    lr_text_add(out, "\n");
    for (size_t row = 0; row < t->rows; row++)
        for (size_t i = 0; i < t->columns; i++) {
            lr_text_add(out, i ? "," : "");
            csv_cell(out, at(t, row, i), t->column[i].kind);
            lr_text_add(out, i + 1 == t->columns ? "\n" : "");
        }
}

void lr_cell_json(const struct lr_column *column, const struct lr_cell *cell, struct lr_json *j)
{
    if (cell->empty || cell->text)
        lr_json_text(j, column->key, cell->empty ? NULL : cell->text);
    else if (column->kind == LR_CELL_BOOL)
        lr_json_bool(j, column->key, cell->number != 0);
    else
        lr_json_number(j, column->key, cell->number);
}

void lr_table_json_row(const struct lr_table *t, size_t row, struct lr_json *j, const char *key)
{
    lr_json_open(j, key, '{');
    for (size_t i = 0; i < t->columns; i++)
        lr_cell_json(&t->column[i], at(t, row, i), j);
    lr_json_close(j, '}');
}

static void render_json(const struct lr_table *t, const char *schema, struct lr_text *out)
{
    struct lr_json j = {.out = out};
    lr_json_open(&j, NULL, '{');
    lr_json_text(&j, "schema", schema);
    lr_json_open(&j, "rows", '[');
    for (size_t row = 0; row < t->rows; row++)
        lr_table_json_row(t, row, &j, NULL);
    lr_json_close(&j, ']');
    lr_json_close(&j, '}');
}

void lr_table_render(const struct lr_table *t, enum lr_format format, const char *schema, struct lr_text *out)
{
    if (format == LR_FORMAT_CSV)
        render_csv(t, out);
    else if (format == LR_FORMAT_JSON)
        render_json(t, schema, out);
    else if (format == LR_FORMAT_HTML)
        lr_html_table(t, out);
    else
        render_text(t, format == LR_FORMAT_MD, out);
    out->out_of_memory = out->out_of_memory || t->out_of_memory;
}
