/* SPDX-License-Identifier: Apache-2.0 */
/* Loads kernel sets from the catalogue. */
#include "load/catalog_document.h"
#include "load/kernels_bind.h"

#include <stdlib.h>

struct kernels {
    struct lr_kernels public;
    struct lr_document *doc;
};

struct lr_kernels *lr_catalog_kernels(const struct lr_catalog *c, const char *name, struct lr_diags *ds)
{
    struct lr_diags own = {0};
    struct lr_diags *to = ds ? ds : &own;
    const size_t before = to->errors;
    struct lr_document *doc = lr_catalog_document(c, LR_PROFILE_KERNELS, name, NULL, 0, to);
    struct kernels *k = doc ? calloc(1, sizeof *k) : NULL;
    if (k) {
        k->doc = doc;
        lr_kernels_bind(doc, &k->public, to);
    } else if (doc) {
        lr_diag(to, LR_ERROR, (struct lr_pos){.file = doc->name}, NULL, "out of memory");
        lr_document_free(doc);
    }
    if (k && to->errors != before) {
        lr_kernels_free(&k->public);
        k = NULL;
    }
    lr_diags_free(&own);
    return k ? &k->public : NULL;
}

void lr_kernels_free(struct lr_kernels *k)
{
    while (k) {
        struct lr_kernels *const next = k->next;
        lr_document_free(((struct kernels *)k)->doc);
        free(k);
        k = next;
    }
}
