/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of chips as text in a file: "b200, h100". */
#ifndef LLMROOF_CORE_CHIP_LIST_H
#define LLMROOF_CORE_CHIP_LIST_H

#include "core/arena.h"
#include "core/text.h"

#include <llmroof/chip_list.h>

/* Splits text at commas. Removes spaces around names, and empty names. The array and the names are stored in the arena.
 * When memory runs out, returns false and leaves out unchanged. */
bool lr_chip_list_split(struct lr_arena *a, const char *text, struct lr_chip_list *out);

/* Adds a name to a list that uses this array, unless the list has the name or is full. */
void lr_chip_list_note(struct lr_chip_list *l, const char *array[LR_CHIP_LIST_MAX], const char *name);

/* Appends the names with ", " between them. */
void lr_chip_list_add(struct lr_text *out, const struct lr_chip_list *l);

#endif
