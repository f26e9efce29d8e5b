/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command/command.h"
#include "cli/session/benchmarks.h"
#include "cli/session/measured_files.h"
#include "render/json.h"

#include <llmroof/validate.h>

#include <math.h>

static const struct lr_column columns[] = {
    {"family", "family", LR_CELL_TEXT},
    {"model", "model", LR_CELL_TEXT},
    {"metric", "metric", LR_CELL_TEXT},
    {"hardware", "chip", LR_CELL_TEXT},
    {"dtype", "format", LR_CELL_TEXT},
    {"engine", "engine", LR_CELL_TEXT},
    {"kernels", "kernel set", LR_CELL_TEXT},
    {"evidence", "constants", LR_CELL_TEXT},
    {"n", "rows", LR_CELL_COUNT},
    {"median_ape", "median", LR_CELL_PERCENT},
    {"mean_ape", "mean", LR_CELL_PERCENT},
    {"p90_ape", "p90", LR_CELL_PERCENT},
    {"bias", "bias", LR_CELL_PERCENT},
    {"coverage", "in interval", LR_CELL_PERCENT},
    {"roofline_median_ape", "roofline median", LR_CELL_PERCENT},
    {"roofline_p90_ape", "roofline p90", LR_CELL_PERCENT},
    {"worst", NULL, LR_CELL_PERCENT},
    {"worst_line", NULL, LR_CELL_COUNT},
};

enum { COLUMNS = sizeof columns / sizeof *columns, NUMBERS_FROM = 8 };

/* What a group is known by: kernels by their family, deployments by model and metric. */
static void names_of(const struct lr_group *g, const char *name[NUMBERS_FROM])
{
    for (int i = 0; i < NUMBERS_FROM; i++)
        name[i] = NULL;
    name[0] = name[1] = "all"; /* one of the two is shown */
    name[3] = g->hardware ? g->hardware->name : NULL;
    if (!g->engine)
        return;
    name[0] = g->model ? "served" : lr_family_name(g->family);
    name[1] = g->model ? g->model->name : NULL;
    name[2] = g->model ? lr_metric_name(g->metric) : NULL;
    name[4] = g->dtype == LR_DTYPE_NONE ? "any" : lr_dtype_name(g->dtype);
    name[5] = g->engine;
    name[6] = g->set;
    name[7] = lr_evidence_name(g->evidence);
}

static void numbers_of(const struct lr_group *g, double number[COLUMNS - NUMBERS_FROM])
{
    const double all[] = {(double)g->n, g->median_ape,       g->mean_ape,      g->p90_ape, g->bias,
                          g->coverage,  g->floor_median_ape, g->floor_p90_ape, g->worst,   g->worst_line};
    for (int i = 0; i < COLUMNS - NUMBERS_FROM; i++)
        number[i] = g->n || i == 0 ? all[i] : NAN;
}

static void add_row(const struct lr_group *g, struct lr_table *t)
{
    const char *name[NUMBERS_FROM];
    double number[COLUMNS - NUMBERS_FROM];
    names_of(g, name);
    numbers_of(g, number);
    lr_table_row(t);
    for (size_t i = 0; i < NUMBERS_FROM; i++)
        if (name[i])
            lr_table_text(t, i, name[i]);
    for (size_t i = 0; i < COLUMNS - NUMBERS_FROM; i++)
        lr_table_number(t, NUMBERS_FROM + i, number[i]);
}

static void json_group(const struct lr_group *g, struct lr_json *j, const char *key)
{
    const char *name[NUMBERS_FROM];
    double number[COLUMNS - NUMBERS_FROM];
    names_of(g, name);
    numbers_of(g, number);
    lr_json_open(j, key, '{');
    for (size_t i = 0; i < NUMBERS_FROM; i++)
        if (name[i] && (g->engine || i == 3))
            lr_json_text(j, columns[i].key, name[i]);
    for (size_t i = 0; i < COLUMNS - NUMBERS_FROM; i++)
        lr_json_number(j, columns[NUMBERS_FROM + i].key, number[i]);
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
        out[i] = columns[i];
        const bool of_kernels = i == 0, of_served = i == 1 || i == 2;
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
    lr_text_addf(out, "\n%zu rows left out: flagged, or used by fits\n", v->left_out);
    for (size_t i = 0; i < v->reasons; i++)
        lr_text_addf(out, "%zu rows left out: %s\n", v->reason[i].rows, v->reason[i].why);
    for (size_t i = 0; i < v->count && s->options.worst; i++) {
        const struct lr_group *g = &v->group[i];
        lr_text_addf(out, "worst of %s %s %s %s: line %d, %+.0f %%\n",
                     g->model ? g->model->name : lr_family_name(g->family), g->hardware->name, lr_dtype_name(g->dtype),
                     g->engine, g->worst_line, 100 * g->worst);
    }
}

/* Every row that counted. */
static void as_rows(const struct lr_session *s, const struct lr_validation *v, struct lr_text *out)
{
    static const struct lr_column row[] = {
        {"line", "line", LR_CELL_COUNT},
        {"family", "family", LR_CELL_TEXT},
        {"model", "model", LR_CELL_TEXT},
        {"metric", "metric", LR_CELL_TEXT},
        {"hardware", "chip", LR_CELL_TEXT},
        {"dtype", "format", LR_CELL_TEXT},
        {"engine", "engine", LR_CELL_TEXT},
        {"gpus", "gpus", LR_CELL_COUNT},
        {"concurrency", "users", LR_CELL_COUNT},
        {"input", "input", LR_CELL_COUNT},
        {"output", "output", LR_CELL_COUNT},
        {"measured_s", "measured", LR_CELL_SECONDS},
        {"predicted_s", "predicted", LR_CELL_SECONDS},
        {"error", "error", LR_CELL_PERCENT},
        {"low_s", "low", LR_CELL_SECONDS},
        {"high_s", "high", LR_CELL_SECONDS},
        {"floor_s", "floor", LR_CELL_SECONDS},
        {"step_s", NULL, LR_CELL_SECONDS},
        {"prefill_s", NULL, LR_CELL_SECONDS},
    };
    struct lr_table t;
    lr_table_init(&t, row, sizeof row / sizeof *row);
    for (size_t i = 0; i < v->points; i++) {
        const struct lr_point *p = &v->point[i];
        const char *name[NUMBERS_FROM];
        names_of(&v->group[p->group], name);
        lr_table_row(&t);
        lr_table_number(&t, 0, p->line);
        for (size_t k = 0; k < 6; k++)
            if (name[k])
                lr_table_text(&t, 1 + k, name[k]);
        const double number[] = {p->gpus,
                                 p->traffic.concurrency,
                                 p->traffic.input,
                                 p->traffic.output,
                                 p->measured_s,
                                 p->predicted_s,
                                 p->predicted_s / p->measured_s - 1,
                                 p->low_s,
                                 p->high_s,
                                 p->floor_s,
                                 p->step_s,
                                 p->prefill_s};
        for (size_t k = 0; k < sizeof number / sizeof *number; k++)
            if (v->group[p->group].model || (k >= 4 && k < 10))
                lr_table_number(&t, 7 + k, number[k]);
    }
    lr_table_render(&t, s->format, "llmroof/validate-rows/1", out);
    lr_table_free(&t);
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
