#include "cli/plot.h"

#include "core/quantity.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const struct {
    const char *name;
    bool (*make)(const struct lr_grid *g, struct lr_session *s, struct lr_text *data, struct lr_plot_text *t,
                 struct lr_plot *p);
    const char *batches; /* where the user gives none */
} kinds[] = {
    {"latency", lr_plot_latency, "1-256*2"},
    {"roofline", lr_plot_roofline, NULL},
    {"memory", lr_plot_memory, NULL},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

static const char *plot_dir(void)
{
    struct stat st;
    return stat(LLMROOF_SHARE_DIR "/plots", &st) == 0 ? LLMROOF_SHARE_DIR "/plots" : LLMROOF_SOURCE_DIR "/plots";
}

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
    int n = snprintf(out, size, "%s, %.0f GPU%s, tp %.0f", s->model->title ? s->model->title : s->model->name, d->gpus,
                     d->gpus > 1 ? "s" : "", d->tp);
    if (d->dp > 1 || d->ep > 1)
        n += snprintf(out + n, size - (size_t)n, ", dp %.0f, ep %.0f", d->dp, d->ep);
    if (batch)
        n += snprintf(out + n, size - (size_t)n, ", batch %.0f", a->workload.batch);
    if (context)
        n += snprintf(out + n, size - (size_t)n, ", context %.0f", a->workload.context);
    snprintf(out + n, size - (size_t)n, ", runtime %s", s->runtime->name);
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
                "unknown plot '%s', expected latency, roofline or memory", name);
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

int lr_command_plot(int argc, char **argv)
{
    struct lr_session s;
    struct lr_grid g = {0};
    struct lr_text data = {0}, script = {0};
    struct lr_plot_text t = {0};
    int code = LR_EXIT_BAD;
    size_t kind;
    if (lr_session_open(&s, argc, argv, lr_command_groups("plot")) && take_kind(&s, &kind) && lr_grid_open(&g, &s)) {
        struct lr_plot p = {.folder = plot_dir(), .data = &data};
        if (!s.options.ascii && !s.file)
            lr_diag(&s.diags, LR_ERROR, (struct lr_pos){0}, "--output",
                    "is missing, expected a .png or .svg file, or --ascii");
        else if (kinds[kind].make(&g, &s, &data, &t, &p)) {
            lr_text_addf(&script, "%s/%s.gp", p.folder, kinds[kind].name);
            p.script = lr_text_str(&script);
            if (lr_plot_draw(&p, s.options.ascii ? NULL : s.file, &s.diags))
                code = LR_EXIT_YES;
        }
    }
    lr_session_report(&s);
    lr_text_free(&data);
    lr_text_free(&script);
    lr_grid_free(&g);
    lr_session_close(&s);
    return code;
}
