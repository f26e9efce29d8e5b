/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report/report.h"
#include "cli/view/listing.h"
#include "core/chip_list.h"
#include "render/html.h"

#include <string.h>

/* What one kernel set's formulas were fitted on, for the families that a deployment runs. */
static void kernel_table(const struct lr_kernels *k, const struct lr_answer *a, struct lr_text *out)
{
    static const struct lr_column columns[] = {
        {"family", "family", LR_CELL_TEXT}, {"format", "format", LR_CELL_TEXT},
        {"rows", "rows", LR_CELL_COUNT},    {"median", "median error", LR_CELL_PERCENT},
        {"p90", "p90", LR_CELL_PERCENT},    {"chip", "measured on", LR_CELL_TEXT},
    };
    struct lr_op_estimate op[LR_OPS_MAX];
    const size_t n = lr_plan_operators(a->plan, &a->workload, op);
    bool runs[LR_FAMILY_COUNT] = {false};
    struct lr_table t;
    struct lr_text chips = {0};
    for (size_t i = 0; i < n; i++)
        runs[op[i].family] = true;
    lr_table_init(&t, columns, sizeof columns / sizeof *columns);
    for (int f = 0; f < LR_FAMILY_COUNT; f++)
        for (int d = 0; d <= LR_DTYPE_COUNT && runs[f]; d++) {
            const struct lr_kernel *kernel = &k->kernel[f][d];
            if (!kernel->present)
                continue;
            lr_table_row(&t);
            lr_table_text(&t, 0, lr_family_name((enum lr_family)f));
            lr_table_text(&t, 1, d < LR_DTYPE_COUNT ? lr_dtype_name((enum lr_dtype)d) : NULL);
            lr_table_number(&t, 2, kernel->fit.rows);
            if (kernel->fit.rows > 0) {
                lr_table_number(&t, 3, kernel->fit.median);
                lr_table_number(&t, 4, kernel->fit.p90);
            }
            lr_text_cut(&chips, 0);
            lr_chip_list_add(&chips, &kernel->fit.chips);
            lr_table_text(&t, 5, chips.length > 0 ? lr_text_str(&chips) : NULL);
        }
    lr_table_render(&t, LR_FORMAT_HTML, "", out);
    out->out_of_memory = out->out_of_memory || chips.out_of_memory;
    lr_text_free(&chips);
    lr_table_free(&t);
}

/* A profile's figures, folded. */
static void fold(struct lr_text *out, const char *what, const char *name, const struct lr_listing *l)
{
    lr_text_addf(out, "<details><summary>%s ", what);
    lr_html_text(out, name);
    lr_text_add(out, "</summary>\n");
    lr_listing_render(l, LR_FORMAT_HTML, out);
    lr_text_add(out, "</details>\n");
}

static void profiles(struct lr_report *r)
{
    struct lr_listing l;
    for (size_t h = 0; h < r->s->hardware_count; h++) {
        lr_listing_open(&l, LR_FORMAT_HTML);
        lr_hardware_figures(r->s->hardware[h], lr_listing_add, &l);
        fold(r->out, "hardware", r->s->hardware[h]->name, &l);
        lr_listing_free(&l);
    }
    lr_listing_open(&l, LR_FORMAT_HTML);
    lr_model_figures(r->s->model, lr_listing_add, &l);
    fold(r->out, "model", r->s->model->name, &l);
    lr_listing_free(&l);
    lr_listing_open(&l, LR_FORMAT_HTML);
    lr_runtime_figures(r->s->runtime, lr_listing_add, &l);
    fold(r->out, "runtime", r->s->runtime->name, &l);
    lr_listing_free(&l);
}

/* "note: ..." lines as items. */
static void as_list(const char *lines, struct lr_text *out)
{
    static const char prefix[] = "note: ";
    lr_text_add(out, "<ul>\n");
    while (*lines) {
        struct lr_text line = {0};
        const size_t length = strcspn(lines, "\n");
        const size_t cut = strncmp(lines, prefix, sizeof prefix - 1) == 0 ? sizeof prefix - 1 : 0;
        lr_text_add_bytes(&line, lines + cut, length - cut);
        lr_text_add(out, "<li>");
        lr_html_text(out, lr_text_str(&line));
        lr_text_add(out, "</li>\n");
        lr_text_free(&line);
        lines += length + (lines[length] == '\n');
    }
    lr_text_add(out, "</ul>\n");
}

void lr_report_sources(struct lr_report *r)
{
    struct lr_text notes = {0};
    lr_text_add(r->out, "<section id=\"sources\">\n<h2>Assumptions and sources</h2>\n");
    lr_grid_notes(&r->point, &notes);
    if (notes.length)
        as_list(lr_text_str(&notes), r->out);
    lr_text_free(&notes);
    for (size_t i = 0; i < r->s->kernels.count; i++) {
        const struct lr_kernels *k = r->s->kernels.set[i];
        lr_text_add(r->out, "<h3>Kernel set ");
        lr_html_text(r->out, k->name);
        lr_text_add(r->out, "</h3>\n<p class=\"source\">");
        lr_html_text(r->out, k->source ? k->source : "");
        lr_text_add(r->out, "</p>\n");
        kernel_table(k, &r->point.answer[0], r->out);
    }
    profiles(r);
    lr_text_add(r->out, "</section>\n");
}
