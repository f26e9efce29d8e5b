/* SPDX-License-Identifier: Apache-2.0 */
/* explain MODEL --hw A: what its time depends on; --vs B: why one is faster, and where that flips. */
#include "cli/command/command.h"
#include "cli/view/answer.h"
#include "cli/view/goal.h"
#include "render/prose.h"

#include <math.h>
#include <stdio.h>

/* Operators below this share of a step are left out of the text. */
static const double SMALL = 0.005;

/* What one operator, or one cause, contributes to the difference of two sides. */
struct difference_row {
    const char *section, *name;
    double left_s, right_s, difference_s, share;
    const char *left_bound, *right_bound;
};

static struct difference_row difference_row(const struct lr_why *w, const char *section, const char *name,
                                            double left_s, double right_s)
{
    const double all_s = w->estimate[1].tpot_s - w->estimate[0].tpot_s;
    return (struct difference_row){
        .section = section,
        .name = name,
        .left_s = left_s,
        .right_s = right_s,
        .difference_s = right_s - left_s,
        .share = (right_s - left_s) / all_s + 0.0,
    };
}

static const char *bound_name(enum lr_bound b)
{
    return b < LR_BOUND_COUNT ? lr_bound_name(b) : NULL;
}

static struct difference_row operator_row(const struct lr_why *w, const struct lr_difference *d)
{
    struct difference_row row = difference_row(w, "operator", d->name, d->left_s, d->right_s);
    row.left_bound = bound_name(d->left_bound);
    row.right_bound = bound_name(d->right_bound);
    return row;
}

static struct difference_row cause_row(const struct lr_why *w, enum lr_cause c)
{
    return difference_row(w, "cause", lr_cause_name(c), w->fall.level_s[c], w->fall.level_s[c + 1]);
}

/* small: operators that are left out, added up in one row. */
static void operator_rows(const struct lr_why *w, double small, struct lr_table *t)
{
    double rest[2] = {0, 0};
    size_t left_out = 0;
    for (size_t i = 0; i <= w->rows; i++) {
        const struct lr_difference rest_of = {.name = "the rest",
                                              .left_s = rest[0],
                                              .right_s = rest[1],
                                              .left_bound = LR_BOUND_COUNT,
                                              .right_bound = LR_BOUND_COUNT};
        const struct lr_difference *d = i < w->rows ? &w->row[i] : &rest_of;
        if (i < w->rows && fmax(d->left_s / w->estimate[0].tpot_s, d->right_s / w->estimate[1].tpot_s) < small) {
            rest[0] += d->left_s;
            rest[1] += d->right_s;
            left_out++;
            continue;
        }
        if (i == w->rows && left_out == 0)
            break;
        const struct difference_row row = operator_row(w, d);
        lr_table_add(t, &row);
    }
}

/* all: causes of nothing too. */
static void cause_rows(const struct lr_why *w, bool all, struct lr_table *t)
{
    for (int c = 0; c < LR_CAUSE_COUNT; c++) {
        const struct difference_row row = cause_row(w, (enum lr_cause)c);
        if (all || !(fabs(row.difference_s) < 5e-5 * row.left_s))
            lr_table_add(t, &row);
    }
}

static void operator_table(const struct lr_why *w, enum lr_format format, struct lr_text *out)
{
    const struct lr_column columns[] = {
        LR_COLUMN(difference_row, name, "operator", TEXT),
        LR_COLUMN(difference_row, left_s, w->label[0], SECONDS),
        LR_COLUMN(difference_row, right_s, w->label[1], SECONDS),
        LR_COLUMN(difference_row, difference_s, "difference", SECONDS),
        LR_COLUMN(difference_row, share, "share", PERCENT),
        LR_COLUMN(difference_row, left_bound, "left bound", TEXT),
        LR_COLUMN(difference_row, right_bound, "right bound", TEXT),
    };
    struct lr_table t;
    lr_table_init(&t, columns, sizeof columns / sizeof *columns);
    operator_rows(w, SMALL, &t);
    lr_table_render(&t, format, "", out);
    lr_table_free(&t);
    lr_text_add(out, "\n");
}

