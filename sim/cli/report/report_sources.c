/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report/report.h"
#include "cli/view/listing.h"
#include "core/chip_list.h"
#include "render/html.h"

#include <math.h>
#include <string.h>

struct kernel_row {
    const char *family, *format;
    double rows, median, p90;
    const char *chip;
};

static const struct lr_column kernel_columns[] = {
    LR_COLUMN(kernel_row, family, "family", TEXT), LR_COLUMN(kernel_row, format, "format", TEXT),
    LR_COLUMN(kernel_row, rows, "rows", COUNT),    LR_COLUMN(kernel_row, median, "median error", PERCENT),
    LR_COLUMN(kernel_row, p90, "p90", PERCENT),    LR_COLUMN(kernel_row, chip, "measured on", TEXT),
};

/* What one kernel set's formulas were fitted on, for the families that a deployment runs. */
static void kernel_table(const struct lr_kernels *k, const struct lr_answer *a, struct lr_text *out)
{
    struct lr_op_estimate op[LR_OPS_MAX];
    const size_t n = lr_plan_operators(a->plan, &a->workload, op);
    bool runs[LR_FAMILY_COUNT] = {false};
    struct lr_table t;
    struct lr_text chips = {0};
    for (size_t i = 0; i < n; i++)
        runs[op[i].family] = true;
    lr_table_init(&t, kernel_columns, sizeof kernel_columns / sizeof *kernel_columns);
    for (int f = 0; f < LR_FAMILY_COUNT; f++)
        for (int d = 0; d <= LR_DTYPE_COUNT && runs[f]; d++) {
            const struct lr_kernel *kernel = &k->kernel[f][d];
            if (!kernel->present)
                continue;
            lr_text_cut(&chips, 0);
            lr_chip_list_add(&chips, &kernel->fit.chips);
            const struct kernel_row row = {
                .family = lr_family_name((enum lr_family)f),
                .format = d < LR_DTYPE_COUNT ? lr_dtype_name((enum lr_dtype)d) : NULL,
                .rows = kernel->fit.rows,
                .median = kernel->fit.rows > 0 ? kernel->fit.median : NAN,
                .p90 = kernel->fit.rows > 0 ? kernel->fit.p90 : NAN,
                .chip = chips.length > 0 ? lr_text_str(&chips) : NULL,
            };
            lr_table_add(&t, &row);
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
