/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command/command.h"
#include "cli/session/space.h"

#include <llmroof/cost.h>

#include <math.h>

struct capacity_row {
    const char *model, *hardware;
    double gpus, replicas, gpus_per_replica, tp, pp, ep, dp, concurrency;
    double tpot_s, tpot_high_s, ttft_s, requests_per_s, utilisation, headroom, in_flight, usd_per_hour;
    const char *runtime;
    double feasible;
};

static const struct lr_column columns[] = {
    LR_COLUMN(capacity_row, model, NULL, TEXT),
    LR_COLUMN(capacity_row, hardware, "hardware", TEXT),
    LR_COLUMN(capacity_row, gpus, "gpus", COUNT),
    LR_COLUMN(capacity_row, replicas, "replicas", COUNT),
    LR_COLUMN(capacity_row, gpus_per_replica, "of", COUNT),
    LR_COLUMN(capacity_row, tp, "tp", COUNT),
    LR_COLUMN(capacity_row, pp, "pp", COUNT),
    LR_COLUMN(capacity_row, ep, "ep", COUNT),
    LR_COLUMN(capacity_row, dp, "dp", COUNT),
    LR_COLUMN(capacity_row, concurrency, "users each", COUNT),
    LR_COLUMN(capacity_row, tpot_s, "TPOT", SECONDS),
    LR_COLUMN(capacity_row, tpot_high_s, "high", SECONDS),
    LR_COLUMN(capacity_row, ttft_s, "TTFT", SECONDS),
    LR_COLUMN(capacity_row, requests_per_s, "most requests/s", RATE),
    LR_COLUMN(capacity_row, utilisation, "used", PERCENT),
    LR_COLUMN(capacity_row, headroom, "headroom", PERCENT),
    LR_COLUMN(capacity_row, in_flight, "in flight", NUMBER),
    LR_COLUMN(capacity_row, usd_per_hour, "$/h", NUMBER),
    LR_COLUMN(capacity_row, runtime, NULL, TEXT),
    LR_COLUMN(capacity_row, feasible, "feasible", BOOL),
};

static void add_row(const struct lr_hardware *hw, const struct lr_capacity *c, struct lr_table *t)
{
    const bool any = c->any;
    const struct lr_found *f = &c->point;
    const struct lr_deployment *d = &f->deployment;
    const double usd = hw->price.usd_per_hour;
    const struct capacity_row row = {
        .model = any ? f->model->name : NULL,
        .hardware = hw->name,
        .gpus = any ? c->gpus : NAN,
        .replicas = any ? c->replicas : NAN,
        .gpus_per_replica = any ? d->gpus : NAN,
        .tp = any ? d->tp : NAN,
        .pp = any ? d->pp : NAN,
        .ep = any ? d->ep : NAN,
        .dp = any ? d->dp : NAN,
        .concurrency = any ? f->batch : NAN,
        .tpot_s = any ? c->served.tpot_s : NAN,
        .tpot_high_s = any ? c->served.tpot_high_s : NAN,
        .ttft_s = any ? c->served.ttft_s : NAN,
        .requests_per_s = any ? c->replicas * c->served.requests_per_s : NAN,
        .utilisation = any ? c->utilisation : NAN,
        .headroom = any ? 1 - c->utilisation : NAN,
        .in_flight = any ? c->in_flight : NAN,
        .usd_per_hour = any && usd > 0 ? usd * c->gpus : NAN,
        .runtime = any ? f->runtime->name : NULL,
        .feasible = any,
    };
    lr_table_add(t, &row);
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
            lr_text_add(out, "\nused: demand divided by the most that the replicas serve within the limits\n"
                             "in flight: requests in the system at the same time (Little's law)\n");
            lr_space_prices(&p, out);
        }
        answer = feasible ? LR_EXIT_YES : LR_EXIT_NO;
    }
    lr_table_free(&t);
    lr_space_free(&p);
    return answer;
}
