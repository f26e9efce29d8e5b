/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and checks the values of fields of a config.json. */
#include "import/importer.h"

#include "core/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
#define X(id, name) name,
    LR_IMPORT_FIELDS(X)
#undef X
};

LR_PRINTF(6, 0)
static void report(struct lr_import *in, enum lr_severity severity, struct lr_pos pos, const char *scope,
                   const char *key, const char *format, va_list args)
{
    char path[256], message[512];
    snprintf(path, sizeof path, "%s%s", scope ? scope : "", key);
    vsnprintf(message, sizeof message, format, args);
    lr_diag(in->ds, severity, pos, path, "%s", message);
    in->failed |= severity == LR_ERROR;
}

void lr_import_error_at(struct lr_import *in, struct lr_pos pos, const char *scope, const char *key, const char *format,
                        ...)
{
    va_list args;
    va_start(args, format);
    report(in, LR_ERROR, pos, scope, key, format, args);
    va_end(args);
}

static struct lr_pos field_pos(const struct lr_import *in, enum lr_import_field f)
{
    return in->field[f] ? in->field[f]->key_pos : (struct lr_pos){.file = in->doc->name};
}

void lr_import_error(struct lr_import *in, enum lr_import_field f, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    report(in, LR_ERROR, field_pos(in, f), in->scope[f], lr_import_key(in, f), format, args);
    va_end(args);
}

void lr_import_note(struct lr_import *in, enum lr_import_field f, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    report(in, LR_NOTE, field_pos(in, f), in->scope[f], lr_import_key(in, f), format, args);
    va_end(args);
}

const char *lr_import_key(const struct lr_import *in, enum lr_import_field f)
{
    return in->field[f] ? in->field[f]->key : names[f];
}

bool lr_import_has(const struct lr_import *in, enum lr_import_field f)
{
    return in->field[f] != NULL;
}

/* The scalar itself, or the first item of a list of equal scalars. NULL when items differ. */
static const struct lr_node *one_value(const struct lr_node *n)
{
    if (n->kind != LR_NODE_SEQUENCE)
        return n;
    for (const struct lr_node *item = n->first; item; item = item->next)
        if (item->kind != LR_NODE_SCALAR || strcmp(item->text, n->first->text) != 0)
            return NULL;
    return n->first;
}

bool lr_import_whole(struct lr_import *in, enum lr_import_field f, double min, double *out)
{
    const struct lr_node *n = in->field[f];
    if (!n) {
        if (!in->family || !lr_import_default(in->family, f, in->multi_modal, out))
            return false;
        lr_import_note(in, f, "is missing, set to %.0f, the default of '%s'", *out, in->family->model_type);
        return true;
    }
    const struct lr_node *one = one_value(n);
    double value = 0;
    const int max = f == LR_IMPORT_CONTEXT || f == LR_IMPORT_WINDOW || f == LR_IMPORT_CHUNK ? LR_IMPORT_TOKENS_MAX
                                                                                            : LR_IMPORT_SIZE_MAX;
    if (!one) {
        lr_import_error(in, f, "differs between layers, which is not supported, expected one number");
        return false;
    }
    if (!lr_node_number(one, &value) || value != floor(value) || value < min || value > max) {
        lr_import_error(in, f, "%s%.40s%s is not a valid size, expected a whole number from %.0f to %d",
                        one->text ? "'" : "", one->text ? one->text : "a mapping", one->text ? "'" : "", min, max);
        return false;
    }
    *out = value;
    return true;
}

bool lr_import_need(struct lr_import *in, enum lr_import_field f, double min, double *out)
{
    const bool failed = in->failed;
    in->failed = false;
    const bool found = lr_import_whole(in, f, min, out);
    if (!found && !in->failed)
        lr_import_error(in, f, "is missing, expected a whole number");
    in->failed |= failed;
    return found;
}

int lr_import_switch(struct lr_import *in, enum lr_import_field f)
{
    bool on = false;
    if (!in->field[f])
        return -1;
    if (!lr_node_bool(in->field[f], &on)) {
        lr_import_error(in, f, "is not a boolean, expected true or false");
        return -1;
    }
    return on;
}
