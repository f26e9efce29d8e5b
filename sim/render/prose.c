/* SPDX-License-Identifier: Apache-2.0 */
#include "render/prose.h"

#include <ctype.h>
#include <string.h>

/* The length in bytes of the part of a line that fits in width characters, up to a space or the end of the line. */
static size_t fitting(const char *line, size_t length, size_t width)
{
    size_t columns = strspn(line, " "), space = 0, best = 0;
    for (size_t i = columns; i < length; i++) {
        if (line[i] == ' ') {
            space = i;
            if (!isdigit((unsigned char)line[i - 1]))
                best = i;
        }
        columns += ((unsigned char)line[i] & 0xc0) != 0x80;
        if (columns > width && space > 0)
            return best > 0 ? best : space;
    }
    return length;
}

static void wrap_line(const char *line, size_t length, size_t indent, struct lr_text *out)
{
    size_t n = fitting(line, length, LR_PROSE_COLUMNS);
    lr_text_add_bytes(out, line, n);
    while (n < length) {
        const size_t begin = n + strspn(line + n, " ");
        const size_t part = fitting(line + begin, length - begin, LR_PROSE_COLUMNS - indent);
        if (begin < length)
            lr_text_addf(out, "\n%*s%.*s", (int)indent, "", (int)part, line + begin);
        n = begin + part;
    }
}

void lr_prose_wrap(struct lr_text *out, size_t from, size_t indent, enum lr_format format)
{
    struct lr_text lines = {0};
    if (format != LR_FORMAT_TEXT || from >= out->length)
        return;
    lr_text_add(&lines, out->at + from);
    if (lines.out_of_memory) {
        out->out_of_memory = true;
        return;
    }
    lr_text_cut(out, from);
    for (const char *line = lines.at; *line;) {
        const size_t length = strcspn(line, "\n");
        wrap_line(line, length, indent, out);
        line += length;
        if (*line == '\n') {
            lr_text_add(out, "\n");
            line++;
        }
    }
    lr_text_free(&lines);
}
