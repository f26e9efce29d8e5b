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

struct lr_cost lr_plan_cost(const struct lr_plan *p, size_t i, const struct lr_step *s, struct lr_work *work,
                            double *floor_s)
{
    const struct lr_op *op = &p->l.op[i];
    *work = lr_op_work(op, s);
    *floor_s = lr_floor(op, work, &p->op[i].chip);
    struct lr_cost c = lr_price(op, s, work, &p->op[i].chip, p->op[i].kernel);
    /* in a graph a kernel starts while the one before it ends; what it streams and computes is not hidden by that */
    const double busy_s = fmax(fmax(c.memory_s, c.compute_s), fmax(c.link_s, *floor_s));
    const double hidden = fmax(0, fmin(p->rt.launch_hidden * c.fixed_s, c.time_s - busy_s));
    c.time_s -= hidden;
    c.fixed_s -= hidden;
    return c;
}

/* Sums over a step. Errors of one family are common to all of its operators and add up; those of different families are
 * independent and add in squares. */
struct sums {
    double time_s, floor_s, flop, bytes, link_bytes;
    double by_bound[LR_BOUND_COUNT], by_evidence[LR_EVIDENCE_COUNT];
    double below[LR_FAMILY_COUNT], above[LR_FAMILY_COUNT];
};

static void add_operator(const struct lr_plan *p, size_t i, const struct lr_step *s, struct sums *t)
{
    struct lr_work w;
    double floor_s;
    const struct lr_cost c = lr_plan_cost(p, i, s, &w, &floor_s);
    const double n = p->l.op[i].count, time_s = n * c.time_s;
    const enum lr_family f = p->l.op[i].family;
    t->time_s += time_s;
    t->floor_s += n * floor_s;
    t->flop += n * w.flop;
    t->bytes += n * lr_bytes(&w);
    t->link_bytes += n * w.link_bytes;
    t->by_bound[lr_cost_bound(&c)] += time_s;
    t->by_evidence[p->op[i].evidence] += time_s;
    t->below[f] += time_s * p->op[i].shrink;
    t->above[f] += time_s * p->op[i].grow;
}

/* The weakest that more than a tenth of the time rests on. */
static enum lr_evidence weakest(const struct sums *t)
{
    double rest = 0;
    for (int e = LR_EVIDENCE_COUNT - 1; e > 0; e--) {
        rest += t->by_evidence[e];
        if (rest > 0.1 * t->time_s)
            return (enum lr_evidence)e;
    }
    return LR_EVIDENCE_MEASURED;
}

static double in_squares(const double by_family[LR_FAMILY_COUNT])
{
    double sum = 0;
    for (int f = 0; f < LR_FAMILY_COUNT; f++)
        sum += by_family[f] * by_family[f];
    return sqrt(sum);
}

void lr_plan_estimate(const struct lr_plan *p, const struct lr_workload *w, struct lr_estimate *out)
{
    const struct lr_step s = lr_step_of(w, &p->d);
    struct sums t = {0};
    for (size_t i = 0; i < p->l.op_count; i++)
        add_operator(p, i, &s, &t);
    *out = (struct lr_estimate){0};
    out->host_s = p->rt.step_host_s + p->rt.request_host_s * s.sequences + p->rt.layer_overhead_s * p->l.layers;
    t.by_bound[LR_BOUND_HOST] += out->host_s;
    out->tpot_s = t.time_s + out->host_s;
    out->floor_tpot_s = t.floor_s;
    out->tpot_low_s = fmax(t.floor_s, out->tpot_s - in_squares(t.below));
    out->tpot_high_s = out->tpot_s + in_squares(t.above);
    out->flop = t.flop;
    out->bytes = t.bytes;
    out->link_bytes = t.link_bytes;
    for (int b = 1; b < LR_BOUND_COUNT; b++)
        if (t.by_bound[b] > t.by_bound[out->bound])
            out->bound = (enum lr_bound)b;
    out->evidence = weakest(&t);
    lr_plan_memory(p, w, &out->memory);
    out->fits = lr_memory_fits(&out->memory);
    if (!out->fits)
        return;
    out->tokens_per_s = w->batch / out->tpot_s;
    out->tokens_per_s_per_gpu = out->tokens_per_s / p->d.gpus;
    out->tokens_per_s_per_user = 1 / out->tpot_s;
}

size_t lr_plan_operators(const struct lr_plan *p, const struct lr_workload *w, struct lr_op_estimate out[LR_OPS_MAX])
{
    const struct lr_step s = lr_step_of(w, &p->d);
    for (size_t i = 0; i < p->l.op_count; i++) {
        struct lr_work work;
        double floor_s;
        const struct lr_cost c = lr_plan_cost(p, i, &s, &work, &floor_s);
        const struct lr_op *op = &p->l.op[i];
        const double n = op->count;
        out[i] = (struct lr_op_estimate){
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
    return p->l.op_count;
}
