/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/plot/plot.h"

#include <llmroof/explain.h>

#include <math.h>
#include <stdio.h>

enum { MOST_CHIPS = 6 };

bool lr_plot_sensitivity(struct lr_session *s, struct lr_picture *p)
{
    static struct lr_elasticity x;
    const struct lr_grid *g = &p->grid;
    struct lr_text chips = {0};
    const double wide = 0.8 / (double)g->chips;
    double top = 0;
    int best = 0;
    double first[LR_LEVER_COUNT] = {0};
    if (g->chips > MOST_CHIPS || g->batches * g->contexts != 1) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, g->chips > MOST_CHIPS ? "--hw" : "--batch",
                "expected one point and at most %d chips", MOST_CHIPS);
        return false;
    }
    for (size_t h = 0; h < g->chips; h++) {
        const struct lr_answer *a = &g->answer[h];
        lr_text_addf(&chips, "%s%s", h ? " " : "", a->hardware->name);
        if (!lr_explain_elasticity(a->plan, &a->workload, &x)) {
            lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
            break;
        }
        for (int l = 0; l < LR_LEVER_CAPACITY; l++) {
            const double fall = fmax(0, x.step[l]);
            const double at = l + wide * ((double)h - ((double)g->chips - 1) / 2);
            lr_text_addf(&p->data, "%.6g %.6g \"%.2f\"\n", at, fall, fall);
            top = fmax(top, fall);
            first[l] = h == 0 ? fall : first[l];
        }
        lr_text_add(&p->data, "\n\n");
    }
    for (int l = 0; l < LR_LEVER_CAPACITY; l++) {
        best = first[l] > first[best] ? l : best;
        lr_text_addf(&p->data, "%d \"%s%s\"\n", l, l == LR_LEVER_KV_BITS ? "(fewer) " : "",
                     lr_lever_name((enum lr_lever)l));
    }
    snprintf(p->title, sizeof p->title, "%s matters most on %s: 1 %% %s reduces TPOT by %.2f %%",
             lr_lever_name((enum lr_lever)best), g->answer[0].hardware->name,
             best == LR_LEVER_KV_BITS ? "fewer" : "more", first[best]);
    p->title[0] = p->title[0] >= 'a' && p->title[0] <= 'z' ? (char)(p->title[0] - 'a' + 'A') : p->title[0];
    lr_plot_setting(s, &g->answer[0], true, true, p->subtitle, sizeof p->subtitle);
    snprintf(p->argument[0], sizeof p->argument[0], "%s", lr_text_str(&chips));
    snprintf(p->argument[1], sizeof p->argument[1], "%d %.6g %.6g", (int)LR_LEVER_CAPACITY, 1.18 * fmax(0.05, top),
             0.92 * wide);
    lr_text_free(&chips);
    lr_picture_arguments(p, 2);
    return s->diags.errors == 0;
}
