/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command/command.h"
#include "cli/session/benchmarks.h"
#include "cli/session/measured_files.h"
#include "render/json.h"

#include <llmroof/pairs.h>

#include <math.h>

/* A group is known by its names: kernels by family, deployments by model and metric. */
struct group_row {
    const char *family, *model, *metric, *hardware, *dtype, *engine, *kernels, *evidence;
    double n, median_ape, mean_ape, p90_ape, bias, coverage, roofline_median_ape, roofline_p90_ape, worst, worst_line;
};

static const struct lr_column columns[] = {
    LR_COLUMN(group_row, family, "family", TEXT),
    LR_COLUMN(group_row, model, "model", TEXT),
    LR_COLUMN(group_row, metric, "metric", TEXT),
    LR_COLUMN(group_row, hardware, "chip", TEXT),
    LR_COLUMN(group_row, dtype, "format", TEXT),
    LR_COLUMN(group_row, engine, "engine", TEXT),
    LR_COLUMN(group_row, kernels, "kernel set", TEXT),
    LR_COLUMN(group_row, evidence, "constants", TEXT),
    LR_COLUMN(group_row, n, "rows", COUNT),
    LR_COLUMN(group_row, median_ape, "median", PERCENT),
    LR_COLUMN(group_row, mean_ape, "mean", PERCENT),
    LR_COLUMN(group_row, p90_ape, "p90", PERCENT),
    LR_COLUMN(group_row, bias, "bias", PERCENT),
    LR_COLUMN(group_row, coverage, "in interval", PERCENT),
    LR_COLUMN(group_row, roofline_median_ape, "roofline median", PERCENT),
    LR_COLUMN(group_row, roofline_p90_ape, "roofline p90", PERCENT),
    LR_COLUMN(group_row, worst, NULL, PERCENT),
    LR_COLUMN(group_row, worst_line, NULL, COUNT),
};
enum { COLUMNS = sizeof columns / sizeof *columns };

static void set_names(const struct lr_group *g, struct group_row *row)
{
    const bool served = g->model != NULL;
    row->hardware = g->hardware ? g->hardware->name : NULL;
    if (!g->engine) { /* of a chip, or of all: one of the two columns is shown */
        row->family = row->model = "all";
        return;
    }
    row->family = served ? "served" : lr_family_name(g->family);
    row->model = served ? g->model->name : NULL;
    row->metric = served ? lr_metric_name(g->metric) : NULL;
    row->dtype = g->dtype == LR_DTYPE_NONE ? "any" : lr_dtype_name(g->dtype);
    row->engine = g->engine;
    row->kernels = g->set;
    row->evidence = lr_evidence_name(g->evidence);
}

static struct group_row row_of(const struct lr_group *g)
{
    const bool any = g->n > 0;
    struct group_row row = {
        .n = (double)g->n,
        .median_ape = any ? g->median_ape : NAN,
        .mean_ape = any ? g->mean_ape : NAN,
        .p90_ape = any ? g->p90_ape : NAN,
        .bias = any ? g->bias : NAN,
        .coverage = any ? g->coverage : NAN,
        .roofline_median_ape = any ? g->floor_median_ape : NAN,
        .roofline_p90_ape = any ? g->floor_p90_ape : NAN,
        .worst = any ? g->worst : NAN,
        .worst_line = any ? g->worst_line : NAN,
    };
    set_names(g, &row);
    return row;
}

static void add_row(const struct lr_group *g, struct lr_table *t)
{
    const struct group_row row = row_of(g);
    lr_table_add(t, &row);
}

/* Without the names that a group does not have. */
static void json_group(const struct lr_group *g, struct lr_json *j, const char *key)
{
    struct group_row row = row_of(g);
    if (!g->engine)
        row.family = row.model = NULL;
    lr_json_open(j, key, '{');
    for (size_t i = 0; i < COLUMNS; i++) {
        const struct lr_cell cell = lr_cell_of(&columns[i], &row);
        if (columns[i].kind != LR_CELL_TEXT || !cell.empty)
            lr_cell_json(&columns[i], &cell, j);
    }
    lr_json_close(j, '}');
}

