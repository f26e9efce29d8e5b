/* SPDX-License-Identifier: Apache-2.0 */
#include "load/profile.h"

#include <string.h>

bool lr_profile_name_ok(const char *name)
{
    return *name && *name != '.' && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-")] == '\0';
}

void lr_profile_check_name(const struct lr_document *doc, const char *field, const char *name, struct lr_diags *ds)
{
    if (name && !lr_profile_name_ok(name)) {
        lr_schema_report(doc, ds, LR_ERROR, field,
                         "'%.80s' is not a valid profile name, expected lower case letters, digits, "
                         "'.' and '-'",
                         name);
    }
}
