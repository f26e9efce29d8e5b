/* SPDX-License-Identifier: Apache-2.0 */
/* The constants of each price formula. X(id, key, unit, least, greatest, start, meaning): start is where a fit starts.
 * docs/method.md has the formulas. */
#ifndef LLMROOF_CORE_FORMULAS_H
#define LLMROOF_CORE_FORMULAS_H

/* Number of units (SMs) of an H100. Constants that depend on the number of units are given for this number, and it is
 * the default for a chip whose profile does not give one. */
#define LR_REFERENCE_UNITS 132
#define LR_TEXT_OF(number) LR_LITERAL(number)
#define LR_LITERAL(number) #number

#define LR_GEMM_CONSTANTS(X)                                                                                           \
    X(GEMM_FIXED, "fixed", SECONDS, 1e-7, 1e-4, 4e-6, "time of launch, prologue and epilogue")                         \
    X(GEMM_SERIAL, "serial", SECONDS, 0, 1e-4, 3e-6,                                                                   \
      "time of the K loop at k = 4096, which parallelism does not shorten")                                            \
    X(GEMM_MEMORY, "memory_efficiency", RATIO, 0.3, 1, 0.87, "share of the memory bandwidth that the kernel reaches")  \
    X(GEMM_CORE_RATE, "core_rate", PER_SECOND, 5e11, 1e15, 3e13,                                                       \
      "FLOP/s at which a unit feeds its tensor core, with tiles of 128 by 128")                                        \
    X(GEMM_WAVE, "wave", RATIO, 0, 1, 0.3, "share of the unused part of the last wave that still takes time")          \
    X(GEMM_TILE_LOSS, "tile_loss", RATIO, 0, 1, 0.5,                                                                   \
      "share of the issue time that is spent on operands; smaller tiles read more of them")                            \
    X(GEMM_QUANTISE, "quantise", NUMBER, 0, 20, 0.3,                                                                   \
      "memory traffic of passes over the activations before the product, in bytes per element")                        \
    X(GEMM_SPLIT, "serial_power", CHOICE, 0.5, 1, 0.5,                                                                 \
      "exponent of k in the time of the K loop: 1, or 1/2 if it is split")                                             \
    X(GEMM_TILE_LEAST, "tile_least", CHOICE, 1, 256, 16, "rows of the smallest tile; below 16 without tensor cores")   \
    X(GEMM_TILE_MOST, "tile_most", CHOICE, 128, 256, 128, "rows of the largest tile")                                  \
    X(GEMM_TILE_WIDTH, "tile_width", CHOICE, 16, 256, 64, "columns of the narrowest tile")                             \
    X(GEMM_PACK, "pack", VECTORS, 0, 8, 1,                                                                             \
      "passes over the weights to reorder them before the product, for tiles of more than one row")

/* GQA and absorbed MLA share one formula. Their fits start from different tiles: 16 rows (mma.sync) and 64 heads
 * (FlashMLA). */
#define LR_ATTENTION_CONSTANTS(X) LR_ATTENTION_TILE_CONSTANTS(X, 16)
#define LR_MLA_CONSTANTS(X) LR_ATTENTION_TILE_CONSTANTS(X, 64)
#define LR_ATTENTION_TILE_CONSTANTS(X, rows)                                                                           \
    X(ATTENTION_FIXED, "fixed", SECONDS, 1e-7, 6e-5, 6e-6, "time of launch and of reduction over splits")              \
    X(ATTENTION_SPLIT, "split", SECONDS, 0, 2e-5, 5e-7, "additional time for each doubling of the context")            \
    X(ATTENTION_ITEM, "item", SECONDS, 0, 1e-6, 5e-9,                                                                  \
      "time for each pair of sequence and KV head, on " LR_TEXT_OF(LR_REFERENCE_UNITS) " units")                       \
    X(ATTENTION_MEMORY, "memory_efficiency", RATIO, 0.3, 1, 0.9,                                                       \
      "share of the memory bandwidth that the kernel reaches")                                                         \
    X(ATTENTION_CORE_RATE, "core_rate", PER_SECOND, 1e9, 1e13, 6e10,                                                   \
      "cache elements per second that a unit processes")                                                               \
    X(ATTENTION_COMPUTE, "compute_efficiency", RATIO, 0.05, 1, 0.5,                                                    \
      "share of the dense peak, with query rows padded to a tile")                                                     \
    X(ATTENTION_CHAIN, "chain", SECONDS, 0, 1e-7, 2e-9,                                                                \
      "time for each token of context that one unit processes alone")                                                  \
    X(ATTENTION_FREE, "chain_free", CHOICE, 1, 64, 16, "number of sequences below which the context is split further") \
    X(ATTENTION_TILE, "tile", CHOICE, 1, 128, rows, "query rows of a tile; below 8 without tensor cores")              \
    X(ATTENTION_EAGER, "eager", SECONDS, 0, 1e-4, 0, "shortest time of a launch outside a CUDA graph")                 \
    X(ATTENTION_PREFILL, "prefill_efficiency", RATIO, 0.05, 1, 0.5,                                                    \
      "share of the dense peak in a prefill (FlashAttention-2 and 3: 0.35 to 0.75, arXiv 2407.08608)")

#define LR_BMM_CONSTANTS(X)                                                                                            \
    X(BMM_FIXED, "fixed", SECONDS, 1e-7, 1e-4, 4e-6, "time of the launch")                                             \
    X(BMM_MEMORY, "memory_efficiency", RATIO, 0.2, 1, 0.7, "share of the memory bandwidth that the kernel reaches")    \
    X(BMM_COMPUTE, "compute_efficiency", RATIO, 0.05, 1, 0.5, "share of the dense peak")

