/* SPDX-License-Identifier: Apache-2.0 */
#include "price/families.h"
#include "price/norm.h"

/* No measured kernel is above this share of the dense peak (H20, 0.95). */
static const double PEAK_SHARE = 0.95;

/* Columns of the widest tile. The core's rate is that of tiles of 128 x 128. */
static const double WIDEST = 256;

/* The time with the best tile that the kernel has. The tiles are waves on the chip's units. A unit's time per FLOP is
 * that of its tensor core and that of the core around it, which feeds it; only the latter also takes a share of the
 * empty part of the last wave. A share of its time is for operands: h + w of them for h w products. So small tiles are
 * free on a chip whose tensor core is the limit (H20), and expensive where the core is. Vector units read weights as
 * they are stored for tiles of one row, and pack them first for higher tiles. */
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

/* fixed + || tiles, bytes/(em BW), serial (k/4096)^power ||_2 + a pass over activations that are quantised. Found on
 * public kernel measurements, see docs/method.md. */
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
    c.fixed_s += all_s - roofs_s; /* a graph can hide the time that the k loop adds, and no more */
    c.memory_s += quantise_s;
    return c;
}
