/* SPDX-License-Identifier: Apache-2.0 */
/* Serving: prefills and decode steps in a steady state. */
#include "estimate/plan.h"
#include "lower/lowering.h"

#include <llmroof/serving.h>

#include <math.h>

enum { ROUNDS = 40, CHUNKS = 64 };

/* Relative tolerance of the batch. */
static const double EXACT = 1e-9;

double lr_plan_prefill(const struct lr_plan *p, double tokens, double cached)
{
    const struct lr_workload w = {.batch = p->d.dp * p->d.pp, .context = cached, .q_len = tokens};
    struct lr_estimate e;
    lr_plan_estimate(p, &w, &e);
    return e.tpot_s;
}

/* Prefill of the new tokens of a prompt, in equal chunks if chunks are requested. Later chunks attend to more tokens.
 * If there are many chunks, they are priced in groups, each at its middle. */
struct prompt {
    double prefill_s, steps;
};

static struct prompt prefill(const struct lr_plan *p, const struct lr_traffic *t)
{
    const double fresh = fmax(1, t->input * (1 - t->prefix_hit)), cached = t->input - fresh;
    struct prompt out = {.steps = t->chunk > 0 ? ceil(fresh / t->chunk) : 1};
    const double chunk = fmax(1, fresh / out.steps), groups = fmin(out.steps, CHUNKS), in_group = out.steps / groups;
    for (double g = 0; g < groups; g++)
        out.prefill_s += in_group * lr_plan_prefill(p, chunk, cached + chunk * (in_group * (g + 0.5) - 0.5));
    return out;
}

/* The decode step at the average context. Its times are per token. */
static void decode_at(const struct lr_plan *p, const struct lr_traffic *t, double batch, struct lr_estimate *e)
{
    const struct lr_workload w = {.batch = batch, .context = t->input + t->output / 2, .q_len = 1};
    if (t->speculation.draft > 0)
        lr_plan_speculate(p, &w, &t->speculation, e);
    else
        lr_plan_estimate(p, &w, e);
}

/* The same at a batch that is an average over time. The busiest group sets the time. Of n sequences on g groups it has
 * ceil(n/g), and (n + (g - 1)/2)/g on average over neighbouring n. Between whole numbers of sequences the step is
 * interpolated. */
static void decode(const struct lr_plan *p, const struct lr_traffic *t, double batch, double users,
                   struct lr_estimate *e)
{
    const double groups = p->d.dp * p->d.pp;
    const double mean = (batch + (groups - 1) / 2) / groups;
    const double sequences = fmax(1, fmin(mean, ceil(users / groups))), whole = floor(sequences);
    const double share = sequences - whole;
    struct lr_estimate more;
    decode_at(p, t, whole * groups, e);
    if (share == 0)
        return;
    decode_at(p, t, (whole + 1) * groups, &more);
    e->tpot_s += share * (more.tpot_s - e->tpot_s);
    e->tpot_low_s += share * (more.tpot_low_s - e->tpot_low_s);
    e->tpot_high_s += share * (more.tpot_high_s - e->tpot_high_s);
    e->floor_tpot_s += share * (more.floor_tpot_s - e->floor_tpot_s);
}

/* The whole step. It yields more than one token if it verifies drafts. */
static double step_of(const struct lr_traffic *t, const struct lr_estimate *e)
{
    return e->tpot_s * (t->speculation.draft > 0 ? t->speculation.accepted : 1);
}

/* Whether all requests fit at their full length. */
static void check_memory(const struct lr_plan *p, const struct lr_traffic *t, struct lr_served *out)
{
    const struct lr_workload full = {t->concurrency, t->input + t->output, 1 + t->speculation.draft};
    lr_plan_memory(p, &full, &out->memory);
    out->fits = lr_memory_fits(&out->memory);
}

static void rates(const struct lr_traffic *t, double gpus, struct lr_served *out)
{
    if (!out->fits)
        return;
    out->tokens_per_s_per_user = 1 / out->tpot_s;
    out->tokens_per_s = out->batch / out->tpot_s;
    out->tokens_per_s_per_gpu = out->tokens_per_s / gpus;
    out->requests_per_s = out->tokens_per_s / t->output;
}

/* The interval of the step, scaled to tpot_s: what is added to the step has the same relative error. */
static void adopt(const struct lr_estimate *e, double tpot_s, struct lr_served *out)
{
    out->tpot_s = tpot_s;
    out->tpot_low_s = fmax(e->floor_tpot_s, tpot_s * e->tpot_low_s / e->tpot_s);
    out->tpot_high_s = tpot_s * e->tpot_high_s / e->tpot_s;
    out->floor_tpot_s = e->floor_tpot_s;
    out->step_s = e->tpot_s;
    out->bound = e->bound;
    out->evidence = e->evidence;
}

