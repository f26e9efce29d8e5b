#include "price/price.h"

#include <math.h>

/* Bytes that cross this GPU's link in a ring, over what it contributes (Patarasuk and Yuan 2009). */
static double ring(enum lr_family f, double n)
{
    switch (f) {
    case LR_FAMILY_ALL_REDUCE:
        return 2 * (n - 1) / n;
    case LR_FAMILY_ALL_GATHER:
    case LR_FAMILY_REDUCE_SCATTER:
        return n - 1;
    default:
        return 1;
    }
}

/* The better of two algorithms, by the time that is seen: fixed + rank (n-2) + ring (S + sqrt(S ramp))/(e link), and
 * for an all-reduce one shot, in which each rank reads what all others have: fixed' + rank' (n-2) + (n-1) S/(e' link).
 * Between scale-up domains at the slower link. */
struct lr_cost lr_price_collective(enum lr_family f, const struct lr_collective *c, const struct lr_work *w,
                                   const struct lr_chip *chip, const double *k)
{
    struct lr_cost out = {0};
    const bool far = c->nodes > 1;
    const double n = c->ranks, s = w->link_bytes;
    const double rate = far ? fmin(chip->out_bytes_per_s, chip->up_bytes_per_s) : chip->up_bytes_per_s;
    const double hop = far ? chip->out_latency_s + chip->up_latency_s : chip->up_latency_s;
    out.link_s = ring(f, n) * (s + sqrt(s * k[LR_COLLECTIVE_RAMP])) / (k[LR_COLLECTIVE_LINK] * rate);
    out.fixed_s = hop + chip->time_scale * (k[LR_COLLECTIVE_FIXED] + k[LR_COLLECTIVE_RANK] * (n - 2));
    if (f == LR_FAMILY_ALL_REDUCE) {
        const double seen = 1 - chip->launch_hidden;
        const double shot_s = (n - 1) * s / (k[LR_COLLECTIVE_SHOT_LINK] * rate);
        const double fixed =
            hop + chip->time_scale * (k[LR_COLLECTIVE_SHOT_FIXED] + k[LR_COLLECTIVE_SHOT_RANK] * (n - 2));
        if (shot_s + seen * fixed < out.link_s + seen * out.fixed_s) {
            out.link_s = shot_s;
            out.fixed_s = fixed;
        }
    }
    out.time_s = out.fixed_s + out.link_s;
    return out;
}

/* DeepEP-like dispatch and combine: fixed + node log2(nodes) + max(share inside/(e up), share outside/(e' out)). */
struct lr_cost lr_price_exchange(const struct lr_collective *c, const struct lr_work *w, const struct lr_chip *chip,
                                 const double *k)
{
    struct lr_cost out = {0};
    const double inside = (c->ranks / c->nodes - 1) / c->ranks, outside = (c->nodes - 1) / c->nodes;
    const double up_s = w->link_bytes * inside / (k[LR_EXCHANGE_LINK] * chip->up_bytes_per_s);
    const double out_s = w->link_bytes * outside / (k[LR_EXCHANGE_OUT] * chip->out_bytes_per_s);
    const double hop = c->nodes > 1 ? chip->out_latency_s + chip->up_latency_s : chip->up_latency_s;
    out.link_s = fmax(up_s, out_s);
    out.fixed_s = hop + chip->time_scale * (k[LR_EXCHANGE_FIXED] + k[LR_EXCHANGE_NODE] * log2(c->nodes));
    out.time_s = out.fixed_s + out.link_s;
    return out;
}
