/* SPDX-License-Identifier: Apache-2.0 */
/* Decimal numbers to doubles and back, the same in every locale. */
#ifndef LLMROOF_CORE_NUMBER_H
#define LLMROOF_CORE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/* 2^53: whole numbers are exact up to here. */
#define LR_WHOLE_MAX 9007199254740992.0

/* Longest number that is read, in characters. */
enum { LR_NUMBER_MAX = 64 };

enum lr_number_status { LR_NUMBER_OK, LR_NUMBER_NONE, LR_NUMBER_TOO_LARGE, LR_NUMBER_TOO_SMALL, LR_NUMBER_TOO_LONG };

/* Reads [+-] digits [. digits] [e [+-] digits] from the start of text, times 10^exponent, correctly rounded, and points
 * *end behind it. No white space, hexadecimals, nan or inf: LR_NUMBER_NONE. out is written only on LR_NUMBER_OK. */
enum lr_number_status lr_number_scan(const char *text, int exponent, double *out, const char **end);

/* As above, of the whole text. false unless it is one finite number. */
bool lr_number_parse(const char *text, double *out);

/* Shortest decimal that reads back as the same double: "0.1", "1e+30", "129280". -0 is "0"; "nan", "inf" and "-inf" are
 * spelled so. At most LR_DOUBLE_SIZE bytes with the terminator. */
enum { LR_DOUBLE_SIZE = 40 };
size_t lr_format_double(double value, char *buf, size_t size);

/* Rounded to four significant digits: what is fitted is written, and used, with no more. */
double lr_number_four_digits(double value);

/* Its digits without sign, point and trailing zeros, and the power of ten of the first one: 1500 is "15", 3. value is
 * finite. 0 is "0", 0. */
void lr_number_digits(double value, char digits[LR_DOUBLE_SIZE], int *exponent);

#endif
