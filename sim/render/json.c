/* SPDX-License-Identifier: Apache-2.0 */
#include "render/json.h"

#include "core/number.h"
#include "core/quote.h"

#include <math.h>

static void indent(struct lr_json *j)
{
    lr_text_add(j->out, "\n");
    for (int i = 0; i < j->depth; i++)
        lr_text_add(j->out, "  ");
}

/* Writes the comma, the line break and the key before a value. */
static void begin(struct lr_json *j, const char *key)
{
    if (j->filled[j->depth])
        lr_text_add(j->out, ",");
    j->filled[j->depth] = true;
    if (j->depth > 0)
        indent(j);
    if (key) {
        lr_quote(j->out, key);
        lr_text_add(j->out, ": ");
    }
}

void lr_json_open(struct lr_json *j, const char *key, char bracket)
{
    begin(j, key);
    lr_text_add_bytes(j->out, &bracket, 1);
    if (j->depth + 1 < LR_JSON_DEPTH_MAX)
        j->filled[++j->depth] = false;
}

void lr_json_close(struct lr_json *j, char bracket)
{
    const bool filled = j->filled[j->depth];
    j->depth--;
    if (filled)
        indent(j);
    lr_text_add_bytes(j->out, &bracket, 1);
    if (j->depth == 0)
        lr_text_add(j->out, "\n");
}

void lr_json_number(struct lr_json *j, const char *key, double value)
{
    char digits[LR_DOUBLE_SIZE];
    begin(j, key);
    if (isfinite(value))
        lr_format_double(value, digits, sizeof digits);
    lr_text_add(j->out, isfinite(value) ? digits : "null");
}

void lr_json_text(struct lr_json *j, const char *key, const char *value)
{
    begin(j, key);
    if (value)
        lr_quote(j->out, value);
    else
        lr_text_add(j->out, "null");
}

void lr_json_bool(struct lr_json *j, const char *key, bool value)
{
    begin(j, key);
    lr_text_add(j->out, value ? "true" : "false");
}
