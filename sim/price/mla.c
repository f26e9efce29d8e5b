#include "price/norm.h"
#include "price/price.h"

static const double SPLIT_FREE = 64;

/* Heads share the latent cache, so they are the rows of the tile. */
static const double TILE = 64;

/* fixed + split log2(s/64) + || padded FLOP/(ec P), bytes/(em BW) ||_3 */
struct lr_cost lr_price_mla(const struct lr_mla *a, const struct lr_step *s, const struct lr_work *w,
                            const struct lr_chip *chip, const double *k)
{
    struct lr_cost c = {0};
    const double attended = lr_attended(s, 0);
    const double rows = a->heads * s->q_len;
    const double padded = rows > 0 ? lr_round_up(rows, TILE) / rows : 1;
    c.compute_s = w->flop * padded / (k[LR_MLA_COMPUTE] * chip->peak_flop_per_s);
    c.memory_s = lr_bytes(w) / (k[LR_MLA_MEMORY] * chip->bandwidth_bytes_per_s);
    c.fixed_s = chip->time_scale *
                (k[LR_MLA_FIXED] + k[LR_MLA_SPLIT] * (attended > SPLIT_FREE ? log2(attended / SPLIT_FREE) : 0));
    c.time_s = c.fixed_s + lr_norm3(c.compute_s, c.memory_s, 0);
    return c;
}
