/* SPDX-License-Identifier: Apache-2.0 */
/* Binds the tree of a kernel set (configs/kernels). */
#ifndef LLMROOF_LOAD_KERNELS_BIND_H
#define LLMROOF_LOAD_KERNELS_BIND_H

#include "document/document.h"

#include <llmroof/kernels.h>

/* Every mistake goes to ds; out is only whole when there was none. Its strings and lists are the document's. */
void lr_kernels_bind(struct lr_document *doc, struct lr_kernels *out, struct lr_diags *ds);

#endif
