#include "cli/session.h"

#include <stdlib.h>

static const struct lr_column columns[] = {
    {"field", "field", LR_CELL_TEXT},   {"value", "value", LR_CELL_TEXT}, {"assumed", "assumed", LR_CELL_BOOL},
    {"source", "source", LR_CELL_TEXT}, {"note", "note", LR_CELL_TEXT},
};

static void add_figure(const struct lr_figure *f, void *user)
{
    struct lr_table *t = user;
    lr_table_row(t);
    lr_table_text(t, 0, f->path);
    lr_table_text(t, 1, f->value);
    if (f->number)
        lr_table_number(t, 2, f->assumed);
    lr_table_text(t, 3, f->number ? f->source : NULL);
    lr_table_text(t, 4, f->note);
}

/* The first kind that has a profile of this name; hardware before models before the rest. */
static bool show(struct lr_session *s, const char *name, struct lr_table *t)
{
    static const enum lr_profile order[] = {LR_PROFILE_HARDWARE, LR_PROFILE_MODEL, LR_PROFILE_RUNTIME,
                                            LR_PROFILE_ARCHITECTURE};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        struct lr_diags quiet = {0};
        char *path = lr_catalog_find(s->catalog, order[i], name, &quiet);
        lr_diags_free(&quiet);
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

int lr_command_show(int argc, char **argv)
{
    struct lr_session s;
    struct lr_text out = {0};
    struct lr_table t;
    int code = LR_EXIT_BAD;
    lr_table_init(&t, columns, sizeof columns / sizeof *columns);
    if (lr_session_open(&s, argc, argv, 0)) {
        if (s.options.operand.count != 1)
            lr_diag(&s.diags, LR_ERROR, (struct lr_pos){0}, NULL, "expected one name, 'llmroof list' has them");
        else if (!show(&s, s.options.operand.name[0], &t))
            free(lr_catalog_find(s.catalog, LR_PROFILE_HARDWARE, s.options.operand.name[0], &s.diags));
    }
    if (s.diags.errors == 0) {
        lr_table_render(&t, s.format, "llmroof/show/1", &out);
        code = lr_session_answer(&s, &out, LR_EXIT_YES);
    }
    lr_session_report(&s);
    lr_table_free(&t);
    lr_text_free(&out);
    lr_session_close(&s);
    return code;
}
