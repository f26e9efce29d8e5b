/* SPDX-License-Identifier: Apache-2.0 */
#include "price/families.h"

#include <math.h>

/* Bytes that cross this GPU's link in a ring, divided by the bytes that it contributes (Patarasuk and Yuan 2009). */
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

/* A ring; for an all-reduce, the faster of a ring and one shot.
 * Ring: fixed + rank (n-2) + steps S/(e link) + the time to fill the pipeline. Small messages take as long to fill it
 * as to pass it, large ones at most fill. An all-reduce passes twice, which takes pass + pass_rank (n-2) longer. Its
 * kernels write to the buffers of the peers, so that messages up to direct/2 bytes fill nothing.
 * One shot: each rank reads the bytes of all others, (n-1) S/(e' link).
 * Over the host's PCIe each rank beyond the second takes bandwidth from all. Between scale-up domains the slower link
 * counts. */
struct lr_cost lr_price_collective(enum lr_family f, const struct lr_collective *c, const struct lr_work *w,
                                   const struct lr_chip *chip, const double *k)
{
    const bool far = c->nodes > 1, sum = f == LR_FAMILY_ALL_REDUCE;
    const double n = c->ranks, s = w->link_bytes;
    const double rate = far ? fmin(chip->out_bytes_per_s, chip->up_bytes_per_s) : chip->up_bytes_per_s;
    const double hop = far ? chip->out_latency_s + chip->up_latency_s : chip->up_latency_s;
    const double path = chip->host_path ? 1 + k[LR_COLLECTIVE_SHARED] * (n - 2) : 1;
    const double steps = ring(f, n) * path + (sum ? k[LR_COLLECTIVE_COPY] / n : 0);
    const double full = steps * s / (k[LR_COLLECTIVE_LINK] * rate);
    const double buffered = sum ? fmin(1, fmax(0, 2 * s / k[LR_COLLECTIVE_DIRECT] - 1)) : 1;
    const double slow = full * buffered, fill = chip->time_scale * k[LR_COLLECTIVE_FILL];
    const double fixed = hop + chip->time_scale * (k[LR_COLLECTIVE_FIXED] + k[LR_COLLECTIVE_RANK] * (n - 2));
    struct lr_cost out = {.link_s = full + (fill > 0 ? fill * slow / (fill + slow) : 0), .fixed_s = fixed};
    if (sum) {
        const double pass = chip->time_scale * (k[LR_COLLECTIVE_PASS] + k[LR_COLLECTIVE_PASS_RANK] * (n - 2));
        const double shot = (n - 1) * path * s / (k[LR_COLLECTIVE_SHOT_LINK] * rate);
        if (shot < out.link_s + pass)
            out.link_s = shot;
        else
            out.fixed_s += pass;
    }
    out.time_s = out.fixed_s + out.link_s;
    return out;
}

/* Dispatch and combine as in DeepEP: fixed + node log2(nodes) + max(share inside/(e up), share outside/(e' out)). */
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
