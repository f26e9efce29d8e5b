/* SPDX-License-Identifier: Apache-2.0 */
/* The solver of normal equations, on systems with known factors and inverses. */
#include "fit/cholesky.h"
#include "fit/minimise.h"
#include "suite.h"

#include <math.h>
#include <string.h>

/* By hand: L = (2; 6 1; -8 5 3), so A = (4; 12 37; -16 -43 98), and A (1, 2, 3) = (-20, -43, 192). All numbers are
 * whole, so nothing is rounded. Elements above the diagonal and between the rows are not read. */
START_TEST(a_system_by_hand)
{
    double a[] = {4, NAN, NAN, NAN, 12, 37, NAN, NAN, -16, -43, 98, NAN}, b[] = {-20, -43, 192};
    ck_assert(lr_cholesky_solve(3, 4, a, b));
    for (int i = 0; i < 3; i++)
        ck_assert_double_eq(b[i], i + 1);
    const double factor[] = {2, 6, 1, -8, 5, 3};
    for (int i = 0, at = 0; i < 3; i++)
        for (int j = 0; j <= i; j++, at++)
            ck_assert_double_eq(a[4 * i + j], factor[at]);
    double one[] = {4}, eight[] = {8};
    ck_assert(lr_cholesky_solve(1, 1, one, eight));
    ck_assert_double_eq(eight[0], 2);
    ck_assert(lr_cholesky_solve(0, 0, NULL, NULL));
}
END_TEST

/* Second differences: 2 on the diagonal and -1 next to it. Element (i, j) of the inverse is min(i, j) (n + 1 - max(i,
 * j)) / (n + 1), counted from 1. */
START_TEST(a_closed_form)
{
    enum { MOST = LR_PARAMETERS_MAX };
    for (int n = 1; n <= MOST; n++)
        for (int j = 1; j <= n; j++) {
            double a[MOST * MOST] = {0}, b[MOST] = {0};
            for (int i = 0; i < n; i++) {
                a[i * MOST + i] = 2;
                if (i > 0)
                    a[i * MOST + i - 1] = -1;
            }
            b[j - 1] = 1;
            ck_assert(lr_cholesky_solve((size_t)n, MOST, a, b));
            for (int i = 1; i <= n; i++) {
                const double x = (double)((i < j ? i : j) * (n + 1 - (i > j ? i : j))) / (n + 1);
                ck_assert_double_eq_tol(b[i - 1], x, 1e-14 * n);
            }
        }
}
END_TEST

/* Minors that are below 0, 0, and not a number. */
START_TEST(not_positive_definite)
{
    static const double row[][4] = {{1, 2, 2, 1}, {-1, 0, 0, 1},  {1, 1, 1, 1},
                                    {0, 0, 0, 0}, {NAN, 0, 0, 1}, {1, NAN, NAN, 1}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        double a[4], b[] = {3, 5};
        memcpy(a, row[i], sizeof a);
        ck_assert_msg(!lr_cholesky_solve(2, 2, a, b), "row %zu", i);
        ck_assert(b[0] == 3 && b[1] == 5);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_system_by_hand, a_closed_form, not_positive_definite};
    return suite_run("cholesky", tests, sizeof tests / sizeof *tests, 1);
}
