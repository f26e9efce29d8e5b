/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session/space.h"

#include "cli/session/point_row.h"
#include "core/quantity.h"
#include "render/json.h"

#include <llmroof/cost.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* "h20=1.8$/h": the price of an accelerator that --hw names. */
static void set_price(struct lr_session *s, struct lr_space *p, const char *text)
{
    const struct lr_sweep *const w = p->sweep;
    char error[LR_QUANTITY_ERROR];
    double usd;
    const char *const equals = strchr(text, '='), *const dollar = strchr(text, '$');
    struct lr_text name = {0}, value = {0};
    bool known = false;
    if (equals) {
        lr_text_add_bytes(&name, text, (size_t)(equals - text));
        lr_text_add_bytes(&value, equals + 1, dollar ? (size_t)(dollar - equals - 1) : strlen(equals + 1));
        if (dollar)
            lr_text_addf(&value, " USD%s", dollar + 1);
    }
    for (size_t i = 0; equals && i < w->chips; i++)
        known = known || lr_name_same(w->hardware[i]->name, lr_text_str(&name));
    if (!equals)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--price", "'%s', expected NAME=PRICE such as h20=1.8$/h", text);
    else if (!known)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--price", "'%s' is not one of --hw", lr_text_str(&name));
    else if (!lr_quantity_parse(lr_text_str(&value), LR_DIMENSION_USD_PER_HOUR, &usd, error, sizeof error))
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--price", "%s", error);
    else if (usd <= 0)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--price", "'%s', expected more than 0", text);
    else
        for (size_t i = 0; i < w->chips; i++)
            if (lr_name_same(w->hardware[i]->name, lr_text_str(&name))) {
                w->hardware[i]->price.usd_per_hour = usd;
                p->priced[i] = true;
            }
    lr_text_free(&name);
    lr_text_free(&value);
}

static bool open_profiles(struct lr_space *p, struct lr_session *s)
{
    const struct lr_options *o = &s->options;
    const struct lr_sweep_names names = {.model = o->operand.name,
                                         .models = o->operand.count,
                                         .hardware = o->hardware.name,
                                         .chips = o->hardware.count,
                                         .runtime = o->list.runtime.name,
                                         .runtimes = o->list.runtime.count,
                                         .kernels = o->kernels,
                                         .override = o->override,
                                         .override_count = o->override_count};
    if (o->operand.count == 0)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "no model, expected at least one");
    if (o->hardware.count == 0)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--hw", "is missing, expected a hardware profile such as h20");
    if (o->hardware.count > LR_OPENED_MAX)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--hw", "more than %d profiles", LR_OPENED_MAX);
    if (s->diags.errors)
        return false;
    p->sweep = lr_sweep_open(s->catalog, &names, &s->diags);
    for (size_t i = 0; p->sweep && i < o->price.count; i++)
        set_price(s, p, o->price.name[i]);
    return s->diags.errors == 0;
}

bool lr_space_open(struct lr_space *p, struct lr_session *s)
{
    static const enum lr_dtype published[] = {LR_DTYPE_NONE};
    const struct lr_layout_lists *l = &s->options.list;
    *p = (struct lr_space){.batch = lr_options_batches(&s->options), .context = lr_options_contexts(&s->options)};
    if (!open_profiles(p, s))
        return false;
    struct lr_sweep *const w = p->sweep;
    const struct lr_points *const axis[LR_SWEEP_AXES] = {&l->gpus, &l->tp,    &l->pp,     &l->ep,
                                                         &l->dp,   &p->batch, &p->context};
    for (int i = 0; i < LR_SWEEP_AXES; i++)
        if (axis[i]->count)
            w->axis[i] = (struct lr_sweep_list){axis[i]->value, axis[i]->count};
    w->weights = l->weights.count ? l->weights.value : published;
    w->weight_formats = l->weights.count ? l->weights.count : 1;
    w->kv = l->kv.count ? l->kv.value : published;
    w->kv_formats = l->kv.count ? l->kv.count : 1;
    if (lr_sweep_count(w) == 0)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "more than 2^53 points");
    return s->diags.errors == 0;
}

void lr_space_free(struct lr_space *p)
{
    lr_sweep_free(p->sweep);
    *p = (struct lr_space){0};
}

