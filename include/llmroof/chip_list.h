/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of chips: the profiles whose measurements constants were fitted on. */
#ifndef LLMROOF_CHIP_LIST_H
#define LLMROOF_CHIP_LIST_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Names of hardware profiles. Array and names belong to what the list is a part of, a profile or the result of a fit.
 */
struct lr_chip_list {
    const char *const *name;
    size_t count; /* 0: no chip */
};

/* Chips that a fit lists at most. */
enum { LR_CHIP_LIST_MAX = 64 };

/* true when the list has this name. Neither may be NULL. */
bool lr_chip_list_has(const struct lr_chip_list *l, const char *name);

#ifdef __cplusplus
}
#endif

#endif
