#include "cli/plot.h"

#include <stdio.h>

bool lr_plot_memory(const struct lr_grid *g, struct lr_session *s, struct lr_text *data, struct lr_plot_text *t,
                    struct lr_plot *p)
{
    size_t fitting = 0;
    for (size_t h = 0; h < g->chips; h++) {
        const struct lr_answer *a = &g->answer[h];
        const struct lr_memory *m = &a->estimate.memory;
        lr_text_addf(data, "%zu ", h);
        lr_plot_quote(data, a->hardware->name);
        lr_text_addf(data, " %.6g %.6g %.6g %.6g %.6g\n", m->weights_bytes / 1e9, m->kv_bytes / 1e9,
                     m->workspace_bytes / 1e9, m->reserve_bytes / 1e9, m->capacity_bytes / 1e9);
        fitting += a->estimate.fits;
    }
    if (fitting == g->chips)
        snprintf(t->title, sizeof t->title, "It fits on %s",
                 g->chips > 1 ? "every one of these" : g->answer[0].hardware->title);
    else
        snprintf(t->title, sizeof t->title, "It fits on %zu of %zu", fitting, g->chips);
    lr_plot_setting(s, &g->answer[0], true, true, t->subtitle, sizeof t->subtitle);
    snprintf(t->argument[0], sizeof t->argument[0], "%zu", g->chips);
    p->argument[0] = t->title;
    p->argument[1] = t->subtitle;
    p->argument[2] = t->argument[0];
    p->arguments = 3;
    return true;
}
