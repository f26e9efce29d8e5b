/* SPDX-License-Identifier: Apache-2.0 */
/* Each price formula, compared with a number computed by hand. */
#include "suite.h"

#include "core/constants.h"
#include "price/families.h"

#include <math.h>

/* 100 TFLOP/s, 1 TB/s, 100 units, 100 GB/s links. */
static const struct lr_chip CHIP = {.peak_flop_per_s = 1e14,
                                    .bandwidth_bytes_per_s = 1e12,
                                    .units = 100,
                                    .time_scale = 1,
                                    .up_bytes_per_s = 1e11,
                                    .up_latency_s = 1e-6,
                                    .out_bytes_per_s = 1e10,
                                    .out_latency_s = 3e-6};

static const double TOLERANCE = 1e-12;

static void assert_near(double a, double b)
{
    ck_assert_msg(fabs(a / b - 1) < TOLERANCE, "%.17g is not %.17g", a, b);
}

/* m 100, n 1000, k 8192. Tiles of 64 x 256: 2 x 4 = 8, a part of a wave of 100 units: 0.08. A FLOP of a unit takes
 * 100/(0.95 x 1e14) s in the tensor core. Around it half of the empty rest of the wave counts, 0.08 + 0.5 x 0.92 =
 * 0.54, and a FLOP takes 1e-12 s at 128 x 128, of which 0.4 for operands, of which 64 x 256 reads 64/64 + 64/256 = 1.25
 * times as many: 1.1e-12. A tile: 2 x 64 x 256 x 8192 = 268,435,456 FLOP. Memory: bytes 1e8 / (0.5 x 1e12) = 2e-4 s.
 * Serial: 5e-6 x 8192/4096 = 1e-5 s. Pass over activations: 100 x 8192 x 3 / 1e12 = 2.4576e-6 s. */
START_TEST(gemm)
{
    double k[LR_GEMM_CONSTANT_COUNT] = {0};
    k[LR_GEMM_FIXED] = 4e-6;
    k[LR_GEMM_SERIAL] = 5e-6;
    k[LR_GEMM_MEMORY] = 0.5;
    k[LR_GEMM_CORE_RATE] = 1e12;
    k[LR_GEMM_WAVE] = 0.5;
    k[LR_GEMM_TILE_LOSS] = 0.4;
    k[LR_GEMM_QUANTISE] = 3;
    k[LR_GEMM_SPLIT] = 1;
    k[LR_GEMM_TILE_LEAST] = k[LR_GEMM_TILE_MOST] = 64;
    k[LR_GEMM_TILE_WIDTH] = 256;
    const struct lr_gemm g = {.n = 1000, .k = 8192};
    const struct lr_work w = {.weight_bytes = 1e8};
    const struct lr_cost c = lr_price_gemm(&g, 100, &w, &CHIP, k);
    const double compute = 268435456 * (0.08 * 100 / 0.95e14 + 0.54 * 1.1e-12);
    assert_near(c.compute_s, compute);
    assert_near(c.time_s, 4e-6 + sqrt(compute * compute + 4e-8 + 1e-10) + 2.4576e-6);
    k[LR_GEMM_SPLIT] = 0.5; /* sqrt(2) instead of 2 */
    assert_near(lr_price_gemm(&g, 100, &w, &CHIP, k).time_s, 4e-6 + sqrt(compute * compute + 4e-8 + 5e-11) + 2.4576e-6);
}
END_TEST

/* A lower tile is taken only when it is faster though it reads more operands: with a core that feeds all, 16 rows cost
 * an eighth of 128. Where all of the core's time goes into operands and no other counts, 16 x 256 takes 4 + 0.25 times
 * as long for a FLOP as 128 x 128, and 128 x 256 takes 0.75 times: 4.25/0.75 for an eighth. */
