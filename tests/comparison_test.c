/* SPDX-License-Identifier: Apache-2.0 */
/* The probability of an order, the words for it, and pairs of measured runs. */
#include "fit/pair.h"
#include "random.h"
#include "suite.h"

#include <llmroof/comparison.h>

/* One standard deviation of each half is (high/time)^(1/1.2816). With halves of e^1.2815515655446004 both deviations
 * are 1, and their difference has sqrt(2). A lead of sqrt(2) x 1.2815515655446004 is then the 90 % quantile. */
START_TEST(a_lead_of_one_interval)
{
    const double half = exp(1.2815515655446004), lead = exp(sqrt(2) * 1.2815515655446004);
    const struct lr_timed fast = {1, 1 / half, half}, slow = {lead, lead / half, lead * half};
    ck_assert_double_eq_tol(lr_probability_faster(fast, slow, 1), 0.9, 1e-12);
    ck_assert_double_eq_tol(lr_probability_faster(slow, fast, 1), 0.1, 1e-12);
    /* half as far apart: twice as many deviations, Phi(2 x 1.2816) = 0.99481 */
    ck_assert_double_eq_tol(lr_probability_faster(fast, slow, 0.5), 0.994812, 1e-6);
    ck_assert_double_eq(lr_probability_faster(fast, fast, 1), 0.5);
}
END_TEST

/* Only the halves that face each other count. */
START_TEST(far_ends_do_not_count)
{
    const struct lr_timed fast = {1, 0.9, 1.1}, slow = {1.3, 1.2, 1.4};
    const struct lr_timed below = {1, 0.1, 1.1}, above = {1.3, 1.2, 13};
    ck_assert_double_eq(lr_probability_faster(below, above, 1), lr_probability_faster(fast, slow, 1));
}
END_TEST

START_TEST(the_scale_of_words)
{
    static const struct {
        double probability;
        const char *word;
    } row[] = {{1, "clearly"},
               {0.9, "clearly"},
               {0.8999, "likely"},
               {0.7, "likely"},
               {0.6999, "too close to call"},
               {0.5, "too close to call"}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        ck_assert_str_eq(lr_certainty_word(lr_certainty_of(row[i].probability)), row[i].word);
        ck_assert_int_eq(lr_certainty_of(row[i].probability), lr_certainty_of(1 - row[i].probability));
    }
    ck_assert_str_eq(lr_certainty_word(LR_CERTAINTY_COUNT), "unknown");
}
END_TEST

/* Comparing A with B is the mirror of B with A, and a larger lead is never less probable. */
START_TEST(a_comparison_is_antisymmetric)
{
    struct dice d = {.state = (uint64_t)_i + 1};
    for (int i = 0; i < 1000; i++) {
        const double a = dice_scale(&d, 1e-4, 1), b = dice_scale(&d, 1e-4, 1), apart = dice_between(&d, 0.05, 1);
        const struct lr_timed left = {a, a / dice_between(&d, 1, 3), a * dice_between(&d, 1, 3)};
        const struct lr_timed right = {b, b / dice_between(&d, 1, 3), b * dice_between(&d, 1, 3)};
        const double p = lr_probability_faster(left, right, apart);
        ck_assert_double_eq_tol(p + lr_probability_faster(right, left, apart), 1, 1e-15);
        ck_assert(p >= 0 && p <= 1 && (p > 0.5) == (a < b));
        ck_assert_int_eq(lr_certainty_of(p), lr_certainty_of(lr_probability_faster(right, left, apart)));
    }
}
END_TEST

/* Four runs of one load: two chips with one engine, another layout, and another engine. */
static void fill(struct lr_paired row[4], struct lr_benchmark_row from[4], struct lr_model *m, struct lr_hardware hw[2],
                 struct lr_runtime rt[2])
{
    static const double measured[4] = {1, 2, 1.5, 4}, predicted[4] = {1.1, 2.2, 1.4, 3};
    m->name = "m";
    hw[0].name = "a";
    hw[1].name = "b";
    rt[0].name = "x";
    rt[1].name = "y";
    for (int i = 0; i < 4; i++) {
        from[i] = (struct lr_benchmark_row){.model = m,
                                            .hardware = &hw[i == 1],
                                            .runtime = rt[i == 3].name,
                                            .deployment = {.gpus = 8, .tp = i == 2 ? 4 : 8, .pp = 1, .ep = 1, .dp = 1},
                                            .traffic = {.input = 1000, .output = 100, .concurrency = 8},
                                            .line = i + 2};
        row[i] = (struct lr_paired){.row = &from[i],
                                    .runtime = &rt[i == 3],
                                    .forecast = {.measured_s = measured[i],
                                                 .predicted_s = predicted[i],
                                                 .low_s = predicted[i] * 0.9,
                                                 .high_s = predicted[i] * 1.1}};
    }
}

static void count_kind(const struct lr_paired *left, const struct lr_paired *right, enum lr_pair_kind kind, void *user)
{
    (void)left;
    (void)right;
    ((size_t *)user)[kind]++;
}

/* Rows 0 and 1 differ in the chip, 0 and 2 in the layout, 0 and 3 in the engine; all others in two things. */
START_TEST(pairs_differ_in_one_thing)
{
    struct lr_model m = {0};
    struct lr_hardware hw[2] = {0};
    struct lr_runtime rt[2] = {0};
    struct lr_benchmark_row from[4];
    struct lr_paired row[4];
    size_t n[LR_PAIR_KIND_COUNT] = {0};
    fill(row, from, &m, hw, rt);
    lr_pairs_each(row, 4, count_kind, n);
    ck_assert_uint_eq(n[LR_PAIR_CHIP], 1);
    ck_assert_uint_eq(n[LR_PAIR_LAYOUT], 1);
    ck_assert_uint_eq(n[LR_PAIR_ENGINE], 1);
    ck_assert_uint_eq(n[LR_PAIR_PRECISION], 0);
    from[1].traffic.concurrency = 16; /* another load */
    memset(n, 0, sizeof n);
    fill(row, from, &m, hw, rt);
    from[1].traffic.concurrency = 16;
    lr_pairs_each(row, 4, count_kind, n);
    ck_assert_uint_eq(n[LR_PAIR_CHIP], 0);
    ck_assert_double_eq(lr_pairs_spread(row, 4), 1); /* too few pairs */
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_lead_of_one_interval, far_ends_do_not_count, the_scale_of_words,
                                  a_comparison_is_antisymmetric, pairs_differ_in_one_thing};
    return suite_run("comparison", tests, sizeof tests / sizeof *tests, 1);
}
