/* SPDX-License-Identifier: Apache-2.0 */
/* Quantities: reads numbers with a unit, such as '3.35 TB/s', as doubles in SI units, and writes them. */
#ifndef LLMROOF_CORE_QUANTITY_H
#define LLMROOF_CORE_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>

/* X(id, name in messages and documentation, example) */
#define LR_DIMENSIONS(X)                                                                                               \
    X(BYTES, "bytes", "80 GiB")                                                                                        \
    X(BYTES_PER_S, "bytes/s", "3.35 TB/s")                                                                             \
    X(FLOP_PER_S, "FLOP/s", "989.4 TFLOP/s")                                                                           \
    X(SECONDS, "seconds", "1.5 us")                                                                                    \
    X(HERTZ, "hertz", "1.83 GHz")                                                                                      \
    X(WATTS, "watts", "700 W")                                                                                         \
    X(USD_PER_HOUR, "US dollars per hour", "2.50 USD/h")                                                               \
    X(COUNT, "a whole number", "128")                                                                                  \
    X(RATIO, "a ratio between 0 and 1", "0.9")                                                                         \
    X(NUMBER, "a number", "0.01")

enum lr_dimension {
#define X(id, name, example) LR_DIMENSION_##id,
    LR_DIMENSIONS(X)
#undef X
        LR_DIMENSION_COUNT_OF
};

const char *lr_dimension_name(enum lr_dimension d);
const char *lr_dimension_example(enum lr_dimension d);

/* Every message fits in a buffer of this size. */
enum { LR_QUANTITY_ERROR = 256 };

/* "expected bytes/s with a unit, for example '3.35 TB/s'" */
void lr_quantity_expected(enum lr_dimension d, char *out, size_t size);

/* Parses text, all of it, as a quantity of dimension d. *out is in bytes, bytes/s, FLOP/s, s, Hz, W, USD/h, or as a
 * plain number. Decimal prefixes are powers of 1000 (kB) and binary prefixes powers of 1024 (KiB). Gb/s means bits;
 * OP/s means FLOP/s. Prefixes and units are case-sensitive. COUNT is a whole number from 0 to 2^53 without a unit, such
 * as 128 or 671.0e9. RATIO is a number from 0 to 1, or a percentage such as '90 %'. Other dimensions may be negative.
 * Results are correctly rounded. On failure returns false, writes a message such as "'12' has no unit, expected ..." to
 * error (cut to size) and leaves out unchanged. */
bool lr_quantity_parse(const char *text, enum lr_dimension d, double *out, char *error, size_t size);

/* Writes value with the prefix that needs the fewest digits. Reading the text again gives the same double. value must
 * be finite. Returns the length that it needs, as snprintf does; LR_QUANTITY_SIZE is always enough. */
enum { LR_QUANTITY_SIZE = 64 };
size_t lr_quantity_format(double value, enum lr_dimension d, char *buf, size_t size);

/* Reads a count on a command line, from 0 to 2^53: '129280', '8k' = 8192, '1M' = 1048576, '1.5k' = 1536. */
bool lr_count_parse(const char *text, double *out, char *error, size_t size);

/* Reads a list of counts on a command line: '1,8,64', '1-4' (1 2 3 4), '1-10+3' (1 4 7 10), '1-256*2' (1 2 4 ... 256),
 * or several of these with commas. Each count may have a suffix. Writes at most cap counts to out and their number to
 * *count. Errors: more than cap counts, an empty item, a range that decreases or has a step of 0. */
bool lr_range_parse(const char *text, double *out, size_t cap, size_t *count, char *error, size_t size);

#endif
