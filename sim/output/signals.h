/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks signals that end the program, for work that must not be interrupted. */
#ifndef LLMROOF_OUTPUT_SIGNALS_H
#define LLMROOF_OUTPUT_SIGNALS_H

#include <signal.h>

/* Blocks SIGINT, SIGTERM and SIGHUP and stores the previous mask in before. */
void lr_signals_block(sigset_t *before);

/* Restores the mask; a blocked signal that has arrived then takes effect. */
void lr_signals_restore(const sigset_t *before);

#endif
