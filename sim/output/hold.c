/* SPDX-License-Identifier: Apache-2.0 */
#include "output/hold.h"

#include <stddef.h>

void lr_signals_hold(sigset_t *before)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    sigprocmask(SIG_BLOCK, &ends, before);
}

void lr_signals_release(const sigset_t *before)
{
    sigprocmask(SIG_SETMASK, before, NULL);
}
