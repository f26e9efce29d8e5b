/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command/command.h"
#include "cli/view/grid.h"

static const struct lr_column columns[] = {
    {"hardware", "hardware", LR_CELL_TEXT},
    {"gpus", "gpus", LR_CELL_COUNT},
    {"tp", "tp", LR_CELL_COUNT},
    {"batch", "batch", LR_CELL_COUNT},
    {"context", "context", LR_CELL_COUNT},
    {"weights_bytes", "weights", LR_CELL_BYTES},
    {"kv_bytes", "KV cache", LR_CELL_BYTES},
    {"workspace_bytes", "workspace", LR_CELL_BYTES},
    {"reserve_bytes", "reserve", LR_CELL_BYTES},
    {"capacity_bytes", "capacity", LR_CELL_BYTES},
    {"fits", "fits", LR_CELL_BOOL},
    {"max_batch", "most batch", LR_CELL_COUNT},
    {"max_context", "most context", LR_CELL_COUNT},
};

static void add_row(const struct lr_answer *a, struct lr_table *t)
{
    const struct lr_deployment *d = lr_plan_deployment(a->plan);
    const struct lr_memory *m = &a->estimate.memory;
    const double cell[] = {d->gpus,
                           d->tp,
                           a->workload.batch,
                           a->workload.context,
                           m->weights_bytes,
                           m->kv_bytes,
                           m->workspace_bytes,
                           m->reserve_bytes,
                           m->capacity_bytes,
                           a->estimate.fits,
                           m->max_batch,
                           m->max_context};
    lr_table_row(t);
    lr_table_text(t, 0, a->hardware->name);
    for (size_t i = 0; i < sizeof cell / sizeof *cell; i++)
        lr_table_number(t, 1 + i, cell[i]);
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
            lr_grid_notes(&g, out);
        }
        answer = lr_grid_fitting(&g) == g.count ? LR_EXIT_YES : LR_EXIT_NO;
    }
    lr_table_free(&t);
    lr_grid_free(&g);
    return answer;
}
