/* SPDX-License-Identifier: Apache-2.0 */
/* report MODEL --hw A,B --out report.html: question, answer, plots, reasons and sources, in one file. */
#include "cli/command/command.h"
#include "cli/report/report.h"

#include "core/quantity.h"
#include "render/html.h"

#include <stdio.h>
#include <string.h>

/* Points of a range that are no more than most, where there is a most. */
static struct lr_points points_to(const char *range, double most)
{
    struct lr_points all = {0}, kept = {0};
    char error[LR_QUANTITY_ERROR];
    lr_range_parse(range, all.value, LR_POINTS_MAX, &all.count, error, sizeof error);
    for (size_t i = 0; i < all.count; i++)
        if (most <= 0 || all.value[i] <= most)
            kept.value[kept.count++] = all.value[i];
    return kept;
}

static bool fill(struct lr_report *r)
{
    struct lr_session *const s = r->s;
    const struct lr_points batch = lr_options_batches(&s->options), context = lr_options_contexts(&s->options);
    const char *const dot = s->file ? strrchr(s->file, '.') : NULL;
    if (!dot || strcmp(dot, ".html") != 0)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--output", "%s, expected a file that ends in .html",
                s->options.output ? s->options.output : "is missing");
    if (batch.count != 1 || context.count != 1)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, batch.count != 1 ? "--batch" : "--context",
                "several points, expected one");
    if (s->options.hardware.count > LR_REPORT_CHIPS)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--hw", "expected at most %d chips", LR_REPORT_CHIPS);
    if (s->diags.errors || !lr_session_deployment(s))
        return false;
    r->batches = points_to("1-256*2", 0);
    r->contexts = points_to("1k-128k*2", s->model->max_context);
    if (r->contexts.count == 0)
        r->contexts = context;
    return lr_grid_fill(&r->point, s, s->hardware, s->hardware_count, &batch, &context);
}

static bool write_page(struct lr_report *r)
{
    lr_report_head(r);
    lr_report_answer(r);
    if (!lr_report_curves(r) || !lr_report_reasons(r) || !lr_report_operators(r) || !lr_report_memory(r))
        return false;
    lr_report_sources(r);
    lr_report_tail(r);
    return r->s->diags.errors == 0;
}

enum lr_exit lr_command_report(struct lr_session *s, struct lr_text *out)
{
    struct lr_report r = {.s = s, .out = out};
    enum lr_exit answer = LR_EXIT_BAD;
    if (fill(&r) && write_page(&r))
        answer = lr_grid_fitting(&r.point) > 0 ? LR_EXIT_YES : LR_EXIT_NO;
    lr_grid_free(&r.point);
    return answer;
}
