/* SPDX-License-Identifier: Apache-2.0 */
#include <llmroof/dtype.h>

#include "core/text.h"

#include <stddef.h>

static const struct {
    const char *name;
    double bits;
    enum lr_rate rate;
    enum lr_dtype wider;
    bool weight_only;
} dtypes[LR_DTYPE_COUNT] = {
#define X(id, name, bits, rate, wider, weight_only) {name, bits, LR_RATE_##rate, LR_##wider, weight_only},
    LR_DTYPES(X)
#undef X
};

static const char *const rates[LR_RATE_COUNT] = {
#define X(id, name) name,
    LR_RATES(X)
#undef X
};

/* Other names that checkpoints, serving engines and papers use. */
static const struct {
    const char *alias;
    enum lr_dtype dtype;
} aliases[] = {
    {"float32", LR_FP32},
    {"float", LR_FP32},
    {"f32", LR_FP32},
    {"float16", LR_FP16},
    {"half", LR_FP16},
    {"f16", LR_FP16},
    {"bfloat16", LR_BF16},
    {"w8a8", LR_INT8},
    {"w8a8_int8", LR_INT8},
    {"e4m3", LR_FP8},
    {"float8", LR_FP8},
    {"float8_e4m3fn", LR_FP8},
    {"float8_e4m3", LR_FP8},
    {"fp8_e4m3", LR_FP8},
    {"fp8_e4m3fn", LR_FP8},
    {"e5m2", LR_FP8},
    {"float8_e5m2", LR_FP8},
    {"fp8_e5m2", LR_FP8},
    {"w8a8_fp8", LR_FP8},
    {"fp8_blockwise", LR_FP8_BLOCK},
    {"fp4", LR_NVFP4},
    {"w4a4_nvfp4", LR_NVFP4},
    {"float4_e2m1fn", LR_NVFP4},
    {"mx_fp4", LR_MXFP4},
    {"int4_wo", LR_INT4},
    {"int4_weight_only", LR_INT4},
    {"w4a16", LR_INT4},
    {"w4a16_int4", LR_INT4},
    {"awq", LR_INT4},
    {"gptq", LR_INT4},
};

static bool is_dtype(enum lr_dtype d)
{
    return (unsigned)d < LR_DTYPE_COUNT;
}

const char *lr_dtype_name(enum lr_dtype d)
{
    return is_dtype(d) ? dtypes[d].name : "none";
}

const char *lr_rate_name(enum lr_rate r)
{
    return (unsigned)r < LR_RATE_COUNT ? rates[r] : "none";
}

enum lr_dtype lr_dtype_parse(const char *text)
{
    for (int d = 0; d < LR_DTYPE_COUNT; d++)
        if (lr_name_same(text, dtypes[d].name))
            return (enum lr_dtype)d;
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (lr_name_same(text, aliases[i].alias))
            return aliases[i].dtype;
    return LR_DTYPE_NONE;
}

double lr_dtype_bytes(enum lr_dtype d)
{
    return is_dtype(d) ? dtypes[d].bits / 8.0 : 0.0;
}

enum lr_rate lr_dtype_rate(enum lr_dtype d)
{
    return is_dtype(d) ? dtypes[d].rate : LR_RATE_COUNT;
}

bool lr_dtype_weight_only(enum lr_dtype d)
{
    return is_dtype(d) && dtypes[d].weight_only;
}

/* The format to which kernels convert weights before the product: the first one with a peak on the chip. LR_DTYPE_NONE
 * when there is none. */
static enum lr_dtype compute_format(const double peak[LR_RATE_COUNT])
{
    static const enum lr_dtype order[] = {LR_BF16, LR_FP16, LR_FP32};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (peak[dtypes[order[i]].rate] > 0.0)
            return order[i];
    return LR_DTYPE_NONE;
}

enum lr_dtype lr_dtype_on(enum lr_dtype d, const double peak[LR_RATE_COUNT])
{
    if (!is_dtype(d))
        return LR_DTYPE_NONE;
    if (dtypes[d].weight_only)
        return compute_format(peak) == LR_DTYPE_NONE ? LR_DTYPE_NONE : d;
    /* bf16 and fp16 replace each other, so the search for a wider format stops there */
    for (; d != LR_BF16 && d != LR_FP16 && d != LR_FP32; d = dtypes[d].wider)
        if (peak[dtypes[d].rate] > 0.0)
            return d;
    return peak[dtypes[d].rate] > 0.0 ? d : d == LR_FP32 ? LR_DTYPE_NONE : compute_format(peak);
}

enum lr_rate lr_rate_on(enum lr_dtype d, const double peak[LR_RATE_COUNT])
{
    const enum lr_dtype wide = compute_format(peak);
    return lr_dtype_rate(lr_dtype_on(d, peak) == d && !lr_dtype_weight_only(d) ? d : wide == LR_DTYPE_NONE ? d : wide);
}
