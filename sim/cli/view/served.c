/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/view/served.h"

#include "core/chip_list.h"

#include <llmroof/serving.h>

#include <math.h>
#include <stdlib.h>

/* One chip's machine, or its two: prefill NULL: one does both. */
struct machine {
    struct lr_plan *plan, *prefill;
};

struct run {
    const struct lr_hardware *hardware;
    const struct machine *machine;
    struct lr_traffic traffic;
    struct lr_served served;
};

struct served_row {
    const char *model, *hardware;
    double gpus, prefill_gpus, tp, pp, ep, dp;
    const char *runtime;
    double concurrency, input, output;
    double tpot_s, tpot_low_s, tpot_high_s, ttft_s;
    double tokens_per_s, tokens_per_s_per_gpu, tokens_per_s_per_user, requests_per_s;
    double step_s, prefill_s, batch;
    const char *bound;
    double fits;
};

static const struct lr_column columns[] = {
    LR_COLUMN(served_row, model, NULL, TEXT),
    LR_COLUMN(served_row, hardware, "hardware", TEXT),
    LR_COLUMN(served_row, gpus, "gpus", COUNT),
    LR_COLUMN(served_row, prefill_gpus, NULL, COUNT),
    LR_COLUMN(served_row, tp, "tp", COUNT),
    LR_COLUMN(served_row, pp, NULL, COUNT),
    LR_COLUMN(served_row, ep, NULL, COUNT),
    LR_COLUMN(served_row, dp, NULL, COUNT),
    LR_COLUMN(served_row, runtime, NULL, TEXT),
    LR_COLUMN(served_row, concurrency, "users", COUNT),
    LR_COLUMN(served_row, input, "input", COUNT),
    LR_COLUMN(served_row, output, "output", COUNT),
    LR_COLUMN(served_row, tpot_s, "TPOT", SECONDS),
    LR_COLUMN(served_row, tpot_low_s, "low", SECONDS),
    LR_COLUMN(served_row, tpot_high_s, "high", SECONDS),
    LR_COLUMN(served_row, ttft_s, "TTFT", SECONDS),
    LR_COLUMN(served_row, tokens_per_s, NULL, RATE),
    LR_COLUMN(served_row, tokens_per_s_per_gpu, "tok/s/GPU", RATE),
    LR_COLUMN(served_row, tokens_per_s_per_user, "tok/s/user", RATE),
    LR_COLUMN(served_row, requests_per_s, "requests/s", RATE),
    LR_COLUMN(served_row, step_s, "step", SECONDS),
    LR_COLUMN(served_row, prefill_s, "prefill", SECONDS),
    LR_COLUMN(served_row, batch, "decoding", NUMBER),
    LR_COLUMN(served_row, bound, "bound", TEXT),
    LR_COLUMN(served_row, fits, "fits", BOOL),
};

static bool plan_machine(struct lr_session *s, const struct lr_hardware *hw, struct machine *m)
{
    const double gpus = s->options.gpus;
    if (s->options.prefill_gpus > 0) {
        s->options.gpus = s->options.prefill_gpus;
        m->prefill = lr_session_plan(s, hw);
        s->options.gpus = s->options.decode_gpus > 0 ? s->options.decode_gpus : gpus;
    }
    m->plan = lr_session_plan(s, hw);
    s->options.gpus = gpus;
    return m->plan && (m->prefill || s->options.prefill_gpus == 0);
}

static struct run run_at(const struct lr_session *s, const struct lr_hardware *hw, const struct machine *m,
                         double users)
{
    const struct lr_options *o = &s->options;
    struct run r = {.hardware = hw,
                    .machine = m,
                    .traffic = {.input = o->input > 0 ? o->input : 1024,
                                .output = o->output_tokens > 0 ? o->output_tokens : 1024,
                                .concurrency = users,
                                .prefix_hit = o->prefix_hit,
                                .chunk = o->chunk,
                                .speculation = {o->draft, o->accepted, o->draft_cost}}};
    const bool out = hw->scale_out.bandwidth_bytes_per_s > 0;
    const double link = out ? hw->scale_out.bandwidth_bytes_per_s : hw->scale_up.bandwidth_bytes_per_s;
    if (m->prefill)
        lr_plan_serve_apart(m->prefill, m->plan, &r.traffic, link, &r.served);
    else
        lr_plan_serve(m->plan, &r.traffic, &r.served);
    return r;
}

static double gpus_of(const struct machine *m)
{
    return lr_plan_deployment(m->plan)->gpus + (m->prefill ? lr_plan_deployment(m->prefill)->gpus : 0);
}