START_TEST(gemm_chooses_its_tile)
{
    double k[LR_GEMM_CONSTANT_COUNT] = {0};
    k[LR_GEMM_MEMORY] = 1;
    k[LR_GEMM_CORE_RATE] = 1e30;
    k[LR_GEMM_SPLIT] = 1;
    k[LR_GEMM_TILE_LEAST] = 16;
    k[LR_GEMM_TILE_MOST] = 128;
    k[LR_GEMM_TILE_WIDTH] = 128;
    const struct lr_gemm g = {.n = 25600, .k = 4096};
    const struct lr_work w = {0};
    const double one = lr_price_gemm(&g, 16, &w, &CHIP, k).compute_s;
    assert_near(lr_price_gemm(&g, 128, &w, &CHIP, k).compute_s, 8 * one);
    struct lr_chip fed = CHIP;
    fed.peak_flop_per_s = 1e30;
    k[LR_GEMM_CORE_RATE] = 1e12;
    k[LR_GEMM_TILE_LOSS] = 1;
    const double low = lr_price_gemm(&g, 16, &w, &fed, k).compute_s;
    assert_near(lr_price_gemm(&g, 128, &w, &fed, k).compute_s, 8 * low * 0.75 / 4.25);
}
END_TEST

/* A narrow matrix on many units takes the narrowest tile. n 1600: 100 tiles of 16 fill 100 units in one wave. 7 tiles
 * of 256 keep 0.07 of the tensor cores busy, and the cores around them for a whole wave. */
START_TEST(gemm_fills_its_units)
{
    double k[LR_GEMM_CONSTANT_COUNT] = {0};
    k[LR_GEMM_MEMORY] = 1;
    k[LR_GEMM_CORE_RATE] = 1e12;
    k[LR_GEMM_WAVE] = 1;
    k[LR_GEMM_SPLIT] = 1;
    k[LR_GEMM_TILE_LEAST] = k[LR_GEMM_TILE_MOST] = 128;
    k[LR_GEMM_TILE_WIDTH] = 16;
    const struct lr_gemm g = {.n = 1600, .k = 4096};
    const struct lr_work w = {0};
    assert_near(lr_price_gemm(&g, 128, &w, &CHIP, k).compute_s, 2.0 * 128 * 16 * 4096 * (100 / 0.95e14 + 1e-12));
    k[LR_GEMM_TILE_WIDTH] = 256;
    assert_near(lr_price_gemm(&g, 128, &w, &CHIP, k).compute_s,
                2.0 * 128 * 256 * 4096 * (0.07 * 100 / 0.95e14 + 1e-12));
}
END_TEST

/* 25600 columns are one wave of 100 tiles of 256 on 100 units. A row of a tile: 2 x 256 x 4096 = 2,097,152 FLOP of
 * 100/0.95e14 s and, for operands alone, 1e-12 (64/h + 64/256) s. Two passes over 4 x 25600 x 4096 = 419,430,400 bytes
 * take 8.388608e-4 s. One row in a tile of one: 1.4e-4 s, in a tile of two half of that and the passes. Four rows one
 * by one: 5.5e-4 s, 64: 8.8e-3 s; in a tile of 64: 3.1e-4 s and the passes. Where no tile is of one row, one row pays
 * them too. */
START_TEST(gemm_packs_its_weights)
{
    double k[LR_GEMM_CONSTANT_COUNT] = {0};
    k[LR_GEMM_MEMORY] = 1;
    k[LR_GEMM_CORE_RATE] = 1e12;
    k[LR_GEMM_TILE_LOSS] = 1;
    k[LR_GEMM_SPLIT] = 1;
    k[LR_GEMM_TILE_LEAST] = 1;
    k[LR_GEMM_TILE_MOST] = 128;
    k[LR_GEMM_TILE_WIDTH] = 256;
    k[LR_GEMM_PACK] = 2;
    const struct lr_gemm g = {.n = 25600, .k = 4096};
    const struct lr_work w = {.weight_bytes = 419430400};
    const double row = 2097152 * (100 / 0.95e14 + 64.25e-12), tile = 64 * 2097152 * (100 / 0.95e14 + 1.25e-12);
    const struct lr_cost many = lr_price_gemm(&g, 64, &w, &CHIP, k);
    assert_near(lr_price_gemm(&g, 1, &w, &CHIP, k).compute_s, row);
    assert_near(lr_price_gemm(&g, 4, &w, &CHIP, k).compute_s, 4 * row);
    assert_near(many.compute_s, tile + 8.388608e-4);
    assert_near(many.time_s, sqrt(pow(tile + 8.388608e-4, 2) + pow(4.194304e-4, 2)));
    k[LR_GEMM_TILE_LEAST] = 16;
    const double low = 16 * 2097152 * (100 / 0.95e14 + 4.25e-12);
    assert_near(lr_price_gemm(&g, 1, &w, &CHIP, k).compute_s, low + 8.388608e-4);
}
END_TEST

