/* SPDX-License-Identifier: Apache-2.0 */
#include "core/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __APPLE__
#include <xlocale.h> /* newlocale and uselocale */
#endif

enum { EXPONENT_MAX = 100000 };

/* strtod and printf use the locale of the thread, so it is set to "C" around them. */
static locale_t enter_c(locale_t *c)
{
    *c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return *c ? uselocale(*c) : (locale_t)0;
}

static void leave_c(locale_t c, locale_t before)
{
    if (c) {
        uselocale(before);
        freelocale(c);
    }
}

static size_t digits_in(const char *text)
{
    return strspn(text, "0123456789");
}

/* Returns the length of the exponent part at text, 0 when there is none, and adds its value to *exponent. */
static size_t scan_exponent(const char *text, int *exponent)
{
    if (*text != 'e' && *text != 'E')
        return 0;
    const size_t sign = text[1] == '+' || text[1] == '-';
    const size_t digits = digits_in(text + 1 + sign);
    if (!digits)
        return 0;
    int value = 0;
    for (size_t i = 0; i < digits && value < EXPONENT_MAX; i++)
        value = value * 10 + (text[1 + sign + i] - '0');
    *exponent += text[1] == '-' ? -value : value;
    return 1 + sign + digits;
}

enum lr_number_status lr_number_scan(const char *text, int exponent, double *out, const char **end)
{
    const size_t sign = *text == '+' || *text == '-';
    size_t length = digits_in(text + sign);
    size_t digits = length;
    if (text[sign + length] == '.') {
        const size_t fraction = digits_in(text + sign + length + 1);
        digits += fraction;
        length += 1 + fraction;
    }
    if (!digits)
        return LR_NUMBER_NONE;
    length += sign;
    *end = text + length + scan_exponent(text + length, &exponent);
    if (length > LR_NUMBER_MAX)
        return LR_NUMBER_TOO_LONG;
    char buf[LR_NUMBER_MAX + 16];
    snprintf(buf, sizeof buf, "%.*se%d", (int)length, text, exponent);
    locale_t c;
    const locale_t before = enter_c(&c);
    const double value = strtod(buf, NULL);
    leave_c(c, before);
    if (!isfinite(value))
        return LR_NUMBER_TOO_LARGE;
    const bool zero = strspn(text + sign, "0.") >= length - sign;
    if (fabs(value) < DBL_MIN && !zero)
        return LR_NUMBER_TOO_SMALL;
    *out = value;
    return LR_NUMBER_OK;
}

bool lr_number_parse(const char *text, double *out)
{
    const char *end;
    double value;
    if (lr_number_scan(text, 0, &value, &end) != LR_NUMBER_OK || *end)
        return false;
    *out = value;
    return true;
}

/* Every decimal of up to 15 digits is unchanged when it is stored in a double and printed with 15 digits, so the search
 * starts there: %g drops the trailing zeros. Subnormal numbers have fewer digits. */
static void shortest(double value, char buf[LR_DOUBLE_SIZE], bool scientific)
{
    locale_t c;
    const locale_t before = enter_c(&c);
    const bool subnormal = fabs(value) < DBL_MIN;
    for (int precision = subnormal ? 1 : DBL_DIG; precision <= DBL_DECIMAL_DIG; precision++) {
        if (scientific)
            snprintf(buf, LR_DOUBLE_SIZE, "%.*e", precision - 1, value);
        else
            snprintf(buf, LR_DOUBLE_SIZE, "%.*g", precision, value);
        if (strtod(buf, NULL) == value)
            break;
    }
    leave_c(c, before);
}

size_t lr_format_double(double value, char *buf, size_t size)
{
    char text[LR_DOUBLE_SIZE] = "0";
    if (isnan(value))
        memcpy(text, "nan", sizeof "nan");
    else if (isinf(value))
        snprintf(text, sizeof text, "%s", value < 0 ? "-inf" : "inf");
    else if (value != 0.0)
        shortest(value, text, false);
    const int length = snprintf(buf, size, "%s", text);
    return length < 0 ? 0 : (size_t)length;
}

void lr_number_digits(double value, char digits[LR_DOUBLE_SIZE], int *exponent)
{
    digits[0] = '0';
    digits[1] = '\0';
    *exponent = 0;
    if (value == 0.0)
        return;
    char text[LR_DOUBLE_SIZE];
    shortest(fabs(value), text, true);
    const char *e = strchr(text, 'e');
    *exponent = (int)strtol(e + 1, NULL, 10);
    size_t n = 0;
    for (const char *p = text; p < e; p++)
        if (*p >= '0' && *p <= '9')
            digits[n++] = *p;
    while (n > 1 && digits[n - 1] == '0')
        n--;
    digits[n] = '\0';
}

double lr_number_four_digits(double value)
{
    char text[LR_DOUBLE_SIZE];
    snprintf(text, sizeof text, "%.3e", value);
    lr_number_parse(text, &value);
    return value;
}
