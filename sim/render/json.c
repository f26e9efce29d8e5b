/* SPDX-License-Identifier: Apache-2.0 */
#include "render/json.h"

#include "core/number.h"

#include <math.h>

static void indent(struct lr_json *j)
{
    lr_text_add(j->out, "\n");
    for (int i = 0; i < j->depth; i++)
        lr_text_add(j->out, "  ");
}

/* Bytes of a well-formed UTF-8 character at c; 0 for anything else. */
static int utf8_length(const unsigned char *c)
{
    const int n = *c < 0x80                 ? 1
                  : *c >= 0xc2 && *c < 0xe0 ? 2
                  : *c >= 0xe0 && *c < 0xf0 ? 3
                  : *c >= 0xf0 && *c < 0xf5 ? 4
                                            : 0;
    for (int i = 1; i < n; i++)
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    const bool overlong = (*c == 0xe0 && c[1] < 0xa0) || (*c == 0xf0 && c[1] < 0x90);
    const bool surrogate = *c == 0xed && c[1] > 0x9f, beyond = *c == 0xf4 && c[1] > 0x8f;
    return overlong || surrogate || beyond ? 0 : n;
}

static void escaped(struct lr_text *out, const char *text)
{
    lr_text_add(out, "\"");
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            lr_text_addf(out, "\\%c", *c);
        else if (*c == '\n')
            lr_text_add(out, "\\n");
        else if (*c < 0x20 || *c == 0x7f)
            lr_text_addf(out, "\\u%04x", *c);
        else if (utf8_length(c) == 0)
            lr_text_add(out, "\\ufffd");
        else {
            const int n = utf8_length(c);
            lr_text_add_bytes(out, (const char *)c, (size_t)n);
            c += n - 1;
        }
    }
    lr_text_add(out, "\"");
}

/* What stands before a value: comma, line break, key. */
static void begin(struct lr_json *j, const char *key)
{
    if (j->filled[j->depth])
        lr_text_add(j->out, ",");
    j->filled[j->depth] = true;
    if (j->depth > 0)
        indent(j);
    if (key) {
        escaped(j->out, key);
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
        escaped(j->out, value);
    else
        lr_text_add(j->out, "null");
}

void lr_json_bool(struct lr_json *j, const char *key, bool value)
{
    begin(j, key);
    lr_text_add(j->out, value ? "true" : "false");
}
