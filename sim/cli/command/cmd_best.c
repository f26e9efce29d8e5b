/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command/command.h"
#include "cli/session/space.h"
#include "render/json.h"

#include <stdlib.h>

static const char *const certainty[LR_OUTCOME_COUNT] = {
    [LR_OUTCOME_HOLDS_CLEARLY] = "clearly ahead of the runner-up",
    [LR_OUTCOME_HOLDS_LIKELY] = "likely ahead of the runner-up",
    [LR_OUTCOME_CLOSE] = "too close to call against the runner-up",
};

static const char *certain(const struct lr_best *b)
{
    const enum lr_outcome o = b->any_runner_up ? lr_found_compare(&b->best, &b->runner_up) : LR_OUTCOME_HOLDS_CLEARLY;
    return !b->any_runner_up ? "no other layout is within the limits"
           : certainty[o]    ? certainty[o]
                             : "too close to call against the runner-up";
}

static double gap(const struct lr_best *b)
{
    return b->best.estimate.tokens_per_s_per_gpu / b->runner_up.estimate.tokens_per_s_per_gpu - 1;
}

static void as_json(const struct lr_best *b, struct lr_text *out)
{
    struct lr_json j = {.out = out};
    struct lr_table t;
    lr_json_open(&j, NULL, '{');
    lr_json_text(&j, "schema", "llmroof/best/1");
    lr_table_init(&t, lr_search_columns, LR_SEARCH_COLUMNS);
    if (b->any)
        lr_space_found(&b->best, &t);
    if (b->any_runner_up)
        lr_space_found(&b->runner_up, &t);
    if (b->any)
        lr_table_json_row(&t, 0, &j, "best");
    if (b->any_runner_up) {
        lr_table_json_row(&t, 1, &j, "runner_up");
        lr_json_number(&j, "gap", gap(b));
    }
    if (b->any)
        lr_json_text(&j, "certainty", certain(b));
    lr_table_free(&t);
    lr_json_open(&j, "dropped", '{');
    lr_json_number(&j, "points", (double)b->points);
    lr_json_number(&j, "impossible", (double)b->impossible);
    lr_json_number(&j, "does_not_fit", (double)b->too_large);
    lr_json_number(&j, "too_slow", (double)b->too_slow);
    lr_json_number(&j, "first_token_too_late", (double)b->too_late);
    lr_json_close(&j, '}');
    lr_json_close(&j, '}');
}

static void as_table(const struct lr_session *s, const struct lr_space *p, const struct lr_best *b, struct lr_text *out)
{
    struct lr_table t;
    lr_table_init(&t, lr_search_columns, LR_SEARCH_COLUMNS);
    if (b->any)
        lr_space_found(&b->best, &t);
    if (b->any_runner_up)
        lr_space_found(&b->runner_up, &t);
    for (size_t c = 0; c < b->sweep->chips && b->sweep->chips > 1; c++)
        if (b->chip_any[c] && !lr_found_same_layout(&b->chip[c], &b->best) &&
            !(b->any_runner_up && lr_found_same_layout(&b->chip[c], &b->runner_up)))
            lr_space_found(&b->chip[c], &t);
    lr_table_render(&t, s->format, "", out);
    lr_table_free(&t);
    if (s->format == LR_FORMAT_CSV)
        return;
    if (b->any)
        lr_text_addf(out, "\nthe first row is the best; %s", certain(b));
    if (b->any_runner_up)
        lr_text_addf(out, ", the second row, by %.1f %%", 100 * gap(b));
    if (b->any && b->sweep->chips > 1)
        lr_text_add(out, "; the rows below are the best of each other chip");
    lr_text_addf(out,
                 "\n%zu points: %zu impossible layouts, %zu do not fit, %zu above the TPOT limit, "
                 "%zu above the TTFT limit, %zu within the limits\n",
                 b->points, b->impossible, b->too_large, b->too_slow, b->too_late,
                 b->points - b->impossible - b->too_large - b->too_slow - b->too_late);
    lr_space_prices(p, out);
}

enum lr_exit lr_command_best(struct lr_session *s, struct lr_text *out)
{
    struct lr_space p = {0};
    enum lr_exit answer = LR_EXIT_BAD;
    if (lr_space_search(&p, s)) {
        struct lr_best b = {.tpot_s = s->options.tpot_s,
                            .ttft_s = s->options.ttft_s,
                            .sweep = p.sweep,
                            .chip_any = calloc(p.sweep->chips, sizeof *b.chip_any),
                            .chip = calloc(p.sweep->chips, sizeof *b.chip)};
        if (!b.chip_any || !b.chip || !lr_search_each(p.sweep, lr_best_offer, &b))
            lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
        else {
            if (s->format == LR_FORMAT_JSON)
                as_json(&b, out);
            else
                as_table(s, &p, &b, out);
            answer = b.any ? LR_EXIT_YES : LR_EXIT_NO;
        }
        free(b.chip_any);
        free(b.chip);
    }
    lr_space_free(&p);
    return answer;
}