/* 4 sequences, 8 heads, 2 KV heads of 128, 1024 tokens: 8 items, 2 x 128 x 1024 x 8 = 2,097,152 elements, one tile
 * of 16. Core: 2097152 / (1e10 x 100) = 2.097152e-6. Tensor: 2 x 2097152 x 16 / (0.5 x 1e14) = 1.34217728e-6. Memory:
 * 4194304 bytes / (0.8 x 1e12) = 5.24288e-6. Chain: 1e-9 x 1024 x min(1, 4/16) = 2.56e-7. Fixed: 5e-6 + 4 doublings of
 * 1e-6 + 8 items x 1e-8 x 1.32. */
START_TEST(attention)
{
    double k[LR_ATTENTION_CONSTANT_COUNT] = {0};
    k[LR_ATTENTION_FIXED] = 5e-6;
    k[LR_ATTENTION_SPLIT] = 1e-6;
    k[LR_ATTENTION_ITEM] = 1e-8;
    k[LR_ATTENTION_MEMORY] = 0.8;
    k[LR_ATTENTION_CORE_RATE] = 1e10;
    k[LR_ATTENTION_COMPUTE] = 0.5;
    k[LR_ATTENTION_CHAIN] = 1e-9;
    k[LR_ATTENTION_FREE] = 16;
    k[LR_ATTENTION_TILE] = 16;
    k[LR_ATTENTION_EAGER] = 1e-3;
    const struct lr_gqa a = {.heads = 8, .kv_heads = 2, .head_dim = 128};
    const struct lr_step s = {.sequences = 4, .q_len = 1, .tokens = 4, .context = 1024};
    const struct lr_work w = {.kv_bytes = 4194304};
    const double roofs = sqrt(pow(5.24288e-6, 2) + pow(2.097152e-6, 2) + pow(1.34217728e-6, 2));
    assert_near(lr_price_attention(&a, &s, &w, &CHIP, k).time_s,
                9e-6 + 8 * 1e-8 * 1.32 + cbrt(pow(roofs, 3) + pow(2.56e-7, 3)));
    struct lr_chip eager = CHIP;
    eager.eager = true; /* outside a graph no launch is shorter than this constant */
    assert_near(lr_price_attention(&a, &s, &w, &eager, k).time_s, 1e-3);
}
END_TEST

/* The same. A kernel made for 4 query heads takes these 4 together. One made for 8 walks each of the 8 heads' caches by
 * itself, 4 times the elements and 32 items; bytes stay. Where a context is not split, 8 items take as long as on 8 of
 * 132 units: roofs times 132/8, of 32 items 132/32, of 132 none of it. */