#define LR_MOE_CONSTANTS(X)                                                                                            \
    X(MOE_FIXED, "fixed", SECONDS, 1e-7, 3e-4, 3e-5, "time of routing, two launches and activation")                   \
    X(MOE_ROW, "row", SECONDS, 0, 1e-6, 5e-9,                                                                          \
      "time to sort, gather, activate and scatter a row with hidden + inter = 4096")                                   \
    X(MOE_MEMORY, "memory_efficiency", RATIO, 0.2, 1, 0.85, "share of the memory bandwidth that the kernel reaches")   \
    X(MOE_COMPUTE, "compute_efficiency", RATIO, 0.05, 1, 0.8,                                                          \
      "share of the dense peak, with the rows of an expert padded")                                                    \
    X(MOE_CORE_RATE, "core_rate", PER_SECOND, 5e11, 1e15, 2e13, "FLOP/s that a unit can issue")                        \
    X(MOE_ALL_ROWS, "all_rows", RATIO, 0, 1, 0.5, "share of the other ranks' rows that the kernel also visits")        \
    X(MOE_SKEW, "skew", NUMBER, 0, 3, 1, "spread of one expert's rows divided by their mean, with skewed routing")     \
    X(MOE_PAD, "pad", CHOICE, 8, 128, 16, "rows of a tile of one expert")

#define LR_ELEMENTWISE_CONSTANTS(X)                                                                                    \
    X(ELEMENTWISE_FIXED, "fixed", SECONDS, 1e-7, 1e-4, 1.5e-6, "time of a small kernel in a CUDA graph")               \
    X(ELEMENTWISE_MEMORY, "memory_efficiency", RATIO, 0.2, 1, 0.8,                                                     \
      "share of the memory bandwidth that the kernel reaches")

#define LR_COLLECTIVE_CONSTANTS(X)                                                                                     \
    X(COLLECTIVE_FIXED, "fixed", SECONDS, 1e-7, 1e-3, 4e-6, "time for two ranks without data")                         \
    X(COLLECTIVE_RANK, "rank", SECONDS, 0, 1e-4, 2e-7, "additional time for each further rank")                        \
    X(COLLECTIVE_PASS, "pass", SECONDS, 0, 1e-4, 5e-6,                                                                 \
      "additional time of a ring, which has two passes, over one-shot")                                                \
    X(COLLECTIVE_PASS_RANK, "pass_rank", SECONDS, 0, 1e-4, 1e-6, "the same for each further rank")                     \
    X(COLLECTIVE_LINK, "link_efficiency", RATIO, 0.02, 1, 0.8, "share of the link's bandwidth that a ring reaches")    \
    X(COLLECTIVE_SHOT_LINK, "one_shot_efficiency", RATIO, 0.01, 1, 0.6,                                                \
      "share of the link's bandwidth that one-shot reaches")                                                           \
    X(COLLECTIVE_FILL, "fill", SECONDS, 0, 1e-3, 3e-5,                                                                 \
      "time to fill the pipeline of a large message; a small message takes twice the time of its bytes instead")       \
    X(COLLECTIVE_COPY, "copy", RATIO, 0, 1, 0.3,                                                                       \
      "time to copy a rank's own part, relative to a part sent over the link")                                         \
    X(COLLECTIVE_SHARED, "shared", NUMBER, 0, 4, 1,                                                                    \
      "over PCIe: share of the path through the host that each further rank uses")                                     \
    X(COLLECTIVE_DIRECT, "direct", CHOICE, 62.5e3, 16e6, 8e6,                                                          \
      "size in bytes below which a message is written directly into buffers of the peers")

#define LR_EXCHANGE_CONSTANTS(X)                                                                                       \
    X(EXCHANGE_FIXED, "fixed", SECONDS, 1e-7, 1e-4, 1e-5, "time of launch and flags")                                  \
    X(EXCHANGE_NODE, "node", SECONDS, 0, 1e-3, 5e-6,                                                                   \
      "additional time for each doubling of the number of scale-up domains")                                           \
    X(EXCHANGE_LINK, "link_efficiency", RATIO, 0.02, 1, 0.5, "share of the scale-up link's bandwidth that is reached") \
    X(EXCHANGE_OUT, "out_efficiency", RATIO, 0.02, 1, 0.7, "share of the scale-out link's bandwidth that is reached")

#define ID(id, key, unit, least, greatest, start, meaning) LR_##id,
enum { LR_GEMM_CONSTANTS(ID) LR_GEMM_CONSTANT_COUNT };
enum { LR_ATTENTION_CONSTANTS(ID) LR_ATTENTION_CONSTANT_COUNT };
enum { LR_BMM_CONSTANTS(ID) LR_BMM_CONSTANT_COUNT };
enum { LR_MOE_CONSTANTS(ID) LR_MOE_CONSTANT_COUNT };
enum { LR_ELEMENTWISE_CONSTANTS(ID) LR_ELEMENTWISE_CONSTANT_COUNT };
enum { LR_COLLECTIVE_CONSTANTS(ID) LR_COLLECTIVE_CONSTANT_COUNT };
enum { LR_EXCHANGE_CONSTANTS(ID) LR_EXCHANGE_CONSTANT_COUNT };
#undef ID

#endif
