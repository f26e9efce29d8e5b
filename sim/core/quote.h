/* SPDX-License-Identifier: Apache-2.0 */
/* Writes text as a value of a YAML or JSON file. The loaders read it back as the same text. */
#ifndef LLMROOF_CORE_QUOTE_H
#define LLMROOF_CORE_QUOTE_H

#include "core/text.h"

/* Appends text in double quotes. It uses only escapes that YAML 1.2 (section 5.7) and JSON (RFC 8259, section 7) share:
 * for quotes, backslashes, control characters, the line breaks of Unicode, and characters that YAML calls not
 * printable. Each byte that is not UTF-8 becomes U+FFFD. */
void lr_quote(struct lr_text *out, const char *text);

/* For YAML: appends text without quotes if it is a plain word, else as lr_quote. A plain word consists of ASCII letters
 * and digits, '.', '_' and '-', starts with a letter or digit, and is not "null". */
void lr_quote_if_needed(struct lr_text *out, const char *text);

/* For YAML: append a line "key: value", with the value as lr_quote or lr_quote_if_needed writes it. Append nothing if
 * the value is NULL. */
void lr_quote_text(struct lr_text *out, const char *key, const char *text);
void lr_quote_name(struct lr_text *out, const char *key, const char *name);

#endif
