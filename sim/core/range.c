/* SPDX-License-Identifier: Apache-2.0 */
#include "core/number.h"
#include "core/quantity.h"

#include <math.h>
#include <stdio.h>

static const struct {
    char letter;
    double factor;
} suffixes[] = {{'k', 1024.0}, {'K', 1024.0}, {'M', 1048576.0}};

/* Reads one count at the start of text; *end points after it. */
static bool scan_count(const char *text, double *out, const char **end)
{
    if (*text < '0' || *text > '9' || lr_number_scan(text, 0, out, end) != LR_NUMBER_OK)
        return false;
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        if (**end == suffixes[i].letter) {
            *out *= suffixes[i].factor;
            (*end)++;
            break;
        }
    }
    return *out <= LR_WHOLE_MAX && *out == floor(*out);
}

bool lr_count_parse(const char *text, double *out, char *error, size_t size)
{
    const char *end;
    double value;
    if (!scan_count(text, &value, &end) || *end) {
        snprintf(error, size, "'%.40s' is not a count, expected a whole number, for example '129280' or '8k'", text);
        return false;
    }
    *out = value;
    return true;
}

struct range {
    double first, last, step;
    char op; /* '+', '*', or 0 for a single count */
};

/* Reads a, a-b, a-b+s or a-b*m at the start of text; *end points after it. */
static bool scan_range(const char *text, struct range *r, const char **end)
{
    *r = (struct range){.step = 1};
    if (!scan_count(text, &r->first, end))
        return false;
    r->last = r->first;
    if (**end != '-')
        return true;
    r->op = '+';
    if (!scan_count(*end + 1, &r->last, end))
        return false;
    if (**end == '+' || **end == '*') {
        r->op = **end;
        return scan_count(*end + 1, &r->step, end);
    }
    return true;
}

static const char *range_problem(const struct range *r)
{
    if (r->last < r->first)
        return "decreases";
    if (r->op == '+' && r->step < 1)
        return "has a step of 0";
    if (r->op == '*' && (r->step < 2 || r->first < 1))
        return "does not increase";
    return NULL;
}

static bool fail(const char *text, const char *what, char *error, size_t size)
{
    snprintf(error, size, "'%.60s' %s, expected counts such as '1,8,64', '1-8', '1-10+3' or '1-256*2'", text, what);
    return false;
}

bool lr_range_parse(const char *text, double *out, size_t cap, size_t *count, char *error, size_t size)
{
    const char *at = text;
    size_t n = 0;
    for (;;) {
        struct range r;
        const char *end;
        if (!scan_range(at, &r, &end) || (*end && *end != ','))
            return fail(text, "is not a list of counts", error, size);
        const char *problem = range_problem(&r);
        if (problem)
            return fail(text, problem, error, size);
        for (double v = r.first; v <= r.last; v = r.op == '*' ? v * r.step : v + r.step) {
            if (n == cap) {
                snprintf(error, size, "'%.60s' has too many counts, expected at most %zu", text, cap);
                return false;
            }
            out[n++] = v;
        }
        if (!*end)
            break;
        at = end + 1;
    }
    *count = n;
    return true;
}
