/* SPDX-License-Identifier: Apache-2.0 */
/* What the loaders of the other kinds of profiles (kernel sets, claims) need of the catalogue. */
#ifndef LLMROOF_LOAD_CATALOG_DOCUMENT_H
#define LLMROOF_LOAD_CATALOG_DOCUMENT_H

#include "document/document.h"

#include <llmroof/catalog.h>

/* true when a name is to be taken as the path of a file. */
bool lr_catalog_is_path(const char *name);

/* As lr_catalog_find, by name only and past the file skip (may be NULL). Instead of a diagnostic it writes what is
 * wrong, "unknown hardware 'h2O'; did you mean 'h20'?", to what. */
char *lr_catalog_search(const struct lr_catalog *c, enum lr_profile kind, const char *name, const char *skip,
                        char *what, size_t size);

/* The document of a profile, with its bases under it and sets over it. NULL with an error; an error that
 * leaves it readable (a name that is not the file's, a --set that leads nowhere) comes with a document: look at
 * ds->errors. Free with lr_document_free. */
struct lr_document *lr_catalog_document(const struct lr_catalog *c, enum lr_profile kind, const char *name,
                                        const struct lr_override *sets, size_t count, struct lr_diags *ds);

#endif
