/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session/interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t interrupted; /* a signal handler can reach nothing else */

static void interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

void lr_interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool lr_interrupted(void)
{
    return interrupted != 0;
}
