/* SPDX-License-Identifier: Apache-2.0 */
/* What the kinds of `llmroof measure` share. */
#ifndef LLMROOF_CLI_MEASURE_MEASURE_H
#define LLMROOF_CLI_MEASURE_MEASURE_H

#include "cli/session/session.h"

#include "host/loops.h"
#include "host/machine.h"
#include "host/timing.h"

#include <stdbool.h>

/* With a smaller share of samples that ran without waiting for a core the machine is too busy to conclude anything. */
#define LR_MEASURE_CALM_LEAST 0.6

/* Fewer rounds do not tell. */
enum { LR_MEASURE_JUDGED = 3 };

enum lr_exit lr_measure_host(struct lr_session *s);
enum lr_exit lr_measure_decode(struct lr_session *s);
enum lr_exit lr_measure_cuda(struct lr_session *s);

/* A line on standard error that is written over, when that is a terminal and --quiet is not given. share < 0 ends it.
 */
void lr_measure_progress(const struct lr_session *s, const char *what, double share);

/* Threads to use: --threads, else wanted, never more than the machine has; 0 after an error. */
size_t lr_measure_threads(struct lr_session *s, const struct lr_machine *m, double wanted);

/* Writes the profile, the measured rows and the kernel set fitted on them under --write's name, all or none. */
bool lr_measure_write(struct lr_session *s, const struct lr_machine *m, const struct lr_timing *b);

/* Rates that the profile states: the most that was seen, so that no measured time is below a floor. */
struct lr_measure_peaks {
    double bandwidth_bytes_per_s, flop_per_s;
};
struct lr_measure_peaks lr_measure_peaks(const struct lr_timing *b);

/* A row's clean time, and whether its samples agree well enough to be fitted on. */
bool lr_measure_row(const struct lr_timing_row *r, double *seconds);

#endif
