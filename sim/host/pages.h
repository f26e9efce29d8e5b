/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for weights and caches, in large pages if the system has them. With small pages, walks through the page tables
 * cost the more time the larger the model is. */
#ifndef LLMROOF_HOST_PAGES_H
#define LLMROOF_HOST_PAGES_H

#include <stddef.h>

/* Allocates floats without setting them. Free them with free(). NULL if memory runs out. */
float *lr_pages_take(size_t floats);

#endif
