#include "price/price.h"

#include <math.h>

/* Bytes that cross this GPU's link, over what it contributes: each algorithm's lower bound or better known schedule.
 * Ring: Patarasuk and Yuan 2009; one-shot: each rank reads all others. */
static double traffic(enum lr_family f, double n)
{
    switch (f) {
    case LR_FAMILY_ALL_REDUCE:
        return 2 * (n - 1) / n;
    case LR_FAMILY_ALL_GATHER:
        return n - 1;
    case LR_FAMILY_REDUCE_SCATTER:
        return n - 1;
    case LR_FAMILY_SEND:
        return 1;
    default: /* dispatch, combine: copies to the other ranks */
        return (n - 1) / n;
    }
}

/* fixed + rank log2(n/2) + traffic/(e link); between scale-up domains at the slower link. */
struct lr_cost lr_price_collective(enum lr_family f, const struct lr_collective *c, const struct lr_work *w,
                                   const struct lr_chip *chip, const double *k)
{
    struct lr_cost out = {0};
    const bool far = c->nodes > 1;
    const double rate = far ? fmin(chip->out_bytes_per_s, chip->up_bytes_per_s) : chip->up_bytes_per_s;
    const double hop = far ? chip->out_latency_s + chip->up_latency_s : chip->up_latency_s;
    out.link_s = traffic(f, c->ranks) * w->link_bytes / (k[LR_COLLECTIVE_LINK] * rate);
    out.fixed_s = hop + chip->time_scale * (k[LR_COLLECTIVE_FIXED] + k[LR_COLLECTIVE_RANK] * log2(c->ranks / 2));
    out.time_s = out.fixed_s + out.link_s;
    return out;
}