static void as_json(const struct lr_validation *v, struct lr_text *out)
{
    struct lr_json j = {.out = out};
    lr_json_open(&j, NULL, '{');
    lr_json_text(&j, "schema", "llmroof/validate/1");
    lr_json_number(&j, "left_out", (double)v->left_out);
    lr_json_open(&j, "groups", '[');
    for (size_t i = 0; i < v->count; i++)
        json_group(&v->group[i], &j, NULL);
    lr_json_close(&j, ']');
    lr_json_open(&j, "chips", '[');
    for (size_t i = 0; i < v->chips; i++)
        json_group(&v->chip[i], &j, NULL);
    lr_json_close(&j, ']');
    json_group(&v->total, &j, "total");
    lr_json_close(&j, '}');
}

/* Columns that say nothing of these rows are not shown to people. */
static void visible_columns(bool served, struct lr_column out[COLUMNS])
{
    for (size_t i = 0; i < COLUMNS; i++) {
        const size_t at = columns[i].offset;
        const bool of_kernels = at == offsetof(struct group_row, family);
        const bool of_served = at == offsetof(struct group_row, model) || at == offsetof(struct group_row, metric);
        out[i] = columns[i];
        if (served ? of_kernels : of_served)
            out[i].title = NULL;
    }
}

static void as_table(const struct lr_session *s, const struct lr_validation *v, struct lr_text *out)
{
    struct lr_column shown[COLUMNS];
    struct lr_table t;
    visible_columns(v->count && v->group[0].model, shown);
    lr_table_init(&t, shown, COLUMNS);
    for (size_t i = 0; i < v->count; i++)
        add_row(&v->group[i], &t);
    for (size_t i = 0; i < v->chips && v->chips > 1; i++)
        add_row(&v->chip[i], &t);
    add_row(&v->total, &t);
    lr_table_render(&t, s->format, "", out);
    lr_table_free(&t);
    if (s->format == LR_FORMAT_CSV)
        return;
    lr_text_addf(out, "\n%zu rows left out: flagged, or used by a fit\n", v->left_out);
    for (size_t i = 0; i < v->reasons; i++)
        lr_text_addf(out, "%zu rows left out: %s\n", v->reason[i].rows, v->reason[i].why);
    for (size_t i = 0; i < v->count && s->options.worst; i++) {
        const struct lr_group *g = &v->group[i];
        lr_text_addf(out, "worst of %s %s %s %s: line %d, %+.0f %%\n",
                     g->model ? g->model->name : lr_family_name(g->family), g->hardware->name, lr_dtype_name(g->dtype),
                     g->engine, g->worst_line, 100 * g->worst);
    }
}

struct measured_row {
    double line;
    const char *family, *model, *metric, *hardware, *dtype, *engine;
    double gpus, concurrency, input, output;
    double measured_s, predicted_s, error, low_s, high_s, floor_s, step_s, prefill_s;
};

static const struct lr_column measured_columns[] = {
    LR_COLUMN(measured_row, line, "line", COUNT),
    LR_COLUMN(measured_row, family, "family", TEXT),
    LR_COLUMN(measured_row, model, "model", TEXT),
    LR_COLUMN(measured_row, metric, "metric", TEXT),
    LR_COLUMN(measured_row, hardware, "chip", TEXT),
    LR_COLUMN(measured_row, dtype, "format", TEXT),
    LR_COLUMN(measured_row, engine, "engine", TEXT),
    LR_COLUMN(measured_row, gpus, "gpus", COUNT),
    LR_COLUMN(measured_row, concurrency, "users", COUNT),
    LR_COLUMN(measured_row, input, "input", COUNT),
    LR_COLUMN(measured_row, output, "output", COUNT),
    LR_COLUMN(measured_row, measured_s, "measured", SECONDS),
    LR_COLUMN(measured_row, predicted_s, "predicted", SECONDS),
    LR_COLUMN(measured_row, error, "error", PERCENT),
    LR_COLUMN(measured_row, low_s, "low", SECONDS),
    LR_COLUMN(measured_row, high_s, "high", SECONDS),
    LR_COLUMN(measured_row, floor_s, "floor", SECONDS),
    LR_COLUMN(measured_row, step_s, NULL, SECONDS),
    LR_COLUMN(measured_row, prefill_s, NULL, SECONDS),
};

