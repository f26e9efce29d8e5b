/* SPDX-License-Identifier: Apache-2.0 */
/* estimate --served: the steady state under load. */
#ifndef LLMROOF_CLI_VIEW_SERVED_H
#define LLMROOF_CLI_VIEW_SERVED_H

#include "cli/view/answer.h"

/* Plans each chip, serves each concurrency, writes the answer through out. The exit code. */
int lr_served(struct lr_session *s, struct lr_text *out);

#endif
