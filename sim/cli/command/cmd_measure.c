/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/measure/measure.h"

#include "cli/session/interrupt.h"

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

int lr_command_measure(int argc, char **argv)
{
    struct lr_session s;
    int code = LR_EXIT_BAD;
    if (lr_session_open(&s, argc, argv, lr_command_groups("measure"))) {
        struct lr_names *const operand = &s.options.operand;
        const char *const kind = operand->count ? operand->name[0] : "";
        if (operand->count)
            memmove(operand->name, operand->name + 1, --operand->count * sizeof *operand->name);
        lr_interrupt_catch();
        setenv("OPENBLAS_NUM_THREADS", "1", 1); /* the threads are ours: it is to start none when it is loaded */
        if (strcmp(kind, "host") == 0)
            code = lr_measure_host(&s);
        else if (strcmp(kind, "decode") == 0)
            code = lr_measure_decode(&s);
        else if (strcmp(kind, "cuda") == 0)
            code = lr_measure_cuda(&s);
        else
            lr_diag(&s.diags, LR_ERROR, LR_NO_POSITION, NULL,
                    "measure what? expected 'host', 'decode' or 'cuda', not '%s'", kind);
    }
    if (!lr_session_report(&s))
        code = code == LR_EXIT_NO ? LR_EXIT_NO : LR_EXIT_BAD;
    lr_session_close(&s);
    return code;
}
