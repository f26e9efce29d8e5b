/* SPDX-License-Identifier: Apache-2.0 */
/* Which kernel of a set prices a family in a format. */
#ifndef LLMROOF_CORE_CONSTANTS_H
#define LLMROOF_CORE_CONSTANTS_H

#include <llmroof/kernels.h>

/* The kernel for a format, or for the format whose kernel is nearest to it; NULL when the set has none for the family.
 * Families that no set has constants for borrow those of another: states the elementwise ones, indexers MLA's. */
const struct lr_kernel *lr_kernels_find(const struct lr_kernels *k, enum lr_family f, enum lr_dtype d);

/* The family's constants are borrowed: what they give is assumed, however well they are measured. */
bool lr_kernels_borrowed(const struct lr_kernels *k, enum lr_family f);

#endif