static void cause_table(const struct lr_why *w, enum lr_format format, struct lr_text *out)
{
    static const struct lr_column columns[] = {
        LR_COLUMN(difference_row, name, "cause", TEXT),
        LR_COLUMN(difference_row, left_s, "from", SECONDS),
        LR_COLUMN(difference_row, right_s, "to", SECONDS),
        LR_COLUMN(difference_row, difference_s, "difference", SECONDS),
        LR_COLUMN(difference_row, share, "share", PERCENT),
    };
    struct lr_table t;
    lr_text_addf(out, "From %s to %s, changing one property after the other\n", w->label[0], w->label[1]);
    lr_table_init(&t, columns, sizeof columns / sizeof *columns);
    cause_rows(w, false, &t);
    lr_table_render(&t, format, "", out);
    lr_table_free(&t);
    lr_text_add(out, "\n");
}

struct side_row {
    const char *hardware;
    double tpot_s, tpot_low_s, tpot_high_s, floor_s, tokens_per_s_per_gpu;
    const char *bound;
    double fits;
    const char *evidence;
};

static struct side_row side_row(const struct lr_why *w, size_t side)
{
    const struct lr_estimate *e = &w->estimate[side];
    return (struct side_row){
        .hardware = w->label[side],
        .tpot_s = e->fits ? e->tpot_s : NAN,
        .tpot_low_s = e->fits ? e->tpot_low_s : NAN,
        .tpot_high_s = e->fits ? e->tpot_high_s : NAN,
        .floor_s = e->floor_tpot_s,
        .tokens_per_s_per_gpu = e->fits ? e->tokens_per_s_per_gpu : NAN,
        .bound = e->fits ? lr_bound_name(e->bound) : NULL,
        .fits = e->fits,
        .evidence = lr_evidence_name(e->evidence),
    };
}

static void estimates(const struct lr_session *s, const struct lr_why *w, enum lr_format format, struct lr_text *out)
{
    static const struct lr_column columns[] = {
        LR_COLUMN(side_row, hardware, "hardware", TEXT),  LR_COLUMN(side_row, tpot_s, "TPOT", SECONDS),
        LR_COLUMN(side_row, tpot_low_s, "low", SECONDS),  LR_COLUMN(side_row, tpot_high_s, "high", SECONDS),
        LR_COLUMN(side_row, floor_s, "floor", SECONDS),   LR_COLUMN(side_row, tokens_per_s_per_gpu, "tok/s/GPU", RATE),
        LR_COLUMN(side_row, bound, "bound", TEXT),        LR_COLUMN(side_row, fits, "fits", BOOL),
        LR_COLUMN(side_row, evidence, "constants", TEXT),
    };
    const struct lr_deployment *d = lr_plan_deployment(w->plan[0]);
    struct lr_table t;
    lr_text_addf(out, "%s, %.0f GPU%s, tp %.0f pp %.0f ep %.0f dp %.0f, runtime %s, batch %.0f, context %.0f\n\n",
                 s->model->title ? s->model->title : s->model->name, d->gpus, d->gpus > 1 ? "s" : "", d->tp, d->pp,
                 d->ep, d->dp, s->runtime->name, w->workload.batch, w->workload.context);
    lr_table_init(&t, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < w->sides; i++) {
        const struct side_row row = side_row(w, i);
        lr_table_add(&t, &row);
    }
    lr_table_render(&t, format, "", out);
    lr_table_free(&t);
    lr_text_add(out, "\n");
}

enum { PICKS_MAX = 6 };

/* The operators that take most of a step, longest first, by their place in op. */
static size_t longest(const struct lr_op_estimate *op, size_t n, size_t pick[PICKS_MAX])
{
    size_t picks = 0;
    for (; picks < PICKS_MAX && picks < n; picks++) {
        size_t most = n;
        for (size_t i = 0; i < n; i++) {
            bool taken = false;
            for (size_t k = 0; k < picks; k++)
                taken = taken || pick[k] == i;
            if (!taken && (most == n || op[i].time_s > op[most].time_s))
                most = i;
        }
        pick[picks] = most;
    }
    return picks;
}

struct elasticity_row {
    const char *property;
    double step[2], op[PICKS_MAX];
};

/* Columns after the property: a side each; with one side also its longest operators. */
static size_t elasticity_columns(const struct lr_why *w, const struct lr_op_estimate *op, const size_t *pick,
                                 size_t picks, struct lr_column *column)
{
    size_t n = 0;
    column[n++] = (struct lr_column)LR_COLUMN(elasticity_row, property, "TPOT reduction per +1 % of", TEXT);
    for (size_t i = 0; i < w->sides; i++)
        column[n++] = (struct lr_column){"fall", w->sides > 1 ? w->label[i] : "the step", LR_CELL_NUMBER,
                                         offsetof(struct elasticity_row, step) + i * sizeof(double)};
    for (size_t i = 0; i < picks; i++)
        column[n++] = (struct lr_column){op[pick[i]].name, op[pick[i]].name, LR_CELL_NUMBER,
                                         offsetof(struct elasticity_row, op) + i * sizeof(double)};
    return n;
}

