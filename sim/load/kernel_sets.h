/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel sets that several chips and runtimes share, each read once. */
#ifndef LLMROOF_LOAD_KERNEL_SETS_H
#define LLMROOF_LOAD_KERNEL_SETS_H

#include <llmroof/catalog.h>
#include <llmroof/kernels.h>

/* Zero-initialised is valid and empty; free with lr_kernel_sets_free. */
struct lr_kernel_sets {
    struct lr_kernels **set; /* owned */
    char **name;             /* under which each was asked for */
    size_t count, capacity;
};

/* The set called name; NULL: the one that lr_catalog_kernels_for gives for a chip and a kernel class. Owned by sets.
 * NULL after an error. */
struct lr_kernels *lr_kernel_sets_open(struct lr_kernel_sets *sets, const struct lr_catalog *c, const char *name,
                                       const struct lr_hardware *hw, const char *kernel_class, struct lr_diags *ds);
void lr_kernel_sets_free(struct lr_kernel_sets *sets);

/* The name of the set that lr_catalog_kernels_for reads, to free(). NULL after an error: no such architecture, memory
 * runs out. */
char *lr_catalog_kernels_name(const struct lr_catalog *c, const struct lr_hardware *hw, const char *kernel_class,
                              struct lr_diags *ds);

#endif
