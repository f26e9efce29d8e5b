/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a deployment fits in memory, and the largest batch and context that fit. */
#include "estimate/plan.h"
#include "lower/lowering.h"

#include <math.h>

/* Upper end of the search for the largest batch or context. */
static const double MOST = 1e9;

double lr_memory_sequences(const struct lr_plan *p, double batch)
{
    return ceil(batch / p->d.dp);
}

void lr_memory_start(const struct lr_plan *p, const struct lr_step *s, struct lr_memory *m)
{
    *m = (struct lr_memory){
        .capacity_bytes = p->capacity_bytes,
        .weights_bytes = p->l.weights_bytes,
        .workspace_bytes = s->tokens * p->l.act_bytes_per_token + s->sequences * p->l.logits_bytes_per_sequence,
        .reserve_bytes = p->rt.reserve_bytes + (1 - p->rt.memory_fraction) * p->capacity_bytes,
    };
}

double lr_memory_used(const struct lr_memory *m)
{
    return m->weights_bytes + m->workspace_bytes + m->reserve_bytes + m->kv_bytes;
}

bool lr_memory_fits(const struct lr_memory *m)
{
    return lr_memory_used(m) <= m->capacity_bytes;
}

void lr_plan_memory(const struct lr_plan *p, const struct lr_workload *w, struct lr_memory *out)
{
    const struct lr_step s = lr_step_of(w, &p->d);
    lr_memory_start(p, &s, out);
    out->kv_bytes =
        lr_memory_sequences(p, w->batch) * lr_lowering_kv_bytes(&p->l, w->context + w->q_len, p->rt.kv_block);
}

enum axis { BATCH, CONTEXT };

static bool fits_at(const struct lr_plan *p, struct lr_workload w, enum axis axis, double x)
{
    struct lr_memory m;
    *(axis == BATCH ? &w.batch : &w.context) = x;
    lr_plan_memory(p, &w, &m);
    return lr_memory_fits(&m);
}

/* The largest whole number that fits, 0 if 1 does not. Memory grows with it, so that doubling and bisection find it. */
static double largest(const struct lr_plan *p, const struct lr_workload *w, enum axis axis)
{
    double low = 0, high = 1;
    while (high <= MOST && fits_at(p, *w, axis, high)) {
        low = high;
        high *= 2;
    }
    while (high - low > 1) {
        const double middle = floor((low + high) / 2);
        if (fits_at(p, *w, axis, middle))
            low = middle;
        else
            high = middle;
    }
    return low;
}

void lr_plan_room(const struct lr_plan *p, const struct lr_workload *w, struct lr_memory *m)
{
    m->max_batch = largest(p, w, BATCH);
    m->max_context = largest(p, w, CONTEXT);
}
