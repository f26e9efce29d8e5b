/* SPDX-License-Identifier: Apache-2.0 */
#include <llmroof/diag.h>

#include "core/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

LR_PRINTF(1, 0)
static char *vformat(const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    const int length = vsnprintf(NULL, 0, format, args);
    char *text = length < 0 ? NULL : malloc((size_t)length + 1);
    if (text)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

static bool grow(struct lr_diags *ds)
{
    if (ds->count < ds->capacity)
        return true;
    const size_t capacity = ds->capacity ? ds->capacity * 2 : 8;
    struct lr_diag *item = realloc(ds->item, capacity * sizeof *item);
    if (!item)
        return false;
    ds->item = item;
    ds->capacity = capacity;
    return true;
}

static void release(struct lr_diag *d)
{
    free((char *)d->pos.file);
    free(d->field);
    free(d->message);
    free(d->hint);
}

static char *copy_or_null(const char *text)
{
    return text ? lr_text_copy(text) : NULL;
}

void lr_diag(struct lr_diags *ds, enum lr_severity severity, struct lr_pos pos, const char *field, const char *format,
             ...)
{
    if (!ds)
        return;
    ds->errors += severity == LR_ERROR;
    ds->newest_dropped = true;
    if (ds->count >= LR_DIAGS_MAX)
        return;
    if (!grow(ds)) {
        ds->out_of_memory = true;
        return;
    }
    va_list args;
    va_start(args, format);
    struct lr_diag d = {.severity = severity, .pos = pos, .field = copy_or_null(field)};
    d.message = vformat(format, args);
    d.pos.file = copy_or_null(pos.file);
    va_end(args);
    if (!d.message || (field && !d.field) || (pos.file && !d.pos.file)) {
        release(&d);
        ds->out_of_memory = true;
        return;
    }
    ds->out_of_memory = ds->out_of_memory || strcmp(d.message, "out of memory") == 0;
    ds->item[ds->count++] = d;
    ds->newest_dropped = false;
}

void lr_hint(struct lr_diags *ds, const char *format, ...)
{
    if (!ds || !ds->count || ds->newest_dropped)
        return;
    va_list args;
    va_start(args, format);
    char *hint = vformat(format, args);
    va_end(args);
    if (!hint) {
        ds->out_of_memory = true;
        return;
    }
    struct lr_diag *d = &ds->item[ds->count - 1];
    free(d->hint);
    d->hint = hint;
}

/* Appends what fits into buf. *used counts the full length, as snprintf does. */
LR_PRINTF(4, 5)
static void append(char *buf, size_t size, size_t *used, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const bool fits = *used < size;
    const int n = vsnprintf(fits ? buf + *used : NULL, fits ? size - *used : 0, format, args);
    va_end(args);
    *used += n > 0 ? (size_t)n : 0;
}

size_t lr_diag_format(const struct lr_diag *d, char *buf, size_t size)
{
    static const char *const label[] = {[LR_ERROR] = "", [LR_WARNING] = "warning: ", [LR_NOTE] = "note: "};
    size_t used = 0;
    if (size)
        buf[0] = '\0';
    if (d->pos.file && d->pos.line > 0 && d->pos.col > 0)
        append(buf, size, &used, "%s:%d:%d: ", d->pos.file, d->pos.line, d->pos.col);
    else if (d->pos.file && d->pos.line > 0)
        append(buf, size, &used, "%s:%d: ", d->pos.file, d->pos.line);
    else if (d->pos.file)
        append(buf, size, &used, "%s: ", d->pos.file);
    append(buf, size, &used, "%s", label[d->severity]);
    if (d->field)
        append(buf, size, &used, "%s: ", d->field);
    append(buf, size, &used, "%s", d->message);
    if (d->hint)
        append(buf, size, &used, "\n  hint: %s", d->hint);
    return used;
}

void lr_diags_free(struct lr_diags *ds)
{
    if (!ds)
        return;
    for (size_t i = 0; i < ds->count; i++)
        release(&ds->item[i]);
    free(ds->item);
    *ds = (struct lr_diags){0};
}
