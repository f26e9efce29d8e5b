/* SPDX-License-Identifier: Apache-2.0 */
/* estimate --served: the steady state under load. */
#ifndef LLMROOF_CLI_VIEW_SERVED_H
#define LLMROOF_CLI_VIEW_SERVED_H

#include "cli/view/answer.h"

/* Plans each chip, serves each concurrency, adds the answer to out. LR_EXIT_BAD after an error. */
enum lr_exit lr_served(struct lr_session *s, struct lr_text *out);

#endif
