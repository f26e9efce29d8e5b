/* SPDX-License-Identifier: Apache-2.0 */
#include "core/quote.h"

#include <stdint.h>
#include <string.h>

/* Returns the length of the well-formed UTF-8 character at c (Unicode 15, table 3-7) and stores its code point; returns
 * 0 when there is none. */
static int utf8_read(const unsigned char *c, uint32_t *point)
{
    static const unsigned char lead[] = {0, 0x7f, 0x1f, 0x0f, 0x07}; /* bits of the first byte, by length */
    const int n = *c < 0x80                 ? 1
                  : *c >= 0xc2 && *c < 0xe0 ? 2
                  : *c >= 0xe0 && *c < 0xf0 ? 3
                  : *c >= 0xf0 && *c < 0xf5 ? 4
                                            : 0;
    *point = *c & lead[n];
    for (int i = 1; i < n; i++) {
        if ((c[i] & 0xc0) != 0x80)
            return 0;
        *point = *point << 6 | (c[i] & 0x3f);
    }
    const bool overlong = (n == 3 && *point < 0x800) || (n == 4 && *point < 0x10000);
    const bool surrogate = *point >= 0xd800 && *point <= 0xdfff;
    return overlong || surrogate || *point > 0x10ffff ? 0 : n;
}

/* True for characters that are not printable (YAML 1.2, section 5.1) and for line breaks. All of them are below
 * U+10000. */
static bool needs_escape(uint32_t point)
{
    const bool control = point < 0x20 || (point >= 0x7f && point <= 0x9f);
    const bool line_break = point == 0x2028 || point == 0x2029;
    const bool no_character = point == 0xfeff || point == 0xfffe || point == 0xffff;
    return control || line_break || no_character;
}

void lr_quote(struct lr_text *out, const char *text)
{
    lr_text_add(out, "\"");
    for (const unsigned char *c = (const unsigned char *)text; *c;) {
        uint32_t point;
        const int n = utf8_read(c, &point);
        if (n == 0)
            lr_text_add(out, "\\ufffd");
        else if (*c == '"' || *c == '\\')
            lr_text_addf(out, "\\%c", *c);
        else if (*c == '\n')
            lr_text_add(out, "\\n");
        else if (needs_escape(point))
            lr_text_addf(out, "\\u%04x", (unsigned)point);
        else
            lr_text_add_bytes(out, (const char *)c, (size_t)n);
        c += n > 0 ? n : 1;
    }
    lr_text_add(out, "\"");
}

void lr_quote_if_needed(struct lr_text *out, const char *text)
{
    static const char word[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    const bool plain = *text && !strchr("._-", *text) && text[strspn(text, word)] == '\0';
    if (plain && !lr_name_same(text, "null"))
        lr_text_add(out, text);
    else
        lr_quote(out, text);
}

static void line(struct lr_text *out, const char *key, const char *text, void (*add)(struct lr_text *, const char *))
{
    if (!text)
        return;
    lr_text_addf(out, "%s: ", key);
    add(out, text);
    lr_text_add(out, "\n");
}

void lr_quote_text(struct lr_text *out, const char *key, const char *text)
{
    line(out, key, text, lr_quote);
}

void lr_quote_name(struct lr_text *out, const char *key, const char *name)
{
    line(out, key, name, lr_quote_if_needed);
}
