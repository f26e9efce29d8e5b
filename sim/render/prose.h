/* SPDX-License-Identifier: Apache-2.0 */
/* Wraps prose for a terminal. */
#ifndef LLMROOF_RENDER_PROSE_H
#define LLMROOF_RENDER_PROSE_H

#include "render/table.h"

#include <stddef.h>

enum { LR_PROSE_COLUMNS = 80 };

/* Wraps the lines of out from byte `from` on, so that they have at most LR_PROSE_COLUMNS characters. indent is the
 * number of spaces before each continuation. Only LR_FORMAT_TEXT is wrapped. Lines break at spaces; no line ends in a
 * digit if another space is possible, so that numbers and units stay together. A longer word has a line of its own.
 * Sets out->out_of_memory if memory runs out. */
void lr_prose_wrap(struct lr_text *out, size_t from, size_t indent, enum lr_format format);

#endif
