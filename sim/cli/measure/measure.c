/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/measure/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void lr_measure_progress(const struct lr_session *s, const char *what, double share)
{
    if (s->options.quiet || !isatty(STDERR_FILENO))
        return;
    if (share < 0)
        fprintf(stderr, "\r%60s\r", "");
    else
        fprintf(stderr, "\r%s: %3.0f %%", what, 100 * share);
}

size_t lr_measure_threads(struct lr_session *s, const struct lr_machine *m, double wanted)
{
    const double asked = s->options.threads;
    const double most = (double)(m->threads < LR_POOL_MAX ? m->threads : LR_POOL_MAX);
    if (asked > most) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--threads", "%.0f, expected at most the %.0f of this machine",
                asked, most);
        return 0;
    }
    if (asked >= 1)
        return (size_t)asked;
    return (size_t)(wanted >= 1 && wanted < most ? wanted : most);
}