static void add_measured(const struct lr_validation *v, const struct lr_point *p, struct lr_table *t)
{
    const struct lr_group *g = &v->group[p->group];
    const struct group_row of = row_of(g);
    const bool served = g->model != NULL;
    const struct measured_row row = {
        .line = p->line,
        .family = of.family,
        .model = of.model,
        .metric = of.metric,
        .hardware = of.hardware,
        .dtype = of.dtype,
        .engine = of.engine,
        .gpus = served ? p->gpus : NAN,
        .concurrency = served ? p->traffic.concurrency : NAN,
        .input = served ? p->traffic.input : NAN,
        .output = served ? p->traffic.output : NAN,
        .measured_s = p->measured_s,
        .predicted_s = p->predicted_s,
        .error = p->predicted_s / p->measured_s - 1,
        .low_s = p->low_s,
        .high_s = p->high_s,
        .floor_s = p->floor_s,
        .step_s = served ? p->step_s : NAN,
        .prefill_s = served ? p->prefill_s : NAN,
    };
    lr_table_add(t, &row);
}

/* Every row that counted. */
static void as_rows(const struct lr_session *s, const struct lr_validation *v, struct lr_text *out)
{
    struct lr_table t;
    lr_table_init(&t, measured_columns, sizeof measured_columns / sizeof *measured_columns);
    for (size_t i = 0; i < v->points; i++)
        add_measured(v, &v->point[i], &t);
    lr_table_render(&t, s->format, "llmroof/validate-rows/1", out);
    lr_table_free(&t);
}

struct pair_row {
    const char *differ, *word;
    double n, right, share;
};

static const struct lr_column pair_columns[] = {
    LR_COLUMN(pair_row, differ, "differ in", TEXT),
    LR_COLUMN(pair_row, word, "called", TEXT),
    LR_COLUMN(pair_row, n, "pairs", COUNT),
    LR_COLUMN(pair_row, right, "right", COUNT),
    LR_COLUMN(pair_row, share, "share right", PERCENT),
};

static void pair_rows(const char *differ, const struct lr_pair_bin bin[LR_CERTAINTY_COUNT], struct lr_table *t)
{
    for (int c = 0; c < LR_CERTAINTY_COUNT; c++) {
        const struct pair_row row = {
            .differ = differ,
            .word = lr_certainty_word((enum lr_certainty)c),
            .n = (double)bin[c].n,
            .right = (double)bin[c].right,
            .share = (double)bin[c].right / (double)bin[c].n,
        };
        if (bin[c].n > 0)
            lr_table_add(t, &row);
    }
}

static void pairs_as_table(const struct lr_session *s, const struct lr_pairs *p, struct lr_text *out)
{
    struct lr_table t;
    lr_table_init(&t, pair_columns, sizeof pair_columns / sizeof *pair_columns);
    for (int k = 0; k < LR_PAIR_KIND_COUNT; k++)
        pair_rows(lr_pair_kind_name((enum lr_pair_kind)k), p->bin[k], &t);
    pair_rows("all", p->all, &t);
    lr_table_render(&t, s->format, "", out);
    lr_table_free(&t);
    if (s->format != LR_FORMAT_CSV && p->n)
        lr_text_addf(out, "\n%zu pairs of runs that differ in one thing; an order is called for %.0f %% of them\n",
                     p->n, 100 * (double)p->called / (double)p->n);
}

