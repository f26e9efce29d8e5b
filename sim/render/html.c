/* SPDX-License-Identifier: Apache-2.0 */
#include "render/html.h"

#include "core/number.h"
#include "render/table.h"

#include <string.h>

void lr_html_text(struct lr_text *out, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '&':
            lr_text_add(out, "&amp;");
            break;
        case '<':
            lr_text_add(out, "&lt;");
            break;
        case '>':
            lr_text_add(out, "&gt;");
            break;
        case '"':
            lr_text_add(out, "&quot;");
            break;
        default:
            lr_text_add_bytes(out, text, 1);
        }
}

static bool is_word(const struct lr_column *c)
{
    return c->kind == LR_CELL_TEXT || c->kind == LR_CELL_BOOL;
}

static void cell(const struct lr_table *t, size_t row, size_t column, struct lr_text *out)
{
    const struct lr_cell *c = &t->cell[row * t->columns + column];
    const struct lr_column *const of = &t->column[column];
    char human[LR_HUMAN_SIZE], number[LR_DOUBLE_SIZE];
    lr_text_add(out, is_word(of) ? "<td" : "<td class=\"n\"");
    if (!c->empty && !c->text) {
        lr_format_double(c->number, number, sizeof number);
        lr_text_addf(out, " data-v=\"%s\"", number);
    }
    lr_text_add(out, ">");
    lr_html_text(out, c->empty ? "-" : c->text ? c->text : lr_human(c->number, of->kind, human));
    lr_text_add(out, "</td>");
}

void lr_html_table(const struct lr_table *t, struct lr_text *out)
{
    lr_text_add(out, "<div class=\"scroll\"><table>\n<thead><tr>");
    for (size_t i = 0; i < t->columns; i++)
        if (t->column[i].title) {
            lr_text_addf(out, "<th scope=\"col\"%s>", is_word(&t->column[i]) ? "" : " class=\"n\"");
            lr_html_text(out, t->column[i].title);
            lr_text_add(out, "</th>");
        }
    lr_text_add(out, "</tr></thead>\n<tbody>\n");
    for (size_t row = 0; row < t->rows; row++) {
        lr_text_add(out, "<tr>");
        for (size_t i = 0; i < t->columns; i++)
            if (t->column[i].title)
                cell(t, row, i, out);
        lr_text_add(out, "</tr>\n");
    }
    lr_text_add(out, "</tbody>\n</table></div>\n");
}

/* Returns the position after an element that the page does not need (filters of boxed text, titles, descriptions); at
 * itself when there is none. */
static const char *skip(const char *at)
{
    static const struct {
        const char *open, *close;
    } unused[] = {{"<filter ", "</filter>"}, {"<title>", "</title>"}, {"<desc>Produced", "</desc>"}};
    for (size_t i = 0; i < sizeof unused / sizeof *unused; i++) {
        if (strncmp(at, unused[i].open, strlen(unused[i].open)) != 0)
            continue;
        const char *const end = strstr(at, unused[i].close);
        return end ? end + strlen(unused[i].close) : at;
    }
    return at;
}

void lr_html_svg(const char *svg, const char *prefix, const char *title, struct lr_text *out)
{
    static const char *const before_id[] = {" id=\"", " id='", "href='#", "href=\"#", "url(#"};
    const char *at = strstr(svg, "<svg");
    if (!at)
        return;
    lr_text_add(out, "<svg role=\"img\" aria-label=\"");
    lr_html_text(out, title);
    lr_text_add(out, "\"");
    for (at += strlen("<svg"); *at;) {
        const char *const next = skip(at);
        size_t i = 0, length = 1;
        if (next != at) {
            at = next;
            continue;
        }
        while (i < sizeof before_id / sizeof *before_id && strncmp(at, before_id[i], strlen(before_id[i])) != 0)
            i++;
        const bool id = i < sizeof before_id / sizeof *before_id;
        if (id)
            length = strlen(before_id[i]);
        lr_text_add_bytes(out, at, length);
        if (id)
            lr_text_addf(out, "%s-", prefix);
        at += length;
    }
}
