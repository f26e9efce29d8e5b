/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/view/goal.h"

#include "core/quantity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The rate of the operator that computes longest: the peak that people want to hear of. */
static enum lr_rate busiest(const struct lr_why *w, size_t side)
{
    struct lr_op_estimate op[LR_OPS_MAX];
    const size_t n = lr_plan_operators(w->plan[side], &w->workload, op);
    size_t most = 0;
    for (size_t i = 1; i < n; i++)
        if (op[i].compute_s > op[most].compute_s)
            most = i;
    return op[most].rate;
}

static double bandwidth(const struct lr_why *w, size_t side)
{
    return w->hw[side]->memory.bandwidth_bytes_per_s;
}

static double peak(const struct lr_why *w, size_t side)
{
    return w->hw[side]->compute.peak[busiest(w, side)];
}

static double links(const struct lr_why *w, size_t side)
{
    const struct lr_hardware *hw = w->hw[side];
    return hw->scale_up.bandwidth_bytes_per_s > 0 ? hw->scale_up.bandwidth_bytes_per_s : hw->host_link_bytes_per_s;
}

static double capacity(const struct lr_why *w, size_t side)
{
    return w->hw[side]->memory.capacity_bytes;
}

static double gpus(const struct lr_why *w, size_t side)
{
    return lr_plan_deployment(w->plan[side])->gpus;
}

static const struct remedy {
    const char *property; /* NULL: the field of the lever */
    const char *unit;
    double scale;                                           /* of the unit, in SI */
    double (*present)(const struct lr_why *w, size_t side); /* in SI; 0 where the profile gives none */
    enum lr_lever lever;                                    /* LR_LEVER_COUNT: GPUs are none */
    bool of_rate;                                           /* the name of a rate follows */
} remedies[LR_REMEDIES] = {
    {NULL, "TB/s", 1e12, bandwidth, LR_LEVER_BANDWIDTH, false},
    {"compute.peak.", "TFLOP/s", 1e12, peak, LR_LEVER_PEAK, true},
    {"link bandwidth", "GB/s", 1e9, links, LR_LEVER_LINKS, false},
    {NULL, "GiB", 1073741824, capacity, LR_LEVER_CAPACITY, false},
    [LR_REMEDIES - 1] = {"gpus", "", 1, gpus, LR_LEVER_COUNT, false},
};

bool lr_goal_parse(const char *text, struct lr_goal *out, struct lr_diags *ds)
{
    char error[LR_QUANTITY_ERROR], name[32] = "";
    const size_t n = strcspn(text, "<> =\t");
    const char *at = text + n + strspn(text + n, " \t");
    if (n < sizeof name)
        snprintf(name, sizeof name, "%.*s", (int)n, text);
    int of = 0;
    while (of < LR_GOAL_COUNT && strcmp(name, lr_goal_name((enum lr_goal_of)of)) != 0)
        of++;
    if (of == LR_GOAL_COUNT || (*at != '<' && *at != '>')) {
        lr_diag(
            ds, LR_ERROR, LR_NO_POSITION, "--need",
            "'%s', expected 'tpot < 30 ms', or tokens_per_s, tokens_per_s_per_gpu or tokens_per_s_per_user '> 5000'",
            text);
        return false;
    }
    if ((*at == '<') != (of == LR_GOAL_TPOT)) {
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, "--need", "'%s' is better when %s, expected '%c'", name,
                of == LR_GOAL_TPOT ? "low" : "high", of == LR_GOAL_TPOT ? '<' : '>');
        return false;
    }
    at++;
    at += *at == '=';
    at += strspn(at, " \t");
    *out = (struct lr_goal){.of = (enum lr_goal_of)of};
    if (!lr_quantity_parse(at, of == LR_GOAL_TPOT ? LR_DIMENSION_SECONDS : LR_DIMENSION_NUMBER, &out->value, error,
                           sizeof error)) {
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, "--need", "%s", error);
        return false;
    }
    if (out->value <= 0)
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, "--need", "'%s', expected more than 0", at);
    return out->value > 0;
}

