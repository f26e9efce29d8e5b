/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/view/listing.h"

#include "render/html.h"

#include <stdio.h>
#include <string.h>

static const struct lr_column machine[] = {
    {"field", "field", LR_CELL_TEXT},   {"value", "value", LR_CELL_TEXT}, {"assumed", "assumed", LR_CELL_BOOL},
    {"source", "source", LR_CELL_TEXT}, {"note", "note", LR_CELL_TEXT},
};

/* People get each source once, numbered below the table. */
static const struct lr_column human[] = {
    {"field", "field", LR_CELL_TEXT},
    {"value", "value", LR_CELL_TEXT},
    {"source", "source", LR_CELL_TEXT},
};

/* Copied: a figure's texts are valid during the call only. */
static size_t remark(struct lr_listing *l, const char *text)
{
    size_t i = 0;
    while (i < l->remarks && strcmp(l->remark[i], text) != 0)
        i++;
    if (i < l->remarks || i == LR_REMARKS_MAX)
        return i + 1;
    const char *const copy = lr_arena_text(&l->table.arena, text, strlen(text));
    if (copy)
        l->remark[l->remarks++] = copy;
    else
        l->table.out_of_memory = true;
    return i + 1;
}

static void add_for_people(const struct lr_figure *f, struct lr_listing *l)
{
    char refers[64] = "";
    if (strncmp(f->path, "aliases.", 8) == 0) {
        lr_text_addf(&l->aliases, "%s%s", l->aliases.length ? ", " : "", f->value);
        return;
    }
    if (strcmp(f->path, "source") == 0)
        return;
    if (f->number && f->source)
        snprintf(refers, sizeof refers, "[%zu]%s", remark(l, f->source), f->assumed ? " assumed" : "");
    if (f->note)
        snprintf(refers + strlen(refers), sizeof refers - strlen(refers), " [%zu]", remark(l, f->note));
    lr_table_row(&l->table);
    lr_table_text(&l->table, 0, f->path);
    lr_table_text(&l->table, 1, f->value);
    lr_table_text(&l->table, 2, refers);
}

void lr_listing_add(const struct lr_figure *f, void *user)
{
    struct lr_listing *l = user;
    if (l->for_people) {
        add_for_people(f, l);
        return;
    }
    lr_table_row(&l->table);
    lr_table_text(&l->table, 0, f->path);
    lr_table_text(&l->table, 1, f->value);
    if (f->number)
        lr_table_number(&l->table, 2, f->assumed);
    lr_table_text(&l->table, 3, f->number ? f->source : NULL);
    lr_table_text(&l->table, 4, f->note);
}

void lr_listing_render(const struct lr_listing *l, enum lr_format format, struct lr_text *out)
{
    lr_table_render(&l->table, format, "llmroof/show/1", out);
    out->out_of_memory = out->out_of_memory || l->aliases.out_of_memory;
    if (!l->for_people)
        return;
    if (format == LR_FORMAT_HTML) {
        for (size_t i = 0; i < l->remarks; i++) {
            lr_text_addf(out, "<p class=\"source\">[%zu] ", i + 1);
            lr_html_text(out, l->remark[i]);
            lr_text_add(out, "</p>\n");
        }
        return;
    }
    if (l->aliases.length)
        lr_text_addf(out, "\nalso known as %s\n", l->aliases.at);
    lr_text_addf(out, "\n");
    for (size_t i = 0; i < l->remarks; i++)
        lr_text_addf(out, "[%zu] %s\n", i + 1, l->remark[i]);
}

void lr_listing_open(struct lr_listing *l, enum lr_format format)
{
    *l = (struct lr_listing){0};
    l->for_people = format != LR_FORMAT_CSV && format != LR_FORMAT_JSON;
    if (l->for_people)
        lr_table_init(&l->table, human, sizeof human / sizeof *human);
    else
        lr_table_init(&l->table, machine, sizeof machine / sizeof *machine);
}

void lr_listing_free(struct lr_listing *l)
{
    lr_table_free(&l->table);
    lr_text_free(&l->aliases);
}
