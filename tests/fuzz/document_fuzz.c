/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes are a document or an error, and any document can be bound, overridden and shown. */
#include "document/document.h"
#include "load/profile.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ignore(const struct lr_figure *f, void *user)
{
    (void)f;
    (void)user;
}

static void bind_all(struct lr_document *doc, struct lr_diags *ds)
{
    struct lr_hardware hw;
    struct lr_model m;
    struct lr_runtime rt;
    struct lr_architecture a;
    lr_hardware_bind(doc, &hw, ds);
    lr_model_bind(doc, &m, ds);
    lr_runtime_bind(doc, &rt, ds);
    lr_architecture_bind(doc, &a, ds);
    lr_schema_figures(&lr_hardware_schema, doc, ignore, NULL);
    lr_schema_figures(&lr_model_schema, doc, ignore, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lr_diags ds = {0};
    struct lr_document *doc = lr_document_parse("fuzz", (const char *)data, size, &ds);
    for (size_t i = 0; i < ds.count; i++) /* with any other error there is no document */
        if (doc && !strstr(ds.item[i].message, "duplicate key "))
            abort();
    if (!doc && ds.errors == 0)
        abort();
    if (doc) {
        struct lr_document *again = lr_document_parse("base", (const char *)data, size, NULL);
        bind_all(doc, &ds);
        lr_document_set(doc, "memory.bandwidth", "1 TB/s", &ds);
        if (again)
            lr_document_merge(doc, again, &ds);
        bind_all(doc, &ds);
        for (size_t i = 0; i < ds.count; i++) {
            char buf[256];
            lr_diag_format(&ds.item[i], buf, sizeof buf);
        }
    }
    lr_document_free(doc);
    lr_diags_free(&ds);
    return 0;
}
