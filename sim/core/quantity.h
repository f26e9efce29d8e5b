/* SPDX-License-Identifier: Apache-2.0 */
/* Quantities: numbers with a unit, as people write them, to SI doubles and back. */
#ifndef LLMROOF_CORE_QUANTITY_H
#define LLMROOF_CORE_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>

/* id, its name in messages and documentation, an example of a right value. */
#define LR_DIMENSIONS(X)                                                                                               \
    X(BYTES, "bytes", "80 GiB")                                                                                        \
    X(BYTES_PER_S, "bytes/s", "3.35 TB/s")                                                                             \
    X(FLOP_PER_S, "FLOP/s", "989.4 TFLOP/s")                                                                           \
    X(SECONDS, "seconds", "1.5 us")                                                                                    \
    X(HERTZ, "hertz", "1.83 GHz")                                                                                      \
    X(WATTS, "watts", "700 W")                                                                                         \
    X(USD_PER_HOUR, "US dollars an hour", "2.50 USD/h")                                                                \
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

/* Messages fit in this. */
enum { LR_QUANTITY_ERROR = 256 };

/* "expected bytes/s with a unit, for example '3.35 TB/s'" */
void lr_quantity_expected(enum lr_dimension d, char *out, size_t size);

/* Reads a whole text as a quantity of dimension d into *out: bytes, bytes/s, FLOP/s, s, Hz, W, USD/h, or the plain
 * number. Decimal prefixes are powers of 1000 (kB), binary ones of 1024 (KiB); Gb/s are bits; OP/s are FLOP/s. Case
 * distinguishes prefix and unit. COUNT: a whole number from 0 to 2^53 without a unit, 671.0e9 too. RATIO: 0 to 1, or
 * '90 %'. The sign is kept, whatever the dimension but COUNT and RATIO. Results are correctly rounded. false: error
 * holds "'12' has no unit, expected ..." (cut to size); out is untouched. */
bool lr_quantity_parse(const char *text, enum lr_dimension d, double *out, char *error, size_t size);

/* Writes value in the unit that needs the fewest digits, such that parsing it gives the same double. value is finite.
 * Returns the length that it needs, as snprintf does; LR_QUANTITY_SIZE is always enough. */
enum { LR_QUANTITY_SIZE = 64 };
size_t lr_quantity_format(double value, enum lr_dimension d, char *buf, size_t size);

/* A count on a command line: '129280', '8k' = 8192, '1M' = 1048576, '1.5k' = 1536. 0 to 2^53. */
bool lr_count_parse(const char *text, double *out, char *error, size_t size);

/* Counts on a command line, each of which may have a suffix: '1,8,64', '1-4' (1 2 3 4), '1-10+3' (1 4 7 10), '1-256*2'
 * (1 2 4 ... 256), and lists of these. Writes at most cap counts to out, their number to *count. More than cap, an
 * empty item, a range that goes down or does not move are errors. */
bool lr_range_parse(const char *text, double *out, size_t cap, size_t *count, char *error, size_t size);

#endif
