/* SPDX-License-Identifier: Apache-2.0 */
#include "price/families.h"
#include "price/norm.h"

/* No measured kernel is above this share of the dense peak (H20, 0.95). */
static const double PEAK_SHARE = 0.95;

/* Columns of the widest tile. The core's rate is that of tiles of 128 x 128. */
static const double WIDEST = 256;

/* The best of the tiles that the kernel has, each with the waves that they take on the chip's units. A wave that is not
 * full costs a share of a full one. A unit's time for a FLOP is what its tensor core takes and what the core around it
 * takes to feed it, of which a share is for operands: h + w of them for h w products. So small tiles are free where the
 * tensor core is slow (H20), and expensive where it is fast. Vector units take the weights as they lie for tiles of one
 * row; for higher ones they put them in order before. */
static double tiled_s(const struct lr_gemm *g, double m, const struct lr_work *w, const struct lr_chip *chip,
                      const double *k)
{
    const double tensor = chip->units / (PEAK_SHARE * chip->peak_flop_per_s);
    const double core = chip->time_scale / k[LR_GEMM_CORE_RATE];
    const double pack_s = k[LR_GEMM_PACK] * w->weight_bytes / chip->bandwidth_bytes_per_s;
    double best = INFINITY;
    for (double height = k[LR_GEMM_TILE_LEAST]; height <= k[LR_GEMM_TILE_MOST]; height *= 2) {
        const double rows = ceil(m / height);
        for (double width = k[LR_GEMM_TILE_WIDTH]; width <= WIDEST; width *= 2) {
            const double waves = rows * ceil(g->n / width) / chip->units;
            const double taken = waves + k[LR_GEMM_WAVE] * (ceil(waves) - waves);
            const double operands = 64 / height + 64 / width;
            best = fmin(best, 2 * height * width * g->k *
                                      (tensor * waves + taken * core * (1 + k[LR_GEMM_TILE_LOSS] * (operands - 1))) +
                                  (height > 1 ? pack_s : 0));
            if (width >= g->n)
                break; /* a wider one only adds padding; so does a higher one below */
        }
        if (height >= m)
            break;
    }
    return best;
}

/* fixed + || tiles, bytes/(em BW), serial (k/4096)^power ||_2 + a pass over the activations where they are quantised.
 * Found on public kernel measurements, see docs/method.md. */
struct lr_cost lr_price_gemm(const struct lr_gemm *g, double m, const struct lr_work *w, const struct lr_chip *chip,
                             const double *k)
{
    struct lr_cost c = {0};
    const double depth = g->k / 4096;
    const double serial = k[LR_GEMM_SERIAL] * chip->time_scale * (k[LR_GEMM_SPLIT] < 0.75 ? sqrt(depth) : depth);
    const double quantise_s = m * g->k * k[LR_GEMM_QUANTISE] / chip->bandwidth_bytes_per_s;
    c.compute_s = tiled_s(g, m, w, chip, k);
    c.memory_s = lr_bytes(w) / (k[LR_GEMM_MEMORY] * chip->bandwidth_bytes_per_s);
    c.fixed_s = k[LR_GEMM_FIXED] * chip->time_scale;
    const double roofs_s = lr_norm2(c.compute_s, c.memory_s, 0), all_s = lr_norm2(c.compute_s, c.memory_s, serial);
    c.time_s = c.fixed_s + all_s + quantise_s;
    c.fixed_s += all_s - roofs_s; /* a graph can hide what the K loop adds, and no more */
    c.memory_s += quantise_s;
    return c;
}
