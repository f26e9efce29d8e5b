/* SPDX-License-Identifier: Apache-2.0 */
#include "price/families.h"
#include "price/norm.h"

/* fixed + || bytes/(em BW), FLOP/P ||_2. The constants are those of elementwise kernels, until recurrent kernels are
 * measured. Both kinds stream their operands once and hardly compute (at most 7 FLOP per 8 bytes of state). */
struct lr_cost lr_price_state(const struct lr_work *w, const struct lr_chip *chip, const double *k)
{
    struct lr_cost c = {0};
    c.memory_s = lr_bytes(w) / (k[LR_ELEMENTWISE_MEMORY] * chip->bandwidth_bytes_per_s);
    c.compute_s = w->flop / chip->peak_flop_per_s;
    c.fixed_s = k[LR_ELEMENTWISE_FIXED] * chip->time_scale;
    c.time_s = c.fixed_s + lr_norm2(c.memory_s, c.compute_s, 0);
    return c;
}
