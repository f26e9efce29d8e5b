/* SPDX-License-Identifier: Apache-2.0 */
/* What the operating system says of the machine. */
#ifndef LLMROOF_HOST_MACHINE_H
#define LLMROOF_HOST_MACHINE_H

#include <stddef.h>

enum { LR_MACHINE_NAME = 96 };

struct lr_machine {
    char name[LR_MACHINE_NAME]; /* of the processor; "unknown processor" */
    size_t threads;             /* that may run at once, >= 1 */
    double memory_bytes;        /* installed */
    double available_bytes;     /* that can be had now without swapping, limits of the control group included */
    double cache_bytes;         /* last level; 0: not known */
    double clock_hz;            /* 0: not known */
};

void lr_machine_read(struct lr_machine *m);

#endif