START_TEST(attention_head_by_head)
{
    double k[LR_ATTENTION_CONSTANT_COUNT] = {0};
    k[LR_ATTENTION_FIXED] = 5e-6;
    k[LR_ATTENTION_ITEM] = 1e-8;
    k[LR_ATTENTION_MEMORY] = 0.8;
    k[LR_ATTENTION_CORE_RATE] = 1e10;
    k[LR_ATTENTION_COMPUTE] = 0.5;
    k[LR_ATTENTION_FREE] = k[LR_ATTENTION_TILE] = 16;
    const struct lr_gqa a = {.heads = 8, .kv_heads = 2, .head_dim = 128};
    const struct lr_step s = {.sequences = 4, .q_len = 1, .tokens = 4, .context = 1024};
    const struct lr_work w = {.kv_bytes = 4194304};
    const double core = 2.097152e-6, tensor = 1.34217728e-6, memory = 5.24288e-6;
    const double together = sqrt(memory * memory + core * core + tensor * tensor);
    const double alone = sqrt(memory * memory + 16 * (core * core + tensor * tensor));
    struct lr_chip chip = CHIP;
    chip.query_group = 4;
    assert_near(lr_price_attention(&a, &s, &w, &chip, k).time_s, 5e-6 + 8 * 1e-8 * 1.32 + together);
    chip.query_group = 8;
    assert_near(lr_price_attention(&a, &s, &w, &chip, k).time_s, 5e-6 + 32 * 1e-8 * 1.32 + alone);
    chip.whole_context = true;
    assert_near(lr_price_attention(&a, &s, &w, &chip, k).time_s, 5e-6 + 32 * 1e-8 * 1.32 + alone * 132 / 32);
    chip.query_group = 4;
    assert_near(lr_price_attention(&a, &s, &w, &chip, k).time_s, 5e-6 + 8 * 1e-8 * 1.32 + together * 132 / 8);
    const struct lr_step many = {.sequences = 66, .q_len = 1, .tokens = 66, .context = 1024};
    ck_assert_double_eq(lr_price_attention(&a, &many, &w, &chip, k).time_s,
                        lr_price_attention(&a, &many, &w, &CHIP, k).time_s);
}
END_TEST

/* 128 heads of absorbed MLA over 1024 tokens, one sequence: 576 x 1024 elements of two bytes; two tiles of 64 rows;
 * FLOP: 2 x 128 x 1024 x 1088. */
START_TEST(mla)
{
    double k[LR_ATTENTION_CONSTANT_COUNT] = {0};
    k[LR_ATTENTION_FIXED] = 5e-6;
    k[LR_ATTENTION_MEMORY] = 1;
    k[LR_ATTENTION_CORE_RATE] = 1e30;
    k[LR_ATTENTION_COMPUTE] = 0.5;
    k[LR_ATTENTION_FREE] = 1;
    k[LR_ATTENTION_TILE] = 64;
    const struct lr_mla a = {.heads = 128, .latent = 512, .rope = 64};
    const struct lr_step s = {.sequences = 1, .q_len = 1, .tokens = 1, .context = 1024};
    const struct lr_work w = {.kv_bytes = 1024 * 1152};
    const double compute = 2.0 * 128 * 1024 * 1088 / 5e13, memory = 1024 * 1152 / 1e12;
    const struct lr_cost c = lr_price_mla(&a, &s, &w, &CHIP, k);
    assert_near(c.compute_s, compute);
    assert_near(c.time_s, 5e-6 + sqrt(compute * compute + memory * memory));
    const struct lr_mla few = {
        .heads = 16, .latent = 512, .rope = 64}; /* padded to one tile of 64: half the time of 128 heads */
    assert_near(lr_price_mla(&few, &s, &w, &CHIP, k).compute_s, compute / 2);
}
END_TEST

/* 64 heads of 128 over 1000 keys of 132 bytes, two sequences: one tile of 64 rows; FLOP: 2 x 2000 x 64 x 129. */
START_TEST(index_scores)
{
    double k[LR_ATTENTION_CONSTANT_COUNT] = {0};
    k[LR_ATTENTION_FIXED] = 5e-6;
    k[LR_ATTENTION_MEMORY] = 0.5;
    k[LR_ATTENTION_CORE_RATE] = 1e30;
    k[LR_ATTENTION_COMPUTE] = 0.5;
    k[LR_ATTENTION_FREE] = 1;
    k[LR_ATTENTION_TILE] = 64;
    const struct lr_index a = {.heads = 64, .dim = 128, .bytes = 132};
    const struct lr_step s = {.sequences = 2, .q_len = 1, .tokens = 2, .context = 1000};
    const struct lr_work w = {.kv_bytes = 264000, .act_bytes = 16000};
    const double compute = 2.0 * 2000 * 64 * 129 / 5e13, memory = 280000 / 5e11;
    const struct lr_cost c = lr_price_index(&a, &s, &w, &CHIP, k);
    assert_near(c.compute_s, compute);
    assert_near(c.time_s, 5e-6 + sqrt(compute * compute + memory * memory));
}
END_TEST

