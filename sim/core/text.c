/* SPDX-License-Identifier: Apache-2.0 */
#include "core/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *lr_text_copy(const char *text)
{
    const size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    if (copy)
        memcpy(copy, text, size);
    return copy;
}

char lr_text_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static char name_char(char c)
{
    return c == '_' || c == ' ' ? '-' : lr_text_lower(c);
}

bool lr_name_same(const char *a, const char *b)
{
    while (*a && name_char(*a) == name_char(*b)) {
        a++;
        b++;
    }
    return !*a && !*b;
}

void lr_name_normalise(const char *name, char *out, size_t size)
{
    size_t i = 0;
    for (; size && i + 1 < size && name[i]; i++)
        out[i] = name_char(name[i]);
    if (size)
        out[i] = '\0';
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t cut(const char *text)
{
    return least(strlen(text), LR_DISTANCE_MAX);
}

/* Optimal string alignment. Three rows of the table are enough; the third is needed for swaps. */
size_t lr_name_distance(const char *a, const char *b)
{
    const size_t na = cut(a), nb = cut(b);
    size_t row[3][LR_DISTANCE_MAX + 1];
    size_t *before = row[0], *last = row[1], *now = row[2];
    for (size_t j = 0; j <= nb; j++)
        before[j] = last[j] = j;
    for (size_t i = 1; i <= na; i++) {
        now[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            const char ca = name_char(a[i - 1]), cb = name_char(b[j - 1]);
            now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (ca != cb));
            if (i > 1 && j > 1 && ca == name_char(b[j - 2]) && name_char(a[i - 2]) == cb)
                now[j] = least(now[j], before[j - 2] + 1);
        }
        size_t *const free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[nb];
}

static bool is_prefix(const char *prefix, const char *text)
{
    while (*prefix && name_char(*prefix) == name_char(*text)) {
        prefix++;
        text++;
    }
    return !*prefix;
}

void lr_nearest_offer(struct lr_nearest *n, const char *wanted, const char *candidate)
{
    enum { PREFIX_MIN = 3 };
    size_t distance = lr_name_distance(wanted, candidate);
    if (distance > 1 && cut(wanted) >= PREFIX_MIN && is_prefix(wanted, candidate))
        distance = 1; /* the user typed the beginning of a name */
    if (!n->name || distance < n->distance) {
        n->name = candidate;
        n->distance = distance;
    }
}

const char *lr_nearest_name(const struct lr_nearest *n, const char *wanted)
{
    const size_t length = cut(wanted);
    const size_t allowed = length <= 2 ? 1 : length / 3 + (length < 6);
    return n->name && n->distance <= allowed ? n->name : NULL;
}

/* Makes space for length more characters and the terminator. */
static bool reserve(struct lr_text *t, size_t length)
{
    if (length > SIZE_MAX / 4 || t->length > SIZE_MAX / 4) {
        t->out_of_memory = true;
        return false;
    }
    const size_t need = t->length + length + 1;
    if (need <= t->capacity)
        return true;
    const size_t capacity = need < 64 ? 64 : need * 2;
    char *at = realloc(t->at, capacity);
    if (!at) {
        t->out_of_memory = true;
        return false;
    }
    t->at = at;
    t->capacity = capacity;
    return true;
}

void lr_text_add_bytes(struct lr_text *t, const char *bytes, size_t length)
{
    if (!reserve(t, length))
        return;
    if (length)
        memcpy(t->at + t->length, bytes, length);
    t->length += length;
    t->at[t->length] = '\0';
}

void lr_text_add(struct lr_text *t, const char *text)
{
    lr_text_add_bytes(t, text, strlen(text));
}

void lr_text_addf(struct lr_text *t, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    const int length = vsnprintf(NULL, 0, format, args);
    if (length >= 0 && reserve(t, (size_t)length)) {
        vsnprintf(t->at + t->length, (size_t)length + 1, format, again);
        t->length += (size_t)length;
    }
    va_end(again);
    va_end(args);
}

void lr_text_cut(struct lr_text *t, size_t length)
{
    if (length < t->length) {
        t->length = length;
        t->at[length] = '\0';
    }
}

const char *lr_text_str(const struct lr_text *t)
{
    return t->at ? t->at : "";
}

char *lr_text_take(struct lr_text *t, struct lr_diags *ds)
{
    char *const text = t->out_of_memory ? NULL : t->at ? t->at : lr_text_copy("");
    if (t->out_of_memory)
        free(t->at);
    if (!text)
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
    *t = (struct lr_text){0};
    return text;
}

void lr_text_free(struct lr_text *t)
{
    free(t->at);
    *t = (struct lr_text){0};
}
