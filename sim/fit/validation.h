/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of a validation, sorted and summed up by group, for the files of this layer. */
#ifndef LLMROOF_FIT_VALIDATION_H
#define LLMROOF_FIT_VALIDATION_H

#include <llmroof/validate.h>

/* A row, with the key of its group. */
struct lr_entry {
    struct lr_group key;
    struct lr_point point;
};

/* Sorts the entries and fills in the groups, points, chips and total of out. false if memory runs out. */
bool lr_validation_sum(struct lr_entry *entry, size_t n, struct lr_validation *out);

#endif
