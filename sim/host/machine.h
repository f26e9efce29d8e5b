/* SPDX-License-Identifier: Apache-2.0 */
/* Properties of the machine, from the operating system. */
#ifndef LLMROOF_HOST_MACHINE_H
#define LLMROOF_HOST_MACHINE_H

#include <stddef.h>

enum { LR_MACHINE_NAME = 96 };

struct lr_machine {
    char name[LR_MACHINE_NAME]; /* of the processor, or "unknown processor" */
    size_t threads;             /* that can run at the same time, >= 1 */
    double memory_bytes;        /* installed */
    double available_bytes;     /* free without swapping, within the limit of the control group */
    double cache_bytes;         /* last level; 0: not known */
    double clock_hz;            /* 0: not known */
};

void lr_machine_read(struct lr_machine *m);

#endif
