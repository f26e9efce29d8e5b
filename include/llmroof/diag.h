/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics: mistakes as values with a position, collected while working and printed once, at the edge.
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

/* Where a mistake is. line and col count from 1; 0 means "not known". file may be NULL (a command line). */
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

/* A growing list. Zero-initialised is valid and empty; free with lr_diags_free. When memory runs out the list keeps
 * counting errors and sets out_of_memory, so that a failed load can never look like a clean one; an error that says
 * "out of memory" sets it too. */
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

/* Adds one. ds may be NULL (then nothing is kept). field may be NULL. At most LR_DIAGS_MAX are kept; more only count.
 */
enum { LR_DIAGS_MAX = 100 };
void lr_diag(struct lr_diags *ds, enum lr_severity severity, struct lr_pos pos, const char *field, const char *format,
             ...) LR_PRINTF(5, 6);

/* Adds a hint to the newest diagnostic (replaces one that is there). Without a diagnostic it does nothing. */
void lr_hint(struct lr_diags *ds, const char *format, ...) LR_PRINTF(2, 3);

/* Writes the rendered form, without a last newline, into buf (always terminated when size > 0) and returns the length
 * that it needs, as snprintf does. */
size_t lr_diag_format(const struct lr_diag *d, char *buf, size_t size);

void lr_diags_free(struct lr_diags *ds);

#ifdef __cplusplus
}
#endif

#endif
