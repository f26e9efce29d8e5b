/* SPDX-License-Identifier: Apache-2.0 */
#include "core/quantity.h"

#include "core/number.h"
#include "core/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *example;
} dimensions[LR_DIMENSION_COUNT_OF] = {
#define X(id, name, example) {name, example},
    LR_DIMENSIONS(X)
#undef X
};

/* Classes of prefixes; each unit accepts some of them. */
enum { PLAIN = 1, SMALL = 2, LARGE = 4, BINARY = 8 };

static const struct prefix {
    const char *text;
    int class;
    int exponent; /* of 10; BINARY: of 2 */
} prefixes[] = {
    {"", PLAIN, 0},     {"n", SMALL, -9},   {"u", SMALL, -6},   {"\xc2\xb5", SMALL, -6}, {"\xce\xbc", SMALL, -6},
    {"m", SMALL, -3},   {"k", LARGE, 3},    {"M", LARGE, 6},    {"G", LARGE, 9},         {"T", LARGE, 12},
    {"P", LARGE, 15},   {"E", LARGE, 18},   {"Ki", BINARY, 10}, {"Mi", BINARY, 20},      {"Gi", BINARY, 30},
    {"Ti", BINARY, 40}, {"Pi", BINARY, 50},
};

/* Quantities are written with the first unit of their dimension. */
static const struct unit {
    enum lr_dimension dimension;
    const char *text;
    int classes;
    int divisor;  /* 8 for bits */
    int exponent; /* of 10, for '%' */
} units[] = {
    {LR_DIMENSION_BYTES, "B", PLAIN | LARGE | BINARY, 1, 0},
    {LR_DIMENSION_BYTES_PER_S, "B/s", PLAIN | LARGE | BINARY, 1, 0},
    {LR_DIMENSION_BYTES_PER_S, "b/s", PLAIN | LARGE, 8, 0},
    {LR_DIMENSION_BYTES_PER_S, "bit/s", PLAIN | LARGE, 8, 0},
    {LR_DIMENSION_FLOP_PER_S, "FLOP/s", PLAIN | LARGE, 1, 0},
    {LR_DIMENSION_FLOP_PER_S, "FLOPS", PLAIN | LARGE, 1, 0},
    {LR_DIMENSION_FLOP_PER_S, "OP/s", PLAIN | LARGE, 1, 0},
    {LR_DIMENSION_FLOP_PER_S, "OPS", PLAIN | LARGE, 1, 0},
    {LR_DIMENSION_SECONDS, "s", PLAIN | SMALL, 1, 0},
    {LR_DIMENSION_HERTZ, "Hz", PLAIN | LARGE, 1, 0},
    {LR_DIMENSION_WATTS, "W", PLAIN | SMALL | LARGE, 1, 0},
    {LR_DIMENSION_USD_PER_HOUR, "USD/h", PLAIN, 1, 0},
    {LR_DIMENSION_COUNT, "", PLAIN, 1, 0},
    {LR_DIMENSION_RATIO, "", PLAIN, 1, 0},
    {LR_DIMENSION_RATIO, "%", PLAIN, 1, -2},
    {LR_DIMENSION_NUMBER, "", PLAIN, 1, 0},
};

enum { PREFIXES = sizeof prefixes / sizeof prefixes[0], UNITS = sizeof units / sizeof units[0] };

const char *lr_dimension_name(enum lr_dimension d)
{
    return dimensions[d].name;
}

const char *lr_dimension_example(enum lr_dimension d)
{
    return dimensions[d].example;
}

static bool has_unit(enum lr_dimension d)
{
    return d != LR_DIMENSION_COUNT && d != LR_DIMENSION_RATIO && d != LR_DIMENSION_NUMBER;
}

void lr_quantity_expected(enum lr_dimension d, char *out, size_t size)
{
    snprintf(out, size, "expected %s%s, for example '%s'", dimensions[d].name, has_unit(d) ? " with a unit" : "",
             dimensions[d].example);
}

/* "'12' has no unit, expected bytes/s with a unit, for example '3.35 TB/s'" */
static bool fail(enum lr_dimension d, char *error, size_t size, const char *quoted, const char *what)
{
    char expected[LR_QUANTITY_ERROR];
    lr_quantity_expected(d, expected, sizeof expected);
    snprintf(error, size, "'%s' %s, %s", quoted, what, expected);
    return false;
}

