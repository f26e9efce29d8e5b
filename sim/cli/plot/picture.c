/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/plot/plot.h"

#include "core/quantity.h"
#include "core/text.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    bool (*make)(struct lr_session *s, struct lr_picture *p);
    bool deployment;
    const char *batches, *contexts;
} kinds[] = {
#define X(name, deployment, batches, contexts) {#name, lr_plot_##name, deployment, batches, contexts},
    LR_PLOTS(X)
#undef X
};

enum { KINDS = sizeof kinds / sizeof *kinds };

unsigned lr_plot_colour(size_t i)
{
    static const unsigned colour[LR_COLOURS] = {0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7,
                                                0xE69F00, 0x56B4E9, 0x222222, 0x999999};
    return colour[i % LR_COLOURS];
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
    struct lr_text t = {0};
    lr_text_addf(&t, "%s, %.0f GPU%s, tp %.0f", s->model->title ? s->model->title : s->model->name, d->gpus,
                 d->gpus > 1 ? "s" : "", d->tp);
    if (d->dp > 1 || d->ep > 1)
        lr_text_addf(&t, ", dp %.0f, ep %.0f", d->dp, d->ep);
    if (batch)
        lr_text_addf(&t, ", batch %.0f", a->workload.batch);
    if (context)
        lr_text_addf(&t, ", context %.0f", a->workload.context);
    lr_text_addf(&t, ", weights %s, KV %s, runtime %s", lr_dtype_name(d->weights), lr_dtype_name(d->kv),
                 s->runtime->name);
    snprintf(out, size, "%s", lr_text_str(&t));
    lr_text_free(&t);
}

static void list_kinds(struct lr_text *out)
{
    for (size_t i = 0; i < KINDS; i++)
        lr_text_addf(out, "%s%s", i == 0 ? "" : i + 1 < KINDS ? ", " : " or ", kinds[i].name);
}

void lr_picture_kinds(struct lr_text *out)
{
    lr_text_add(out, "KIND is ");
    list_kinds(out);
    lr_text_add(out, ";\nparity takes measured tables instead of MODEL and --hw.\n\n");
}

static void unknown(struct lr_session *s, const char *name)
{
    struct lr_nearest near = {0};
    struct lr_text known = {0};
    for (size_t i = 0; i < KINDS; i++)
        lr_nearest_offer(&near, name, kinds[i].name);
    list_kinds(&known);
    lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "unknown plot '%s', expected %s", name, lr_text_str(&known));
    if (lr_nearest_name(&near, name))
        lr_hint(&s->diags, "did you mean '%s'?", lr_nearest_name(&near, name));
    lr_text_free(&known);
}

static void fill(struct lr_points *to, const char *range)
{
    char error[LR_QUANTITY_ERROR];
    if (to->count == 0 && range)
        lr_range_parse(range, to->value, LR_POINTS_MAX, &to->count, error, sizeof error);
}

bool lr_picture_kind(struct lr_session *s, struct lr_picture *p)
{
    size_t kind = 0;
    struct lr_names *o = &s->options.operand;
    const char *const name = o->count ? o->name[0] : "";
    while (kind < KINDS && strcmp(kinds[kind].name, name) != 0)
        kind++;
    if (kind == KINDS) {
        unknown(s, name);
        return false;
    }
    memmove(o->name, o->name + 1, --o->count * sizeof *o->name);
    fill(&s->options.batch, kinds[kind].batches);
    fill(&s->options.context, kinds[kind].contexts);
    p->kind = (enum lr_plot_kind)kind;
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

/* Sets p->plot up from p->data. */
static bool set_up(struct lr_session *s, struct lr_picture *p)
{
    if (!kinds[p->kind].make(s, p))
        return false;
    lr_text_addf(&p->folder, "%s/plots", lr_text_str(&s->share));
    lr_text_addf(&p->script, "%s/%s.gp", lr_text_str(&p->folder), kinds[p->kind].name);
    p->plot.folder = lr_text_str(&p->folder);
    p->plot.data = &p->data;
    p->plot.script = lr_text_str(&p->script);
    return true;
}

bool lr_picture_make(struct lr_session *s, struct lr_picture *p)
{
    return (!kinds[p->kind].deployment || lr_grid_open(&p->grid, s)) && set_up(s, p);
}

bool lr_picture_svg(struct lr_session *s, struct lr_picture *p, enum lr_plot_kind kind, struct lr_text *out)
{
    p->kind = kind;
    return set_up(s, p) && lr_plot_svg(&p->plot, out, &s->diags);
}

void lr_picture_free(struct lr_picture *p)
{
    lr_text_free(&p->data);
    lr_text_free(&p->folder);
    lr_text_free(&p->script);
    lr_grid_free(&p->grid);
}
