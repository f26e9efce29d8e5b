/* SPDX-License-Identifier: Apache-2.0 */
/* Writes parts of an HTML page: escaped text, tables that a script can sort, drawings of gnuplot. */
#ifndef LLMROOF_RENDER_HTML_H
#define LLMROOF_RENDER_HTML_H

#include "core/text.h"

struct lr_table;

/* Appends text as content, or as the value of an attribute in double quotes. */
void lr_html_text(struct lr_text *out, const char *text);

/* Appends the columns that have a title. A cell with a number has the exact number in the attribute data-v, for
 * sorting. */
void lr_html_table(const struct lr_table *t, struct lr_text *out);

/* Appends an SVG document as an element of the page. prefix is added to its ids, so that a page can have several
 * drawings; title describes the drawing for screen readers. Appends nothing when svg contains no drawing. */
void lr_html_svg(const char *svg, const char *prefix, const char *title, struct lr_text *out);

#endif
