/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of an HTML page: texts escaped, tables that a script can sort, drawings of gnuplot. */
#ifndef LLMROOF_RENDER_HTML_H
#define LLMROOF_RENDER_HTML_H

#include "core/text.h"

struct lr_table;

/* Text as content, or as the value of an attribute in double quotes. */
void lr_html_text(struct lr_text *out, const char *text);

/* The columns that have a title. A cell whose text is not its value carries that as data-v, to sort by. */
void lr_html_table(const struct lr_table *t, struct lr_text *out);

/* An SVG document as an element of the page. Its ids get prefix, so that several live in one page; title says what it
 * shows to who cannot see it. Adds nothing when svg holds no drawing. */
void lr_html_svg(const char *svg, const char *prefix, const char *title, struct lr_text *out);

#endif
