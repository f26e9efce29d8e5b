/* SPDX-License-Identifier: Apache-2.0 */
#include "output/signals.h"

#include <stddef.h>

void lr_signals_block(sigset_t *before)
{
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGHUP);
    sigprocmask(SIG_BLOCK, &ending, before);
}

void lr_signals_restore(const sigset_t *before)
{
    sigprocmask(SIG_SETMASK, before, NULL);
}
