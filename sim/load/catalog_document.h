/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of the catalogue for the loaders of kernel sets and claims. */
#ifndef LLMROOF_LOAD_CATALOG_DOCUMENT_H
#define LLMROOF_LOAD_CATALOG_DOCUMENT_H

#include "document/document.h"

#include <llmroof/catalog.h>

/* True if a name is the path of a file. */
bool lr_catalog_is_path(const char *name);

/* As lr_catalog_find, but finds names only, and not the file skip (may be NULL). Writes its error, such as "unknown
 * hardware 'h2O'; did you mean 'h20'?", to what instead of a diagnostic. */
char *lr_catalog_search(const struct lr_catalog *c, enum lr_profile kind, const char *name, const char *skip,
                        char *what, size_t size);

/* The document of a profile: merged with its bases, and overridden by sets. NULL after an error, unless the document
 * can still be read (its name differs from that of the file, or a --set has a wrong path): callers must check
 * ds->errors too. Free with lr_document_free. */
struct lr_document *lr_catalog_document(const struct lr_catalog *c, enum lr_profile kind, const char *name,
                                        const struct lr_override *sets, size_t count, struct lr_diags *ds);

#endif
