/* SPDX-License-Identifier: Apache-2.0 */
/* Adds up the operators of a step. */
#include "estimate/batch.h"
#include "estimate/operator_cost.h"
#include "lower/lowering.h"

#include <math.h>

const char *lr_bound_name(enum lr_bound b)
{
    static const char *const names[] = {
#define X(id, name) name,
        LR_BOUNDS(X)
#undef X
    };
    return b < LR_BOUND_COUNT ? names[b] : "unknown";
}

const char *lr_evidence_name(enum lr_evidence e)
{
    static const char *const names[] = {
#define X(id, name) name,
        LR_EVIDENCES(X)
#undef X
    };
    return e < LR_EVIDENCE_COUNT ? names[e] : "unknown";
}

struct once {
    double time_s; /* of all executions */
    double below_s, above_s;
};

/* Adds all executions of one operator to the sums. The caller adds the errors that are returned. */
static struct once add_operator(const struct lr_plan *p, size_t i, const struct lr_step *s, struct lr_sums *t)
{
    struct lr_work w;
    struct lr_cost c;
    double floor_s;
    const struct lr_planned *const planned = lr_plan_cost(p, i, s, &w, &floor_s, &c);
    const double n = p->l.op[i].count, time_s = n * c.time_s;
    t->time_s += time_s;
    t->floor_s += n * floor_s;
    t->flop += n * w.flop;
    t->bytes += n * lr_bytes(&w);
    t->link_bytes += n * w.link_bytes;
    t->by_bound[lr_cost_bound(&c)] += time_s;
    t->by_evidence[planned->evidence] += time_s;
    return (struct once){time_s, time_s * planned->shrink, time_s * planned->grow};
}

/* With q_len 1 the work is affine in the attended tokens: that of one token less that of none is the work per token. */
static void grow(const struct lr_plan *p, size_t i, const struct lr_step *at, struct lr_grown *out)
{
    const struct lr_op *op = &p->l.op[i];
    const struct lr_planned *planned = &p->op[i];
    const double rate = planned->kernel->value[LR_ATTENTION_MEMORY] * planned->chip.bandwidth_bytes_per_s;
    struct lr_step s = *at;
    s.context = 0;
    const struct lr_work none = lr_op_work(op, &s);
    s.context = 1;
    const struct lr_work one = lr_op_work(op, &s);
    const double bytes_0 = lr_bytes(&none), bytes = lr_bytes(&one) - bytes_0;
    const struct lr_walk walk = lr_walk_of(op, &s, &planned->chip, planned->kernel->value);
    *out = (struct lr_grown){
        .walk = walk,
        .flop = one.flop,
        .bytes = bytes,
        .bytes_0 = bytes_0,
        .memory_s = (bytes + (walk.idle - 1) * one.kv_bytes) / rate,
        .memory_0_s = bytes_0 / rate,
        .floor_s = lr_floor(op, &one, &planned->chip),
    };
}

void lr_plan_at_batch(const struct lr_plan *p, double batch, double q_len, struct lr_batch *out)
{
    const struct lr_workload w = {.batch = batch, .context = 0, .q_len = q_len};
    double below[LR_FAMILY_COUNT] = {0}, above[LR_FAMILY_COUNT] = {0};
    *out = (struct lr_batch){.plan = p, .batch = batch, .step = lr_step_of(&w, &p->d)};
    for (size_t i = 0; i < p->steady_count; i++) {
        const enum lr_family f = p->l.op[p->steady[i]].family;
        const struct once o = add_operator(p, p->steady[i], &out->step, &out->fixed);
        below[f] += o.below_s;
        above[f] += o.above_s;
    }
    for (int f = 0; f < LR_FAMILY_COUNT; f++) {
        out->below2 += below[f] * below[f];
        out->above2 += above[f] * above[f];
    }
    out->host_s = p->rt.step_host_s + p->rt.request_host_s * out->step.sequences +
                  p->rt.layer_overhead_s * p->l.layers + p->rt.mixer_overhead_s * p->mixer_layers;
    out->fixed.by_bound[LR_BOUND_HOST] += out->host_s;
    out->affine = q_len == 1 && p->alternatives == 0 && p->growing_count <= LR_GROWN_MAX;
    for (size_t i = 0; i < p->growing_count && out->affine; i++)
        grow(p, p->growing[i], &out->step, &out->grown[i]);
    out->sequences = lr_memory_sequences(p, batch);
    lr_memory_start(p, &out->step, &out->memory);
    out->used_bytes = lr_memory_used(&out->memory);
}

/* The weakest evidence on which more than a tenth of the time rests. */
static enum lr_evidence weakest(const struct lr_sums *t)
{
    double rest = 0;
    for (int e = LR_EVIDENCE_COUNT - 1; e > 0; e--) {
        rest += t->by_evidence[e];
        if (rest > 0.1 * t->time_s)
            return (enum lr_evidence)e;
    }
    return LR_EVIDENCE_MEASURED;
}

