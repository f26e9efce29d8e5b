/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles: documents bound to the structs of the public headers. */
#ifndef LLMROOF_LOAD_PROFILE_H
#define LLMROOF_LOAD_PROFILE_H

#include "document/document.h"
#include "document/schema.h"

#include <llmroof/hardware.h>
#include <llmroof/model.h>
#include <llmroof/runtime.h>

extern const struct lr_schema lr_hardware_schema, lr_architecture_schema, lr_model_schema, lr_runtime_schema;

/* Each fills *out from a document whose base was merged already, and checks what one field alone cannot show. Texts
 * live as long as the document; ds is not NULL. false after an error. */
bool lr_hardware_bind(struct lr_document *doc, struct lr_hardware *out, struct lr_diags *ds);
bool lr_architecture_bind(struct lr_document *doc, struct lr_architecture *out, struct lr_diags *ds);
bool lr_model_bind(struct lr_document *doc, struct lr_model *out, struct lr_diags *ds);
bool lr_runtime_bind(struct lr_document *doc, struct lr_runtime *out, struct lr_diags *ds);

/* Refuses peaks above what units, clock and architecture allow: most often figures with sparsity. */
bool lr_hardware_guard(const struct lr_document *doc, const struct lr_hardware *hw, const struct lr_architecture *a,
                       struct lr_diags *ds);

/* A name that a file can have: lower case letters, digits, '.', '-', and no '.' in front. */
bool lr_profile_name_ok(const char *name);

/* Reports a field's name that is not lr_profile_name_ok: what a profile refers to is a name, never a path. NULL is
 * fine.
 */
void lr_profile_check_name(const struct lr_document *doc, const char *field, const char *name, struct lr_diags *ds);

#endif