/* 1.2e8 bytes at half of 1 TB/s: 2.4e-4 s; 7e9 FLOP: 7e-5 s; together the root of 6.25e-8: 2.5e-4 s. */
START_TEST(states)
{
    double k[LR_ELEMENTWISE_CONSTANT_COUNT] = {0};
    k[LR_ELEMENTWISE_FIXED] = 2e-6;
    k[LR_ELEMENTWISE_MEMORY] = 0.5;
    const struct lr_work w = {.kv_bytes = 1.1e8, .act_bytes = 1e7, .flop = 7e9};
    const struct lr_cost c = lr_price_state(&w, &CHIP, k);
    assert_near(c.memory_s, 2.4e-4);
    assert_near(c.compute_s, 7e-5);
    assert_near(c.time_s, 2e-6 + 2.5e-4);
}
END_TEST

/* A set without constants for states and indexers uses those of elementwise kernels and of MLA. Its own constants come
 * first. */
START_TEST(constants_are_lent)
{
    static struct lr_kernels k;
    k.kernel[LR_FAMILY_ELEMENTWISE][LR_DTYPE_NONE].present = true;
    k.kernel[LR_FAMILY_MLA][LR_FP8].present = true;
    ck_assert_ptr_eq(lr_kernels_find(&k, LR_FAMILY_STATE, LR_DTYPE_NONE),
                     &k.kernel[LR_FAMILY_ELEMENTWISE][LR_DTYPE_NONE]);
    ck_assert_ptr_eq(lr_kernels_find(&k, LR_FAMILY_INDEX, LR_FP8), &k.kernel[LR_FAMILY_MLA][LR_FP8]);
    ck_assert_ptr_null(lr_kernels_find(&k, LR_FAMILY_GEMM, LR_FP8));
    ck_assert(lr_kernels_borrowed(&k, LR_FAMILY_STATE) && lr_kernels_borrowed(&k, LR_FAMILY_INDEX));
    ck_assert(!lr_kernels_borrowed(&k, LR_FAMILY_MLA));
    k.kernel[LR_FAMILY_STATE][LR_DTYPE_NONE].present = true;
    ck_assert_ptr_eq(lr_kernels_find(&k, LR_FAMILY_STATE, LR_DTYPE_NONE), &k.kernel[LR_FAMILY_STATE][LR_DTYPE_NONE]);
    ck_assert(!lr_kernels_borrowed(&k, LR_FAMILY_STATE));
}
END_TEST

/* 64 tokens, 8 of 16 experts, all held: 512 rows; random routing touches 16 (1 - 2^-64) = 16 of them. With tiles of 16:
 * max(512 + 16 x 15/2, 16 x 16) = 632 rows. An expert: 3 x 1024 x 512 parameters. A row: (1024 + 512)/4096 of 1 ns. */
