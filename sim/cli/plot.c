#include "cli/plot.h"

#include "core/quantity.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    bool (*make)(struct lr_session *s, struct lr_picture *p);
    bool deployment;     /* draws the points of a deployment */
    const char *batches; /* where the user gives none */
} kinds[] = {
    {"latency", lr_plot_latency, true, "1-256*2"}, {"roofline", lr_plot_roofline, true, NULL},
    {"memory", lr_plot_memory, true, NULL},        {"frontier", lr_plot_frontier, false, NULL},
    {"parity", lr_plot_parity, false, NULL},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

void lr_plot_quote(struct lr_text *out, const char *text)
{
    lr_text_add(out, "\"");
    for (; *text; text++)
        if (*text != '"' && *text != '\\' && *text != '\n')
            lr_text_add_bytes(out, text, 1);
    lr_text_add(out, "\"");
}

void lr_plot_setting(const struct lr_session *s, const struct lr_answer *a, bool batch, bool context, char *out,
                     size_t size)
{
    const struct lr_deployment *d = lr_plan_deployment(a->plan);
    struct lr_text t = {0};
    lr_text_addf(&t, "%s, %.0f GPU%s, tp %.0f", s->model->title ? s->model->title : s->model->name, d->gpus,
                 d->gpus > 1 ? "s" : "", d->tp);
    if (d->dp > 1 || d->ep > 1)
        lr_text_addf(&t, ", dp %.0f, ep %.0f", d->dp, d->ep);
    if (batch)
        lr_text_addf(&t, ", batch %.0f", a->workload.batch);
    if (context)
        lr_text_addf(&t, ", context %.0f", a->workload.context);
    lr_text_addf(&t, ", runtime %s", s->runtime->name);
    snprintf(out, size, "%s", lr_text_str(&t));
    lr_text_free(&t);
}

/* The first operand is the kind; the rest is a deployment like any other. */
static bool take_kind(struct lr_session *s, size_t *kind)
{
    struct lr_names *o = &s->options.operand;
    const char *const name = o->count ? o->name[0] : "";
    *kind = 0;
    while (*kind < KINDS && strcmp(kinds[*kind].name, name) != 0)
        ++*kind;
    if (*kind == KINDS) {
        lr_diag(&s->diags, LR_ERROR, (struct lr_pos){0}, NULL,
                "unknown plot '%s', expected latency, roofline, memory, frontier or parity", name);
        return false;
    }
    memmove(o->name, o->name + 1, --o->count * sizeof *o->name);
    if (s->options.batch.count == 0 && kinds[*kind].batches) {
        char error[LR_QUANTITY_ERROR];
        lr_range_parse(kinds[*kind].batches, s->options.batch.value, LR_POINTS_MAX, &s->options.batch.count, error,
                       sizeof error);
    }
    return true;
}

void lr_picture_arguments(struct lr_picture *p, size_t n)
{
    p->plot.argument[0] = p->title;
    p->plot.argument[1] = p->subtitle;
    for (size_t i = 0; i < n; i++)
        p->plot.argument[2 + i] = p->argument[i];
    p->plot.arguments = 2 + n;
}

static bool draw(struct lr_session *s, struct lr_picture *p, size_t kind)
{
    struct lr_text script = {0};
    if (!s->options.ascii && !s->file) {
        lr_diag(&s->diags, LR_ERROR, (struct lr_pos){0}, "--output",
                "is missing, expected a .png or .svg file, or --ascii");
        return false;
    }
    if ((kinds[kind].deployment && !lr_grid_open(&p->grid, s)) || !kinds[kind].make(s, p))
        return false;
    lr_text_addf(&p->folder, "%s/plots", lr_text_str(&s->share));
    lr_text_addf(&script, "%s/%s.gp", lr_text_str(&p->folder), kinds[kind].name);
    p->plot.folder = lr_text_str(&p->folder);
    p->plot.data = &p->data;
    p->plot.script = lr_text_str(&script);
    const bool ok = lr_plot_draw(&p->plot, s->options.ascii ? NULL : s->file, &s->diags);
    lr_text_free(&script);
    return ok;
}

int lr_command_plot(int argc, char **argv)
{
    struct lr_session s;
    struct lr_picture p = {0};
    size_t kind;
    const bool ok =
        lr_session_open(&s, argc, argv, lr_command_groups("plot")) && take_kind(&s, &kind) && draw(&s, &p, kind);
    lr_session_report(&s);
    lr_text_free(&p.data);
    lr_text_free(&p.folder);
    lr_grid_free(&p.grid);
    lr_session_close(&s);
    return ok ? LR_EXIT_YES : LR_EXIT_BAD;
}
