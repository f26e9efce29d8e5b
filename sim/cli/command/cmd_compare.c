/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command/command.h"
#include "cli/view/grid.h"
#include "render/prose.h"

/* Why what does not fit does not. */
static void ledgers(const struct lr_grid *g, struct lr_text *out)
{
    for (size_t i = 0; i < g->count; i++)
        if (!g->answer[i].estimate.fits) {
            if (g->batches * g->contexts > 1)
                lr_text_addf(out, "batch %.0f, context %.0f: ", g->answer[i].workload.batch,
                             g->answer[i].workload.context);
            lr_answer_memory(&g->answer[i], out);
        }
}

enum lr_exit lr_command_compare(struct lr_session *s, struct lr_text *out)
{
    struct lr_grid g = {0};
    struct lr_table t;
    enum lr_exit answer = LR_EXIT_BAD;
    lr_table_init(&t, lr_compare_columns, LR_COMPARE_COLUMNS);
    if (lr_grid_open(&g, s)) {
        const bool people = s->format == LR_FORMAT_TEXT || s->format == LR_FORMAT_MD;
        lr_grid_table(&g, &t);
        if (people)
            lr_text_addf(out, "%s, runtime %s; ratios to %s\n\n", s->model->title ? s->model->title : s->model->name,
                         s->runtime->name, s->hardware[0]->name);
        lr_table_render(&t, s->format, "llmroof/compare/1", out);
        if (people) {
            lr_text_add(out, "\n");
            ledgers(&g, out);
            const size_t notes = out->length;
            lr_grid_notes(&g, out);
            lr_prose_wrap(out, notes, 2, s->format);
        }
        answer = lr_grid_fitting(&g) > 0 ? LR_EXIT_YES : LR_EXIT_NO;
    }
    lr_table_free(&t);
    lr_grid_free(&g);
    return answer;
}