START_TEST(moe)
{
    double k[LR_MOE_CONSTANT_COUNT] = {0};
    k[LR_MOE_FIXED] = 3e-5;
    k[LR_MOE_ROW] = 1e-9;
    k[LR_MOE_MEMORY] = 0.8;
    k[LR_MOE_COMPUTE] = 1;
    k[LR_MOE_CORE_RATE] = 1e12;
    k[LR_MOE_PAD] = 16;
    const struct lr_moe e = {
        .hidden = 1024, .inter = 512, .matrices = 3, .experts = 16, .topk = 8, .local = 16, .groups = 1};
    const struct lr_work w = {.weight_bytes = 5e7, .act_bytes = 1e6};
    const double compute = 2 * 632.0 * 3 * 1024 * 512 / 5e13, memory = 5.1e7 / 0.8e12;
    assert_near(lr_price_moe(&e, 64, &w, &CHIP, k).time_s, 3e-5 + 192e-9 + sqrt(compute * compute + memory * memory));
    /* half of the experts: 256 rows on average, the busier of two ranks has sqrt(2 ln 2 x 256) more; all 8 experts are
     * touched; a kernel that walks all rows walks 512 */
    const struct lr_moe half = {
        .hidden = 1024, .inter = 512, .matrices = 3, .experts = 16, .topk = 8, .local = 8, .groups = 1};
    k[LR_MOE_ALL_ROWS] = 1;
    const double busier = 256 + sqrt(2 * log(2) * 256) + 8 * 7.5;
    const double half_compute = 2 * busier * 3 * 1024 * 512 / 5e13, all = 5.2e7 / 0.8e12;
    assert_near(lr_price_moe(&half, 64, &w, &CHIP, k).time_s,
                3e-5 + 192e-9 + sqrt(half_compute * half_compute + all * all));
    /* evenly routed rows have no busiest rank; skew multiplies the load of the busiest rank */
    struct lr_moe even = half, skewed = half;
    even.routing = LR_ROUTING_EVEN;
    skewed.skew = 1.5;
    ck_assert_double_lt(lr_price_moe(&even, 64, &w, &CHIP, k).time_s, lr_price_moe(&half, 64, &w, &CHIP, k).time_s);
    ck_assert_double_gt(lr_price_moe(&skewed, 64, &w, &CHIP, k).time_s, lr_price_moe(&half, 64, &w, &CHIP, k).time_s);
    /* all tokens choose the same 8 experts, 4 on each of two ranks: no rank is busier by chance */
    struct lr_moe identical = half;
    identical.routing = LR_ROUTING_IDENTICAL;
    const double alike_compute = 2 * (256 + 4 * 7.5) * 3 * 1024 * 512 / 5e13;
    assert_near(lr_price_moe(&identical, 64, &w, &CHIP, k).time_s,
                3e-5 + 192e-9 + sqrt(alike_compute * alike_compute + all * all));
    /* the spread of one expert's rows is twice their mean; the variance over eight experts is 4/8 of its square */
    struct lr_moe leaning = half;
    leaning.routing = LR_ROUTING_SKEWED;
    k[LR_MOE_SKEW] = 2;
    const double most = 256 * (1 + sqrt(2 * log(2) * (1.0 / 256 + 0.5))), many = 1 + 256.0 / 16, more = 1 + most / 16;
    const double reached = 8 * (1 - 1 / (many * many)), lean = 8 * (1 - 1 / (more * more));
    const double lean_compute = 2 * (most + lean * 7.5) * 3 * 1024 * 512 / 5e13;
    const double lean_memory = (5e7 * lean / reached + 2e6) / 0.8e12;
    assert_near(lr_price_moe(&leaning, 64, &w, &CHIP, k).time_s,
                3e-5 + 192e-9 + sqrt(lean_compute * lean_compute + lean_memory * lean_memory));
    assert_near(lr_busiest_rank(8, 50), 1 + sqrt(2 * log(8) / 50));
    assert_near(lr_busiest_rank(1, 50), 1);
}
END_TEST

START_TEST(bmm_and_elementwise)
{
    double k[LR_BMM_CONSTANT_COUNT] = {[LR_BMM_FIXED] = 4e-6, [LR_BMM_MEMORY] = 0.5, [LR_BMM_COMPUTE] = 0.25};
    const struct lr_work w = {.flop = 1e9, .weight_bytes = 1e7};
    assert_near(lr_price_bmm(&w, &CHIP, k).time_s, 4e-6 + sqrt(4e-5 * 4e-5 + 2e-5 * 2e-5));
    double e[LR_ELEMENTWISE_CONSTANT_COUNT] = {[LR_ELEMENTWISE_FIXED] = 1e-6, [LR_ELEMENTWISE_MEMORY] = 0.5};
    assert_near(lr_price_elementwise(&w, &CHIP, e).time_s, 1e-6 + 2e-5);
}
END_TEST

