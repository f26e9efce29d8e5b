/* SPDX-License-Identifier: Apache-2.0 */
#include "suite.h"

#include <llmroof/dtype.h>

START_TEST(names_round_trip)
{
    for (int d = 0; d < LR_DTYPE_COUNT; d++)
        ck_assert_int_eq(lr_dtype_parse(lr_dtype_name((enum lr_dtype)d)), d);
    ck_assert_str_eq(lr_dtype_name(LR_DTYPE_NONE), "none");
    ck_assert_str_eq(lr_rate_name(LR_RATE_COUNT), "none");
    ck_assert_int_eq(lr_dtype_parse("none"), LR_DTYPE_NONE);
    ck_assert_int_eq(lr_dtype_parse(""), LR_DTYPE_NONE);
    ck_assert_int_eq(lr_dtype_parse("fp"), LR_DTYPE_NONE);
}
END_TEST

START_TEST(aliases_are_known)
{
    ck_assert_int_eq(lr_dtype_parse("BFloat16"), LR_BF16);
    ck_assert_int_eq(lr_dtype_parse("half"), LR_FP16);
    ck_assert_int_eq(lr_dtype_parse("float8_e4m3fn"), LR_FP8);
    ck_assert_int_eq(lr_dtype_parse("FP8-Block"), LR_FP8_BLOCK);
    ck_assert_int_eq(lr_dtype_parse("int4-wo"), LR_INT4);
    ck_assert_int_eq(lr_dtype_parse("fp4"), LR_NVFP4);
}
END_TEST

START_TEST(bytes_include_scales)
{
    ck_assert_double_eq(lr_dtype_bytes(LR_BF16), 2.0);
    ck_assert_double_eq(lr_dtype_bytes(LR_MXFP4), 0.53125);
    ck_assert_double_eq(lr_dtype_bytes(LR_FP8_BLOCK), 1.0 + 4.0 / 16384.0);
    ck_assert_double_eq(lr_dtype_bytes(LR_DTYPE_NONE), 0.0);
}
END_TEST

START_TEST(hopper_widens_fp4_to_fp8)
{
    const double peak[LR_RATE_COUNT] = {[LR_RATE_BF16] = 1, [LR_RATE_FP16] = 1, [LR_RATE_FP8] = 2};
    ck_assert_int_eq(lr_dtype_on(LR_NVFP4, peak), LR_FP8);
    ck_assert_int_eq(lr_dtype_on(LR_FP8_BLOCK, peak), LR_FP8_BLOCK);
    ck_assert_int_eq(lr_dtype_on(LR_MXFP4, peak), LR_MXFP4);
    ck_assert_int_eq(lr_rate_on(LR_MXFP4, peak), LR_RATE_BF16);
    ck_assert_int_eq(lr_rate_on(LR_FP8_BLOCK, peak), LR_RATE_FP8);
}
END_TEST

START_TEST(ampere_runs_fp8_as_bf16)
{
    const double peak[LR_RATE_COUNT] = {[LR_RATE_BF16] = 1, [LR_RATE_FP16] = 1, [LR_RATE_INT8] = 2};
    ck_assert_int_eq(lr_dtype_on(LR_FP8_BLOCK, peak), LR_BF16);
    ck_assert_int_eq(lr_dtype_on(LR_INT8, peak), LR_INT8);
}
END_TEST

START_TEST(volta_runs_bf16_as_fp16)
{
    const double peak[LR_RATE_COUNT] = {[LR_RATE_FP16] = 1, [LR_RATE_FP32] = 1};
    ck_assert_int_eq(lr_dtype_on(LR_BF16, peak), LR_FP16);
    ck_assert_int_eq(lr_dtype_on(LR_FP8, peak), LR_FP16);
    ck_assert_int_eq(lr_rate_on(LR_INT4, peak), LR_RATE_FP16);
}
END_TEST

START_TEST(a_chip_without_rates_has_no_format)
{
    const double none[LR_RATE_COUNT] = {0};
    const double fp32[LR_RATE_COUNT] = {[LR_RATE_FP32] = 1};
    for (int d = 0; d <= LR_DTYPE_COUNT; d++) {
        ck_assert_int_eq(lr_dtype_on((enum lr_dtype)d, none), LR_DTYPE_NONE);
        ck_assert_int_eq(lr_rate_on(lr_dtype_on((enum lr_dtype)d, none), none), LR_RATE_COUNT);
    }
    ck_assert_int_eq(lr_dtype_on(LR_NVFP4, fp32), LR_FP32);
    ck_assert_int_eq(lr_dtype_on(LR_FP16, fp32), LR_FP32);
    ck_assert_int_eq(lr_rate_on(LR_INT4, fp32), LR_RATE_FP32);
}
END_TEST

/* The replacement of a format is a format that the chip has. */
START_TEST(replacement_formats_are_supported)
{
    double peak[LR_RATE_COUNT];
    for (int r = 0; r < LR_RATE_COUNT; r++)
        peak[r] = (_i >> r) & 1;
    for (int d = 0; d < LR_DTYPE_COUNT; d++) {
        const enum lr_dtype on = lr_dtype_on((enum lr_dtype)d, peak);
        if (on != LR_DTYPE_NONE) {
            ck_assert(peak[lr_rate_on(on, peak)] > 0);
            ck_assert_int_eq(lr_dtype_on(on, peak), on);
        }
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {names_round_trip,
                                  aliases_are_known,
                                  bytes_include_scales,
                                  hopper_widens_fp4_to_fp8,
                                  ampere_runs_fp8_as_bf16,
                                  volta_runs_bf16_as_fp16,
                                  a_chip_without_rates_has_no_format};
    const TTest *const looped[] = {replacement_formats_are_supported};
    int failed = suite_run("dtype", tests, sizeof tests / sizeof *tests, 1);
    failed |= suite_run("dtype, looped", looped, 1, 1 << LR_RATE_COUNT);
    return failed;
}
