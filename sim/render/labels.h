/* SPDX-License-Identifier: Apache-2.0 */
/* Places labels so that none lies on another. */
#ifndef LLMROOF_RENDER_LABELS_H
#define LLMROOF_RENDER_LABELS_H

#include <stddef.h>

struct lr_label {
    double wanted; /* position, as a share of the axis */
    double placed; /* filled in */
    size_t index;  /* of the caller's */
};

/* Sorts by wanted position and moves labels apart by at least gap, as little as needed, inside [least, most]. */
enum { LR_LABELS_MAX = 64 };

void lr_labels_place(struct lr_label *l, size_t n, double gap, double least, double most);

#endif
