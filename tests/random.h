/* SPDX-License-Identifier: Apache-2.0 */
/* Random chips, kernels, models, layouts and workloads for property tests. The same seed gives the same case. */
#ifndef LLMROOF_TESTS_RANDOM_H
#define LLMROOF_TESTS_RANDOM_H

#include "core/formulas.h"

#include <llmroof/estimate.h>
#include <llmroof/kernels.h>

#include <math.h>
#include <stdint.h>
#include <string.h>

struct dice {
    uint64_t state;
};

/* SplitMix64 (Steele, Lea, Flood 2014). */
static inline uint64_t dice_next(struct dice *d)
{
    uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline double dice_unit(struct dice *d)
{
    return (double)(dice_next(d) >> 11) * 0x1p-53;
}

static inline double dice_between(struct dice *d, double least, double greatest)
{
    return least + dice_unit(d) * (greatest - least);
}

/* Log-uniform. */
static inline double dice_scale(struct dice *d, double least, double greatest)
{
    return least * pow(greatest / least, dice_unit(d));
}

static inline size_t dice_pick(struct dice *d, size_t n)
{
    return (size_t)(dice_unit(d) * (double)n);
}

static inline double dice_power(struct dice *d, double least, double greatest)
{
    double v = least;
    while (v < greatest && dice_pick(d, 2))
        v *= 2;
    return v;
}

static inline void random_hardware(struct dice *d, struct lr_hardware *hw)
{
    memset(hw, 0, sizeof *hw);
    hw->name = hw->title = "random";
    hw->architecture = dice_pick(d, 2) ? "hopper" : "other";
    hw->memory.capacity_bytes = dice_scale(d, 8e9, 1e12);
    hw->memory.bandwidth_bytes_per_s = dice_scale(d, 1e11, 2e13);
    hw->compute.units = dice_pick(d, 4) ? floor(dice_between(d, 8, 320)) : 0;
    hw->compute.clock_hz = dice_pick(d, 4) ? dice_between(d, 0.8e9, 3e9) : 0;
    const double bf16 = dice_scale(d, 1e13, 5e15);
    hw->compute.peak[LR_RATE_FP32] = bf16 / 8;
    hw->compute.peak[LR_RATE_BF16] = bf16;
    hw->compute.peak[LR_RATE_FP16] = bf16;
    if (dice_pick(d, 2))
        hw->compute.peak[LR_RATE_FP8] = 2 * bf16;
    if (hw->compute.peak[LR_RATE_FP8] > 0 && dice_pick(d, 2))
        hw->compute.peak[LR_RATE_FP4] = 4 * bf16;
    hw->scale_up.bandwidth_bytes_per_s = dice_scale(d, 1e10, 2e12);
    hw->scale_up.topology = dice_pick(d, 3) ? LR_TOPOLOGY_SWITCH : LR_TOPOLOGY_MESH;
    hw->scale_up.domain = dice_power(d, 1, 64);
    hw->scale_up.latency_s = dice_between(d, 0, 2e-6);
    if (dice_pick(d, 2)) {
        hw->scale_out.bandwidth_bytes_per_s = dice_scale(d, 1e9, 2e11);
        hw->scale_out.latency_s = dice_between(d, 0, 5e-6);
    }
    hw->host_link_bytes_per_s = 6e10;
}

/* Sets every constant to a value within its bounds. */
static inline void random_kernels(struct dice *d, struct lr_kernels *k)
{
    static const char *const seen = "random", *const unseen = "another";
    memset(k, 0, sizeof *k);
    k->name = "random";
    k->architecture = "hopper";
    k->reference_clock_hz = dice_pick(d, 2) ? 1.8e9 : 0;
    for (int f = 0; f < LR_FAMILY_COUNT; f++) {
        size_t count;
        const struct lr_constant *c = lr_constants((enum lr_family)f, &count);
        const bool link = f >= LR_FAMILY_ELEMENTWISE && f != LR_FAMILY_INDEX;
        const bool borrows = (f == LR_FAMILY_STATE || f == LR_FAMILY_INDEX) && dice_pick(d, 2);
        for (int t = 0; t <= LR_DTYPE_COUNT; t++) {
            struct lr_kernel *kernel = &k->kernel[f][t];
            if (borrows || link != (t == LR_DTYPE_NONE))
                continue;
            kernel->present = true;
            for (size_t i = 0; i < count; i++)
                kernel->value[i] = c[i].unit == LR_UNIT_CHOICE ? dice_power(d, c[i].least, c[i].greatest)
                                   : c[i].least > 0            ? dice_scale(d, c[i].least, c[i].greatest)
                                                               : dice_between(d, 0, c[i].greatest);
            if (f == LR_FAMILY_GEMM)
                kernel->value[LR_GEMM_TILE_LEAST] =
                    fmin(kernel->value[LR_GEMM_TILE_LEAST], kernel->value[LR_GEMM_TILE_MOST]);
            kernel->fit.rows = 100;
            kernel->fit.low = -dice_between(d, 0, 0.5);
            kernel->fit.high = dice_between(d, 0, 0.5);
            kernel->fit.transfer = dice_between(d, 0, 0.3);
            kernel->fit.chips = (struct lr_chip_list){.name = dice_pick(d, 2) ? &seen : &unseen, .count = 1};
        }
    }
}

static inline struct lr_attention random_recurrent(struct dice *d)
{
    static const enum lr_attention_kind kinds[] = {LR_ATTENTION_DELTA, LR_ATTENTION_MAMBA2, LR_ATTENTION_MAMBA1,
                                                   LR_ATTENTION_LIGHTNING};
    struct lr_attention a = {.kind = kinds[dice_pick(d, 4)], .state_format = dice_pick(d, 2) ? LR_FP32 : LR_BF16};
    const double heads = dice_power(d, 8, 128);
    a.conv = a.kind == LR_ATTENTION_LIGHTNING ? 0 : 4;
    if (a.kind == LR_ATTENTION_DELTA) {
        a.key_heads = heads;
        a.value_heads = heads * dice_power(d, 1, 4);
        a.key_dim = a.value_dim = 128;
        return a;
    }
    a.state = 16 * dice_power(d, 1, 16);
    if (a.kind == LR_ATTENTION_MAMBA1) {
        a.inner = heads * 128;
        a.dt_rank = 256;
        return a;
    }
    a.heads = heads;
    a.head_dim = 64;
    a.groups = dice_power(d, 1, 8);
    return a;
}

static inline struct lr_attention random_attention(struct dice *d)
{
    if (dice_pick(d, 4) == 0)
        return random_recurrent(d);
    struct lr_attention a = {.kind = dice_pick(d, 3) ? LR_ATTENTION_GQA : LR_ATTENTION_MLA};
    a.heads = dice_power(d, 8, 128);
    if (a.kind == LR_ATTENTION_MLA) {
        a.q_lora_rank = dice_pick(d, 2) ? 64 * (1 + (double)dice_pick(d, 24)) : 0;
        a.kv_lora_rank = 512;
        a.qk_nope_dim = 128;
        a.qk_rope_dim = 64;
        a.v_dim = 128;
        if (a.q_lora_rank > 0 && dice_pick(d, 2)) {
            a.index_topk = dice_power(d, 128, 4096);
            a.index_heads = dice_pick(d, 3) ? dice_power(d, 8, 64) : 0;
            a.index_dim = 128;
        }
        return a;
    }
    a.kv_heads = dice_power(d, 1, a.heads);
    a.head_dim = dice_pick(d, 2) ? 128 : 64;
    const double bound = dice_power(d, 128, 8192);
    *(dice_pick(d, 2) ? &a.window : &a.chunk) = dice_pick(d, 3) ? 0 : bound;
    return a;
}

static inline struct lr_ffn random_ffn(struct dice *d)
{
    struct lr_ffn f = {.kind = dice_pick(d, 2) ? LR_FFN_GATED : dice_pick(d, 2) ? LR_FFN_MOE : LR_FFN_PLAIN};
    f.intermediate = 256 * (double)(1 + dice_pick(d, 64));
    if (f.kind == LR_FFN_MOE) {
        f.experts = dice_power(d, 8, 256);
        f.topk = 1 + (double)dice_pick(d, 8);
        f.shared_intermediate = dice_pick(d, 2) ? 2048 : 0;
        f.latent = dice_pick(d, 4) ? 0 : 1024;
    }
    return f;
}

static inline void random_model(struct dice *d, struct lr_model *m)
{
    static const enum lr_dtype formats[] = {LR_BF16, LR_FP8, LR_FP8_BLOCK, LR_NVFP4, LR_MXFP4, LR_INT4};
    memset(m, 0, sizeof *m);
    m->name = m->title = "random";
    m->hidden = 256 * (double)(1 + dice_pick(d, 48));
    m->vocab = 1000 * (double)(1 + dice_pick(d, 200));
    m->tied_embeddings = dice_pick(d, 2);
    m->block_count = 1 + dice_pick(d, 3);
    for (size_t i = 0; i < m->block_count; i++)
        m->block[i] = (struct lr_block){
            .layers = 1 + (double)dice_pick(d, 60), .norms = 2, .attention = random_attention(d), .ffn = random_ffn(d)};
    for (int i = 0; i < LR_PART_COUNT; i++)
        m->weights[i] = i < LR_PART_EMBEDDING ? formats[dice_pick(d, 6)] : LR_BF16;
    m->kv = dice_pick(d, 2) ? LR_BF16 : LR_FP8;
}

static inline void random_runtime(struct dice *d, struct lr_runtime *rt)
{
    *rt = (struct lr_runtime){.name = "random",
                              .step_host_s = dice_between(d, 0, 1e-3),
                              .request_host_s = dice_between(d, 0, 1e-5),
                              .launch_s = dice_pick(d, 4) ? 0 : dice_between(d, 0, 2e-5),
                              .layer_overhead_s = dice_between(d, 0, 1e-5),
                              .mixer_overhead_s = dice_between(d, 0, 1e-5),
                              .memory_fraction = dice_between(d, 0.5, 1),
                              .reserve_bytes = dice_between(d, 0, 4e9),
                              .kv_block = dice_power(d, 1, 64),
                              .query_group = dice_pick(d, 2) ? 0 : dice_power(d, 1, 16),
                              .whole_context = dice_pick(d, 2)};
}

static inline struct lr_deployment random_deployment(struct dice *d)
{
    struct lr_deployment p = {.weights = LR_DTYPE_NONE, .kv = LR_DTYPE_NONE};
    p.tp = dice_power(d, 1, 8);
    p.pp = dice_pick(d, 4) ? 1 : 2;
    p.dp = dice_power(d, 1, 16);
    p.ep = dice_pick(d, 2) ? 1 : p.tp * p.dp;
    p.gpus = p.tp * p.pp * p.dp;
    p.identical_routing = !dice_pick(d, 4);
    return p;
}

static inline struct lr_workload random_workload(struct dice *d)
{
    return (struct lr_workload){.batch = floor(dice_scale(d, 1, 4096)),
                                .context = floor(dice_scale(d, 1, 262144)),
                                .q_len = dice_pick(d, 4) ? 1 : 1 + (double)dice_pick(d, 4)};
}

#endif
