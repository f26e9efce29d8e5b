/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command/command.h"
#include "cli/view/grid.h"
#include "cli/view/served.h"

/* One point as an object, several as an array in an object. */
static void as_json(const struct lr_session *s, const struct lr_grid *g, struct lr_text *out)
{
    struct lr_json j = {.out = out};
    if (g->count == 1) {
        lr_answer_json(s, &g->answer[0], &j, NULL);
        return;
    }
    lr_json_open(&j, NULL, '{');
    lr_json_text(&j, "schema", "llmroof/estimates/1");
    lr_json_open(&j, "estimates", '[');
    for (size_t i = 0; i < g->count; i++)
        lr_answer_json(s, &g->answer[i], &j, NULL);
    lr_json_close(&j, ']');
    lr_json_close(&j, '}');
}

static void as_csv(const struct lr_grid *g, struct lr_text *out)
{
    struct lr_table t;
    lr_table_init(&t, lr_compare_columns, LR_COMPARE_COLUMNS);
    lr_grid_table(g, &t);
    lr_table_render(&t, LR_FORMAT_CSV, "", out);
    lr_table_free(&t);
}

/* Options that say nothing without another, or beside it, are mistakes. */
static bool go_together(struct lr_session *s)
{
    const struct lr_options *const o = &s->options;
    const struct {
        bool wrong;
        const char *option, *why;
    } rule[] = {
        {!o->served && o->input > 0, "--input", "needs --served"},
        {!o->served && o->output_tokens > 0, "--output", "in tokens needs --served"},
        {!o->served && o->concurrency.count > 0, "--concurrency", "needs --served"},
        {!o->served && o->prefix_hit > 0, "--prefix-hit", "needs --served"},
        {!o->served && o->chunk > 0, "--chunk", "needs --served"},
        {!o->served && o->prefill_gpus > 0, "--prefill-gpus", "needs --served"},
        {o->decode_gpus > 0 && o->prefill_gpus == 0, "--decode-gpus", "needs --prefill-gpus"},
        {o->served && o->batch.count > 0, "--batch", "follows from --concurrency under --served"},
        {o->served && o->context.count > 0, "--context", "follows from --input and --output under --served"},
        {o->accepted > 0 && o->draft == 0, "--accepted", "needs --draft"},
        {o->draft_cost > 0 && o->draft == 0, "--draft-cost", "needs --draft"},
        {o->draft > 0 && o->accepted == 0, "--accepted",
         "is missing, expected the tokens that a step yields on average, such as 1.8"},
    };
    const size_t before = s->diags.errors;
    for (size_t i = 0; i < sizeof rule / sizeof *rule; i++)
        if (rule[i].wrong)
            lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, rule[i].option, "%s", rule[i].why);
    if (o->draft > 0 && o->accepted > 0 && (o->accepted < 1 || o->accepted > o->draft + 1))
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--accepted", "expected 1 to %.0f, one more than --draft",
                o->draft + 1);
    return s->diags.errors == before;
}

enum lr_exit lr_command_estimate(struct lr_session *s, struct lr_text *out)
{
    struct lr_grid g = {0};
    enum lr_exit answer = LR_EXIT_BAD;
    if (go_together(s) && s->options.served)
        return lr_served(s, out);
    if (s->diags.errors == 0 && lr_grid_open(&g, s)) {
        if (s->format == LR_FORMAT_JSON)
            as_json(s, &g, out);
        else if (s->format == LR_FORMAT_CSV)
            as_csv(&g, out);
        else
            for (size_t i = 0; i < g.count; i++) {
                lr_text_add(out, i ? "\n" : "");
                lr_answer_text(s, &g.answer[i], s->format, out);
            }
        answer = lr_grid_fitting(&g) == g.count ? LR_EXIT_YES : LR_EXIT_NO;
    }
    lr_grid_free(&g);
    return answer;
}