static void add_row(const struct lr_sweep_point *at, bool planned, struct lr_table *t)
{
    const struct lr_deployment *d = &at->deployment;
    const struct lr_estimate *e = planned ? &at->estimate : NULL;
    struct lr_point_row row = lr_point_row(at->model, at->hardware, d, at->batch, at->context, e);
    row.fits = !at->why;
    row.runtime = at->runtime->name;
    row.why = at->why;
    if (e && e->fits) {
        row.usd_per_million_tokens = lr_usd_per_million_tokens(at->hardware, d->gpus, e->tokens_per_s);
        row.joule_per_token = lr_joule_per_token(at->hardware, d->gpus, e);
    }
    lr_table_add(t, &row);
}

void lr_space_row(const struct lr_sweep_point *at, struct lr_table *t)
{
    add_row(at, at->plan != NULL, t);
}

void lr_space_found(const struct lr_found *f, struct lr_table *t)
{
    const struct lr_sweep_point at = {.model = f->model,
                                      .hardware = f->hardware,
                                      .runtime = f->runtime,
                                      .deployment = f->deployment,
                                      .batch = f->batch,
                                      .context = f->context,
                                      .estimate = f->estimate};
    add_row(&at, true, t);
}

bool lr_space_search(struct lr_space *p, struct lr_session *s)
{
    char error[LR_QUANTITY_ERROR];
    double most = 16;
    for (size_t i = 0; i < s->options.most.count; i++) {
        const char *const text = s->options.most.name[i];
        if (strncmp(text, "gpus=", 5) != 0)
            lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--max", "'%s', expected gpus=N", text);
        else if (!lr_count_parse(text + 5, &most, error, sizeof error))
            lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--max", "%s", error);
        else if (most < 1 || most > 1024)
            lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--max", "'%s', expected 1 to 1024", text);
    }
    if (s->options.operand.count > 1)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "several models, expected one");
    if (s->diags.errors || !lr_space_open(p, s))
        return false;
    struct lr_sweep usual = *p->sweep;
    lr_search_lists(&usual, most);
    if (s->options.batch.count == 0)
        p->sweep->axis[LR_SWEEP_BATCH] = usual.axis[LR_SWEEP_BATCH];
    if (s->options.list.gpus.count == 0)
        p->sweep->axis[LR_SWEEP_GPUS] = usual.axis[LR_SWEEP_GPUS];
    return true;
}

static void take_source(const struct lr_figure *f, void *user)
{
    struct lr_text *const source = user;
    if (strcmp(f->path, "price.usd_per_hour") == 0 && f->source)
        lr_text_add(source, f->source);
}

void lr_space_prices(const struct lr_space *p, struct lr_text *out)
{
    for (size_t i = 0; i < p->sweep->chips; i++) {
        const struct lr_hardware *hw = p->sweep->hardware[i];
        struct lr_text source = {0};
        if (hw->price.usd_per_hour <= 0)
            continue;
        lr_hardware_figures(hw, take_source, &source);
        const char *const from = p->priced[i] ? "given by --price" : source.length ? lr_text_str(&source) : "no source";
        const char *const date = p->priced[i] || !hw->price.date || strstr(from, hw->price.date) ? "" : hw->price.date;
        lr_text_addf(out, "price of %s: %g $/h, %s%s%s\n", hw->name, hw->price.usd_per_hour, from, *date ? ", " : "",
                     date);
        lr_text_free(&source);
    }
}

void lr_space_header(struct lr_text *out)
{
    struct lr_table t;
    lr_table_init(&t, lr_search_columns, LR_SEARCH_COLUMNS);
    lr_table_render(&t, LR_FORMAT_CSV, "", out);
    lr_table_free(&t);
}

/* One object, on one line: the writer's line breaks and indents go; a text has none, since they are escaped there. */
static void json_line(const struct lr_table *t, size_t row, struct lr_text *scratch, struct lr_text *out)
{
    struct lr_json j = {.out = scratch};
    lr_text_cut(scratch, 0);
    lr_table_json_row(t, row, &j, NULL);
    for (const char *at = lr_text_str(scratch); *at;) {
        const size_t n = strcspn(at, "\n");
        lr_text_add_bytes(out, at, n);
        at += n;
        at += strspn(at, "\n ");
    }
    lr_text_add(out, "\n");
}

void lr_space_lines(const struct lr_table *t, bool json, struct lr_text *out)
{
    struct lr_text scratch = {0};
    if (json) {
        for (size_t row = 0; row < t->rows; row++)
            json_line(t, row, &scratch, out);
    } else {
        lr_table_render(t, LR_FORMAT_CSV, "", &scratch);
        lr_text_add(out, strchr(lr_text_str(&scratch), '\n') + 1);
        out->out_of_memory = out->out_of_memory || scratch.out_of_memory;
    }
    lr_text_free(&scratch);
}