/* Requests that run at the same time. Engines admit as many as fit at their average length; the others wait. If not
 * even one fits, nothing runs and no request waits. */
static double admitted(const struct lr_plan *p, const struct lr_traffic *t, const struct lr_served *out)
{
    const struct lr_workload mean = {.batch = t->concurrency, .context = t->input + t->output / 2, .q_len = 1};
    struct lr_memory room;
    if (out->fits)
        return t->concurrency;
    lr_plan_room(p, &mean, &room);
    return room.max_batch >= 1 ? fmin(t->concurrency, room.max_batch) : t->concurrency;
}

/* Times of a request while batch of the users decode. surplus: requests that decode according to these times, minus
 * batch. */
struct state {
    struct lr_estimate e;
    double batch, tpot_s, ttft_s, surplus;
};

static void try_batch(const struct lr_plan *p, const struct lr_traffic *t, const struct prompt *prompt, double users,
                      double batch, struct state *out)
{
    const double shared = p->rt.prefill_exposed * prompt->prefill_s / t->output;
    const double others = fmax(0, batch / p->d.dp - 1);
    decode(p, t, batch, users, &out->e);
    out->batch = batch;
    out->tpot_s = out->e.tpot_s + shared * others / p->d.pp;
    /* a decode step runs with each prefill step */
    out->ttft_s = prompt->prefill_s + prompt->steps * step_of(t, &out->e) + 0.5 * shared * others;
    const double decoding = users * t->output * out->tpot_s / (t->output * out->tpot_s + out->ttft_s);
    out->surplus = decoding - batch;
}

/* Finds the steady batch, for which surplus is 0. With a larger batch, tokens are slower and requests stay longer,
 * without jumps. So there is a steady batch, seldom more than one. False position finds one between 0 and all users; an
 * end that stays counts half the next time (Illinois: Dowell and Jarratt 1971). The batch is below 1 if prefills take
 * most of the time. */
static void find_steady_batch(const struct lr_plan *p, const struct lr_traffic *t, const struct prompt *prompt,
                              double users, struct state *out)
{
    double low = 0, above = users, high = users;
    try_batch(p, t, prompt, users, users, out);
    double below = -out->surplus;
    for (int i = 0, side = 0; i < ROUNDS && below > 0 && high - low > EXACT * high; i++) {
        try_batch(p, t, prompt, users, low + (high - low) * above / (above + below), out);
        if (fabs(out->surplus) <= EXACT * out->batch)
            break;
        if (out->surplus > 0) {
            low = out->batch;
            above = out->surplus;
            below *= side > 0 ? 0.5 : 1;
            side = 1;
        } else {
            high = out->batch;
            below = -out->surplus;
            above *= side < 0 ? 0.5 : 1;
            side = -1;
        }
    }
}

void lr_plan_serve(const struct lr_plan *p, const struct lr_traffic *t, struct lr_served *out)
{
    const struct prompt prompt = prefill(p, t);
    struct state s;
    *out = (struct lr_served){.prefill_s = prompt.prefill_s};
    check_memory(p, t, out);
    const double users = admitted(p, t, out);
    find_steady_batch(p, t, &prompt, users, &s);
    out->batch = s.batch;
    out->ttft_s = s.ttft_s;
    if (users < t->concurrency) /* the others wait until one of these ends (Little's law) */
        out->ttft_s = t->output * s.tpot_s * (t->concurrency / s.batch - 1);
    adopt(&s.e, s.tpot_s, out);
    rates(t, p->d.gpus, out);
}

void lr_plan_serve_apart(const struct lr_plan *filler, const struct lr_plan *decoder, const struct lr_traffic *t,
                         double transfer_bytes_per_s, struct lr_served *out)
{
    const struct prompt prompt = prefill(filler, t);
    struct lr_estimate e;
    *out = (struct lr_served){.prefill_s = prompt.prefill_s, .batch = t->concurrency};
    check_memory(decoder, t, out);
    struct lr_memory prompts; /* each group prefills one prompt at a time */
    lr_plan_memory(filler, &(struct lr_workload){filler->d.dp * filler->d.pp, t->input, 1}, &prompts);
    out->fits = out->fits && lr_memory_fits(&prompts);
    decode_at(decoder, t, fmax(1, t->concurrency), &e);
    const double kv_bytes = lr_lowering_kv_bytes(&filler->l, t->input, filler->rt.kv_block);
    const double transfer_s = transfer_bytes_per_s > 0 ? kv_bytes / transfer_bytes_per_s : 0;
    out->ttft_s = prompt.prefill_s + transfer_s + step_of(t, &e);
    adopt(&e, e.tpot_s, out);
    rates(t, filler->d.gpus + decoder->d.gpus, out);
}
