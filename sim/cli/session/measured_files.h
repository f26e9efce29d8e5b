/* SPDX-License-Identifier: Apache-2.0 */
/* The measured tables that a command names. */
#ifndef LLMROOF_CLI_SESSION_MEASURED_FILES_H
#define LLMROOF_CLI_SESSION_MEASURED_FILES_H

#include "cli/session/session.h"

#include "rows/measured.h"

struct lr_measured_files {
    const struct lr_measured *file[LR_NAMES_MAX];
    struct lr_measured *owned[LR_NAMES_MAX];
    size_t count;
};

/* Every operand. false after an error. */
bool lr_measured_files_open(struct lr_measured_files *f, struct lr_session *s);
void lr_measured_files_close(struct lr_measured_files *f);

/* The kernel set that prices a measured row: a lr_kernels_for whose user is the session. */
const struct lr_kernels *lr_measured_set(void *session, const struct lr_hardware *hw, const char *engine);

#endif
