/* Does it fit, and how much more would? */
#include "estimate/plan.h"

#include <math.h>

/* Beyond this nobody asks; it ends the search. */
static const double MOST = 1e9;

/* Fills what depends on the workload; returns all of it. */
static double use(const struct lr_plan *p, const struct lr_workload *w, struct lr_memory *m)
{
    const struct lr_step s = lr_step_of(w, &p->d);
    const double sequences = ceil(w->batch / p->d.dp); /* each pipeline stage keeps the cache of all of them */
    m->kv_bytes = sequences * lr_lowering_kv_bytes(&p->l, w->context + w->q_len, p->rt.kv_block);
    m->workspace_bytes = s.tokens * p->l.act_bytes_per_token + s.sequences * p->l.logits_bytes_per_sequence;
    return m->weights_bytes + m->kv_bytes + m->workspace_bytes + m->reserve_bytes;
}

bool lr_memory_fits(const struct lr_memory *m)
{
    return m->weights_bytes + m->kv_bytes + m->workspace_bytes + m->reserve_bytes <= m->capacity_bytes;
}

enum axis { BATCH, CONTEXT };

static bool fits_at(const struct lr_plan *p, struct lr_workload w, enum axis axis, double x, struct lr_memory m)
{
    *(axis == BATCH ? &w.batch : &w.context) = x;
    return use(p, &w, &m) <= m.capacity_bytes;
}

/* Largest whole number that fits, 0 when 1 does not: memory grows with it, so doubling and bisection find it. */
static double largest(const struct lr_plan *p, const struct lr_workload *w, enum axis axis, const struct lr_memory *m)
{
    double low = 0, high = 1;
    while (high <= MOST && fits_at(p, *w, axis, high, *m)) {
        low = high;
        high *= 2;
    }
    while (high - low > 1) {
        const double middle = floor((low + high) / 2);
        if (fits_at(p, *w, axis, middle, *m))
            low = middle;
        else
            high = middle;
    }
    return low;
}

void lr_plan_memory(const struct lr_plan *p, const struct lr_workload *w, struct lr_memory *out)
{
    out->capacity_bytes = p->capacity_bytes;
    out->weights_bytes = p->l.weights_bytes;
    out->reserve_bytes = p->rt.reserve_bytes + (1 - p->rt.memory_fraction) * p->capacity_bytes;
    use(p, w, out);
    out->max_batch = largest(p, w, BATCH, out);
    out->max_context = largest(p, w, CONTEXT, out);
}
