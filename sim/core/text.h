/* SPDX-License-Identifier: Apache-2.0 */
/* Strings: comparison of names, suggestions for misspelled names, and a string builder. */
#ifndef LLMROOF_CORE_TEXT_H
#define LLMROOF_CORE_TEXT_H

#include <llmroof/diag.h>

#include <stdbool.h>
#include <stddef.h>

/* Returns a copy, which the caller frees. NULL when memory runs out. */
char *lr_text_copy(const char *text);

/* Converts ASCII letters only, in every locale. */
char lr_text_lower(char c);

/* Compares names. Case is ignored, and '_', '-' and ' ' are the same character. */
bool lr_name_same(const char *a, const char *b);

/* Writes the canonical spelling of the name (lower case, '-') to out, cut to size - 1 characters. */
void lr_name_normalise(const char *name, char *out, size_t size);

/* Returns the number of insertions, deletions, replacements and swaps of neighbours that turn one name into the other.
 * Case and separators are compared as in lr_name_same. Only the first LR_DISTANCE_MAX characters of each name count. */
enum { LR_DISTANCE_MAX = 64 };
size_t lr_name_distance(const char *a, const char *b);

/* Finds the candidate most similar to a name. Zero-initialise, offer each candidate, then call lr_nearest_name. Of
 * equal candidates the first is used. */
struct lr_nearest {
    const char *name;
    size_t distance;
};
void lr_nearest_offer(struct lr_nearest *n, const char *wanted, const char *candidate);

/* NULL when no candidate is similar enough to be a suggestion. */
const char *lr_nearest_name(const struct lr_nearest *n, const char *wanted);

/* A string that grows. A zero-initialised one is valid and empty. After a failed allocation it keeps its text and sets
 * out_of_memory. */
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

/* Returns the string of t, which the caller frees, and leaves t empty. NULL, with an error in ds, when memory ran out.
 */
char *lr_text_take(struct lr_text *t, struct lr_diags *ds);

#endif
