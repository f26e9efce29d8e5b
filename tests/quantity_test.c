/* SPDX-License-Identifier: Apache-2.0 */
#include "suite.h"

#include "core/number.h"
#include "core/quantity.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

static double parse(const char *text, enum lr_dimension d)
{
    double value = -1;
    char error[LR_QUANTITY_ERROR] = "";
    ck_assert_msg(lr_quantity_parse(text, d, &value, error, sizeof error), "'%s': %s", text, error);
    return value;
}

START_TEST(reads_units)
{
    static const struct {
        const char *text;
        enum lr_dimension dimension;
        double value;
    } row[] = {
        {"80 GiB", LR_DIMENSION_BYTES, 80.0 * (1 << 30)},
        {"80GB", LR_DIMENSION_BYTES, 80e9},
        {"1.5 KiB", LR_DIMENSION_BYTES, 1536},
        {"0 B", LR_DIMENSION_BYTES, 0},
        {"+7 B", LR_DIMENSION_BYTES, 7},
        {"2 TiB", LR_DIMENSION_BYTES, 2199023255552.0},
        {"3.35 TB/s", LR_DIMENSION_BYTES_PER_S, 3.35e12},
        {"400 Gb/s", LR_DIMENSION_BYTES_PER_S, 50e9},
        {"400 Gbit/s", LR_DIMENSION_BYTES_PER_S, 50e9},
        {"989.4 TFLOP/s", LR_DIMENSION_FLOP_PER_S, 989.4e12},
        {"989.4 TFLOPS", LR_DIMENSION_FLOP_PER_S, 989.4e12},
        {"1979 TOP/s", LR_DIMENSION_FLOP_PER_S, 1979e12},
        {"2.25 PFLOP/s", LR_DIMENSION_FLOP_PER_S, 2.25e15},
        {"1EFLOP/s", LR_DIMENSION_FLOP_PER_S, 1e18},
        {"1.5 us", LR_DIMENSION_SECONDS, 1.5e-6},
        {"1.5 \xc2\xb5s", LR_DIMENSION_SECONDS, 1.5e-6},
        {"0.3 ms", LR_DIMENSION_SECONDS, 0.3e-3},
        {"1.5e3 ns", LR_DIMENSION_SECONDS, 1.5e-6},
        {"1.83 GHz", LR_DIMENSION_HERTZ, 1.83e9},
        {"700 W", LR_DIMENSION_WATTS, 700},
        {"1.2 kW", LR_DIMENSION_WATTS, 1200},
        {"2.5 USD/h", LR_DIMENSION_USD_PER_HOUR, 2.5},
        {"671.0e9", LR_DIMENSION_COUNT, 671e9},
        {"0", LR_DIMENSION_COUNT, 0},
        {"0.9", LR_DIMENSION_RATIO, 0.9},
        {"90 %", LR_DIMENSION_RATIO, 0.9},
        {"-.5", LR_DIMENSION_NUMBER, -0.5},
        {"5.", LR_DIMENSION_NUMBER, 5},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        ck_assert_double_eq(parse(row[i].text, row[i].dimension), row[i].value);
}
END_TEST

START_TEST(refuses_texts_that_are_not_quantities)
{
    static const struct {
        const char *text;
        enum lr_dimension dimension;
        const char *error; /* beginning of the message */
    } row[] = {
        {"3.35", LR_DIMENSION_BYTES_PER_S, "'3.35' has no unit, expected bytes/s with a unit, for example '3.35 TB/s'"},
        {"", LR_DIMENSION_BYTES, "'' is not a number"},
        {" 1 B", LR_DIMENSION_BYTES, "' 1 B' is not a number"},
        {"1 B ", LR_DIMENSION_BYTES, "'B ' is an unknown unit"},
        {"TB/s", LR_DIMENSION_BYTES_PER_S, "'TB/s' is not a number"},
        {"nan GB", LR_DIMENSION_BYTES, "'nan GB' is not a number"},
        {"inf GB", LR_DIMENSION_BYTES, "'inf GB' is not a number"},
        {"-inf", LR_DIMENSION_NUMBER, "'-inf' is not a number"},
        {"0x10 B", LR_DIMENSION_BYTES, "'x10 B' is an unknown unit"},
        {"1e999 B", LR_DIMENSION_BYTES, "'1e999 B' is too large"},
        {"1e308 TB", LR_DIMENSION_BYTES, "'1e308 TB' is too large"},
        {"1e308 TiB", LR_DIMENSION_BYTES, "'1e308 TiB' is too large"},
        {"1e99999999999999999999 B", LR_DIMENSION_BYTES, "'1e99999999999999999999 B' is too large"},
        {"1e-400", LR_DIMENSION_NUMBER, "'1e-400' is too small"},
        {"1 000 B", LR_DIMENSION_BYTES, "'000 B' is an unknown unit"},
        {"1,5 GB", LR_DIMENSION_BYTES, "',5 GB' is an unknown unit"},
        {"1..5 GB", LR_DIMENSION_BYTES, "'.5 GB' is an unknown unit"},
        {"80 gib", LR_DIMENSION_BYTES, "'gib' is an unknown unit, expected bytes; did you mean 'GiB'?"},
        {"80 Gib", LR_DIMENSION_BYTES, "'Gib' is an unknown unit, expected bytes; did you mean 'GiB'?"},
        {"80 GB", LR_DIMENSION_BYTES_PER_S, "'GB' is an unknown unit, expected bytes/s with a unit"},
        {"1 GW", LR_DIMENSION_HERTZ, "'GW' is an unknown unit"},
        {"1 GiHz", LR_DIMENSION_HERTZ, "'GiHz' is an unknown unit"},
        {"1 ks", LR_DIMENSION_SECONDS, "'ks' is an unknown unit"},
        {"1 m", LR_DIMENSION_SECONDS, "'m' is an unknown unit"},
        {"1.5", LR_DIMENSION_COUNT, "'1.5' is not a whole number"},
        {"-1", LR_DIMENSION_COUNT, "'-1' is out of range"},
        {"1e16", LR_DIMENSION_COUNT, "'1e16' is out of range"},
        {"8k", LR_DIMENSION_COUNT, "'8k' has a suffix"},
        {"671 B", LR_DIMENSION_COUNT, "'671 B' has a suffix"},
        {"1.1", LR_DIMENSION_RATIO, "'1.1' is out of range"},
        {"101 %", LR_DIMENSION_RATIO, "'101 %' is out of range"},
        {"-0.1", LR_DIMENSION_RATIO, "'-0.1' is out of range"},
        {"1 %", LR_DIMENSION_NUMBER, "'1 %' has a suffix"},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        double value = 42;
        char error[LR_QUANTITY_ERROR] = "";
        ck_assert_msg(!lr_quantity_parse(row[i].text, row[i].dimension, &value, error, sizeof error), "'%s' was read",
                      row[i].text);
        ck_assert_msg(strncmp(error, row[i].error, strlen(row[i].error)) == 0, "'%s': %s", row[i].text, error);
        ck_assert_double_eq(value, 42);
    }
}
END_TEST

START_TEST(long_texts_are_refused_and_cut)
{
    char text[4096], error[LR_QUANTITY_ERROR];
    double value;
    memset(text, '7', sizeof text);
    text[sizeof text - 1] = '\0';
    ck_assert(!lr_quantity_parse(text, LR_DIMENSION_NUMBER, &value, error, sizeof error));
    ck_assert_ptr_nonnull(strstr(error, "...' has too many digits"));
    ck_assert(!lr_quantity_parse(text, LR_DIMENSION_BYTES, &value, error, 10));
    ck_assert_uint_eq(strlen(error), 9);
}
END_TEST

START_TEST(every_example_is_right)
{
    for (int d = 0; d < LR_DIMENSION_COUNT_OF; d++)
        parse(lr_dimension_example((enum lr_dimension)d), (enum lr_dimension)d);
}
END_TEST

START_TEST(formats_as_people_write)
{
    static const struct {
        double value;
        enum lr_dimension dimension;
        const char *text;
    } row[] = {
        {3.35e12, LR_DIMENSION_BYTES_PER_S, "3.35 TB/s"},
        {85899345920.0, LR_DIMENSION_BYTES, "80 GiB"},
        {80e9, LR_DIMENSION_BYTES, "80 GB"},
        {52428800, LR_DIMENSION_BYTES, "50 MiB"},
        {0, LR_DIMENSION_BYTES, "0 B"},
        {1.5e-6, LR_DIMENSION_SECONDS, "1.5 us"},
        {0.25e-9, LR_DIMENSION_SECONDS, "0.25 ns"},
        {700, LR_DIMENSION_WATTS, "700 W"},
        {989.4e12, LR_DIMENSION_FLOP_PER_S, "989.4 TFLOP/s"},
        {1.83e9, LR_DIMENSION_HERTZ, "1.83 GHz"},
        {-2e9, LR_DIMENSION_BYTES, "-2 GB"},
        {129280, LR_DIMENSION_COUNT, "129280"},
        {0.9, LR_DIMENSION_RATIO, "0.9"},
        {2.5, LR_DIMENSION_USD_PER_HOUR, "2.5 USD/h"},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        char buf[LR_QUANTITY_SIZE];
        ck_assert_uint_eq(lr_quantity_format(row[i].value, row[i].dimension, buf, sizeof buf), strlen(row[i].text));
        ck_assert_str_eq(buf, row[i].text);
    }
}
END_TEST

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Half of the values are any bit pattern, half are as in datasheets. */
static double random_value(uint64_t *state)
{
    if (next_random(state) % 2) {
        const double digits = (double)(next_random(state) % 10000);
        return digits * pow(10, (double)(next_random(state) % 24) - 9);
    }
    for (;;) {
        const uint64_t bits = next_random(state);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value) && fabs(value) >= DBL_MIN)
            return value;
    }
}

