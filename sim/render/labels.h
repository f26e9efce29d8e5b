/* SPDX-License-Identifier: Apache-2.0 */
/* Places labels so that they do not overlap. */
#ifndef LLMROOF_RENDER_LABELS_H
#define LLMROOF_RENDER_LABELS_H

#include <stddef.h>

struct lr_label {
    double wanted; /* wanted position, as a share of the axis */
    double placed; /* result */
    size_t index;  /* index in the caller's array */
};

/* Sorts labels by wanted position. Moves them as little as possible so that their distance is at least gap and they are
 * inside [least, most]. Uses at most LR_LABELS_MAX labels. */
enum { LR_LABELS_MAX = 64 };

void lr_labels_place(struct lr_label *l, size_t n, double gap, double least, double most);

#endif
