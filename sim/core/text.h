/* SPDX-License-Identifier: Apache-2.0 */
/* Small strings: names, a builder, the nearest of several names. */
#ifndef LLMROOF_CORE_TEXT_H
#define LLMROOF_CORE_TEXT_H

#include <llmroof/diag.h>

#include <stdbool.h>
#include <stddef.h>

/* A copy to free(). NULL when memory runs out. */
char *lr_text_copy(const char *text);

/* Letters of ASCII only, whatever the locale. */
char lr_text_lower(char c);

/* Names are the same when they differ in nothing but case and in '_', '-' and ' '. */
bool lr_name_same(const char *a, const char *b);

/* The name in its canonical spelling (lower case, '-') in out, shortened to size - 1. */
void lr_name_normalise(const char *name, char *out, size_t size);

/* Insertions, deletions, replacements and swaps of neighbours that turn one name into the other, case and separators
 * set aside. Only the first LR_DISTANCE_MAX characters of each are looked at. */
enum { LR_DISTANCE_MAX = 64 };
size_t lr_name_distance(const char *a, const char *b);

/* Collects the candidate nearest to a name. Zero-initialise, offer each one, then ask. Of equals the first wins. */
struct lr_nearest {
    const char *name;
    size_t distance;
};
void lr_nearest_offer(struct lr_nearest *n, const char *wanted, const char *candidate);

/* NULL when none is so near that it can have been meant. */
const char *lr_nearest_name(const struct lr_nearest *n, const char *wanted);

/* A string that grows. Zero-initialised is valid and empty. After a failed allocation it keeps what it had and says so.
 */
struct lr_text {
    char *at; /* terminated; NULL while empty */
    size_t length, capacity;
    bool out_of_memory;
};
void lr_text_add(struct lr_text *t, const char *text);
void lr_text_add_bytes(struct lr_text *t, const char *bytes, size_t length);
void lr_text_addf(struct lr_text *t, const char *format, ...) LR_PRINTF(2, 3);
void lr_text_cut(struct lr_text *t, size_t length);
const char *lr_text_str(const struct lr_text *t); /* "" while empty */
void lr_text_free(struct lr_text *t);

/* Empties t and gives its string to the caller, to free(). NULL, with an error in ds, when memory ran out. */
char *lr_text_take(struct lr_text *t, struct lr_diags *ds);

#endif
