/* SPDX-License-Identifier: Apache-2.0 */
#include "price/families.h"
#include "price/norm.h"

/* fixed + || FLOP/(ec P), bytes/(em BW) ||_2 */
struct lr_cost lr_price_bmm(const struct lr_work *w, const struct lr_chip *chip, const double *k)
{
    struct lr_cost c = {0};
    c.compute_s = w->flop / (k[LR_BMM_COMPUTE] * chip->peak_flop_per_s);
    c.memory_s = lr_bytes(w) / (k[LR_BMM_MEMORY] * chip->bandwidth_bytes_per_s);
    c.fixed_s = k[LR_BMM_FIXED] * chip->time_scale;
    c.time_s = c.fixed_s + lr_norm2(c.compute_s, c.memory_s, 0);
    return c;
}
