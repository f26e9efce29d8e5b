/* SPDX-License-Identifier: Apache-2.0 */
/* Signals that end a program, held back while something is half done. */
#ifndef LLMROOF_OUTPUT_HOLD_H
#define LLMROOF_OUTPUT_HOLD_H

#include <signal.h>

/* SIGINT, SIGTERM and SIGHUP wait until the second call, which gets what the first one left in before. */
void lr_signals_hold(sigset_t *before);
void lr_signals_release(const sigset_t *before);

#endif