static enum lr_bound largest(const struct lr_sums *t)
{
    enum lr_bound most = (enum lr_bound)0;
    for (int b = 1; b < LR_BOUND_COUNT; b++)
        if (t->by_bound[b] > t->by_bound[most])
            most = (enum lr_bound)b;
    return most;
}

/* Like add_operator, for an operator that is affine in the attended tokens. */
static struct once add_grown(const struct lr_plan *p, size_t i, const struct lr_grown *g, double context,
                             struct lr_sums *t)
{
    const struct lr_planned *planned = &p->op[i];
    const double most = g->walk.attended_most, attended = most > 0 && most < context ? most : context;
    const double floor_s = g->floor_s * attended;
    struct lr_cost c =
        lr_walk_cost(&g->walk, attended, g->memory_0_s + g->memory_s * attended, g->walk.compute_s * attended);
    if (planned->chip.launch_hidden > 0)
        lr_hide_launch(planned->chip.launch_hidden, floor_s, &c);
    const double n = p->l.op[i].count, time_s = n * c.time_s;
    t->time_s += time_s;
    t->floor_s += n * floor_s;
    t->flop += n * (g->flop * attended);
    t->bytes += n * (g->bytes_0 + g->bytes * attended);
    t->by_bound[lr_cost_bound(&c)] += time_s;
    t->by_evidence[planned->evidence] += time_s;
    return (struct once){time_s, time_s * planned->shrink, time_s * planned->grow};
}

static struct once add_at(const struct lr_batch *b, size_t i, double context, struct lr_sums *t)
{
    struct lr_step s = b->step;
    s.context = context;
    return add_operator(b->plan, i, &s, t);
}

/* Adds the operators that depend on the context, and the squares of their errors by family. */
static void add_growing(const struct lr_batch *b, double context, struct lr_sums *t, double *below2, double *above2)
{
    const struct lr_plan *p = b->plan;
    double below[3] = {0}, above[3] = {0};
    for (size_t i = 0; i < p->growing_count; i++) {
        const size_t at = p->growing[i];
        const enum lr_family f = p->l.op[at].family;
        const int slot = f == LR_FAMILY_ATTENTION ? 0 : f == LR_FAMILY_MLA ? 1 : 2;
        const struct once o = b->affine ? add_grown(p, at, &b->grown[i], context, t) : add_at(b, at, context, t);
        below[slot] += o.below_s;
        above[slot] += o.above_s;
    }
    for (int i = 0; i < 3; i++) {
        *below2 += below[i] * below[i];
        *above2 += above[i] * above[i];
    }
}

void lr_batch_estimate(const struct lr_batch *b, double context, struct lr_estimate *out)
{
    const struct lr_plan *p = b->plan;
    struct lr_sums t = b->fixed;
    double below2 = b->below2, above2 = b->above2;
    add_growing(b, context, &t, &below2, &above2);
    const double idle_s =
        p->launches_s > t.time_s ? p->launches_s - t.time_s : 0; /* kernels that end before the next is launched */
    const double tpot_s = t.time_s + idle_s + b->host_s;
    t.by_bound[LR_BOUND_HOST] += idle_s;
    const double runtime_low = p->shrink * tpot_s, runtime_high = p->grow * tpot_s;
    const double low_s = tpot_s - sqrt(below2 + runtime_low * runtime_low);
    const double kv_bytes = b->sequences * lr_lowering_kv_bytes(&p->l, context + b->step.q_len, p->rt.kv_block);
    const bool fits = b->used_bytes + kv_bytes <= b->memory.capacity_bytes;
    *out = (struct lr_estimate){
        .tpot_s = tpot_s,
        .tpot_low_s = low_s > t.floor_s ? low_s : t.floor_s,
        .tpot_high_s = tpot_s + sqrt(above2 + runtime_high * runtime_high),
        .floor_tpot_s = t.floor_s,
        .tokens_per_s = fits ? b->batch / tpot_s : 0,
        .tokens_per_s_per_gpu = fits ? b->batch / tpot_s / p->d.gpus : 0,
        .tokens_per_s_per_user = fits ? 1 / tpot_s : 0,
        .flop = t.flop,
        .bytes = t.bytes,
        .link_bytes = t.link_bytes,
        .host_s = idle_s + b->host_s,
        .bound = largest(&t),
        .evidence = weakest(&t),
        .fits = fits,
        .memory = b->memory,
    };
    out->memory.kv_bytes = kv_bytes;
    if (p->rt.two_batch_overlap || p->rt.shared_overlap)
        lr_plan_overlap(p, &(struct lr_workload){b->batch, context, b->step.q_len}, out);
}

void lr_plan_estimate(const struct lr_plan *p, const struct lr_workload *w, struct lr_estimate *out)
{
    struct lr_batch b;
    lr_plan_at_batch(p, w->batch, w->q_len, &b);
    lr_batch_estimate(&b, w->context, out);
}

void lr_plan_estimates(const struct lr_plan *p, double batch, double q_len, const double *context, size_t count,
                       struct lr_estimate *out)
{
    struct lr_batch b;
    lr_plan_at_batch(p, batch, q_len, &b);
    for (size_t i = 0; i < count; i++)
        lr_batch_estimate(&b, context[i], &out[i]);
}
