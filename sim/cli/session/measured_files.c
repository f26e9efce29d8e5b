/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session/measured_files.h"

bool lr_measured_files_open(struct lr_measured_files *f, struct lr_session *s)
{
    if (s->options.operand.count == 0)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "expected a CSV file of measured rows");
    for (size_t i = 0; i < s->options.operand.count; i++) {
        struct lr_measured *m = lr_measured_load(s->options.operand.name[i], s->catalog, &s->diags);
        if (m) {
            f->owned[f->count] = m;
            f->file[f->count++] = m;
        }
    }
    return s->diags.errors == 0;
}

void lr_measured_files_close(struct lr_measured_files *f)
{
    for (size_t i = 0; i < f->count; i++)
        lr_measured_free(f->owned[i]);
    f->count = 0;
}

const struct lr_kernels *lr_measured_set(void *session, const struct lr_hardware *hw, const char *engine)
{
    return lr_session_kernels(session, hw, engine);
}