/* Levers down, a column a side; with one side also what the longest operators contribute. */
static void elasticities(const struct lr_why *w, enum lr_format format, struct lr_text *out)
{
    struct lr_op_estimate op[LR_OPS_MAX];
    struct lr_column column[1 + 2 + PICKS_MAX];
    size_t pick[PICKS_MAX] = {0};
    const size_t picks = w->sides == 1 ? longest(op, lr_plan_operators(w->plan[0], &w->workload, op), pick) : 0;
    struct lr_table t;
    lr_text_addf(out, "Sensitivity of TPOT in per cent%s\n",
                 w->sides == 1 ? ", with the share of the largest operators" : "");
    lr_table_init(&t, column, elasticity_columns(w, op, pick, picks, column));
    for (int l = 0; l < LR_LEVER_CAPACITY; l++) {
        struct elasticity_row row = {.property =
                                         l == LR_LEVER_KV_BITS ? "(-1 %) KV bits" : lr_lever_name((enum lr_lever)l)};
        for (size_t i = 0; i < w->sides; i++)
            row.step[i] = w->elasticity[i].step[l];
        for (size_t i = 0; i < picks; i++)
            row.op[i] = w->elasticity[0].op[pick[i]][l];
        lr_table_add(&t, &row);
    }
    lr_table_render(&t, format, "", out);
    lr_table_free(&t);
    lr_text_add(out, "\n");
}

static void as_text(const struct lr_session *s, const struct lr_why *w, const struct lr_remedies *r,
                    struct lr_text *out)
{
    estimates(s, w, s->format, out);
    if (s->options.what_if_count) {
        lr_text_addf(out, "what-if: %s with", w->hw[0]->name);
        for (size_t i = 0; i < s->options.what_if_count; i++)
            lr_text_addf(out, "%s %s = %s", i ? "," : "", s->options.what_if[i].path, s->options.what_if[i].value);
        lr_text_add(out, "\n\n");
    }
    if (w->sides == 2 && w->fits) {
        operator_table(w, s->format, out);
        cause_table(w, s->format, out);
    }
    if (w->fits)
        elasticities(w, s->format, out);
    if (r)
        lr_remedies_text(w, r, s->format, out);
    size_t from = out->length;
    lr_why_words(s, w, out);
    lr_text_add(out, "\n");
    lr_prose_wrap(out, from, 0, s->format);
    from = out->length;
    for (size_t i = 0; i < w->sides; i++) {
        const struct lr_answer a = {.hardware = w->hw[i],
                                    .model = s->model,
                                    .plan = w->plan[i],
                                    .workload = w->workload,
                                    .estimate = w->estimate[i]};
        if (!w->estimate[i].fits)
            lr_answer_memory(&a, out);
        lr_answer_notes(&a, out);
    }
    lr_prose_wrap(out, from, 2, s->format);
}

static void as_csv(const struct lr_why *w, struct lr_text *out)
{
    static const struct lr_column columns[] = {
        LR_COLUMN(difference_row, section, NULL, TEXT),         LR_COLUMN(difference_row, name, NULL, TEXT),
        LR_COLUMN(difference_row, left_s, NULL, SECONDS),       LR_COLUMN(difference_row, right_s, NULL, SECONDS),
        LR_COLUMN(difference_row, difference_s, NULL, SECONDS), LR_COLUMN(difference_row, share, NULL, PERCENT),
        LR_COLUMN(difference_row, left_bound, NULL, TEXT),      LR_COLUMN(difference_row, right_bound, NULL, TEXT),
    };
    struct lr_table t;
    lr_table_init(&t, columns, sizeof columns / sizeof *columns);
    if (w->fits) {
        operator_rows(w, 0, &t);
        cause_rows(w, true, &t);
    }
    lr_table_render(&t, LR_FORMAT_CSV, "", out);
    lr_table_free(&t);
}

