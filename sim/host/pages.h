/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for weights and caches: in large pages where the system has them, since with small ones the walk through the
 * page tables of many gigabytes costs more the larger the model is. */
#ifndef LLMROOF_HOST_PAGES_H
#define LLMROOF_HOST_PAGES_H

#include <stddef.h>

/* Not written yet; to free(). NULL when out of memory. */
float *lr_pages_take(size_t floats);

#endif
