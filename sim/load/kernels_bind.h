/* SPDX-License-Identifier: Apache-2.0 */
/* Converts the document of a kernel set (configs/kernels) to a struct. */
#ifndef LLMROOF_LOAD_KERNELS_BIND_H
#define LLMROOF_LOAD_KERNELS_BIND_H

#include "document/document.h"

#include <llmroof/kernels.h>

/* Reports all mistakes in ds; out is complete only if there are none. The document owns its strings and lists. */
void lr_kernels_bind(struct lr_document *doc, struct lr_kernels *out, struct lr_diags *ds);

#endif
