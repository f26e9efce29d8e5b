/* SPDX-License-Identifier: Apache-2.0 */
/* A streaming JSON writer. It writes nesting, commas and escapes, and numbers in the shortest form that is read back as
 * the same double. */
#ifndef LLMROOF_RENDER_JSON_H
#define LLMROOF_RENDER_JSON_H

#include "core/text.h"

#include <stdbool.h>

enum { LR_JSON_DEPTH_MAX = 16 };

/* Before use, set out and zero-initialise the rest. Keys are NULL inside arrays and at the top level. */
struct lr_json {
    struct lr_text *out;
    int depth;
    bool filled[LR_JSON_DEPTH_MAX]; /* by depth: the container has a member */
};

void lr_json_open(struct lr_json *j, const char *key, char bracket);      /* '{' or '[' */
void lr_json_close(struct lr_json *j, char bracket);                      /* '}' or ']' */
void lr_json_number(struct lr_json *j, const char *key, double value);    /* null unless finite */
void lr_json_text(struct lr_json *j, const char *key, const char *value); /* NULL: null */
void lr_json_bool(struct lr_json *j, const char *key, bool value);

#endif
