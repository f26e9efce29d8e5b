/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command/command.h"
#include "cli/measure/measure.h"
#include "cli/session/interrupt.h"

#include <stdlib.h>
#include <string.h>

enum lr_exit lr_command_measure(struct lr_session *s, struct lr_text *out)
{
    (void)out; /* each kind writes its own, after long work */
    static const struct {
        const char *name;
        enum lr_exit (*run)(struct lr_session *s);
    } kinds[] = {{"host", lr_measure_host}, {"decode", lr_measure_decode}, {"cuda", lr_measure_cuda}};
    struct lr_names *const operand = &s->options.operand;
    const char *const kind = operand->count ? operand->name[0] : "";
    if (operand->count)
        memmove(operand->name, operand->name + 1, --operand->count * sizeof *operand->name);
    lr_interrupt_catch();
    setenv("OPENBLAS_NUM_THREADS", "1", 1); /* the threads are ours: it is to start none when it is loaded */
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kind, kinds[i].name) == 0) {
            const enum lr_exit code = kinds[i].run(s);
            return s->diags.errors && code != LR_EXIT_NO ? LR_EXIT_BAD : code;
        }
    lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "measure what? expected 'host', 'decode' or 'cuda', not '%s'",
            kind);
    return LR_EXIT_BAD;
}