/* Shortens a long text for a message. */
static const char *quote(const char *text, char buf[LR_NUMBER_MAX])
{
    const int longest = LR_NUMBER_MAX - 8;
    const bool cut = strlen(text) > (size_t)longest;
    int length = cut ? longest : (int)strlen(text);
    while (cut && length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
        length--; /* not inside a UTF-8 character */
    snprintf(buf, LR_NUMBER_MAX, "%.*s%s", length, text, cut ? "..." : "");
    return buf;
}

static bool find_unit(const char *text, enum lr_dimension d, const struct unit **unit, const struct prefix **prefix)
{
    for (int u = 0; u < UNITS; u++) {
        for (int p = 0; p < PREFIXES && units[u].dimension == d; p++) {
            const size_t n = strlen(prefixes[p].text);
            const bool allowed = units[u].classes & prefixes[p].class;
            if (allowed && strncmp(text, prefixes[p].text, n) == 0 && strcmp(text + n, units[u].text) == 0) {
                *unit = &units[u];
                *prefix = &prefixes[p];
                return true;
            }
        }
    }
    return false;
}

/* The unit that differs from text only in case: "GB/s" for "gb/s"; NULL when there is none. */
static const char *similar_unit(const char *text, enum lr_dimension d, char buf[LR_NUMBER_MAX])
{
    for (int u = 0; u < UNITS; u++) {
        for (int p = 0; p < PREFIXES && units[u].dimension == d; p++) {
            snprintf(buf, LR_NUMBER_MAX, "%s%s", prefixes[p].text, units[u].text);
            if ((units[u].classes & prefixes[p].class) && lr_name_same(buf, text))
                return buf;
        }
    }
    return NULL;
}

/* unit is the part of text after the number. */
static bool unknown_unit(const char *text, const char *unit, enum lr_dimension d, char *error, size_t size)
{
    char buf[LR_NUMBER_MAX], quoted[LR_NUMBER_MAX];
    if (!has_unit(d))
        return fail(d, error, size, quote(text, quoted), "has a suffix");
    const char *similar = similar_unit(unit, d, buf);
    if (!similar)
        return fail(d, error, size, quote(unit, quoted), "is an unknown unit");
    snprintf(error, size, "'%s' is an unknown unit, expected %s; did you mean '%s'?", quote(unit, quoted),
             dimensions[d].name, similar);
    return false;
}

static bool in_range(double value, enum lr_dimension d)
{
    switch (d) {
    case LR_DIMENSION_COUNT:
        return value >= 0 && value <= LR_WHOLE_MAX && value == floor(value);
    case LR_DIMENSION_RATIO:
        return value >= 0 && value <= 1;
    default:
        return true;
    }
}

static const char *number_problem(enum lr_number_status status, double value)
{
    switch (status) {
    case LR_NUMBER_TOO_LONG:
        return "has too many digits";
    case LR_NUMBER_TOO_SMALL:
        return "is too small";
    case LR_NUMBER_TOO_LARGE:
        return "is too large";
    case LR_NUMBER_NONE:
        return "is not a number";
    case LR_NUMBER_OK:
        break;
    }
    return isfinite(value) ? NULL : "is too large";
}

bool lr_quantity_parse(const char *text, enum lr_dimension d, double *out, char *error, size_t size)
{
    char quoted[LR_NUMBER_MAX];
    quote(text, quoted);
    const char *rest = text;
    double value = 0;
    if (lr_number_scan(text, 0, &value, &rest) == LR_NUMBER_NONE)
        return fail(d, error, size, quoted, number_problem(LR_NUMBER_NONE, 0));
    const char *unit_text = rest + strspn(rest, " ");
    const struct unit *unit;
    const struct prefix *prefix;
    if (!find_unit(unit_text, d, &unit, &prefix))
        return *unit_text ? unknown_unit(text, unit_text, d, error, size) : fail(d, error, size, quoted, "has no unit");
    /* the prefix is added to the exponent, so that 1.5 us is exactly the double nearest to 1.5e-6 */
    const bool binary = prefix->class == BINARY;
    const enum lr_number_status status =
        lr_number_scan(text, unit->exponent + (binary ? 0 : prefix->exponent), &value, &rest);
    value = ldexp(value, binary ? prefix->exponent : 0) / unit->divisor;
    const char *problem = number_problem(status, value);
    if (!problem && !in_range(value, d))
        problem = value == floor(value) || d != LR_DIMENSION_COUNT ? "is out of range" : "is not a whole number";
    if (problem)
        return fail(d, error, size, quoted, problem);
    *out = value;
    return true;
}

/* A number to print: its digits, the power of ten of the first digit, and the prefix by which it is divided. */
struct printed {
    char digits[LR_DOUBLE_SIZE];
    int exponent;
    const struct prefix *prefix;
};

static size_t printed_length(const struct printed *p)
{
    const size_t length = strlen(p->digits);
    const size_t whole = p->exponent < 0 ? 1 : (size_t)p->exponent + 1;
    const size_t leading = p->exponent < 0 ? (size_t)-p->exponent : 0;
    return (length + leading > whole ? length + leading + 1 : whole) + strlen(p->prefix->text);
}

/* Chooses the largest decimal prefix with which the number is at least 1, or the smallest prefix when there is none. */
static struct printed in_decimal(double value, int classes)
{
    struct printed p = {.prefix = NULL};
    int exponent;
    lr_number_digits(value, p.digits, &exponent);
    for (int i = 0; i < PREFIXES; i++) {
        const struct prefix *x = &prefixes[i];
        if (!(x->class & classes & ~BINARY))
            continue;
        const bool fits = x->exponent <= exponent;
        const bool better = !p.prefix || (fits ? x->exponent > p.prefix->exponent || p.prefix->exponent > exponent
                                               : x->exponent < p.prefix->exponent && p.prefix->exponent > exponent);
        if (better)
            p.prefix = x;
    }
    if (value == 0.0)
        p.prefix = &prefixes[0];
    p.exponent = exponent - p.prefix->exponent;
    return p;
}

/* Chooses the binary prefix that needs the fewest characters, and the larger one of two equals. */
static bool in_binary(double value, struct printed *best)
{
    best->prefix = NULL;
    for (int i = 0; i < PREFIXES; i++) {
        struct printed p = {.prefix = &prefixes[i]};
        if (prefixes[i].class != BINARY || value < ldexp(1, prefixes[i].exponent))
            continue;
        lr_number_digits(ldexp(value, -prefixes[i].exponent), p.digits, &p.exponent);
        if (!best->prefix || printed_length(&p) <= printed_length(best))
            *best = p;
    }
    return best->prefix;
}

/* Writes "1.5 TB/s"; uses an exponent only when it would need more than ZEROS zeros. */
static size_t print(const struct printed *p, const char *sign, const char *unit, char *buf, size_t size)
{
    enum { ZEROS = 20 };
    static const char zeros[ZEROS + 1] = "00000000000000000000";
    const int length = (int)strlen(p->digits), exponent = p->exponent;
    int n;
    if (exponent < -ZEROS || exponent + 1 - length > ZEROS) {
        n = snprintf(buf, size, "%s%.1s.%se%d %s%s", sign, p->digits, length > 1 ? p->digits + 1 : "0", exponent,
                     p->prefix->text, unit);
    } else if (exponent < 0) {
        n = snprintf(buf, size, "%s0.%.*s%s %s%s", sign, -exponent - 1, zeros, p->digits, p->prefix->text, unit);
    } else if (exponent + 1 >= length) {
        n = snprintf(buf, size, "%s%s%.*s %s%s", sign, p->digits, exponent + 1 - length, zeros, p->prefix->text, unit);
    } else {
        n = snprintf(buf, size, "%s%.*s.%s %s%s", sign, exponent + 1, p->digits, p->digits + exponent + 1,
                     p->prefix->text, unit);
    }
    return n < 0 ? 0 : (size_t)n;
}

static const struct unit *first_unit(enum lr_dimension d)
{
    const struct unit *u = units;
    while (u->dimension != d)
        u++;
    return u;
}

size_t lr_quantity_format(double value, enum lr_dimension d, char *buf, size_t size)
{
    if (!has_unit(d))
        return lr_format_double(value, buf, size);
    const struct unit *unit = first_unit(d);
    const double magnitude = fabs(value);
    struct printed best = in_decimal(magnitude, unit->classes), binary;
    if ((unit->classes & BINARY) && in_binary(magnitude, &binary) && printed_length(&binary) < printed_length(&best))
        best = binary;
    return print(&best, value < 0 ? "-" : "", unit->text, buf, size);
}
