/* SPDX-License-Identifier: Apache-2.0 */
#include "fit/predict.h"

#include "price/price.h"

double lr_predict(const struct lr_measured_row *r, const struct lr_kernels *set, const struct lr_kernel *k)
{
    struct lr_chip chip = lr_chip_of(r->hardware, set, lr_rate_of(&r->op, r->hardware->compute.peak));
    chip.eager = r->eager;
    const struct lr_work w = lr_op_work(&r->op, &r->step);
    return lr_price(&r->op, &r->step, &w, &chip, k).time_s;
}
