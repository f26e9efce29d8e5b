#include "price/norm.h"
#include "price/price.h"

/* fixed + || 2 pad(m) n k / P_eff, bytes/(em BW), serial (k/4096)^power ||_2,  1/P_eff = 1/(ec P) + 1/(rate units).
 * The form was found on public kernel measurements, see docs/method.md. */
struct lr_cost lr_price_gemm(const struct lr_gemm *g, double m, const struct lr_work *w, const struct lr_chip *chip,
                             const double *k)
{
    struct lr_cost c = {0};
    const double rate = lr_rate_limit(k[LR_GEMM_COMPUTE] * chip->peak_flop_per_s, k[LR_GEMM_CORE_RATE] * chip->units);
    const double serial = k[LR_GEMM_SERIAL] * chip->time_scale * pow(g->k / 4096, k[LR_GEMM_SERIAL_POWER]);
    c.compute_s = 2 * lr_round_up(m, k[LR_GEMM_PAD]) * g->n * g->k / rate;
    c.memory_s = lr_bytes(w) / (k[LR_GEMM_MEMORY] * chip->bandwidth_bytes_per_s);
    c.fixed_s = k[LR_GEMM_FIXED] * chip->time_scale;
    c.time_s = c.fixed_s + lr_norm2(c.compute_s, c.memory_s, serial);
    c.fixed_s += serial;
    return c;
}
