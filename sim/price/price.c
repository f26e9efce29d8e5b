/* SPDX-License-Identifier: Apache-2.0 */
#include "price/families.h"

#include <math.h>

double lr_floor(const struct lr_op *op, const struct lr_work *w, const struct lr_chip *chip)
{
    if (lr_family_is_link(op->family)) {
        const bool far = op->u.collective.nodes > 1;
        const bool both = op->family == LR_FAMILY_DISPATCH || op->family == LR_FAMILY_COMBINE; /* links at once */
        const double up = chip->up_bytes_per_s, out = chip->out_bytes_per_s;
        const double rate = !far ? up : both ? up + out : fmax(out, up);
        return w->link_bytes * (1 - 1 / op->u.collective.ranks) / rate +
               (far ? chip->out_latency_s : chip->up_latency_s);
    }
    const double compute = w->flop > 0 ? w->flop / chip->peak_flop_per_s : 0;
    return fmax(compute, (w->weight_bytes + w->kv_bytes) / chip->bandwidth_bytes_per_s);
}

enum lr_bound lr_cost_bound(const struct lr_cost *c)
{
    const double term[] = {c->memory_s, c->compute_s, c->link_s, c->fixed_s};
    static const enum lr_bound bound[] = {LR_BOUND_MEMORY, LR_BOUND_COMPUTE, LR_BOUND_LINK, LR_BOUND_LATENCY};
    int most = 0;
    for (int i = 1; i < 4; i++)
        if (term[i] > term[most])
            most = i;
    return bound[most];
}

struct lr_cost lr_price(const struct lr_op *op, const struct lr_step *s, const struct lr_work *w,
                        const struct lr_chip *chip, const struct lr_kernel *k)
{
    const double m = op->rows == LR_ROWS_SEQUENCES ? s->sequences : s->tokens;
    switch (op->family) {
    case LR_FAMILY_GEMM:
        return lr_price_gemm(&op->u.gemm, m, w, chip, k->value);
    case LR_FAMILY_ATTENTION:
        return lr_price_attention(&op->u.gqa, s, w, chip, k->value);
    case LR_FAMILY_MLA:
        return lr_price_mla(&op->u.mla, s, w, chip, k->value);
    case LR_FAMILY_BMM:
        return lr_price_bmm(w, chip, k->value);
    case LR_FAMILY_MOE:
        return lr_price_moe(&op->u.moe, m, w, chip, k->value);
    case LR_FAMILY_ELEMENTWISE:
        return lr_price_elementwise(w, chip, k->value);
    case LR_FAMILY_STATE:
        return lr_price_state(w, chip, k->value);
    case LR_FAMILY_INDEX:
        return lr_price_index(&op->u.index, s, w, chip, k->value);
    case LR_FAMILY_DISPATCH:
    case LR_FAMILY_COMBINE:
        return lr_price_exchange(&op->u.collective, w, chip, k->value);
    default:
        return lr_price_collective(op->family, &op->u.collective, w, chip, k->value);
    }
}
