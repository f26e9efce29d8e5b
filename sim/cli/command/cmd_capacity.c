/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command/command.h"
#include "cli/session/space.h"

#include <llmroof/cost.h>

#include <math.h>

static const struct lr_column columns[] = {
    {"model", NULL, LR_CELL_TEXT},
    {"hardware", "hardware", LR_CELL_TEXT},
    {"gpus", "gpus", LR_CELL_COUNT},
    {"replicas", "replicas", LR_CELL_COUNT},
    {"gpus_per_replica", "of", LR_CELL_COUNT},
    {"tp", "tp", LR_CELL_COUNT},
    {"pp", "pp", LR_CELL_COUNT},
    {"ep", "ep", LR_CELL_COUNT},
    {"dp", "dp", LR_CELL_COUNT},
    {"concurrency", "users each", LR_CELL_COUNT},
    {"tpot_s", "TPOT", LR_CELL_SECONDS},
    {"tpot_high_s", "high", LR_CELL_SECONDS},
    {"ttft_s", "TTFT", LR_CELL_SECONDS},
    {"requests_per_s", "most requests/s", LR_CELL_RATE},
    {"utilisation", "used", LR_CELL_PERCENT},
    {"headroom", "headroom", LR_CELL_PERCENT},
    {"in_flight", "in flight", LR_CELL_NUMBER},
    {"usd_per_hour", "$/h", LR_CELL_NUMBER},
    {"runtime", NULL, LR_CELL_TEXT},
    {"feasible", "feasible", LR_CELL_BOOL},
};

static void add_row(const struct lr_hardware *hw, const struct lr_capacity *c, struct lr_table *t)
{
    const struct lr_found *f = &c->point;
    const struct lr_deployment *d = &f->deployment;
    const double usd = hw->price.usd_per_hour;
    lr_table_row(t);
    lr_table_text(t, 1, hw->name);
    lr_table_number(t, 19, c->any);
    if (!c->any)
        return;
    const double number[] = {c->gpus,
                             c->replicas,
                             d->gpus,
                             d->tp,
                             d->pp,
                             d->ep,
                             d->dp,
                             f->batch,
                             c->served.tpot_s,
                             c->served.tpot_high_s,
                             c->served.ttft_s,
                             c->replicas * c->served.requests_per_s,
                             c->utilisation,
                             1 - c->utilisation,
                             c->in_flight,
                             usd > 0 ? usd * c->gpus : NAN};
    lr_table_text(t, 0, f->model->name);
    for (size_t i = 0; i < sizeof number / sizeof *number; i++)
        lr_table_number(t, 2 + i, number[i]);
    lr_table_text(t, 18, f->runtime->name);
}

static bool search(struct lr_session *s, const struct lr_space *p, struct lr_table *t, size_t *feasible)
{
    const struct lr_options *o = &s->options;
    for (size_t i = 0; i < p->sweep->chips; i++) {
        const struct lr_sweep one = lr_sweep_of_chip(p->sweep, i);
        struct lr_capacity c = {.demand = {.requests_per_s = o->rate_per_s,
                                           .traffic = {.input = o->input > 0 ? o->input : 1024,
                                                       .output = o->output_tokens > 0 ? o->output_tokens : 1024},
                                           .tpot_s = o->tpot_s,
                                           .ttft_s = o->ttft_s}};
        if (!lr_search_each(&one, lr_capacity_offer, &c)) {
            lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
            return false;
        }
        add_row(p->sweep->hardware[i], &c, t);
        *feasible += c.any;
    }
    return true;
}

enum lr_exit lr_command_capacity(struct lr_session *s, struct lr_text *out)
{
    struct lr_space p = {0};
    struct lr_table t;
    size_t feasible = 0;
    enum lr_exit answer = LR_EXIT_BAD;
    lr_table_init(&t, columns, sizeof columns / sizeof *columns);
    if (s->options.rate_per_s <= 0)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--rate", "is missing, expected requests a second such as 20/s");
    else if (lr_space_search(&p, s) && search(s, &p, &t, &feasible)) {
        lr_table_render(&t, s->format, "llmroof/capacity/1", out);
        if (s->format == LR_FORMAT_TEXT || s->format == LR_FORMAT_MD) {
            lr_text_add(out,
                        "\nused: demand over what the replicas serve at most inside the limits; in flight: requests at "
                        "a time, by Little's law\n");
            lr_space_prices(&p, out);
        }
        answer = feasible ? LR_EXIT_YES : LR_EXIT_NO;
    }
    lr_table_free(&t);
    lr_space_free(&p);
    return answer;
}
