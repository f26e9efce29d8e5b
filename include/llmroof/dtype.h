/* SPDX-License-Identifier: Apache-2.0 */
/* Number formats: how a tensor is stored, and which of a chip's peak rates computes on it. */
#ifndef LLMROOF_DTYPE_H
#define LLMROOF_DTYPE_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Peak rates that a datasheet gives: id, name in a profile. */
#define LR_RATES(X)                                                                                                    \
    X(FP32, "fp32")                                                                                                    \
    X(TF32, "tf32")                                                                                                    \
    X(FP16, "fp16")                                                                                                    \
    X(BF16, "bf16")                                                                                                    \
    X(FP8, "fp8")                                                                                                      \
    X(INT8, "int8")                                                                                                    \
    X(FP4, "fp4")

enum lr_rate {
#define X(id, name) LR_RATE_##id,
    LR_RATES(X)
#undef X
        LR_RATE_COUNT
};

/* Storage formats: id, name, bits an element with its share of the scales, the rate that computes on it, the format
 * that stands in when a chip lacks that rate ("next wider"), whether it is a weight-only format (weights are widened
 * inside the kernel, so any chip can store them).
 * Bits: fp8_block 8 + 32/(128 x 128), nvfp4 4 + 8/16, mxfp4 4 + 8/32, int4 4 + 16/128, int4_g32 4 + 16/32. */
#define LR_DTYPES(X)                                                                                                   \
    X(FP32, "fp32", 32.0, FP32, FP32, false)                                                                           \
    X(FP16, "fp16", 16.0, FP16, BF16, false)                                                                           \
    X(BF16, "bf16", 16.0, BF16, FP16, false)                                                                           \
    X(INT8, "int8", 8.0, INT8, BF16, false)                                                                            \
    X(FP8, "fp8", 8.0, FP8, BF16, false)                                                                               \
    X(FP8_BLOCK, "fp8_block", 8.0 + 32.0 / 16384.0, FP8, BF16, false)                                                  \
    X(NVFP4, "nvfp4", 4.5, FP4, FP8, false)                                                                            \
    X(MXFP4, "mxfp4", 4.25, BF16, BF16, true)                                                                          \
    X(INT4, "int4", 4.125, BF16, BF16, true)                                                                           \
    X(INT4_G32, "int4_g32", 4.5, BF16, BF16, true)

enum lr_dtype {
#define X(id, name, bits, rate, wider, weight_only) LR_##id,
    LR_DTYPES(X)
#undef X
        LR_DTYPE_COUNT,
    LR_DTYPE_NONE = LR_DTYPE_COUNT
};

/* The name in a profile; "none" for LR_DTYPE_NONE. Never NULL. */
const char *lr_dtype_name(enum lr_dtype d);

/* The name of a rate in a profile; "none" for LR_RATE_COUNT. Never NULL. */
const char *lr_rate_name(enum lr_rate r);

/* Parses a name or a common alias (bfloat16, float16, half, float8_e4m3fn, e4m3, int4_wo, fp4, ...), ignoring case.
 * LR_DTYPE_NONE when it is none. */
enum lr_dtype lr_dtype_parse(const char *text);

/* Bytes an element, scales included: 2 for bf16, 0.53125 for mxfp4. 0 for LR_DTYPE_NONE. */
double lr_dtype_bytes(enum lr_dtype d);

/* The rate that computes on a format where the chip has it; LR_RATE_COUNT for LR_DTYPE_NONE. */
enum lr_rate lr_dtype_rate(enum lr_dtype d);

/* Whether only weights are stored in the format: kernels widen them, so any chip can store them. */
bool lr_dtype_weight_only(enum lr_dtype d);

/* The format in which a chip with these peaks (FLOP/s by enum lr_rate, 0 where it has none) holds and computes d: d
 * itself, or the next wider one that it has. LR_DTYPE_NONE when it has none of them. */
enum lr_dtype lr_dtype_on(enum lr_dtype d, const double peak[LR_RATE_COUNT]);

/* The rate, and so the peak, at which a chip computes a product with weights or a cache stored as d: that of d where it
 * has it, else that of the 16-bit format to which kernels widen packed elements. */
enum lr_rate lr_rate_on(enum lr_dtype d, const double peak[LR_RATE_COUNT]);

#ifdef __cplusplus
}
#endif

#endif