START_TEST(parsing_reverses_formatting)
{
    uint64_t state = (uint64_t)_i;
    for (int n = 0; n < 2000; n++) {
        const enum lr_dimension d = (enum lr_dimension)(next_random(&state) % LR_DIMENSION_COUNT);
        const double value = random_value(&state);
        char buf[LR_QUANTITY_SIZE];
        ck_assert_uint_lt(lr_quantity_format(value, d, buf, sizeof buf), sizeof buf);
        ck_assert_msg(parse(buf, d) == value, "%.17g as '%s'", value, buf);
        ck_assert_uint_lt(lr_format_double(value, buf, sizeof buf), LR_DOUBLE_SIZE);
        ck_assert_msg(parse(buf, LR_DIMENSION_NUMBER) == value, "%.17g as '%s'", value, buf);
    }
}
END_TEST

START_TEST(doubles_are_short)
{
    static const struct {
        double value;
        const char *text;
    } row[] = {{0.1, "0.1"},       {0.1 + 0.2, "0.30000000000000004"}, {1e30, "1e+30"},    {-0.0, "0"},
               {129280, "129280"}, {1.0 / 3, "0.3333333333333333"},    {5e-324, "5e-324"}, {NAN, "nan"},
               {-INFINITY, "-inf"}};
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        char buf[LR_DOUBLE_SIZE];
        lr_format_double(row[i].value, buf, sizeof buf);
        ck_assert_str_eq(buf, row[i].text);
    }
}
END_TEST

