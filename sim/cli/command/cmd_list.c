/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command/command.h"

#include <string.h>

struct list_row {
    const char *kind, *name, *title, *from;
};

static const struct lr_column columns[] = {
    LR_COLUMN(list_row, kind, "kind", TEXT),
    LR_COLUMN(list_row, name, "name", TEXT),
    LR_COLUMN(list_row, title, "title", TEXT),
    LR_COLUMN(list_row, from, "from", TEXT),
};

static void list_kind(struct lr_session *s, enum lr_profile kind, struct lr_table *t)
{
    size_t count = 0;
    struct lr_catalog_entry *entry = lr_catalog_list(s->catalog, kind, &count, &s->diags);
    for (size_t i = 0; i < count; i++) {
        const struct list_row row = {lr_profile_name(kind), entry[i].name, entry[i].title, entry[i].dir};
        lr_table_add(t, &row);
    }
    lr_catalog_entries_free(entry);
}

enum lr_exit lr_command_list(struct lr_session *s, struct lr_text *out)
{
    struct lr_table t;
    const char *const wanted = s->options.operand.count ? s->options.operand.name[0] : NULL;
    bool known = false;
    lr_table_init(&t, columns, sizeof columns / sizeof *columns);
    if (s->options.operand.count > 1)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "expected one kind, or none for all");
    for (int k = 0; k < LR_PROFILE_COUNT; k++) {
        const enum lr_profile kind = (enum lr_profile)k;
        if (wanted && strcmp(wanted, lr_profile_folder(kind)) != 0 && strcmp(wanted, lr_profile_name(kind)) != 0)
            continue;
        known = true;
        list_kind(s, kind, &t);
    }
    if (!known)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL,
                "unknown kind '%s', expected hardware, models, kernels, runtimes, claims or architectures", wanted);
    lr_table_render(&t, s->format, "llmroof/list/1", out);
    lr_table_free(&t);
    return s->diags.errors ? LR_EXIT_BAD : LR_EXIT_YES;
}
