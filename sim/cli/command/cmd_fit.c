/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command/command.h"
#include "cli/view/grid.h"
#include "render/prose.h"

struct fit_row {
    const char *hardware;
    double gpus, tp, batch, context;
    double weights_bytes, kv_bytes, workspace_bytes, reserve_bytes, capacity_bytes;
    double fits, max_batch, max_context;
};

static const struct lr_column columns[] = {
    LR_COLUMN(fit_row, hardware, "hardware", TEXT),
    LR_COLUMN(fit_row, gpus, "gpus", COUNT),
    LR_COLUMN(fit_row, tp, "tp", COUNT),
    LR_COLUMN(fit_row, batch, "batch", COUNT),
    LR_COLUMN(fit_row, context, "context", COUNT),
    LR_COLUMN(fit_row, weights_bytes, "weights", BYTES),
    LR_COLUMN(fit_row, kv_bytes, "KV cache", BYTES),
    LR_COLUMN(fit_row, workspace_bytes, "workspace", BYTES),
    LR_COLUMN(fit_row, reserve_bytes, "reserve", BYTES),
    LR_COLUMN(fit_row, capacity_bytes, "capacity", BYTES),
    LR_COLUMN(fit_row, fits, "fits", BOOL),
    LR_COLUMN(fit_row, max_batch, "most batch", COUNT),
    LR_COLUMN(fit_row, max_context, "most context", COUNT),
};

static void add_row(const struct lr_answer *a, struct lr_table *t)
{
    const struct lr_deployment *d = lr_plan_deployment(a->plan);
    const struct lr_memory *m = &a->estimate.memory;
    const struct fit_row row = {
        .hardware = a->hardware->name,
        .gpus = d->gpus,
        .tp = d->tp,
        .batch = a->workload.batch,
        .context = a->workload.context,
        .weights_bytes = m->weights_bytes,
        .kv_bytes = m->kv_bytes,
        .workspace_bytes = m->workspace_bytes,
        .reserve_bytes = m->reserve_bytes,
        .capacity_bytes = m->capacity_bytes,
        .fits = a->estimate.fits,
        .max_batch = m->max_batch,
        .max_context = m->max_context,
    };
    lr_table_add(t, &row);
}

enum lr_exit lr_command_fit(struct lr_session *s, struct lr_text *out)
{
    struct lr_grid g = {0};
    struct lr_table t;
    enum lr_exit answer = LR_EXIT_BAD;
    lr_table_init(&t, columns, sizeof columns / sizeof *columns);
    if (lr_grid_open(&g, s)) {
        for (size_t i = 0; i < g.count; i++)
            add_row(&g.answer[i], &t);
        lr_table_render(&t, s->format, "llmroof/fit/1", out);
        if (s->format == LR_FORMAT_TEXT || s->format == LR_FORMAT_MD) {
            lr_text_add(out, "\n");
            const size_t notes = out->length;
            lr_grid_notes(&g, out);
            lr_prose_wrap(out, notes, 2, s->format);
        }
        answer = lr_grid_fitting(&g) == g.count ? LR_EXIT_YES : LR_EXIT_NO;
    }
    lr_table_free(&t);
    lr_grid_free(&g);
    return answer;
}
