/* SPDX-License-Identifier: Apache-2.0 */
#include "render/table.h"

#include "core/number.h"

#include <math.h>
#include <stdio.h>

/* Writes three significant digits, with an exponent only for very small and very large values. */
static int digits(double value, char *buf, size_t size)
{
    const double a = fabs(value);
    const int decimals = a >= 99.95 || a == 0 ? 0 : a >= 9.995 ? 1 : a >= 0.9995 ? 2 : 3;
    const bool plain = a == 0 || (a >= 9.995e-4 && a < 1e15);
    return plain ? snprintf(buf, size, "%.*f", decimals, value) : snprintf(buf, size, "%.3g", value);
}

static const char *scaled(double value, const double *scale, const char *const *unit, size_t n, char buf[LR_HUMAN_SIZE])
{
    size_t i = 0;
    while (i + 1 < n && fabs(value) < scale[i] * 0.9995)
        i++;
    const int length = digits(value / scale[i], buf, LR_HUMAN_SIZE);
    snprintf(buf + length, LR_HUMAN_SIZE - (size_t)length, " %s", unit[i]);
    return buf;
}

const char *lr_human(double value, enum lr_cell_kind kind, char buf[LR_HUMAN_SIZE])
{
    static const double second[] = {1, 1e-3, 1e-6}, byte[] = {1e12, 1e9, 1e6, 1e3, 1};
    static const char *const seconds[] = {"s", "ms", "us"}, *const bytes[] = {"TB", "GB", "MB", "kB", "B"};
    switch (kind) {
    case LR_CELL_SECONDS:
        return scaled(value, second, seconds, 3, buf);
    case LR_CELL_BYTES:
        return scaled(value, byte, bytes, 5, buf);
    case LR_CELL_PERCENT:
        snprintf(buf, LR_HUMAN_SIZE, fabs(value) < 1e9 ? "%.1f %%" : "%.3g %%", 100 * value);
        return buf;
    case LR_CELL_TIMES:
        snprintf(buf, LR_HUMAN_SIZE, fabs(value) < 1e9 ? "%.2fx" : "%.3gx", value);
        return buf;
    case LR_CELL_COUNT:
        snprintf(buf, LR_HUMAN_SIZE, fabs(value) < 1e15 ? "%.0f" : "%.3g", value);
        return buf;
    case LR_CELL_BOOL:
        snprintf(buf, LR_HUMAN_SIZE, "%s", value != 0 ? "yes" : "no");
        return buf;
    default:
        digits(value, buf, LR_HUMAN_SIZE);
        return buf;
    }
}
