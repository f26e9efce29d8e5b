/* SPDX-License-Identifier: Apache-2.0 */
#include "host/samples.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { CALM_LEAST = 3 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static long switches(void)
{
    struct rusage use;
    return getrusage(RUSAGE_SELF, &use) == 0 ? use.ru_nivcsw : 0;
}

struct lr_stopwatch lr_stopwatch_start(void)
{
    struct lr_stopwatch w = {.switches = switches()};
    w.start_s = now_s();
    return w;
}

void lr_stopwatch_stop(const struct lr_stopwatch *w, struct lr_samples *to)
{
    const double seconds = now_s() - w->start_s;
    lr_samples_add(to, seconds, switches() == w->switches);
}

void lr_samples_add(struct lr_samples *s, double seconds, bool calm)
{
    if (s->count == LR_SAMPLES_MAX)
        return;
    s->value[s->count] = seconds;
    s->calm[s->count++] = calm;
}

static int ascending(const void *x, const void *y)
{
    const double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

/* A quantile of sorted values, linear between neighbours. */
static double quantile(const double *v, size_t n, double q)
{
    const double at = q * (double)(n - 1);
    const size_t i = (size_t)at;
    return i + 1 < n ? v[i] + (at - (double)i) * (v[i + 1] - v[i]) : v[n - 1];
}

double lr_median(double *v, size_t n)
{
    if (n == 0)
        return 0;
    qsort(v, n, sizeof *v, ascending);
    return quantile(v, n, 0.5);
}

struct lr_summary lr_samples_summary(const struct lr_samples *s)
{
    struct lr_summary out = {.count = s->count};
    double v[LR_SAMPLES_MAX];
    for (size_t i = 0; i < s->count; i++)
        out.calm += s->calm[i];
    for (size_t i = 0; i < s->count; i++)
        if (s->calm[i] || out.calm < CALM_LEAST)
            v[out.used++] = s->value[i];
    if (out.used == 0)
        return out;
    out.median = lr_median(v, out.used);
    out.best = v[0];
    out.spread = (quantile(v, out.used, 0.75) - quantile(v, out.used, 0.25)) / out.median;
    return out;
}