START_TEST(numbers_do_not_depend_on_the_locale)
{
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "nl_NL.UTF-8"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        setlocale(LC_ALL, names[i]); /* where it is installed */
        char buf[LR_QUANTITY_SIZE];
        ck_assert_double_eq(parse("3.35 TB/s", LR_DIMENSION_BYTES_PER_S), 3.35e12);
        lr_quantity_format(3.35e12, LR_DIMENSION_BYTES_PER_S, buf, sizeof buf);
        ck_assert_str_eq(buf, "3.35 TB/s");
        lr_format_double(0.5, buf, sizeof buf);
        ck_assert_str_eq(buf, "0.5");
    }
}
END_TEST

START_TEST(reads_counts)
{
    static const struct {
        const char *text;
        double value; /* -1: refused */
    } row[] = {{"0", 0},     {"129280", 129280}, {"8k", 8192}, {"8K", 8192}, {"1M", 1048576}, {"1.5k", 1536},
               {"0.3k", -1}, {"1.5", -1},        {"", -1},     {"-1", -1},   {"k", -1},       {"8kk", -1},
               {"8 k", -1},  {"1e300", -1},      {"1G", -1},   {"+8", -1},   {"nan", -1},     {"0x8", -1}};
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        double value = -1;
        char error[LR_QUANTITY_ERROR] = "";
        const bool read = lr_count_parse(row[i].text, &value, error, sizeof error);
        ck_assert_msg(read == (row[i].value >= 0), "'%s': %s", row[i].text, error);
        ck_assert_double_eq(value, row[i].value);
    }
}
END_TEST

START_TEST(reads_ranges)
{
    static const struct {
        const char *text;
        size_t count; /* 0: refused */
        double first, last;
    } row[] = {
        {"7", 1, 7, 7},
        {"1-256*2", 9, 1, 256},
        {"1,8,64", 3, 1, 64},
        {"1-4", 4, 1, 4},
        {"1-10+3", 4, 1, 10},
        {"4k-32k*2", 4, 4096, 32768},
        {"1-100*10,8k", 4, 1, 8192},
        {"3-3", 1, 3, 3},
        {"1-5*3", 2, 1, 3},
        {"0-4+2", 3, 0, 4},
        {"", 0, 0, 0},
        {"1,", 0, 0, 0},
        {",1", 0, 0, 0},
        {"1,,2", 0, 0, 0},
        {"4-1", 0, 0, 0},
        {"1-4+0", 0, 0, 0},
        {"1-4*1", 0, 0, 0},
        {"0-4*2", 0, 0, 0},
        {"1-", 0, 0, 0},
        {"1-4*", 0, 0, 0},
        {"1-4x2", 0, 0, 0},
        {"1 - 4", 0, 0, 0},
        {"1-65", 0, 0, 0},
        {"0-9007199254740992", 0, 0, 0},
        {"-1", 0, 0, 0},
        {"1.5", 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        double out[64];
        size_t count = 0;
        char error[LR_QUANTITY_ERROR] = "";
        const bool read = lr_range_parse(row[i].text, out, 64, &count, error, sizeof error);
        ck_assert_msg(read == (row[i].count > 0), "'%s': %s", row[i].text, error);
        ck_assert_uint_eq(count, row[i].count);
        ck_assert_msg(!read || (out[0] == row[i].first && out[count - 1] == row[i].last), "'%s'", row[i].text);
        ck_assert(read || *error);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {reads_units,
                                  refuses_texts_that_are_not_quantities,
                                  long_texts_are_refused_and_cut,
                                  every_example_is_right,
                                  formats_as_people_write,
                                  doubles_are_short,
                                  numbers_do_not_depend_on_the_locale,
                                  reads_counts,
                                  reads_ranges};
    const TTest *const looped[] = {parsing_reverses_formatting};
    int failed = suite_run("quantity", tests, sizeof tests / sizeof *tests, 1);
    failed |= suite_run("quantity, looped", looped, 1, 20);
    return failed;
}