/* 8 ranks, 1 MB. Both ways: 1e-6 + 3e-6 + 6 x 2e-7 = 5.2e-6. Ring: 7e-6 + 6 x 8e-7 = 1.18e-5 more, and
 * (2 x 7/8 + 0.4/8) x 1e6 / (0.5 x 1e11) = 3.6e-5, with 1e-5 to fill 1/(1/1e-5 + 1/3.6e-5) more: 6.08e-5 in all.
 * One shot: 7 x 1e6 / 1e11 = 7e-5; at 10 kB it is the faster one. */
START_TEST(all_reduce)
{
    double k[LR_COLLECTIVE_CONSTANT_COUNT] = {
        [LR_COLLECTIVE_FIXED] = 3e-6,  [LR_COLLECTIVE_RANK] = 2e-7,   [LR_COLLECTIVE_PASS] = 7e-6,
        [LR_COLLECTIVE_LINK] = 0.5,    [LR_COLLECTIVE_SHOT_LINK] = 1, [LR_COLLECTIVE_PASS_RANK] = 8e-7,
        [LR_COLLECTIVE_FILL] = 1e-5,   [LR_COLLECTIVE_COPY] = 0.4,    [LR_COLLECTIVE_SHARED] = 0.5,
        [LR_COLLECTIVE_DIRECT] = 62500};
    const struct lr_collective c = {.ranks = 8, .nodes = 1};
    const struct lr_work large = {.link_bytes = 1e6}, small = {.link_bytes = 1e4};
    assert_near(lr_price_collective(LR_FAMILY_ALL_REDUCE, &c, &large, &CHIP, k).time_s,
                5.3e-5 + 1 / (1e5 + 1 / 3.6e-5));
    assert_near(lr_price_collective(LR_FAMILY_ALL_REDUCE, &c, &small, &CHIP, k).time_s, 5.2e-6 + 7e4 / 1e11);
    /* half of direct and less goes to the peers' buffers, with nothing to fill; three quarters by half */
    k[LR_COLLECTIVE_DIRECT] = 1e6 / 0.75;
    assert_near(lr_price_collective(LR_FAMILY_ALL_REDUCE, &c, &large, &CHIP, k).time_s,
                5.3e-5 + 1 / (1e5 + 1 / 1.8e-5));
    k[LR_COLLECTIVE_DIRECT] = 2e6;
    assert_near(lr_price_collective(LR_FAMILY_ALL_REDUCE, &c, &large, &CHIP, k).time_s, 5.3e-5);
    /* in an all-gather each rank sends its part to seven others, in one pass; it has no one-shot form */
    const double gather = 7 * 1e4 / 5e10;
    assert_near(lr_price_collective(LR_FAMILY_ALL_GATHER, &c, &small, &CHIP, k).time_s,
                5.2e-6 + gather + 1 / (1e5 + 1 / gather));
    /* over the host's PCIe each of six more ranks takes half of the path: four times as long */
    struct lr_chip host = CHIP;
    host.host_path = true;
    assert_near(lr_price_collective(LR_FAMILY_ALL_REDUCE, &c, &large, &host, k).time_s,
                1.7e-5 + (4 * 1.75 + 0.05) * 2e-5);
    assert_near(lr_price_collective(LR_FAMILY_ALL_REDUCE, &c, &small, &host, k).time_s, 5.2e-6 + 4 * 7e4 / 1e11);
    /* two domains of four ranks use the slower link, with both latencies */
    const struct lr_collective far = {.ranks = 8, .nodes = 2};
    k[LR_COLLECTIVE_FILL] = 0;
    assert_near(lr_price_collective(LR_FAMILY_ALL_GATHER, &far, &small, &CHIP, k).time_s, 8.2e-6 + 7 * 1e4 / 5e9);
}
END_TEST