static void json_crossover(const struct lr_why *w, enum lr_axis axis, struct lr_json *j)
{
    const struct lr_crossover *c = &w->cross[axis];
    lr_json_open(j, axis == LR_AXIS_BATCH ? "batch" : "context", '{');
    lr_json_number(j, "left_most", c->left_most);
    lr_json_number(j, "right_most", c->right_most);
    if (c->most >= 1)
        lr_json_text(j, "faster_at_1", w->label[c->left_first ? 0 : 1]);
    lr_json_open(j, "flips", '[');
    for (size_t i = 0; i < c->flips; i++) {
        lr_json_open(j, NULL, '{');
        lr_json_number(j, "at", c->flip[i].at);
        lr_json_text(j, "faster_from_there", w->label[(i % 2 == 0) == c->left_first ? 1 : 0]);
        lr_json_number(j, "undecided_from", c->flip[i].open_from > 0 ? c->flip[i].open_from : NAN);
        lr_json_number(j, "undecided_to", c->flip[i].open_to > 0 ? c->flip[i].open_to : NAN);
        lr_json_close(j, '}');
    }
    lr_json_close(j, ']');
    lr_json_close(j, '}');
}

static void json_side(const struct lr_session *s, const struct lr_why *w, size_t side, struct lr_json *j)
{
    const struct lr_estimate *e = &w->estimate[side];
    struct lr_op_estimate op[LR_OPS_MAX];
    const struct lr_elasticity *x = &w->elasticity[side];
    const struct side_row row = side_row(w, side);
    lr_plan_operators(w->plan[side], &w->workload, op);
    lr_json_open(j, side == 0 ? "left" : "right", '{');
    lr_json_text(j, "hardware", w->label[side]);
    lr_answer_json_deployment(s, w->plan[side], j);
    lr_json_bool(j, "fits", e->fits);
    lr_json_number(j, "tpot_s", row.tpot_s);
    lr_json_number(j, "tpot_low_s", row.tpot_low_s);
    lr_json_number(j, "tpot_high_s", row.tpot_high_s);
    lr_json_number(j, "floor_tpot_s", row.floor_s);
    lr_json_text(j, "bound", lr_bound_name(e->bound));
    lr_json_open(j, "elasticity", '{');
    for (int l = 0; l < LR_LEVER_CAPACITY; l++)
        lr_json_number(j, lr_lever_name((enum lr_lever)l), x->step[l]);
    lr_json_open(j, "operators", '[');
    for (size_t i = 0; i < x->ops; i++) {
        lr_json_open(j, NULL, '{');
        lr_json_text(j, "name", op[i].name);
        lr_json_number(j, "time_s", e->fits ? op[i].time_s : NAN);
        for (int l = 0; l < LR_LEVER_CAPACITY; l++)
            lr_json_number(j, lr_lever_name((enum lr_lever)l), x->op[i][l]);
        lr_json_close(j, '}');
    }
    lr_json_close(j, ']');
    lr_json_close(j, '}');
    lr_json_close(j, '}');
}

static void json_differences(const struct lr_why *w, struct lr_json *j)
{
    lr_json_number(j, "difference_s", w->estimate[1].tpot_s - w->estimate[0].tpot_s);
    lr_json_text(j, "order", lr_why_sure(w->outcome));
    lr_json_open(j, "operators", '[');
    for (size_t i = 0; i < w->rows; i++) {
        const struct difference_row row = operator_row(w, &w->row[i]);
        lr_json_open(j, NULL, '{');
        lr_json_text(j, "name", row.name);
        lr_json_number(j, "left_s", row.left_s);
        lr_json_number(j, "right_s", row.right_s);
        lr_json_number(j, "difference_s", row.difference_s);
        lr_json_number(j, "share", row.share);
        lr_json_text(j, "left_bound", row.left_bound);
        lr_json_text(j, "right_bound", row.right_bound);
        lr_json_close(j, '}');
    }
    lr_json_close(j, ']');
    lr_json_open(j, "causes", '[');
    for (int c = 0; c < LR_CAUSE_COUNT; c++) {
        const struct difference_row row = cause_row(w, (enum lr_cause)c);
        lr_json_open(j, NULL, '{');
        lr_json_text(j, "name", row.name);
        lr_json_number(j, "from_s", row.left_s);
        lr_json_number(j, "to_s", row.right_s);
        lr_json_number(j, "difference_s", row.difference_s);
        lr_json_close(j, '}');
    }
    lr_json_close(j, ']');
}