/* What does not fit has no speed. */
static struct served_row row_of(const struct lr_session *s, const struct run *r)
{
    const struct lr_deployment *d = lr_plan_deployment(r->machine->plan);
    const struct lr_served *v = &r->served;
    const bool fits = v->fits;
    return (struct served_row){
        .model = s->model->name,
        .hardware = r->hardware->name,
        .gpus = gpus_of(r->machine),
        .prefill_gpus = r->machine->prefill ? lr_plan_deployment(r->machine->prefill)->gpus : 0,
        .tp = d->tp,
        .pp = d->pp,
        .ep = d->ep,
        .dp = d->dp,
        .runtime = s->runtime->name,
        .concurrency = r->traffic.concurrency,
        .input = r->traffic.input,
        .output = r->traffic.output,
        .tpot_s = fits ? v->tpot_s : NAN,
        .tpot_low_s = fits ? v->tpot_low_s : NAN,
        .tpot_high_s = fits ? v->tpot_high_s : NAN,
        .ttft_s = fits ? v->ttft_s : NAN,
        .tokens_per_s = fits ? v->tokens_per_s : NAN,
        .tokens_per_s_per_gpu = fits ? v->tokens_per_s_per_gpu : NAN,
        .tokens_per_s_per_user = fits ? v->tokens_per_s_per_user : NAN,
        .requests_per_s = fits ? v->requests_per_s : NAN,
        .step_s = fits ? v->step_s : NAN,
        .prefill_s = fits ? v->prefill_s : NAN,
        .batch = fits ? v->batch : NAN,
        .bound = fits ? lr_bound_name(v->bound) : NULL,
        .fits = fits,
    };
}

static void json_traffic(const struct lr_traffic *t, struct lr_json *j)
{
    lr_json_open(j, "traffic", '{');
    lr_json_number(j, "input", t->input);
    lr_json_number(j, "output", t->output);
    lr_json_number(j, "concurrency", t->concurrency);
    lr_json_number(j, "prefix_hit", t->prefix_hit);
    if (t->chunk > 0)
        lr_json_number(j, "chunk", t->chunk);
    if (t->speculation.draft > 0) {
        lr_json_number(j, "draft", t->speculation.draft);
        lr_json_number(j, "accepted", t->speculation.accepted);
    }
    lr_json_close(j, '}');
}

static void add_json(const struct lr_session *s, const struct run *r, struct lr_json *j, bool schema)
{
    const struct lr_memory *m = &r->served.memory;
    const struct lr_answer a = {.hardware = r->hardware,
                                .model = s->model,
                                .plan = r->machine->plan,
                                .estimate = {.evidence = r->served.evidence}};
    const struct served_row row = row_of(s, r);
    lr_json_open(j, NULL, '{');
    if (schema)
        lr_json_text(j, "schema", "llmroof/served/1");
    lr_json_text(j, "model", row.model);
    lr_json_text(j, "hardware", row.hardware);
    lr_answer_json_deployment(s, r->machine->plan, j);
    if (r->machine->prefill)
        lr_json_number(j, "prefill_gpus", row.prefill_gpus);
    json_traffic(&r->traffic, j);
    lr_json_number(j, "tpot_s", row.tpot_s);
    lr_json_number(j, "tpot_low_s", row.tpot_low_s);
    lr_json_number(j, "tpot_high_s", row.tpot_high_s);
    lr_json_number(j, "ttft_s", row.ttft_s);
    lr_json_number(j, "tokens_per_s", row.tokens_per_s);
    lr_json_number(j, "tokens_per_s_per_gpu", row.tokens_per_s_per_gpu);
    lr_json_number(j, "tokens_per_s_per_user", row.tokens_per_s_per_user);
    lr_json_number(j, "requests_per_s", row.requests_per_s);
    lr_json_number(j, "step_s", row.step_s);
    lr_json_number(j, "prefill_s", row.prefill_s);
    lr_json_number(j, "batch", row.batch);
    lr_json_number(j, "floor_tpot_s", r->served.floor_tpot_s);
    lr_json_text(j, "bound", lr_bound_name(r->served.bound));
    lr_json_bool(j, "fits", r->served.fits);
    lr_json_open(j, "memory", '{');
    lr_json_number(j, "capacity_bytes", m->capacity_bytes);
    lr_json_number(j, "weights_bytes", m->weights_bytes);
    lr_json_number(j, "kv_bytes", m->kv_bytes);
    lr_json_number(j, "workspace_bytes", m->workspace_bytes);
    lr_json_number(j, "reserve_bytes", m->reserve_bytes);
    lr_json_close(j, '}');
    lr_answer_json_provenance(s, &a, j);
    lr_json_close(j, '}');
}

