/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/plot/plot.h"

#include <stdio.h>

bool lr_plot_memory(struct lr_session *s, struct lr_picture *p)
{
    const struct lr_grid *g = &p->grid;
    size_t fitting = 0;
    for (size_t h = 0; h < g->chips; h++) {
        const struct lr_answer *a = &g->answer[h];
        const struct lr_memory *m = &a->estimate.memory;
        lr_text_addf(&p->data, "%zu ", h);
        lr_plot_quote(&p->data, a->hardware->name);
        lr_text_addf(&p->data, " %.6g %.6g %.6g %.6g %.6g\n", m->weights_bytes / 1e9, m->kv_bytes / 1e9,
                     m->workspace_bytes / 1e9, m->reserve_bytes / 1e9, m->capacity_bytes / 1e9);
        fitting += a->estimate.fits;
    }
    if (fitting == g->chips)
        snprintf(p->title, sizeof p->title, "The model fits on %s",
                 g->chips > 1 ? "all chips" : g->answer[0].hardware->title);
    else
        snprintf(p->title, sizeof p->title, "The model fits on %zu of %zu chips", fitting, g->chips);
    lr_plot_setting(s, &g->answer[0], true, true, p->subtitle, sizeof p->subtitle);
    snprintf(p->argument[0], sizeof p->argument[0], "%zu", g->chips);
    lr_picture_arguments(p, 1);
    return true;
}