bool lr_remedies_find(struct lr_session *s, const struct lr_why *w, size_t side, const struct lr_goal *g,
                      struct lr_remedies *out)
{
    const struct lr_side of = lr_why_side(s, w, side);
    char b[LR_HUMAN_SIZE];
    *out = (struct lr_remedies){.goal = *g, .side = side, .met = lr_goal_met(g, &w->estimate[side])};
    snprintf(out->says, sizeof out->says, "%s %c %s", lr_goal_name(g->of), g->of == LR_GOAL_TPOT ? '<' : '>',
             lr_human(g->value, g->of == LR_GOAL_TPOT ? LR_CELL_SECONDS : LR_CELL_RATE, b));
    bool ok = true;
    for (int i = 0; ok && i < LR_REMEDIES - 1; i++)
        ok = lr_explain_remedy(w->plan[side], &w->workload, g, remedies[i].lever, &out->item[i]);
    ok = ok && lr_explain_gpus(&of, w->plan[side], &w->workload, g, &out->item[LR_REMEDIES - 1]);
    if (!ok)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
    return ok;
}

static void property(const struct lr_why *w, size_t side, int remedy, char *out, size_t size)
{
    const struct remedy *const r = &remedies[remedy];
    snprintf(out, size, "%s%s", r->property ? r->property : lr_lever_field(r->lever),
             r->of_rate ? lr_rate_name(busiest(w, side)) : "");
}

/* Rounded up to four digits, so that what is printed still does. */
static void amount(double value, int remedy, char *out, size_t size)
{
    const double x = value / remedies[remedy].scale;
    const double step = x > 0 ? pow(10, floor(log10(x)) - 3) : 1;
    snprintf(out, size, "%.10g %s", ceil(x / step - 1e-5) * step, remedies[remedy].unit);
}

struct remedy_row {
    const char *property, *present, *needed;
    double factor;
};

static const struct lr_column columns[] = {
    LR_COLUMN(remedy_row, property, "property", TEXT),
    LR_COLUMN(remedy_row, present, "now", TEXT),
    LR_COLUMN(remedy_row, needed, "needed", TEXT),
    LR_COLUMN(remedy_row, factor, "factor", TIMES),
};

void lr_remedies_text(const struct lr_why *w, const struct lr_remedies *r, enum lr_format format, struct lr_text *out)
{
    struct lr_table t;
    const enum lr_cell_kind kind = r->goal.of == LR_GOAL_TPOT ? LR_CELL_SECONDS : LR_CELL_RATE;
    lr_text_addf(out, "What %s needs for %s%s\n", w->label[r->side], r->says,
                 r->met ? ": nothing, it meets the goal\n" : ", one property at a time");
    if (r->met)
        return;
    lr_table_init(&t, columns, sizeof columns / sizeof *columns);
    for (int i = 0; i < LR_REMEDIES; i++) {
        char name[64], now[64], text[128], best[LR_HUMAN_SIZE];
        const struct lr_remedy *m = &r->item[i];
        const double there = remedies[i].present(w, r->side);
        property(w, r->side, i, name, sizeof name);
        amount(there, i, now, sizeof now);
        if (m->possible)
            amount(there * m->factor, i, text, sizeof text);
        else if (isfinite(m->best))
            snprintf(text, sizeof text, "unreachable (best %s)", lr_human(m->best, kind, best));
        else
            snprintf(text, sizeof text, "unreachable (does not fit)");
        const struct remedy_row row = {
            .property = name,
            .present = there > 0 ? now : NULL,
            .needed = text,
            .factor = m->possible ? m->factor : NAN,
        };
        lr_table_add(&t, &row);
    }
    lr_table_render(&t, format, "", out);
    lr_table_free(&t);
    lr_text_add(out, "\n");
}

void lr_remedies_json(const struct lr_why *w, const struct lr_remedies *r, struct lr_json *j, const char *key)
{
    lr_json_open(j, key, '{');
    lr_json_text(j, "hardware", w->label[r->side]);
    lr_json_text(j, "goal", lr_goal_name(r->goal.of));
    lr_json_number(j, "value", r->goal.value);
    lr_json_bool(j, "met", r->met);
    lr_json_open(j, "remedies", '[');
    for (int i = 0; i < LR_REMEDIES; i++) {
        char name[64];
        const struct lr_remedy *m = &r->item[i];
        const double there = remedies[i].present(w, r->side);
        property(w, r->side, i, name, sizeof name);
        lr_json_open(j, NULL, '{');
        lr_json_text(j, "property", name);
        lr_json_number(j, "present", there > 0 ? there : NAN);
        lr_json_bool(j, "possible", m->possible);
        lr_json_number(j, "factor", m->possible ? m->factor : NAN);
        lr_json_number(j, "needed", m->possible && there > 0 ? there * m->factor : NAN);
        lr_json_number(j, "best", m->best);
        lr_json_close(j, '}');
    }
    lr_json_close(j, ']');
    lr_json_close(j, '}');
}
