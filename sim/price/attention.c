/* SPDX-License-Identifier: Apache-2.0 */
#include "price/families.h"

/* New tokens per tile of a prefill kernel. */
static const double PREFILL_TILE = 128;

/* A batch of items. An item is a cache with width elements per token that rows query rows read. */
struct items {
    double count, width, rows;
    double flop_per_element; /* per element of the cache and query row */
};

/* If the kernel does not support this number of query heads per KV head, each query head is an item with one row. The
 * memory is read once all the same, because the heads of a group run at the same time. */
static struct items gqa_items(const struct lr_gqa *a, const struct lr_step *s, const struct lr_chip *chip)
{
    const double group = a->heads / a->kv_heads;
    const bool alone = chip->query_group > 0 && chip->query_group != group;
    return (struct items){
        .count = s->sequences * (alone ? a->heads : a->kv_heads),
        .width = 2 * a->head_dim,
        .rows = (alone ? 1 : group) * s->q_len,
        .flop_per_element = 2,
    };
}

/* All heads read the same latent cache, so they are rows of one item. */
static struct items mla_items(const struct lr_mla *a, const struct lr_step *s)
{
    return (struct items){
        .count = s->sequences,
        .width = a->latent + a->rope,
        .rows = a->heads * s->q_len,
        .flop_per_element = 2 * (2 * a->latent + a->rope) / (a->latent + a->rope),
    };
}

/* Like the scores of MLA, without values: all heads are rows over one key per token. */
static struct items index_items(const struct lr_index *a, const struct lr_step *s)
{
    return (struct items){
        .count = s->sequences,
        .width = a->dim,
        .rows = a->heads * s->q_len,
        .flop_per_element = 2 * (a->dim + 1) / a->dim,
    };
}

/* Prefill kernels have tiles of new tokens: FLOP of whole tiles/(prefill P). The faster of both kernels is used. Its
 * time is at least that of one tile of the decode kernel. */
static double with_prefill(double decode_s, double one_tile_s, const struct lr_step *s, const struct lr_work *w,
                           const struct lr_chip *chip, const double *k)
{
    const double padded = ceil(s->q_len / PREFILL_TILE) * PREFILL_TILE / s->q_len;
    return fmax(one_tile_s, fmin(decode_s, w->flop * padded / (k[LR_ATTENTION_PREFILL] * chip->peak_flop_per_s)));
}

/* fixed + split log2(s/64) + item items (LR_REFERENCE_UNITS/units) + || || bytes/(em BW), elements tiles/(rate units),
 * FLOP of whole tiles/(ec P) ||_2, chain s min(1, batch/free) ||_3.
 * Because of the core rate an FP8 cache does not halve the time, and 78 units do not reach 4 TB/s. The chain is the
 * part of the context that one unit walks alone. A kernel that does not split the context leaves units idle if there
 * are fewer items than LR_REFERENCE_UNITS; the others then take longer by that ratio. */
static struct lr_walk walk_of(const struct items *it, const struct lr_step *s, const struct lr_chip *chip,
                              const double *k)
{
    const double elements = it->count * it->width, tile = k[LR_ATTENTION_TILE], tiles = ceil(it->rows / tile);
    const double core_s = elements * tiles / (k[LR_ATTENTION_CORE_RATE] * chip->units / chip->time_scale);
    const double tensor_s =
        it->flop_per_element * elements * tiles * tile / (k[LR_ATTENTION_COMPUTE] * chip->peak_flop_per_s);
    const double idle = chip->whole_context ? fmax(1, LR_REFERENCE_UNITS / it->count) : 1;
    return (struct lr_walk){
        .compute_s = idle * lr_norm2(core_s, tensor_s, 0),
        .idle = idle,
        .chain_s = k[LR_ATTENTION_CHAIN] * chip->time_scale * fmin(1, s->sequences / k[LR_ATTENTION_FREE]),
        .fixed_s = chip->time_scale *
                   (k[LR_ATTENTION_FIXED] + k[LR_ATTENTION_ITEM] * it->count * LR_REFERENCE_UNITS / chip->units),
        .split_s = chip->time_scale * k[LR_ATTENTION_SPLIT],
        .least_s = chip->eager ? k[LR_ATTENTION_EAGER] : 0,
    };
}

static struct lr_cost price(const struct items *it, double attended, const struct lr_step *s, const struct lr_work *w,
                            const struct lr_chip *chip, const double *k)
{
    const struct lr_walk walk = walk_of(it, s, chip, k);
    double compute_s = walk.compute_s * attended;
    if (s->q_len > 1)
        compute_s = with_prefill(compute_s, compute_s / ceil(it->rows / k[LR_ATTENTION_TILE]), s, w, chip, k);
    const double bytes = lr_bytes(w) + (walk.idle - 1) * w->kv_bytes;
    return lr_walk_cost(&walk, attended, bytes / (k[LR_ATTENTION_MEMORY] * chip->bandwidth_bytes_per_s), compute_s);
}

struct lr_cost lr_price_attention(const struct lr_gqa *a, const struct lr_step *s, const struct lr_work *w,
                                  const struct lr_chip *chip, const double *k)
{
    const struct items it = gqa_items(a, s, chip);
    return price(&it, lr_attended(s, a->window), s, w, chip, k);
}

struct lr_cost lr_price_mla(const struct lr_mla *a, const struct lr_step *s, const struct lr_work *w,
                            const struct lr_chip *chip, const double *k)
{
    const struct items it = mla_items(a, s);
    return price(&it, lr_attended(s, a->topk), s, w, chip, k);
}

struct lr_cost lr_price_index(const struct lr_index *a, const struct lr_step *s, const struct lr_work *w,
                              const struct lr_chip *chip, const double *k)
{
    const struct items it = index_items(a, s);
    return price(&it, lr_attended(s, 0), s, w, chip, k);
}

struct lr_walk lr_walk_of(const struct lr_op *op, const struct lr_step *s, const struct lr_chip *chip, const double *k)
{
    const bool gqa = op->family == LR_FAMILY_ATTENTION, mla = op->family == LR_FAMILY_MLA;
    const struct items it = gqa   ? gqa_items(&op->u.gqa, s, chip)
                            : mla ? mla_items(&op->u.mla, s)
                                  : index_items(&op->u.index, s);
    struct lr_walk walk = walk_of(&it, s, chip, k);
    walk.attended_most = gqa ? op->u.gqa.window : mla ? op->u.mla.topk : 0;
    return walk;
}
