/* SPDX-License-Identifier: Apache-2.0 */
#include "rows/measured.h"

#include "price/price.h"

double lr_row_floor(const struct lr_measured_row *r)
{
    static const struct lr_kernels none = {0};
    const struct lr_chip chip = lr_chip_of(r->hardware, &none, lr_rate_of(&r->op, r->hardware->compute.peak));
    const struct lr_work w = lr_op_work(&r->op, &r->step);
    return lr_floor(&r->op, &w, &chip);
}
