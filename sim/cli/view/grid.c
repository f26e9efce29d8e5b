/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/view/grid.h"

#include <stdlib.h>

bool lr_grid_fill(struct lr_grid *g, struct lr_session *s, struct lr_hardware *const *chip, size_t chips,
                  const struct lr_points *batch, const struct lr_points *context)
{
    *g = (struct lr_grid){.batches = batch->count, .contexts = context->count};
    for (size_t i = 0; i < chips; i++)
        g->plan[g->chips++] = lr_session_plan(s, chip[i]);
    if (s->diags.errors)
        return false;
    g->answer = calloc(g->chips * g->batches * g->contexts, sizeof *g->answer);
    if (!g->answer) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
        return false;
    }
    for (size_t c = 0; c < g->contexts; c++)
        for (size_t b = 0; b < g->batches; b++)
            for (size_t h = 0; h < g->chips; h++)
                g->answer[g->count++] = lr_answer_at(s, g->plan[h], chip[h], batch->value[b], context->value[c]);
    return true;
}

bool lr_grid_open(struct lr_grid *g, struct lr_session *s)
{
    const struct lr_points batch = lr_options_batches(&s->options), context = lr_options_contexts(&s->options);
    *g = (struct lr_grid){0};
    return lr_session_deployment(s) && lr_grid_fill(g, s, s->hardware, s->hardware_count, &batch, &context);
}

void lr_grid_free(struct lr_grid *g)
{
    for (size_t i = 0; i < g->chips; i++)
        lr_plan_free(g->plan[i]);
    free(g->answer);
    *g = (struct lr_grid){0};
}

size_t lr_grid_fitting(const struct lr_grid *g)
{
    size_t n = 0;
    for (size_t i = 0; i < g->count; i++)
        n += g->answer[i].estimate.fits;
    return n;
}

void lr_grid_table(const struct lr_grid *g, struct lr_table *t)
{
    for (size_t i = 0; i < g->count; i++)
        lr_answer_row(&g->answer[i], g->chips > 1 ? &g->answer[i - i % g->chips] : NULL, t);
}

void lr_grid_notes(const struct lr_grid *g, struct lr_text *out)
{
    for (size_t i = 0; i < g->chips; i++)
        lr_answer_notes(&g->answer[i], out);
}
