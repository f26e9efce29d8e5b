/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of constants, and the kernel to use for a format that has none. */
#include "core/constants.h"

#include "core/formulas.h"

#define ROW(id, key, unit, least, greatest, start, meaning) {key, LR_UNIT_##unit, least, greatest, start, meaning},
static const struct lr_constant gemm[] = {LR_GEMM_CONSTANTS(ROW)};
static const struct lr_constant attention[] = {LR_ATTENTION_CONSTANTS(ROW)};
static const struct lr_constant mla[] = {LR_MLA_CONSTANTS(ROW)};
static const struct lr_constant bmm[] = {LR_BMM_CONSTANTS(ROW)};
static const struct lr_constant moe[] = {LR_MOE_CONSTANTS(ROW)};
static const struct lr_constant elementwise[] = {LR_ELEMENTWISE_CONSTANTS(ROW)};
static const struct lr_constant collective[] = {LR_COLLECTIVE_CONSTANTS(ROW)};
static const struct lr_constant exchange[] = {LR_EXCHANGE_CONSTANTS(ROW)};
#undef ROW

#define TABLE(t)                                                                                                       \
    {                                                                                                                  \
        t, sizeof t / sizeof *t                                                                                        \
    }
static const struct {
    const struct lr_constant *row;
    size_t count;
} tables[LR_FAMILY_COUNT] = {
    [LR_FAMILY_GEMM] = TABLE(gemm),
    [LR_FAMILY_ATTENTION] = TABLE(attention),
    [LR_FAMILY_MLA] = TABLE(mla),
    [LR_FAMILY_BMM] = TABLE(bmm),
    [LR_FAMILY_MOE] = TABLE(moe),
    [LR_FAMILY_ELEMENTWISE] = TABLE(elementwise),
    [LR_FAMILY_ALL_REDUCE] = TABLE(collective),
    [LR_FAMILY_ALL_GATHER] = TABLE(collective),
    [LR_FAMILY_REDUCE_SCATTER] = TABLE(collective),
    [LR_FAMILY_DISPATCH] = TABLE(exchange),
    [LR_FAMILY_COMBINE] = TABLE(exchange),
    [LR_FAMILY_SEND] = TABLE(collective),
    [LR_FAMILY_STATE] = TABLE(elementwise),
    [LR_FAMILY_INDEX] = TABLE(mla),
};

const struct lr_constant *lr_constants(enum lr_family f, size_t *count)
{
    *count = f < LR_FAMILY_COUNT ? tables[f].count : 0;
    return *count ? tables[f].row : NULL;
}

/* Substitutes in order of preference: first the same width and the same unit of the chip, then wider formats, then any.
 */
static const enum lr_dtype substitutes[LR_DTYPE_COUNT][4] = {
    [LR_FP32] = {LR_BF16, LR_FP8, LR_FP8_BLOCK, LR_NVFP4}, [LR_FP16] = {LR_BF16, LR_FP8, LR_FP8_BLOCK, LR_NVFP4},
    [LR_BF16] = {LR_FP16, LR_FP8, LR_FP8_BLOCK, LR_NVFP4}, [LR_INT8] = {LR_FP8, LR_FP8_BLOCK, LR_BF16, LR_NVFP4},
    [LR_FP8] = {LR_FP8_BLOCK, LR_INT8, LR_BF16, LR_NVFP4}, [LR_FP8_BLOCK] = {LR_FP8, LR_INT8, LR_BF16, LR_NVFP4},
    [LR_NVFP4] = {LR_FP8, LR_FP8_BLOCK, LR_BF16, LR_INT4}, [LR_MXFP4] = {LR_INT4, LR_BF16, LR_FP16, LR_FP8},
    [LR_INT4] = {LR_MXFP4, LR_BF16, LR_FP16, LR_FP8},      [LR_INT4_G32] = {LR_INT4, LR_MXFP4, LR_BF16, LR_FP8},
};

/* The family whose constants are used when f has none; f itself for most families. */
static enum lr_family substitute_family(enum lr_family f)
{
    return f == LR_FAMILY_STATE ? LR_FAMILY_ELEMENTWISE : f == LR_FAMILY_INDEX ? LR_FAMILY_MLA : f;
}

bool lr_kernels_borrowed(const struct lr_kernels *k, enum lr_family f)
{
    for (int d = 0; d <= LR_DTYPE_COUNT; d++)
        if (k->kernel[f][d].present)
            return false;
    return substitute_family(f) != f;
}

const struct lr_kernel *lr_kernels_find(const struct lr_kernels *k, enum lr_family f, enum lr_dtype d)
{
    const struct lr_kernel *const row = k->kernel[lr_kernels_borrowed(k, f) ? substitute_family(f) : f];
    if (row[d].present)
        return &row[d];
    if (d < LR_DTYPE_COUNT)
        for (size_t i = 0; i < sizeof substitutes[d] / sizeof *substitutes[d]; i++)
            if (row[substitutes[d][i]].present)
                return &row[substitutes[d][i]];
    return row[LR_DTYPE_NONE].present ? &row[LR_DTYPE_NONE] : NULL;
}