static void as_json(const struct lr_session *s, const struct lr_why *w, const struct lr_remedies *r,
                    struct lr_text *out)
{
    struct lr_json j = {.out = out};
    struct lr_text words = {0};
    lr_why_words(s, w, &words);
    lr_text_cut(&words, words.length - 1);
    lr_json_open(&j, NULL, '{');
    lr_json_text(&j, "schema", "llmroof/explain/1");
    lr_json_text(&j, "model", s->model->name);
    lr_json_open(&j, "workload", '{');
    lr_json_number(&j, "batch", w->workload.batch);
    lr_json_number(&j, "context", w->workload.context);
    lr_json_close(&j, '}');
    for (size_t i = 0; i < w->sides; i++)
        json_side(s, w, i, &j);
    if (w->sides == 2 && w->fits)
        json_differences(w, &j);
    if (w->sides == 2) {
        lr_json_open(&j, "crossover", '{');
        json_crossover(w, LR_AXIS_BATCH, &j);
        json_crossover(w, LR_AXIS_CONTEXT, &j);
        lr_json_close(&j, '}');
    }
    if (r)
        lr_remedies_json(w, r, &j, "need");
    lr_json_text(&j, "words", lr_text_str(&words));
    lr_json_close(&j, '}');
    out->out_of_memory = out->out_of_memory || words.out_of_memory;
    lr_text_free(&words);
}

/* The other side: another profile, or the same one with other values; NULL where none is asked for. */
static const struct lr_hardware *other(struct lr_session *s)
{
    struct lr_options *const o = &s->options;
    struct lr_override set[2 * LR_OVERRIDES_MAX];
    size_t n = 0;
    if (o->vs && o->what_if_count)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--what-if", "given together with --vs, expected one of them");
    else if (o->vs)
        return lr_session_hardware(s, o->vs);
    else if (o->what_if_count && s->hardware_count < LR_OPENED_MAX) {
        for (size_t i = 0; i < o->override_count; i++)
            set[n++] = o->override[i];
        for (size_t i = 0; i < o->what_if_count; i++)
            set[n++] = o->what_if[i];
        struct lr_hardware *hw = lr_catalog_hardware(s->catalog, o->hardware.name[0], set, n, &s->diags);
        if (hw)
            s->hardware[s->hardware_count++] = hw;
        return hw;
    }
    return NULL;
}

/* --need's goal on the left; of two, that the slower takes no longer than the faster. NULL: there is none. */
static bool remedies(struct lr_session *s, const struct lr_why *w, struct lr_remedies *out, bool *any)
{
    struct lr_goal g;
    *any = s->options.need != NULL;
    if (*any)
        return lr_goal_parse(s->options.need, &g, &s->diags) && lr_remedies_find(s, w, 0, &g, out);
    if (w->sides < 2 || s->options.what_if_count || !w->fits || w->estimate[0].tpot_s == w->estimate[1].tpot_s)
        return true;
    const size_t slow = w->estimate[1].tpot_s > w->estimate[0].tpot_s;
    g = (struct lr_goal){.of = LR_GOAL_TPOT, .value = w->estimate[!slow].tpot_s};
    *any = true;
    if (!lr_remedies_find(s, w, slow, &g, out))
        return false;
    snprintf(out->says, sizeof out->says, "as fast as %.60s", w->label[!slow]);
    return true;
}

static bool one_point(struct lr_session *s)
{
    const struct lr_options *o = &s->options;
    if (o->hardware.count > 1)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--hw", "several profiles, expected one; give the other to --vs");
    if (o->batch.count > 1 || o->context.count > 1)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, o->batch.count > 1 ? "--batch" : "--context",
                "several points, expected one");
    return s->diags.errors == 0;
}

enum lr_exit lr_command_explain(struct lr_session *s, struct lr_text *out)
{
    struct lr_why *w = NULL;
    struct lr_remedies r;
    bool any = false;
    enum lr_exit answer = LR_EXIT_BAD;
    if (!one_point(s) || !lr_session_deployment(s))
        return LR_EXIT_BAD;
    const struct lr_hardware *right = other(s);
    if (!right && s->format == LR_FORMAT_CSV)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--output", "csv needs --vs or --what-if");
    if (s->diags.errors == 0)
        w = lr_why_open(s, s->hardware[0], right, s->options.what_if_count ? "what-if" : NULL,
                        lr_options_batches(&s->options).value[0], lr_options_contexts(&s->options).value[0]);
    if (w && remedies(s, w, &r, &any)) {
        if (s->format == LR_FORMAT_JSON)
            as_json(s, w, any ? &r : NULL, out);
        else if (s->format == LR_FORMAT_CSV)
            as_csv(w, out);
        else
            as_text(s, w, any ? &r : NULL, out);
        answer = (s->options.need ? r.met : w->fits) ? LR_EXIT_YES : LR_EXIT_NO;
    }
    lr_why_free(w);
    return answer;
}
