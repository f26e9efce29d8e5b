/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/plot/plot.h"
#include "cli/report/report.h"
#include "cli/view/why.h"
#include "render/html.h"

#include <stdio.h>

/* One figure: a plot of some chips over some points, with a line below it. */
static bool figure(struct lr_report *r, enum lr_plot_kind kind, struct lr_picture *p, const char *caption)
{
    struct lr_text svg = {0};
    char prefix[24];
    const bool ok = lr_picture_svg(r->s, p, kind, &svg);
    snprintf(prefix, sizeof prefix, "f%zu", ++r->figures);
    if (ok) {
        lr_text_add(r->out, "<figure>\n");
        lr_html_svg(lr_text_str(&svg), prefix, p->title, r->out);
        lr_text_addf(r->out, "<figcaption>%s</figcaption>\n</figure>\n", caption);
    }
    r->out->out_of_memory = r->out->out_of_memory || svg.out_of_memory;
    lr_text_free(&svg);
    return ok;
}

static struct lr_points one(double value)
{
    return (struct lr_points){.value = {value}, .count = 1};
}

static const struct lr_workload *workload(const struct lr_report *r)
{
    return &r->point.answer[0].workload;
}

bool lr_report_curves(struct lr_report *r)
{
    struct lr_session *const s = r->s;
    const struct lr_points context = one(workload(r)->context);
    struct lr_picture curve = {0}, map = {0};
    struct lr_table t;
    lr_text_add(r->out, "<section id=\"curves\">\n<h2>Against batch and context</h2>\n");
    bool ok = lr_grid_fill(&curve.grid, s, s->hardware, s->hardware_count, &r->batches, &context);
    if (ok && lr_grid_fitting(&curve.grid) > 0)
        ok = figure(r, LR_PLOT_latency, &curve,
                    "Time per output token against batch. Bands are 80 % intervals. Lines end where memory is full.");
    if (ok && s->hardware_count > 1)
        ok = lr_grid_fill(&map.grid, s, s->hardware, s->hardware_count, &r->batches, &r->contexts);
    if (ok && lr_grid_fitting(&map.grid) > 0)
        ok = figure(
            r, LR_PLOT_crossover, &map,
            "Who is fastest where. A cell shows the speed-up over the next chip. Pale: likely; hatched: too close "
            "to call.");
    if (ok) {
        lr_table_init(&t, lr_compare_columns, LR_COMPARE_COLUMNS);
        lr_grid_table(&curve.grid, &t);
        lr_table_render(&t, LR_FORMAT_HTML, "", r->out);
        lr_table_free(&t);
        lr_text_add(r->out, "</section>\n");
    }
    lr_picture_free(&curve);
    lr_picture_free(&map);
    return ok;
}

/* Why the first chip and another differ. */
static bool pair(struct lr_report *r, struct lr_hardware *other)
{
    struct lr_session *const s = r->s;
    struct lr_hardware *const two[] = {s->hardware[0], other};
    const struct lr_points batch = one(workload(r)->batch), context = one(workload(r)->context);
    struct lr_picture p = {0};
    struct lr_text words = {0};
    struct lr_why *w = lr_why_open(s, two[0], other, NULL, batch.value[0], context.value[0]);
    bool ok = w != NULL;
    if (ok) {
        lr_why_words(s, w, &words);
        lr_text_add(r->out, "<h3>");
        lr_html_text(r->out, two[0]->name);
        lr_text_add(r->out, " and ");
        lr_html_text(r->out, other->name);
        lr_text_add(r->out, "</h3>\n<p>");
        lr_html_text(r->out, lr_text_str(&words));
        lr_text_add(r->out, "</p>\n");
    }
    if (ok && w->fits)
        ok = lr_grid_fill(&p.grid, s, two, 2, &batch, &context) &&
             figure(r, LR_PLOT_waterfall, &p,
                    "From one chip to the other, changing one property at a time. Joint effects count for the later "
                    "property.");
    lr_why_free(w);
    lr_text_free(&words);
    lr_picture_free(&p);
    return ok;
}

bool lr_report_reasons(struct lr_report *r)
{
    struct lr_session *const s = r->s;
    const struct lr_points batch = one(workload(r)->batch), context = one(workload(r)->context);
    struct lr_picture p = {0};
    lr_text_add(r->out, "<section id=\"reasons\">\n<h2>Why</h2>\n");
    bool ok =
        lr_grid_fill(&p.grid, s, s->hardware, s->hardware_count, &batch, &context) &&
        figure(r, LR_PLOT_sensitivity, &p, "Reduction of TPOT in per cent per +1 % of one property, all others fixed.");
    lr_picture_free(&p);
    for (size_t h = 1; h < s->hardware_count && ok; h++)
        ok = pair(r, s->hardware[h]);
    lr_text_add(r->out, "</section>\n");
    return ok;
}

bool lr_report_operators(struct lr_report *r)
{
    struct lr_session *const s = r->s;
    const struct lr_points batch = one(workload(r)->batch), context = one(workload(r)->context);
    bool ok = true;
    lr_text_add(r->out, "<section id=\"operators\">\n<h2>Operators</h2>\n");
    for (size_t h = 0; h < s->hardware_count && ok; h++) {
        struct lr_picture p = {0};
        if (!r->point.answer[h].estimate.fits)
            continue;
        lr_text_add(r->out, "<h3>");
        lr_html_text(r->out, s->hardware[h]->name);
        lr_text_add(r->out, "</h3>\n");
        ok = lr_grid_fill(&p.grid, s, &s->hardware[h], 1, &batch, &context) &&
             figure(r, LR_PLOT_roofline, &p,
                    "Each operator under the rooflines. The area of a point is its share of the step.");
        if (ok)
            lr_answer_operators(&r->point.answer[h], LR_FORMAT_HTML, r->out);
        lr_picture_free(&p);
    }
    lr_text_add(r->out, "</section>\n");
    return ok;
}

static bool any_room(const struct lr_grid *g)
{
    for (size_t i = 0; i < g->count; i++)
        if (g->answer[i].estimate.memory.max_batch >= 1)
            return true;
    return false;
}

bool lr_report_memory(struct lr_report *r)
{
    struct lr_session *const s = r->s;
    const struct lr_points batch = one(workload(r)->batch), context = one(workload(r)->context);
    struct lr_picture bars = {0}, room = {0};
    lr_text_add(r->out, "<section id=\"memory\">\n<h2>Memory</h2>\n");
    bool ok = lr_grid_fill(&bars.grid, s, s->hardware, s->hardware_count, &batch, &context) &&
              figure(r, LR_PLOT_memory, &bars, "Memory of one GPU.") &&
              lr_grid_fill(&room.grid, s, s->hardware, s->hardware_count, &batch, &r->contexts);
    if (ok && r->contexts.count > 1 && any_room(&room.grid))
        ok = figure(r, LR_PLOT_room, &room, "Largest number of sequences that fit, by context.");
    lr_text_add(r->out, "</section>\n");
    lr_picture_free(&bars);
    lr_picture_free(&room);
    return ok;
}
