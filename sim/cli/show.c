#include "cli/session.h"

#include <stdio.h>
#include <stdlib.h>
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

enum { REMARKS_MAX = 64 };

struct listing {
    struct lr_table table;
    bool for_people;
    const char *remark[REMARKS_MAX]; /* sources and notes, in order; owned by the profile */
    size_t remarks;
    struct lr_text aliases;
};

static size_t remark(struct listing *l, const char *text)
{
    size_t i = 0;
    while (i < l->remarks && strcmp(l->remark[i], text) != 0)
        i++;
    if (i == l->remarks && i < REMARKS_MAX)
        l->remark[l->remarks++] = text;
    return i + 1;
}

static void add_for_people(const struct lr_figure *f, struct listing *l)
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

static void add_figure(const struct lr_figure *f, void *user)
{
    struct listing *l = user;
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

static void render(const struct listing *l, enum lr_format format, struct lr_text *out)
{
    lr_table_render(&l->table, format, "llmroof/show/1", out);
    out->out_of_memory = out->out_of_memory || l->aliases.out_of_memory;
    if (!l->for_people)
        return;
    if (l->aliases.length)
        lr_text_addf(out, "\nalso known as %s\n", l->aliases.at);
    lr_text_addf(out, "\n");
    for (size_t i = 0; i < l->remarks; i++)
        lr_text_addf(out, "[%zu] %s\n", i + 1, l->remark[i]);
}

/* The first kind that has a profile of this name; hardware before models before the rest. */
static bool show(struct lr_session *s, const char *name, struct listing *t)
{
    static const enum lr_profile order[] = {LR_PROFILE_HARDWARE, LR_PROFILE_MODEL, LR_PROFILE_RUNTIME,
                                            LR_PROFILE_ARCHITECTURE};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        struct lr_diags quiet = {0};
        char *path = lr_catalog_find(s->catalog, order[i], name, &quiet);
        const bool unsure = quiet.out_of_memory;
        lr_diags_free(&quiet);
        if (unsure)
            lr_diag(&s->diags, LR_ERROR, (struct lr_pos){0}, NULL, "out of memory");
        if (unsure)
            return true;
        if (!path)
            continue;
        free(path);
        if (order[i] == LR_PROFILE_HARDWARE) {
            const struct lr_hardware *hw = lr_session_hardware(s, name);
            if (hw)
                lr_hardware_figures(hw, add_figure, t);
        } else if (order[i] == LR_PROFILE_MODEL) {
            s->model = lr_catalog_model(s->catalog, name, s->options.set, s->options.set_count, &s->diags);
            if (s->model)
                lr_model_figures(s->model, add_figure, t);
        } else if (order[i] == LR_PROFILE_RUNTIME) {
            s->runtime = lr_catalog_runtime(s->catalog, name, s->options.set, s->options.set_count, &s->diags);
            if (s->runtime)
                lr_runtime_figures(s->runtime, add_figure, t);
        } else {
            struct lr_architecture *a = lr_catalog_architecture(s->catalog, name, &s->diags);
            if (a)
                lr_architecture_figures(a, add_figure, t);
            lr_architecture_free(a);
        }
        return true;
    }
    return false;
}

static void listing_open(struct listing *l, enum lr_format format)
{
    l->for_people = format == LR_FORMAT_TEXT || format == LR_FORMAT_MD;
    if (l->for_people)
        lr_table_init(&l->table, human, sizeof human / sizeof *human);
    else
        lr_table_init(&l->table, machine, sizeof machine / sizeof *machine);
}

int lr_command_show(int argc, char **argv)
{
    struct lr_session s;
    struct lr_text out = {0};
    struct listing l = {0};
    int code = LR_EXIT_BAD;
    const bool open = lr_session_open(&s, argc, argv, 0);
    listing_open(&l, s.format);
    if (open) {
        if (s.options.operand.count != 1)
            lr_diag(&s.diags, LR_ERROR, (struct lr_pos){0}, NULL, "expected one name, 'llmroof list' has them");
        else if (!show(&s, s.options.operand.name[0], &l))
            free(lr_catalog_find(s.catalog, LR_PROFILE_HARDWARE, s.options.operand.name[0], &s.diags));
    }
    if (s.diags.errors == 0) {
        render(&l, s.format, &out);
        code = lr_session_answer(&s, &out, LR_EXIT_YES);
    }
    lr_session_report(&s);
    lr_table_free(&l.table);
    lr_text_free(&l.aliases);
    lr_text_free(&out);
    lr_session_close(&s);
    return code;
}