static void as_json(const struct lr_session *s, const struct run *run, size_t n, struct lr_text *out)
{
    struct lr_json j = {.out = out};
    if (n == 1) {
        add_json(s, run, &j, true);
        return;
    }
    lr_json_open(&j, NULL, '{');
    lr_json_text(&j, "schema", "llmroof/served-runs/1");
    lr_json_open(&j, "runs", '[');
    for (size_t i = 0; i < n; i++)
        add_json(s, &run[i], &j, false);
    lr_json_close(&j, ']');
    lr_json_close(&j, '}');
}

/* How many of such requests each machine has room for, where it is too few. */
static void add_rooms(const struct run *run, size_t n, struct lr_text *out)
{
    for (size_t i = 0; i < n; i++) {
        const struct lr_traffic *const t = &run[i].traffic;
        struct lr_memory room;
        if (run[i].served.fits)
            continue;
        lr_plan_room(run[i].machine->plan, &(struct lr_workload){1, t->input + t->output, 1 + t->speculation.draft},
                     &room);
        lr_text_addf(out, "%s: the KV caches of %g users do not fit; those of %g do\n", run[i].hardware->name,
                     t->concurrency, room.max_batch);
    }
}

static void add_title(const struct lr_session *s, const struct lr_speculation *d, struct lr_text *out)
{
    lr_text_addf(out, "%s served, runtime %s%s", s->model->title ? s->model->title : s->model->name, s->runtime->name,
                 s->runtime->chips.count > 0 ? ", fitted to runs on " : ", not fitted to runs");
    lr_chip_list_add(out, &s->runtime->chips);
    if (d->draft > 0)
        lr_text_addf(out, "; %g tokens drafted, %g accepted per step", d->draft, d->accepted);
    lr_text_add(out, "\n\n");
}

static void as_table(const struct lr_session *s, const struct run *run, size_t n, struct lr_text *out)
{
    struct lr_table t;
    if (s->format != LR_FORMAT_CSV)
        add_title(s, &run->traffic.speculation, out);
    lr_table_init(&t, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < n; i++) {
        const struct served_row row = row_of(s, &run[i]);
        lr_table_add(&t, &row);
    }
    lr_table_render(&t, s->format, "", out);
    lr_table_free(&t);
    if (s->format == LR_FORMAT_CSV)
        return;
    lr_text_add(out, "\n");
    add_rooms(run, n, out);
    lr_text_add(out, "TPOT includes the prefills of other requests that interrupt decoding.\n"
                     "TTFT is the request's own prefill and half of another's.\n"
                     "decoding: requests that decode at the same time, on average\n");
}

enum lr_exit lr_served(struct lr_session *s, struct lr_text *out)
{
    struct machine machine[LR_OPENED_MAX] = {{NULL, NULL}};
    const struct lr_points users =
        s->options.concurrency.count ? s->options.concurrency : (struct lr_points){.value = {1}, .count = 1};
    size_t n = 0, fitting = 0;
    enum lr_exit answer = LR_EXIT_BAD;
    bool ok = lr_session_deployment(s);
    if (ok && s->options.prefix_hit >= 1)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--prefix-hit", "100 %% or more, expected less than 100 %%");
    for (size_t i = 0; ok && i < s->hardware_count; i++)
        plan_machine(s, s->hardware[i], &machine[i]);
    struct run *run = s->diags.errors == 0 ? calloc(s->hardware_count * users.count + 1, sizeof *run) : NULL;
    if (s->diags.errors == 0 && !run)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
    for (size_t u = 0; run && u < users.count; u++)
        for (size_t i = 0; i < s->hardware_count; i++) {
            run[n] = run_at(s, s->hardware[i], &machine[i], users.value[u]);
            fitting += run[n++].served.fits;
        }
    if (run) {
        if (s->format == LR_FORMAT_JSON)
            as_json(s, run, n, out);
        else
            as_table(s, run, n, out);
        answer = fitting == n ? LR_EXIT_YES : LR_EXIT_NO;
    }
    free(run);
    for (size_t i = 0; i < s->hardware_count; i++) {
        lr_plan_free(machine[i].plan);
        lr_plan_free(machine[i].prefill);
    }
    return answer;
}
