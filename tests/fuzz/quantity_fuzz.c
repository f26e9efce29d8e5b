/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte picks the dimension. What is read must survive being written and read again. */
#include "core/quantity.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void round_trip(double value, enum lr_dimension d)
{
    char text[LR_QUANTITY_SIZE], error[LR_QUANTITY_ERROR];
    double again = 0;
    if (lr_quantity_format(value, d, text, sizeof text) >= sizeof text)
        abort();
    if (!lr_quantity_parse(text, d, &again, error, sizeof error) || again != value)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    char *text = malloc(size), error[LR_QUANTITY_ERROR];
    if (!text)
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    const enum lr_dimension d = (enum lr_dimension)(data[0] % LR_DIMENSION_COUNT_OF);
    double value, counts[16];
    size_t count;
    if (lr_quantity_parse(text, d, &value, error, sizeof error))
        round_trip(value, d);
    lr_count_parse(text, &value, error, sizeof error);
    lr_range_parse(text, counts, sizeof counts / sizeof counts[0], &count, error, sizeof error);
    free(text);
    return 0;
}
