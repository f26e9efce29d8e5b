/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics: errors, warnings and notes as values with a position. Functions collect them in a list, and the caller
 * prints the list once.
 *
 * Rendered form (lr_diag_format):  file:line:col: field: what is wrong, expected X
 *                                    hint: ...            (on the next line, when there is one)
 * A warning or a note has that word before the field; parts that are not known are left out.
 * Lower case, no full stop, the subject quoted. The library never prints and never exits. */
#ifndef LLMROOF_DIAG_H
#define LLMROOF_DIAG_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where a mistake is. line and col count from 1; 0: not known. file may be NULL (a command line). */
struct lr_pos {
    const char *file;
    int line;
    int col;
};

/* The position of a mistake that has none. */
#ifdef __cplusplus
#define LR_NO_POSITION (lr_pos{})
#else
#define LR_NO_POSITION ((struct lr_pos){0})
#endif

enum lr_severity { LR_ERROR, LR_WARNING, LR_NOTE };

struct lr_diag {
    enum lr_severity severity;
    struct lr_pos pos; /* pos.file is owned by the list */
    char *field;       /* dotted path such as "memory.bandwidth", or NULL */
    char *message;     /* never NULL */
    char *hint;        /* or NULL */
};

/* A list that grows. Zero-initialised is valid and empty; free with lr_diags_free. It belongs to one thread. When
 * memory runs out the list still counts errors and sets out_of_memory, so that a failed load never looks like a clean
 * one. An error that says "out of memory" sets it too. */
struct lr_diags {
    struct lr_diag *item;
    size_t count, capacity;
    size_t errors; /* how many have severity LR_ERROR, kept or not */
    bool out_of_memory;
    bool newest_dropped; /* internal: a hint has nothing to attach to */
};

#if defined(__GNUC__)
#define LR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define LR_PRINTF(fmt, args)
#endif

/* A list keeps at most so many diagnostics; further ones only count. */
enum { LR_DIAGS_MAX = 100 };

/* Adds a diagnostic, whose message is formatted as printf does; it has no line break. The texts are copied. ds may be
 * NULL: nothing is kept. field may be NULL. */
void lr_diag(struct lr_diags *ds, enum lr_severity severity, struct lr_pos pos, const char *field, const char *format,
             ...) LR_PRINTF(5, 6);

/* Gives the newest diagnostic a hint, formatted as printf does, in the place of one that it has. Does nothing when the
 * list is empty, when the newest diagnostic was not kept, or when ds is NULL. */
void lr_hint(struct lr_diags *ds, const char *format, ...) LR_PRINTF(2, 3);

/* Writes the rendered form, without a last newline, into buf (always terminated when size > 0) and returns the length
 * that it needs, as snprintf does. */
size_t lr_diag_format(const struct lr_diag *d, char *buf, size_t size);

/* Frees what the list owns and leaves it empty and valid. ds may be NULL. */
void lr_diags_free(struct lr_diags *ds);

#ifdef __cplusplus
}
#endif

#endif
