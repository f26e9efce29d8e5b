/* SPDX-License-Identifier: Apache-2.0 */
/* Repeated measurements of a time, and their summary. */
#ifndef LLMROOF_HOST_SAMPLES_H
#define LLMROOF_HOST_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>

enum { LR_SAMPLES_MAX = 512 };

struct lr_samples {
    double value[LR_SAMPLES_MAX]; /* seconds; samples beyond LR_SAMPLES_MAX are dropped */
    bool calm[LR_SAMPLES_MAX];    /* no thread of this process lost its core meanwhile */
    size_t count;
};

/* spread: distance of the quartiles over the median. used: samples that these are computed from, the calm ones if at
 * least three are. */
struct lr_summary {
    double best, median, spread;
    size_t used, calm, count;
};

/* A running stopwatch. */
struct lr_stopwatch {
    double start_s;
    long switches; /* involuntary context switches of the process so far */
};
struct lr_stopwatch lr_stopwatch_start(void);
void lr_stopwatch_stop(const struct lr_stopwatch *w, struct lr_samples *to);

void lr_samples_add(struct lr_samples *s, double seconds, bool calm);
struct lr_summary lr_samples_summary(const struct lr_samples *s); /* all 0 without samples */

/* Median of v[0..n), which it sorts. */
double lr_median(double *v, size_t n);

#endif
