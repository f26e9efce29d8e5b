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

static const struct lr_column columns[] = {
    {"model", NULL, LR_CELL_TEXT},
    {"hardware", "hardware", LR_CELL_TEXT},
    {"gpus", "gpus", LR_CELL_COUNT},
    {"prefill_gpus", NULL, LR_CELL_COUNT},
    {"tp", "tp", LR_CELL_COUNT},
    {"pp", NULL, LR_CELL_COUNT},
    {"ep", NULL, LR_CELL_COUNT},
    {"dp", NULL, LR_CELL_COUNT},
    {"runtime", NULL, LR_CELL_TEXT},
    {"concurrency", "users", LR_CELL_COUNT},
    {"input", "input", LR_CELL_COUNT},
    {"output", "output", LR_CELL_COUNT},
    {"tpot_s", "TPOT", LR_CELL_SECONDS},
    {"tpot_low_s", "low", LR_CELL_SECONDS},
    {"tpot_high_s", "high", LR_CELL_SECONDS},
    {"ttft_s", "TTFT", LR_CELL_SECONDS},
    {"tokens_per_s", NULL, LR_CELL_RATE},
    {"tokens_per_s_per_gpu", "tok/s/GPU", LR_CELL_RATE},
    {"tokens_per_s_per_user", "tok/s/user", LR_CELL_RATE},
    {"requests_per_s", "requests/s", LR_CELL_RATE},
    {"step_s", "step", LR_CELL_SECONDS},
    {"prefill_s", "prefill", LR_CELL_SECONDS},
    {"batch", "decoding", LR_CELL_NUMBER},
    {"bound", "bound", LR_CELL_TEXT},
    {"fits", "fits", LR_CELL_BOOL},
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

/* In the order of the columns from concurrency to batch; what does not fit has no speed. */
static void numbers_of(const struct run *r, double number[14])
{
    const struct lr_served *v = &r->served;
    const double all[] = {r->traffic.concurrency,
                          r->traffic.input,
                          r->traffic.output,
                          v->tpot_s,
                          v->tpot_low_s,
                          v->tpot_high_s,
                          v->ttft_s,
                          v->tokens_per_s,
                          v->tokens_per_s_per_gpu,
                          v->tokens_per_s_per_user,
                          v->requests_per_s,
                          v->step_s,
                          v->prefill_s,
                          v->batch};
    for (int i = 0; i < 14; i++)
        number[i] = v->fits || i < 3 ? all[i] : NAN;
}

static void add_row(const struct lr_session *s, const struct run *r, struct lr_table *t)
{
    const struct lr_deployment *d = lr_plan_deployment(r->machine->plan);
    const double layout[] = {gpus_of(r->machine),
                             r->machine->prefill ? lr_plan_deployment(r->machine->prefill)->gpus : 0,
                             d->tp,
                             d->pp,
                             d->ep,
                             d->dp};
    double number[14];
    numbers_of(r, number);
    lr_table_row(t);
    lr_table_text(t, 0, s->model->name);
    lr_table_text(t, 1, r->hardware->name);
    for (size_t i = 0; i < 6; i++)
        lr_table_number(t, 2 + i, layout[i]);
    lr_table_text(t, 8, s->runtime->name);
    for (size_t i = 0; i < 14; i++)
        lr_table_number(t, 9 + i, number[i]);
    if (r->served.fits)
        lr_table_text(t, 23, lr_bound_name(r->served.bound));
    lr_table_number(t, 24, r->served.fits);
}

static void add_json(const struct lr_session *s, const struct run *r, struct lr_json *j, bool schema)
{
    static const char *const key[] = {"tpot_s",
                                      "tpot_low_s",
                                      "tpot_high_s",
                                      "ttft_s",
                                      "tokens_per_s",
                                      "tokens_per_s_per_gpu",
                                      "tokens_per_s_per_user",
                                      "requests_per_s",
                                      "step_s",
                                      "prefill_s",
                                      "batch"};
    const struct lr_memory *m = &r->served.memory;
    const struct lr_answer a = {.hardware = r->hardware,
                                .model = s->model,
                                .plan = r->machine->plan,
                                .estimate = {.evidence = r->served.evidence}};
    double number[14];
    numbers_of(r, number);
    lr_json_open(j, NULL, '{');
    if (schema)
        lr_json_text(j, "schema", "llmroof/served/1");
    lr_json_text(j, "model", s->model->name);
    lr_json_text(j, "hardware", r->hardware->name);
    lr_answer_json_deployment(s, r->machine->plan, j);
    if (r->machine->prefill)
        lr_json_number(j, "prefill_gpus", lr_plan_deployment(r->machine->prefill)->gpus);
    lr_json_open(j, "traffic", '{');
    lr_json_number(j, "input", r->traffic.input);
    lr_json_number(j, "output", r->traffic.output);
    lr_json_number(j, "concurrency", r->traffic.concurrency);
    lr_json_number(j, "prefix_hit", r->traffic.prefix_hit);
    if (r->traffic.chunk > 0)
        lr_json_number(j, "chunk", r->traffic.chunk);
    if (r->traffic.speculation.draft > 0) {
        lr_json_number(j, "draft", r->traffic.speculation.draft);
        lr_json_number(j, "accepted", r->traffic.speculation.accepted);
    }
    lr_json_close(j, '}');
    for (size_t i = 0; i < sizeof key / sizeof *key; i++)
        lr_json_number(j, key[i], number[3 + i]);
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
        lr_text_addf(out, "%s: the caches of %g users do not fit, room for those of %g\n", run[i].hardware->name,
                     t->concurrency, room.max_batch);
    }
}

static void add_title(const struct lr_session *s, const struct lr_speculation *d, struct lr_text *out)
{
    lr_text_addf(out, "%s served, runtime %s%s", s->model->title ? s->model->title : s->model->name, s->runtime->name,
                 s->runtime->chips.count > 0 ? ", fitted on runs of " : ", not fitted on runs");
    lr_chip_list_add(out, &s->runtime->chips);
    if (d->draft > 0)
        lr_text_addf(out, "; %g drafted, %g accepted a step", d->draft, d->accepted);
    lr_text_add(out, "\n\n");
}

static void as_table(const struct lr_session *s, const struct run *run, size_t n, struct lr_text *out)
{
    struct lr_table t;
    if (s->format != LR_FORMAT_CSV)
        add_title(s, &run->traffic.speculation, out);
    lr_table_init(&t, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < n; i++)
        add_row(s, &run[i], &t);
    lr_table_render(&t, s->format, "", out);
    lr_table_free(&t);
    if (s->format == LR_FORMAT_CSV)
        return;
    lr_text_add(out, "\n");
    add_rooms(run, n, out);
    lr_text_add(out, "TPOT: step, and the share of others' prefills that falls into it; TTFT: own prefill and half of\n"
                     "another's; decoding: requests that decode at a time, the others prefill\n");
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
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--prefix-hit", "expected less than 100 %%");
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
