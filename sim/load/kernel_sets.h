/* SPDX-License-Identifier: Apache-2.0 */
/* Reads each kernel set once, even if several chips and runtimes use it. */
#ifndef LLMROOF_LOAD_KERNEL_SETS_H
#define LLMROOF_LOAD_KERNEL_SETS_H

#include <llmroof/catalog.h>
#include <llmroof/kernels.h>

/* A zero-initialised list is valid and empty. Free with lr_kernel_sets_free. */
struct lr_kernel_sets {
    struct lr_kernels **set; /* owned */
    char **name;             /* the names with which they were opened */
    size_t count, capacity;
};

/* Opens the set called name or, if name is NULL, the set that lr_catalog_kernels_for uses for a chip and a kernel
 * class. sets owns it. NULL after an error. */
struct lr_kernels *lr_kernel_sets_open(struct lr_kernel_sets *sets, const struct lr_catalog *c, const char *name,
                                       const struct lr_hardware *hw, const char *kernel_class, struct lr_diags *ds);
void lr_kernel_sets_free(struct lr_kernel_sets *sets);

/* Returns the name of the set that lr_catalog_kernels_for reads. The caller frees it. NULL after an error: no such
 * architecture, or out of memory. */
char *lr_catalog_kernels_name(const struct lr_catalog *c, const struct lr_hardware *hw, const char *kernel_class,
                              struct lr_diags *ds);

#endif
