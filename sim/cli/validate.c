#include "cli/measured_files.h"
#include "render/json.h"

#include <llmroof/validate.h>

static const struct lr_column columns[] = {
    {"family", "family", LR_CELL_TEXT},
    {"hardware", "chip", LR_CELL_TEXT},
    {"dtype", "format", LR_CELL_TEXT},
    {"engine", "engine", LR_CELL_TEXT},
    {"kernels", "kernel set", LR_CELL_TEXT},
    {"evidence", "constants", LR_CELL_TEXT},
    {"n", "rows", LR_CELL_COUNT},
    {"median_ape", "median", LR_CELL_PERCENT},
    {"p90_ape", "p90", LR_CELL_PERCENT},
    {"bias", "bias", LR_CELL_PERCENT},
    {"coverage", "in interval", LR_CELL_PERCENT},
    {"roofline_median_ape", "roofline median", LR_CELL_PERCENT},
    {"roofline_p90_ape", "roofline p90", LR_CELL_PERCENT},
    {"worst", NULL, LR_CELL_PERCENT},
    {"worst_line", NULL, LR_CELL_COUNT},
};

enum { COLUMNS = sizeof columns / sizeof *columns, NUMBERS_FROM = 6 };

static void add_row(const struct lr_group *g, struct lr_table *t)
{
    const double number[] = {(double)g->n,        g->median_ape,    g->p90_ape, g->bias,      g->coverage,
                             g->floor_median_ape, g->floor_p90_ape, g->worst,   g->worst_line};
    lr_table_row(t);
    lr_table_text(t, 0, g->hardware ? lr_family_name(g->family) : "all");
    if (g->hardware) {
        lr_table_text(t, 1, g->hardware->name);
        lr_table_text(t, 2, g->dtype == LR_DTYPE_NONE ? "any" : lr_dtype_name(g->dtype));
        lr_table_text(t, 3, g->engine);
        lr_table_text(t, 4, g->set);
        lr_table_text(t, 5, lr_evidence_name(g->evidence));
    }
    for (size_t i = 0; i < sizeof number / sizeof *number; i++)
        lr_table_number(t, NUMBERS_FROM + i, number[i]);
}

static void json_group(const struct lr_group *g, struct lr_json *j, const char *key)
{
    lr_json_open(j, key, '{');
    if (g->hardware) {
        lr_json_text(j, "family", lr_family_name(g->family));
        lr_json_text(j, "hardware", g->hardware->name);
        lr_json_text(j, "dtype", g->dtype == LR_DTYPE_NONE ? "any" : lr_dtype_name(g->dtype));
        lr_json_text(j, "engine", g->engine);
        lr_json_text(j, "kernels", g->set);
        lr_json_text(j, "evidence", lr_evidence_name(g->evidence));
    }
    lr_json_number(j, "n", (double)g->n);
    lr_json_number(j, "median_ape", g->median_ape);
    lr_json_number(j, "p90_ape", g->p90_ape);
    lr_json_number(j, "bias", g->bias);
    lr_json_number(j, "coverage", g->coverage);
    lr_json_number(j, "roofline_median_ape", g->floor_median_ape);
    lr_json_number(j, "roofline_p90_ape", g->floor_p90_ape);
    lr_json_number(j, "worst", g->worst);
    lr_json_number(j, "worst_line", g->worst_line);
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
    json_group(&v->total, &j, "total");
    lr_json_close(&j, '}');
}

static void as_table(const struct lr_session *s, const struct lr_validation *v, struct lr_text *out)
{
    struct lr_table t;
    lr_table_init(&t, columns, COLUMNS);
    for (size_t i = 0; i < v->count; i++)
        add_row(&v->group[i], &t);
    add_row(&v->total, &t);
    lr_table_render(&t, s->format, "", out);
    lr_table_free(&t);
    if (s->format == LR_FORMAT_CSV)
        return;
    lr_text_addf(out, "\n%zu rows left out: flagged, or used by fits\n", v->left_out);
    for (size_t i = 0; i < v->count && s->options.worst; i++)
        lr_text_addf(out, "worst of %s %s %s %s: line %d, %+.0f %%\n", lr_family_name(v->group[i].family),
                     v->group[i].hardware->name, lr_dtype_name(v->group[i].dtype), v->group[i].engine,
                     v->group[i].worst_line, 100 * v->group[i].worst);
}

int lr_command_validate(int argc, char **argv)
{
    struct lr_session s;
    struct lr_measured_files files = {0};
    struct lr_validation v = {0};
    struct lr_text out = {0};
    int code = LR_EXIT_BAD;
    if (lr_session_open(&s, argc, argv, lr_command_groups("validate")) && lr_measured_files_open(&files, &s) &&
        lr_validate(files.file, files.count, lr_measured_set, &s, s.options.include_fitted, &v, &s.diags)) {
        const double gate = s.options.max_median;
        if (s.format == LR_FORMAT_JSON)
            as_json(&v, &out);
        else
            as_table(&s, &v, &out);
        code = lr_session_answer(&s, &out, gate > 0 && !(v.total.median_ape <= gate) ? LR_EXIT_NO : LR_EXIT_YES);
    }
    lr_session_report(&s);
    lr_text_free(&out);
    lr_validation_free(&v);
    lr_measured_files_close(&files);
    lr_session_close(&s);
    return code;
}