static void json_bins(struct lr_json *j, const char *key, const struct lr_pair_bin bin[LR_CERTAINTY_COUNT])
{
    lr_json_open(j, key, '[');
    for (int c = 0; c < LR_CERTAINTY_COUNT; c++) {
        lr_json_open(j, NULL, '{');
        lr_json_text(j, "word", lr_certainty_word((enum lr_certainty)c));
        lr_json_number(j, "n", (double)bin[c].n);
        lr_json_number(j, "right", (double)bin[c].right);
        lr_json_close(j, '}');
    }
    lr_json_close(j, ']');
}

static void pairs_as_json(const struct lr_pairs *p, struct lr_text *out)
{
    struct lr_json j = {.out = out};
    lr_json_open(&j, NULL, '{');
    lr_json_text(&j, "schema", "llmroof/validate-pairs/1");
    lr_json_open(&j, "pairs", '{');
    lr_json_number(&j, "n", (double)p->n);
    lr_json_number(&j, "called", (double)p->called);
    json_bins(&j, "bins", p->all);
    for (int k = 0; k < LR_PAIR_KIND_COUNT; k++)
        json_bins(&j, lr_pair_kind_name((enum lr_pair_kind)k), p->bin[k]);
    lr_json_close(&j, '}');
    lr_json_close(&j, '}');
}

/* How often the predicted order of two runs that differ in one thing is right. */
static enum lr_exit count_pairs(struct lr_session *s, struct lr_text *out)
{
    struct lr_benchmarks b = {0};
    struct lr_pairs p;
    enum lr_exit answer = LR_EXIT_BAD;
    if (!lr_benchmarks_named(s))
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--pairs", "needs end-to-end runs, not kernels");
    else if (lr_benchmarks_open(&b, s) &&
             lr_validate_pairs(b.file, b.count, lr_benchmarks_plan, &b, s->options.include_fitted, &p, &s->diags)) {
        if (s->format == LR_FORMAT_JSON)
            pairs_as_json(&p, out);
        else
            pairs_as_table(s, &p, out);
        answer = LR_EXIT_YES;
    }
    lr_benchmarks_close(&b);
    return answer;
}

/* Kernels, or whole deployments: a run is of one kind. */
static bool validate(struct lr_session *s, struct lr_measured_files *files, struct lr_benchmarks *b,
                     struct lr_validation *v)
{
    if (lr_benchmarks_named(s))
        return lr_benchmarks_open(b, s) && lr_validate_benchmarks(b->file, b->count, lr_benchmarks_plan, b,
                                                                  s->options.include_fitted, v, &s->diags);
    return lr_measured_files_open(files, s) &&
           lr_validate(files->file, files->count, lr_measured_set, s, s->options.include_fitted, v, &s->diags);
}

enum lr_exit lr_command_validate(struct lr_session *s, struct lr_text *out)
{
    struct lr_measured_files files = {0};
    struct lr_benchmarks benchmarks = {0};
    struct lr_validation v = {0};
    enum lr_exit answer = LR_EXIT_BAD;
    if (s->options.pairs)
        return lr_benchmarks_options(s, false) ? count_pairs(s, out) : LR_EXIT_BAD;
    if (lr_benchmarks_options(s, false) && validate(s, &files, &benchmarks, &v)) {
        const double gate = s->options.max_median;
        if (s->options.rows)
            as_rows(s, &v, out);
        else if (s->format == LR_FORMAT_JSON)
            as_json(&v, out);
        else
            as_table(s, &v, out);
        answer = gate > 0 && !(v.total.median_ape <= gate) ? LR_EXIT_NO : LR_EXIT_YES;
    }
    lr_validation_free(&v);
    lr_measured_files_close(&files);
    lr_benchmarks_close(&benchmarks);
    return answer;
}
