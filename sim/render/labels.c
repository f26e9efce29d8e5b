/* SPDX-License-Identifier: Apache-2.0 */
#include "render/labels.h"

#include <stdlib.h>

static int upwards(const void *x, const void *y)
{
    const struct lr_label *a = x, *b = y;
    if (a->wanted != b->wanted)
        return a->wanted < b->wanted ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

/* Each group of touching labels is centred on the mean of their wanted positions. Groups that then touch become one. */
void lr_labels_place(struct lr_label *l, size_t n, double gap, double least, double most)
{
    size_t start[LR_LABELS_MAX], groups = 0;
    n = n < LR_LABELS_MAX ? n : LR_LABELS_MAX;
    if (n == 0)
        return;
    qsort(l, n, sizeof *l, upwards);
    for (size_t i = 0; i < n; i++) {
        start[groups++] = i;
        l[i].placed = l[i].wanted;
        for (;;) {
            const size_t from = start[groups - 1], count = i + 1 - from;
            double centre = 0;
            for (size_t k = from; k <= i; k++)
                centre += l[k].wanted / (double)count;
            double low = centre - gap * (double)(count - 1) / 2;
            low = low + gap * (double)(count - 1) > most ? most - gap * (double)(count - 1) : low;
            low = low < least ? least : low;
            for (size_t k = from; k <= i; k++)
                l[k].placed = low + gap * (double)(k - from);
            if (groups < 2 || l[from].placed - l[from - 1].placed >= gap)
                break;
            groups--; /* this group touches the one below: join them and place again */
        }
    }
}
