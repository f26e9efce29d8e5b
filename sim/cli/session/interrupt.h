/* SPDX-License-Identifier: Apache-2.0 */
/* Ctrl-C and SIGTERM for commands that have something to put in order before they end. */
#ifndef LLMROOF_CLI_SESSION_INTERRUPT_H
#define LLMROOF_CLI_SESSION_INTERRUPT_H

#include <stdbool.h>

/* From here on a first one only makes lr_interrupted true. */
void lr_interrupt_catch(void);
bool lr_interrupted(void);

#endif
