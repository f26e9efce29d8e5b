/* SPDX-License-Identifier: Apache-2.0 */
/* Converts documents to the structs of profiles in the public headers. */
#ifndef LLMROOF_LOAD_PROFILE_H
#define LLMROOF_LOAD_PROFILE_H

#include "document/document.h"
#include "document/schema.h"

#include <llmroof/hardware.h>
#include <llmroof/model.h>
#include <llmroof/runtime.h>

extern const struct lr_schema lr_hardware_schema, lr_architecture_schema, lr_model_schema, lr_runtime_schema;

/* Each fills *out from a document that is merged with its base, and checks the fields, also in combination. The
 * document owns the texts. ds must not be NULL. false after an error. */
bool lr_hardware_bind(struct lr_document *doc, struct lr_hardware *out, struct lr_diags *ds);
bool lr_architecture_bind(struct lr_document *doc, struct lr_architecture *out, struct lr_diags *ds);
bool lr_model_bind(struct lr_document *doc, struct lr_model *out, struct lr_diags *ds);
bool lr_runtime_bind(struct lr_document *doc, struct lr_runtime *out, struct lr_diags *ds);

/* Reports peaks that exceed the limit of units, clock and architecture. Most of them are figures with sparsity. */
bool lr_hardware_guard(const struct lr_document *doc, const struct lr_hardware *hw, const struct lr_architecture *a,
                       struct lr_diags *ds);

/* True for a valid profile name: lower case letters, digits, '.' and '-', without a leading '.'. */
bool lr_profile_name_ok(const char *name);

/* Reports the name in a field unless it is NULL or a valid profile name. Profiles refer to others by name, never by
 * path. */
void lr_profile_check_name(const struct lr_document *doc, const char *field, const char *name, struct lr_diags *ds);

#endif
