/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the kernel of a set that is used to price a family in a number format. */
#ifndef LLMROOF_CORE_CONSTANTS_H
#define LLMROOF_CORE_CONSTANTS_H

#include <llmroof/kernels.h>

/* Returns the kernel for a format, else the kernel of the most similar format; NULL when the set has no kernel for the
 * family. If the set has no constants for states, they use those of elementwise operators; indexers use those of MLA.
 */
const struct lr_kernel *lr_kernels_find(const struct lr_kernels *k, enum lr_family f, enum lr_dtype d);

/* True if the family uses the constants of another family. Its price is then assumed, even if those constants are
 * measured. */
bool lr_kernels_borrowed(const struct lr_kernels *k, enum lr_family f);

#endif
