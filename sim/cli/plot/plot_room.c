/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/plot/plot.h"
#include "render/labels.h"

#include <math.h>
#include <stdio.h>

bool lr_plot_room(struct lr_session *s, struct lr_picture *p)
{
    const struct lr_grid *g = &p->grid;
    const struct lr_answer *end[LR_OPENED_MAX] = {NULL};
    struct lr_label label[LR_OPENED_MAX];
    size_t labels = 0;
    double most = 0, xmin = HUGE_VAL, xmax = 0;
    const struct lr_answer *largest = NULL;
    if (g->batches > 1 || g->contexts < 2) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, g->batches > 1 ? "--batch" : "--context",
                "expected several contexts such as 1k-128k*2, and no batch");
        return false;
    }
    for (size_t h = 0; h < g->chips; h++) {
        for (size_t c = 0; c < g->contexts; c++) {
            const struct lr_answer *a = &g->answer[c * g->chips + h];
            const double batch = a->estimate.memory.max_batch;
            xmin = fmin(xmin, a->workload.context);
            xmax = fmax(xmax, a->workload.context);
            if (batch < 1)
                continue;
            lr_text_addf(&p->data, "%.0f %.0f\n", a->workload.context, batch);
            end[h] = a;
            most = fmax(most, batch);
            if (c == 0 && (!largest || batch > largest->estimate.memory.max_batch))
                largest = a;
        }
        if (!end[h])
            lr_text_add(&p->data, "NaN NaN\n");
        lr_text_add(&p->data, "\n\n");
    }
    if (most < 1) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "nothing to draw: the model fits on none of these chips");
        return false;
    }
    const double top = exp2(ceil(log2(1.3 * fmax(2, most))));
    for (size_t h = 0; h < g->chips; h++)
        if (end[h])
            label[labels++] =
                (struct lr_label){.wanted = log(end[h]->estimate.memory.max_batch) / log(top), .index = h};
    lr_labels_place(label, labels, 0.045, 0.01, 0.99);
    for (size_t i = 0; i < labels; i++) {
        const struct lr_answer *a = end[label[i].index];
        lr_text_addf(&p->data, "%.0f %.0f %.6g ", a->workload.context, a->estimate.memory.max_batch,
                     pow(top, label[i].placed));
        lr_plot_quote(&p->data, a->hardware->name);
        lr_text_addf(&p->data, " %zu\n", label[i].index + 1);
    }
    snprintf(p->title, sizeof p->title,
             "%s fits the most: %.0f sequences of %.0f tokens; %zu of %zu chips fit the model",
             largest ? largest->hardware->name : "none", largest ? largest->estimate.memory.max_batch : 0.0, xmin,
             labels, g->chips);
    lr_plot_setting(s, &g->answer[0], false, false, p->subtitle, sizeof p->subtitle);
    snprintf(p->argument[0], sizeof p->argument[0], "%zu", g->chips);
    snprintf(p->argument[1], sizeof p->argument[1], "%.6g %.6g %.6g", xmin, xmax, top);
    lr_picture_arguments(p, 2);
    return true;
}
