/* SPDX-License-Identifier: Apache-2.0 */
#include "core/chip_list.h"

#include <string.h>

bool lr_chip_list_has(const struct lr_chip_list *l, const char *name)
{
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->name[i], name) == 0)
            return true;
    return false;
}

bool lr_chip_list_split(struct lr_arena *a, const char *text, struct lr_chip_list *out)
{
    size_t most = 1, count = 0;
    for (const char *at = text; *at; at++)
        most += *at == ',';
    const char **const name = lr_arena_array(a, most, sizeof *name);
    for (const char *at = text; name && *at;) {
        at += strspn(at, ", ");
        const size_t part = strcspn(at, ",");
        size_t length = part;
        while (length > 0 && at[length - 1] == ' ')
            length--;
        if (length > 0 && !(name[count++] = lr_arena_text(a, at, length)))
            return false;
        at += part;
    }
    if (name)
        *out = (struct lr_chip_list){.name = name, .count = count};
    return name != NULL;
}

void lr_chip_list_note(struct lr_chip_list *l, const char *array[LR_CHIP_LIST_MAX], const char *name)
{
    l->name = array;
    if (l->count < LR_CHIP_LIST_MAX && !lr_chip_list_has(l, name))
        array[l->count++] = name;
}

void lr_chip_list_add(struct lr_text *out, const struct lr_chip_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        lr_text_addf(out, "%s%s", i > 0 ? ", " : "", l->name[i]);
}
