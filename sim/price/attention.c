#include "price/norm.h"
#include "price/price.h"

/* Context whose split over units costs nothing yet. */
static const double SPLIT_FREE = 64;

/* Query heads of a group share one tile of the tensor core's rows. */
static const double TILE = 16;

static double split(const struct lr_step *s, double window)
{
    const double attended = lr_attended(s, window);
    return attended > SPLIT_FREE ? log2(attended / SPLIT_FREE) : 0;
}

/* fixed + split log2(s/64) + item batch kv_heads (132/units)
 *   + || bytes/(em BW), KV elements ceil(g/16)/(rate units), padded FLOP/(ec P) ||_3,  g query heads a KV head. */
struct lr_cost lr_price_attention(const struct lr_gqa *a, const struct lr_step *s, const struct lr_work *w,
                                  const struct lr_chip *chip, const double *k)
{
    struct lr_cost c = {0};
    const double group = a->heads / a->kv_heads * s->q_len;
    const double elements = 2 * s->sequences * lr_attended(s, a->window) * a->kv_heads * a->head_dim;
    const double tiles = ceil(group / TILE);
    const double core_s = elements * tiles / (k[LR_ATTENTION_CORE_RATE] * chip->units);
    const double tensor_s = 2 * elements * tiles * TILE / (k[LR_ATTENTION_COMPUTE] * chip->peak_flop_per_s);
    c.memory_s = lr_bytes(w) / (k[LR_ATTENTION_MEMORY] * chip->bandwidth_bytes_per_s);
    c.compute_s = cbrt(core_s * core_s * core_s + tensor_s * tensor_s * tensor_s);
    c.fixed_s = chip->time_scale * (k[LR_ATTENTION_FIXED] + k[LR_ATTENTION_SPLIT] * split(s, a->window) +
                                    k[LR_ATTENTION_ITEM] * s->sequences * a->kv_heads * 132 / chip->units);
    c.time_s = c.fixed_s + lr_norm3(c.memory_s, core_s, tensor_s);
    return c;
}
