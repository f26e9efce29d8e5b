/* Composes the operators of a step. */
#include "estimate/plan.h"

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

/* One operator of a plan, executed once. Inlined, so that work and cost are written where their callers keep them and
 * copied nowhere: a copy waits for the stores before it. */
static inline void cost_of(const struct lr_plan *p, size_t i, const struct lr_step *s, struct lr_work *work,
                           double *floor_s, struct lr_cost *c)
{
    const struct lr_op *op = &p->l.op[i];
    const struct lr_planned *planned = &p->op[i];
    const double share = planned->chip.launch_hidden;
    *work = lr_op_work(op, s);
    *floor_s = lr_floor(op, work, &planned->chip);
    *c = lr_price(op, s, work, &planned->chip, planned->kernel);
    if (share <= 0)
        return;
    /* in a graph a kernel starts while the one before it ends; what it streams and computes is not hidden by that */
    const double busy_s = fmax(fmax(c->memory_s, c->compute_s), fmax(c->link_s, *floor_s));
    const double launch_s = share * (c->fixed_s - c->walked_s);
    const double hidden = fmax(0, fmin(launch_s, c->time_s - busy_s));
    c->time_s -= hidden;
    c->fixed_s -= hidden;
}

struct once {
    double time_s; /* of all executions */
    double below_s, above_s;
};

/* One operator, all its executions, added to the sums; its errors are the caller's to add. */
static struct once add_operator(const struct lr_plan *p, size_t i, const struct lr_step *s, struct lr_sums *t)
{
    struct lr_work w;
    struct lr_cost c;
    double floor_s;
    cost_of(p, i, s, &w, &floor_s, &c);
    const double n = p->l.op[i].count, time_s = n * c.time_s;
    t->time_s += time_s;
    t->floor_s += n * floor_s;
    t->flop += n * w.flop;
    t->bytes += n * lr_bytes(&w);
    t->link_bytes += n * w.link_bytes;
    t->by_bound[lr_cost_bound(&c)] += time_s;
    t->by_evidence[p->op[i].evidence] += time_s;
    return (struct once){time_s, time_s * p->op[i].shrink, time_s * p->op[i].grow};
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
    out->sequences = lr_memory_sequences(p, batch);
    lr_memory_start(p, &out->step, &out->memory);
    out->used_bytes = lr_memory_used(&out->memory);
}

/* The weakest that more than a tenth of the time rests on. */
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

/* Adds the operators that the context changes. The squares of their errors, by family, go to *below2 and *above2. */
static void add_growing(const struct lr_plan *p, const struct lr_step *s, struct lr_sums *t, double *below2,
                        double *above2)
{
    double below[3] = {0}, above[3] = {0};
    for (size_t i = 0; i < p->growing_count; i++) {
        const enum lr_family f = p->l.op[p->growing[i]].family;
        const int slot = f == LR_FAMILY_ATTENTION ? 0 : f == LR_FAMILY_MLA ? 1 : 2;
        const struct once o = add_operator(p, p->growing[i], s, t);
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
    struct lr_step s = b->step;
    struct lr_sums t = b->fixed;
    double below2 = b->below2, above2 = b->above2;
    s.context = context;
    add_growing(p, &s, &t, &below2, &above2);
    const double idle_s = fmax(0, p->launches_s - t.time_s); /* kernels that end before the next is launched */
    const double tpot_s = t.time_s + idle_s + b->host_s;
    t.by_bound[LR_BOUND_HOST] += idle_s;
    const double runtime_low = p->shrink * tpot_s, runtime_high = p->grow * tpot_s;
    const double low_s = tpot_s - sqrt(below2 + runtime_low * runtime_low);
    const double kv_bytes = b->sequences * lr_lowering_kv_bytes(&p->l, context + s.q_len, p->rt.kv_block);
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
        lr_plan_overlap(p, &(struct lr_workload){b->batch, context, s.q_len}, out);
}

void lr_plan_estimate(const struct lr_plan *p, const struct lr_workload *w, struct lr_estimate *out)
{
    struct lr_batch b;
    lr_plan_at_batch(p, w->batch, w->q_len, &b);
    lr_batch_estimate(&b, w->context, out);
}

static struct lr_op_estimate operator_at(const struct lr_plan *p, size_t i, const struct lr_step *s)
{
    struct lr_work work;
    double floor_s;
    struct lr_cost c;
    cost_of(p, i, s, &work, &floor_s, &c);
    const struct lr_op *op = &p->l.op[i];
    const double n = op->count;
    return (struct lr_op_estimate){
        .name = op->name,
        .family = op->family,
        .weight = op->weight,
        .kv = op->kv,
        .rate = p->op[i].rate,
        .bound = lr_cost_bound(&c),
        .evidence = p->op[i].evidence,
        .count = n,
        .flop = n * work.flop,
        .bytes = n * lr_bytes(&work),
        .link_bytes = n * work.link_bytes,
        .time_s = n * c.time_s,
        .floor_s = n * floor_s,
        .memory_s = n * c.memory_s,
        .compute_s = n * c.compute_s,
        .link_s = n * c.link_s,
        .fixed_s = n * c.fixed_s,
        .spread_low = p->op[i].low,
        .spread_high = p->op[i].high,
    };
}

size_t lr_plan_operators(const struct lr_plan *p, const struct lr_workload *w, struct lr_op_estimate out[LR_OPS_MAX])
{
    const struct lr_step s = lr_step_of(w, &p->d);
    for (size_t i = 0; i < p->l.op_count; i++)
        out[i] = operator_at(p, i, &s);
    return p->l.op_count;
}

void lr_batch_operators(const struct lr_batch *b, double context, struct lr_op_estimate out[LR_OPS_MAX])
{
    struct lr_step s = b->step;
    s.context = context;
    for (size_t i = 0; i < b->plan->growing_count; i++)
        out[b->plan->growing[i]] = operator_at(b->plan, b->plan->growing[i], &s);
}
