/* SPDX-License-Identifier: Apache-2.0 */
#include "price/families.h"

/* fixed + bytes/(em BW) */
struct lr_cost lr_price_elementwise(const struct lr_work *w, const struct lr_chip *chip, const double *k)
{
    struct lr_cost c = {0};
    c.memory_s = lr_bytes(w) / (k[LR_ELEMENTWISE_MEMORY] * chip->bandwidth_bytes_per_s);
    c.fixed_s = k[LR_ELEMENTWISE_FIXED] * chip->time_scale;
    c.time_s = c.fixed_s + c.memory_s;
    return c;
}
