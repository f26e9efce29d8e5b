/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/view/listing.h"

#include "render/html.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct listing_row {
    const char *field, *value;
    double assumed;
    const char *source, *note;
};

static const struct lr_column machine[] = {
    LR_COLUMN(listing_row, field, "field", TEXT),     LR_COLUMN(listing_row, value, "value", TEXT),
    LR_COLUMN(listing_row, assumed, "assumed", BOOL), LR_COLUMN(listing_row, source, "source", TEXT),
    LR_COLUMN(listing_row, note, "note", TEXT),
};

/* People get each source once, numbered below the table. */
static const struct lr_column human[] = {
    LR_COLUMN(listing_row, field, "field", TEXT),
    LR_COLUMN(listing_row, value, "value", TEXT),
    LR_COLUMN(listing_row, source, "source", TEXT),
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
    const struct listing_row row = {.field = f->path, .value = f->value, .source = refers};
    lr_table_add(&l->table, &row);
}

void lr_listing_add(const struct lr_figure *f, void *user)
{
    struct lr_listing *l = user;
    if (l->for_people) {
        add_for_people(f, l);
        return;
    }
    const struct listing_row row = {
        .field = f->path,
        .value = f->value,
        .assumed = f->number ? f->assumed : NAN,
        .source = f->number ? f->source : NULL,
        .note = f->note,
    };
    lr_table_add(&l->table, &row);
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
