/* SPDX-License-Identifier: Apache-2.0 */
#include "price/families.h"
#include "price/norm.h"

/* fixed + row rows (hidden + inter)/4096 + || FLOP of whole tiles/P_eff, bytes/(em BW) ||_2,
 * 1/P_eff = 1/(ec P) + 1/(rate units).
 * The rows of each touched expert are padded by half a tile on average, and to at least one tile. Under expert
 * parallelism some kernels also walk the buffers for the rows of other ranks. By chance one of n ranks is the busiest:
 * it has more rows and touches more experts, and the others wait for it. Under skewed routing the variance of a rank's
 * share is higher by skew^2/(its experts). */
struct lr_cost lr_price_moe(const struct lr_moe *e, double m, const struct lr_work *w, const struct lr_chip *chip,
                            const double *k)
{
    struct lr_cost c = {0};
    const struct lr_routed r = lr_moe_routed(e, m);
    const double ranks = e->experts / e->local;
    const bool chance = (e->routing == LR_ROUTING_RANDOM || e->routing == LR_ROUTING_SKEWED) && ranks > 1;
    const double lean = e->routing == LR_ROUTING_SKEWED ? k[LR_MOE_SKEW] * k[LR_MOE_SKEW] / e->local : 0;
    const double skew = chance ? fmax(1, e->skew) * lr_busiest_rank(ranks, r.rows / (1 + r.rows * lean)) : 1;
    const double rows = fmin(r.rows * skew, r.tokens * fmin(e->topk, e->local));
    const double walked = rows + k[LR_MOE_ALL_ROWS] * fmax(0, r.tokens * e->topk - rows);
    const double touched = chance ? lr_touched_experts(e, rows) : r.touched;
    const double pad = k[LR_MOE_PAD];
    const double padded = fmax(rows + touched * (pad - 1) / 2, touched * pad);
    const double rate =
        lr_rate_limit(k[LR_MOE_COMPUTE] * chip->peak_flop_per_s, k[LR_MOE_CORE_RATE] * chip->units / chip->time_scale);
    const double bytes = w->weight_bytes * touched / r.touched + w->act_bytes / r.rows * walked;
    c.compute_s = 2 * padded * e->matrices * e->hidden * e->inter / rate;
    c.memory_s = bytes / (k[LR_MOE_MEMORY] * chip->bandwidth_bytes_per_s);
    c.fixed_s = chip->time_scale * (k[LR_MOE_FIXED] + k[LR_MOE_ROW] * (e->hidden + e->inter) / 4096 * walked);
    c.time_s = c.fixed_s + lr_norm2(c.compute_s, c.memory_s, 0);
    return c;
}
