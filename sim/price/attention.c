#include "price/norm.h"
#include "price/price.h"

/* Context whose split over units costs nothing yet. */
static const double SPLIT_FREE = 64;

/* Units of the chip on which the time of an item is stated. */
static const double UNITS = 132;

/* New tokens that a prefill kernel takes as one tile. */
static const double PREFILL_TILE = 128;

/* A batch of items, each a cache of attended tokens of width elements that rows query rows read. */
struct items {
    double count, attended, width, rows;
    double flop_per_element; /* of cache, for one query row */
};

/* Many new tokens go to a kernel made for them, whose tiles are of tokens: FLOP of whole tiles/(prefill P). It is taken
 * where it is faster, and never below the time of one tile of the decode kernel. */
static double with_prefill(double decode_s, double one_tile_s, const struct lr_step *s, const struct lr_work *w,
                           const struct lr_chip *chip, const double *k)
{
    const double padded = ceil(s->q_len / PREFILL_TILE) * PREFILL_TILE / s->q_len;
    return fmax(one_tile_s, fmin(decode_s, w->flop * padded / (k[LR_ATTENTION_PREFILL] * chip->peak_flop_per_s)));
}

/* fixed + split log2(s/64) + item items (132/units)
 *   + || || bytes/(em BW), elements tiles/(rate units), FLOP of whole tiles/(ec P) ||_2, chain s min(1, batch/free)
 * ||_3. The core rate is why an FP8 cache does not halve the time and why 78 units do not reach 4 TB/s; the chain is
 * the stretch of context that one unit walks alone. */
static struct lr_cost price(const struct items *it, const struct lr_step *s, const struct lr_work *w,
                            const struct lr_chip *chip, const double *k)
{
    struct lr_cost c = {0};
    const double elements = it->count * it->attended * it->width;
    const double tile = k[LR_ATTENTION_TILE];
    const double tiles = ceil(it->rows / tile);
    const double core_s = elements * tiles / (k[LR_ATTENTION_CORE_RATE] * chip->units / chip->time_scale);
    const double tensor_s =
        it->flop_per_element * elements * tiles * tile / (k[LR_ATTENTION_COMPUTE] * chip->peak_flop_per_s);
    const double chain_s =
        k[LR_ATTENTION_CHAIN] * chip->time_scale * it->attended * fmin(1, s->sequences / k[LR_ATTENTION_FREE]);
    const double doublings = it->attended > SPLIT_FREE ? log2(it->attended / SPLIT_FREE) : 0;
    c.memory_s = lr_bytes(w) / (k[LR_ATTENTION_MEMORY] * chip->bandwidth_bytes_per_s);
    c.compute_s = lr_norm2(core_s, tensor_s, 0);
    if (s->q_len > 1)
        c.compute_s = with_prefill(c.compute_s, c.compute_s / tiles, s, w, chip, k);
    c.fixed_s = chip->time_scale * (k[LR_ATTENTION_FIXED] + k[LR_ATTENTION_SPLIT] * doublings +
                                    k[LR_ATTENTION_ITEM] * it->count * UNITS / chip->units);
    c.time_s = c.fixed_s + lr_norm3(lr_norm2(c.memory_s, c.compute_s, 0), chain_s);
    c.fixed_s += chain_s;
    c.walked_s = chain_s;
    if (chip->eager)
        c.time_s = fmax(c.time_s, k[LR_ATTENTION_EAGER]);
    return c;
}

struct lr_cost lr_price_attention(const struct lr_gqa *a, const struct lr_step *s, const struct lr_work *w,
                                  const struct lr_chip *chip, const double *k)
{
    const struct items it = {
        .count = s->sequences * a->kv_heads,
        .attended = lr_attended(s, a->window),
        .width = 2 * a->head_dim,
        .rows = a->heads / a->kv_heads * s->q_len,
        .flop_per_element = 2,
    };
    return price(&it, s, w, chip, k);
}

/* Heads share the latent cache, so they are the rows of the tile. */
struct lr_cost lr_price_mla(const struct lr_mla *a, const struct lr_step *s, const struct lr_work *w,
                            const struct lr_chip *chip, const double *k)
{
    const struct items it = {
        .count = s->sequences,
        .attended = lr_attended(s, a->topk),
        .width = a->latent + a->rope,
        .rows = a->heads * s->q_len,
        .flop_per_element = 2 * (2 * a->latent + a->rope) / (a->latent + a->rope),
    };
    return price(&it, s, w, chip, k);
}

/* As MLA's scores without its values: heads are the rows of the tile over one key a token. */
struct lr_cost lr_price_index(const struct lr_index *a, const struct lr_step *s, const struct lr_work *w,
                              const struct lr_chip *chip, const double *k)
{
    const struct items it = {
        .count = s->sequences,
        .attended = lr_attended(s, 0),
        .width = a->dim,
        .rows = a->heads * s->q_len,
        .flop_per_element = 2 * (a->dim + 1) / a->dim,
    };
    return price(&it, s, w, chip, k);
}
