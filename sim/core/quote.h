/* SPDX-License-Identifier: Apache-2.0 */
/* Text as a value of a YAML or JSON file. What these functions write, the loaders read back as the same text. */
#ifndef LLMROOF_CORE_QUOTE_H
#define LLMROOF_CORE_QUOTE_H

#include "core/text.h"

/* Appends text in double quotes, with escapes that are the same in YAML 1.2 (section 5.7) and JSON (RFC 8259, section
 * 7). Escaped are quotes, backslashes, control characters, the line breaks of Unicode, and what YAML calls not
 * printable. Bytes that are no UTF-8 become U+FFFD, one each. */
void lr_quote(struct lr_text *out, const char *text);

/* For YAML: appends text without quotes where it is a plain word (ASCII letters and digits, '.', '_' and '-', the first
 * a letter or digit, and not "null"); else as lr_quote. */
void lr_quote_if_needed(struct lr_text *out, const char *text);

/* For YAML: a line "key: value", the value as lr_quote or as lr_quote_if_needed. Nothing where it is NULL. */
void lr_quote_text(struct lr_text *out, const char *key, const char *text);
void lr_quote_name(struct lr_text *out, const char *key, const char *name);

#endif
