#include "price/norm.h"
#include "price/price.h"

/* fixed + row rows + || FLOP padded an expert/(ec P), bytes/(em BW) ||_2. Padding: each touched expert's rows are rounded
 * up to a tile, in the mean by half of it, and never fewer than one tile. */
struct lr_cost lr_price_moe(const struct lr_moe *e, double m, const struct lr_work *w, const struct lr_chip *chip,
                            const double *k)
{
    struct lr_cost c = {0};
    const double tokens = m * e->groups;
    const double rows = e->skew * tokens * e->topk * e->local / e->experts;
    const double touched = lr_expected_experts(e->local, e->experts, e->topk, tokens);
    const double padded = fmax(rows + touched * (k[LR_MOE_PAD] - 1) / 2, touched * k[LR_MOE_PAD]);
    c.compute_s = 2 * padded * e->matrices * e->hidden * e->inter / (k[LR_MOE_COMPUTE] * chip->peak_flop_per_s);
    c.memory_s = lr_bytes(w) / (k[LR_MOE_MEMORY] * chip->bandwidth_bytes_per_s);
    c.fixed_s = chip->time_scale * (k[LR_MOE_FIXED] + k[LR_MOE_ROW] * rows);
    c.time_s = c.fixed_s + lr_norm2(c.compute_s, c.memory_s, 0);
    return c;
}
