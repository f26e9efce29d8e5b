/* SPDX-License-Identifier: Apache-2.0 */
/* Decimal numbers to doubles and back, the same in every locale. */
#ifndef LLMROOF_CORE_NUMBER_H
#define LLMROOF_CORE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/* 2^53: whole numbers are exact up to here. */
#define LR_WHOLE_MAX 9007199254740992.0

/* Longest number that can be read, in characters. */
enum { LR_NUMBER_MAX = 64 };

enum lr_number_status { LR_NUMBER_OK, LR_NUMBER_NONE, LR_NUMBER_TOO_LARGE, LR_NUMBER_TOO_SMALL, LR_NUMBER_TOO_LONG };

/* Reads [+-] digits [. digits] [e [+-] digits] from the start of text, multiplies it by 10^exponent and rounds it
 * correctly. *end points after the number. White space, hexadecimal numbers, nan and inf give LR_NUMBER_NONE. out is
 * written only on LR_NUMBER_OK. */
enum lr_number_status lr_number_scan(const char *text, int exponent, double *out, const char **end);

/* Reads the whole text. false unless it is one finite number in the form above. */
bool lr_number_parse(const char *text, double *out);

/* Writes the shortest decimal that is read back as the same double: "0.1", "1e+30", "129280". -0 is written as "0", and
 * values that are not finite as "nan", "inf" and "-inf". Needs at most LR_DOUBLE_SIZE bytes, terminator included.
 * Returns the length that it needs, as snprintf does. */
enum { LR_DOUBLE_SIZE = 40 };
size_t lr_format_double(double value, char *buf, size_t size);

/* Rounds to four significant digits. Fitted constants are rounded this way before they are used, so that the files
 * which store them give the same estimates. */
double lr_number_four_digits(double value);

/* Writes the digits of value without sign, point and trailing zeros, and the power of ten of the first digit: "15" and
 * 3 for 1500, "0" and 0 for 0. value must be finite. */
void lr_number_digits(double value, char digits[LR_DOUBLE_SIZE], int *exponent);

#endif