/* 16 ranks in two domains: 7/16 of the bytes stay inside, half go out. */
START_TEST(exchange)
{
    const double k[LR_EXCHANGE_CONSTANT_COUNT] = {
        [LR_EXCHANGE_FIXED] = 1e-5, [LR_EXCHANGE_NODE] = 2e-5, [LR_EXCHANGE_LINK] = 0.5, [LR_EXCHANGE_OUT] = 0.5};
    const struct lr_collective c = {.ranks = 16, .nodes = 2}, near = {.ranks = 8, .nodes = 1};
    const struct lr_work w = {.link_bytes = 1e6};
    assert_near(lr_price_exchange(&c, &w, &CHIP, k).time_s, 4e-6 + 1e-5 + 2e-5 + 5e5 / 5e9);
    assert_near(lr_price_exchange(&near, &w, &CHIP, k).time_s, 1e-6 + 1e-5 + 7.0 / 8 * 1e6 / 5e10);
}
END_TEST

/* The floor is the larger of FLOP over the peak, and weights and cache over the bandwidth. Activations are left out. */
START_TEST(floors)
{
    const struct lr_op gemm_op = {.family = LR_FAMILY_GEMM};
    const struct lr_op link = {.family = LR_FAMILY_ALL_REDUCE, .u.collective = {.ranks = 4, .nodes = 1}};
    assert_near(lr_floor(&gemm_op, &(struct lr_work){.flop = 1e10, .weight_bytes = 1e6}, &CHIP), 1e-4);
    assert_near(lr_floor(&gemm_op,
                         &(struct lr_work){.flop = 1e6, .weight_bytes = 1e6, .kv_bytes = 1e6, .act_bytes = 1e9}, &CHIP),
                2e-6);
    assert_near(lr_floor(&link, &(struct lr_work){.link_bytes = 1e6}, &CHIP), 1e-6 + 7.5e-6);
}
END_TEST

START_TEST(the_largest_term_binds)
{
    ck_assert_int_eq(lr_cost_bound(&(struct lr_cost){.memory_s = 2, .compute_s = 1}), LR_BOUND_MEMORY);
    ck_assert_int_eq(lr_cost_bound(&(struct lr_cost){.memory_s = 2, .compute_s = 3}), LR_BOUND_COMPUTE);
    ck_assert_int_eq(lr_cost_bound(&(struct lr_cost){.link_s = 2, .fixed_s = 1}), LR_BOUND_LINK);
    ck_assert_int_eq(lr_cost_bound(&(struct lr_cost){.fixed_s = 1}), LR_BOUND_LATENCY);
}
END_TEST

/* Compared with cbrt, for ratios from 1e-12 to 1 both ways. Never below a term; 0 for zeros. */
START_TEST(norms)
{
    for (int i = 0; i <= 12000; i++) {
        const double a = 3e-6, b = a * pow(10, -i / 1000.0), cube = cbrt(a * a * a + b * b * b);
        ck_assert_double_eq_tol(lr_norm3(a, b) / cube, 1, 1e-15);
        ck_assert(lr_norm3(a, b) == lr_norm3(b, a) && lr_norm3(a, b) >= a);
    }
    ck_assert_double_eq(lr_norm3(0, 0), 0);
    ck_assert_double_eq(lr_norm3(2, 0), 2);
    ck_assert_double_eq_tol(lr_norm3(1, 1), 1.2599210498948732, 1e-15);
    ck_assert_double_eq_tol(lr_norm2(2, 3, 6), 7, 1e-15);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {norms,
                                  gemm,
                                  gemm_chooses_its_tile,
                                  gemm_fills_its_units,
                                  gemm_packs_its_weights,
                                  attention,
                                  attention_head_by_head,
                                  mla,
                                  moe,
                                  bmm_and_elementwise,
                                  all_reduce,
                                  exchange,
                                  floors,
                                  the_largest_term_binds,
                                  index_scores,
                                  states,
                                  constants_are_lent};
    return suite_run("price", tests, sizeof tests / sizeof *tests, 1);
}
