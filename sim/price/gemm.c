#include "price/norm.h"
#include "price/price.h"

/* No kernel has been seen above this share of the dense peak (H20, 0.95). */
static const double PEAK_SHARE = 0.95;

/* The best of the tile heights that the kernel has, each with the waves that its tiles take on the chip's units: a wave
 * that is not full costs a share of a full one, and a lower tile runs at a lower rate. */
static double tiled_s(const struct lr_gemm *g, double m, const struct lr_chip *chip, const double *k)
{
    const double width = k[LR_GEMM_TILE_WIDTH];
    const double columns = ceil(g->n / width);
    const double peak =
        lr_rate_limit(PEAK_SHARE * chip->peak_flop_per_s, k[LR_GEMM_CORE_RATE] * chip->units / chip->time_scale);
    const double loss = exp2(k[LR_GEMM_TILE_LOSS]);
    double rate = peak / chip->units, best = INFINITY;
    for (double height = k[LR_GEMM_TILE_MOST]; height >= k[LR_GEMM_TILE_LEAST]; height /= 2) {
        const double waves = ceil(m / height) * columns / chip->units;
        const double taken = waves + k[LR_GEMM_WAVE] * (ceil(waves) - waves);
        best = fmin(best, taken * 2 * height * width * g->k / rate);
        rate /= loss;
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
    c.compute_s = tiled_s(g, m, chip, k);
    c.memory_s = lr_bytes(w) / (k[LR_GEMM_MEMORY] * chip->bandwidth_bytes_per_s);
    c.fixed_s = k[LR_GEMM_FIXED] * chip->time_scale;
    c.time_s = c.fixed_s + lr_norm2(c.compute_s, c.memory_s, serial) + quantise_s;
    c.fixed_s += serial;
    c.memory_s += quantise_s;
    return c;
}
