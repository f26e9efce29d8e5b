/* The constants of each price formula. X(id, key, unit, least, greatest, start, meaning) */
#ifndef LLMROOF_PRICE_FORMULAS_H
#define LLMROOF_PRICE_FORMULAS_H

#define LR_GEMM_CONSTANTS(X) \
    X(GEMM_FIXED, "fixed", SECONDS, 1e-7, 1e-4, 4e-6, "launch, prologue and epilogue") \
    X(GEMM_SERIAL, "serial", SECONDS, 0, 1e-4, 4e-6, "the K loop at k = 4096, which no parallelism shortens") \
    X(GEMM_SERIAL_POWER, "serial_power", NUMBER, 0.5, 1, 0.5, "how the K loop grows with k: 1, or 1/2 with split-K") \
    X(GEMM_MEMORY, "memory_efficiency", RATIO, 0.2, 1, 0.87, "of the bandwidth") \
    X(GEMM_COMPUTE, "compute_efficiency", RATIO, 0.2, 1, 0.8, "of the dense peak") \
    X(GEMM_CORE_RATE, "core_rate", PER_SECOND, 1e11, 1e15, 2e13, "FLOP/s that a unit sustains at its own clock") \
    X(GEMM_PAD, "pad", NUMBER, 1, 128, 16, "rows of a tile: m is rounded up to it")

#define LR_ATTENTION_CONSTANTS(X) \
    X(ATTENTION_FIXED, "fixed", SECONDS, 1e-7, 1e-4, 4e-6, "launch, reduction over splits") \
    X(ATTENTION_SPLIT, "split", SECONDS, 0, 1e-4, 5e-7, "a doubling of the context") \
    X(ATTENTION_ITEM, "item", SECONDS, 0, 1e-6, 1e-9, "a (sequence, KV head) pair, on 132 units") \
    X(ATTENTION_MEMORY, "memory_efficiency", RATIO, 0.2, 1, 0.9, "of the bandwidth") \
    X(ATTENTION_CORE_RATE, "core_rate", PER_SECOND, 1e9, 1e13, 2e10, "KV elements a second that a unit works through") \
    X(ATTENTION_COMPUTE, "compute_efficiency", RATIO, 0.05, 1, 0.5, "of the dense peak, heads of a group padded to 16")

#define LR_MLA_CONSTANTS(X) \
    X(MLA_FIXED, "fixed", SECONDS, 1e-7, 1e-4, 1e-5, "launch, reduction over splits") \
    X(MLA_SPLIT, "split", SECONDS, 0, 1e-4, 1e-6, "a doubling of the context") \
    X(MLA_MEMORY, "memory_efficiency", RATIO, 0.2, 1, 0.8, "of the bandwidth") \
    X(MLA_COMPUTE, "compute_efficiency", RATIO, 0.05, 1, 0.6, "of the dense peak, heads padded to 64")

#define LR_BMM_CONSTANTS(X) \
    X(BMM_FIXED, "fixed", SECONDS, 1e-7, 1e-4, 4e-6, "launch") \
    X(BMM_MEMORY, "memory_efficiency", RATIO, 0.2, 1, 0.7, "of the bandwidth") \
    X(BMM_COMPUTE, "compute_efficiency", RATIO, 0.05, 1, 0.5, "of the dense peak")

#define LR_MOE_CONSTANTS(X) \
    X(MOE_FIXED, "fixed", SECONDS, 1e-7, 1e-3, 3e-5, "routing, two launches, activation") \
    X(MOE_ROW, "row", SECONDS, 0, 1e-6, 1e-9, "a row: permutation and scatter") \
    X(MOE_MEMORY, "memory_efficiency", RATIO, 0.2, 1, 0.8, "of the bandwidth") \
    X(MOE_COMPUTE, "compute_efficiency", RATIO, 0.05, 1, 0.6, "of the dense peak, an expert's rows padded") \
    X(MOE_PAD, "pad", NUMBER, 1, 128, 16, "rows of a tile of one expert")

#define LR_ELEMENTWISE_CONSTANTS(X) \
    X(ELEMENTWISE_FIXED, "fixed", SECONDS, 1e-7, 1e-4, 1.5e-6, "a small kernel in a graph") \
    X(ELEMENTWISE_MEMORY, "memory_efficiency", RATIO, 0.2, 1, 0.8, "of the bandwidth")

#define LR_COLLECTIVE_CONSTANTS(X) \
    X(COLLECTIVE_FIXED, "fixed", SECONDS, 1e-7, 1e-3, 3e-6, "two ranks, no bytes") \
    X(COLLECTIVE_RANK, "rank", SECONDS, 0, 1e-4, 5e-7, "a doubling of the ranks") \
    X(COLLECTIVE_LINK, "link_efficiency", RATIO, 0.02, 1, 0.7, "of the link, large messages")

#define LR_CONSTANT_TABLES(X) \
    X(GEMM) \
    X(ATTENTION) \
    X(MLA) \
    X(BMM) \
    X(MOE) \
    X(ELEMENTWISE) \
    X(COLLECTIVE)

#define ID(id, key, unit, least, greatest, start, meaning) LR_##id,
enum { LR_GEMM_CONSTANTS(ID) LR_GEMM_CONSTANT_COUNT };
enum { LR_ATTENTION_CONSTANTS(ID) LR_ATTENTION_CONSTANT_COUNT };
enum { LR_MLA_CONSTANTS(ID) LR_MLA_CONSTANT_COUNT };
enum { LR_BMM_CONSTANTS(ID) LR_BMM_CONSTANT_COUNT };
enum { LR_MOE_CONSTANTS(ID) LR_MOE_CONSTANT_COUNT };
enum { LR_ELEMENTWISE_CONSTANTS(ID) LR_ELEMENTWISE_CONSTANT_COUNT };
enum { LR_COLLECTIVE_CONSTANTS(ID) LR_COLLECTIVE_CONSTANT_COUNT };
#undef ID

#endif
