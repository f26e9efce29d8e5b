/* SPDX-License-Identifier: Apache-2.0 */
/* Predicts end-to-end measurements. */
#include <llmroof/benchmark.h>

#include <math.h>

/* The decode step, with times per token of a user. */
static struct lr_estimate step_at(const struct lr_plan *p, double batch, double context, const struct lr_speculation *s)
{
    const struct lr_workload w = {.batch = fmax(1, batch), .context = context, .q_len = 1};
    struct lr_estimate e;
    if (s->draft > 0)
        lr_plan_speculate(p, &w, s, &e);
    else
        lr_plan_estimate(p, &w, &e);
    return e;
}

/* Sets the prediction to time_s, with the relative interval of the step. */
static void set(struct lr_forecast *f, const struct lr_estimate *e, double time_s)
{
    f->predicted_s = time_s;
    f->low_s = time_s * e->tpot_low_s / e->tpot_s;
    f->high_s = time_s * e->tpot_high_s / e->tpot_s;
    f->floor_s = e->floor_tpot_s;
    f->step_s = e->tpot_s;
    f->evidence = e->evidence;
}

/* Prefills all prompts at once, then decodes at the average context: the time of a step is nearly linear in it. */
static void run_batch(const struct lr_benchmark_row *r, const struct lr_plan *p, double batch, struct lr_forecast *f)
{
    const struct lr_traffic *t = &r->traffic;
    const struct lr_estimate e = step_at(p, batch, t->input + t->output / 2, &r->traffic.speculation);
    const struct lr_workload prompts = {.batch = batch, .context = 0, .q_len = t->input};
    struct lr_estimate first;
    lr_plan_estimate(p, &prompts, &first);
    set(f, &e, first.tpot_s + (t->output - 1) * e.tpot_s);
    f->floor_s = first.floor_tpot_s + (t->output - 1) * e.floor_tpot_s;
    f->prefill_s = first.tpot_s;
}

/* Sequences that run at the same time: all, or as many as fit at full length. */
static double running(const struct lr_plan *p, const struct lr_traffic *t)
{
    const struct lr_workload whole = {.batch = t->concurrency, .context = t->input + t->output, .q_len = 1};
    struct lr_memory room;
    lr_plan_room(p, &whole, &room);
    return room.max_batch >= 1 ? fmin(t->concurrency, room.max_batch) : t->concurrency;
}

/* A static batch. If it does not fit in memory, it runs as several batches, one after the other. */
static void latency(const struct lr_benchmark_row *r, const struct lr_plan *p, struct lr_forecast *f)
{
    const double most = running(p, &r->traffic), turns = floor(r->traffic.concurrency / most);
    const double rest = r->traffic.concurrency - turns * most;
    struct lr_forecast last = {0};
    run_batch(r, p, most, f);
    if (rest > 0)
        run_batch(r, p, rest, &last);
    f->predicted_s = turns * f->predicted_s + last.predicted_s;
    f->low_s = turns * f->low_s + last.low_s;
    f->high_s = turns * f->high_s + last.high_s;
    f->floor_s = turns * f->floor_s + last.floor_s;
    f->prefill_s = turns * f->prefill_s + last.prefill_s;
}

static void served(const struct lr_benchmark_row *r, const struct lr_plan *p, struct lr_forecast *f)
{
    struct lr_served s;
    lr_plan_serve(p, &r->traffic, &s);
    const double tokens = r->metric == LR_METRIC_TOTAL_RATE ? 1 + r->traffic.input / r->traffic.output : 1;
    const double per_token = r->metric == LR_METRIC_TPOT ? 1 : 1 / (s.batch * tokens);
    f->predicted_s = s.tpot_s * per_token;
    f->low_s = s.tpot_low_s * per_token;
    f->high_s = s.tpot_high_s * per_token;
    f->floor_s = s.floor_tpot_s * per_token;
    f->step_s = s.step_s;
    f->prefill_s = s.prefill_s;
    f->evidence = s.evidence;
}

struct lr_forecast lr_benchmark_forecast(const struct lr_benchmark_row *r, const struct lr_plan *p)
{
    const struct lr_traffic *t = &r->traffic;
    struct lr_forecast f = {0};
    const bool rate =
        r->metric == LR_METRIC_OUTPUT_RATE || r->metric == LR_METRIC_TOTAL_RATE || r->metric == LR_METRIC_DECODE_RATE;
    if (r->metric == LR_METRIC_LATENCY)
        latency(r, p, &f);
    else if (r->metric == LR_METRIC_STEP || r->metric == LR_METRIC_DECODE_RATE) {
        const struct lr_estimate e = step_at(p, t->concurrency, t->input + t->output / 2, &r->traffic.speculation);
        set(&f, &e, e.tpot_s);
        if (rate) {
            f.predicted_s /= t->concurrency;
            f.low_s /= t->concurrency;
            f.high_s /= t->concurrency;
            f.floor_s /= t->concurrency;
        }
    } else
        served(r, p, &f);
    f.measured_s = rate ? 1 / r->value : r->value;
    return f;
}
