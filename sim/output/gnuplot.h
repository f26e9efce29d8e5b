/* SPDX-License-Identifier: Apache-2.0 */
/* Runs gnuplot on a committed script: no shell, no code from data. */
#ifndef LLMROOF_OUTPUT_GNUPLOT_H
#define LLMROOF_OUTPUT_GNUPLOT_H

#include "core/text.h"

#include <llmroof/diag.h>

#include <stdbool.h>
#include <stddef.h>

enum { LR_PLOT_ARGUMENTS_MAX = 16 };

/* What a plot is made of. The script gets ARG1 terminal ("pngcairo", "svg", "dumb"), ARG2 output, ARG3 data file, ARG4
 * the folder of the scripts, then arguments. */
struct lr_plot {
    const char *script; /* path of the .gp file */
    const char *folder;
    const struct lr_text *data; /* blocks divided by two empty lines */
    const char *argument[LR_PLOT_ARGUMENTS_MAX - 6];
    size_t arguments;
};

/* Draws into file (.png or .svg), whole or not at all; file NULL: as text on standard output. false with an error: no
 * gnuplot, another suffix, gnuplot failed or drew nothing. */
bool lr_plot_draw(const struct lr_plot *p, const char *file, struct lr_diags *ds);

/* The same as an SVG document, appended to out. */
bool lr_plot_svg(const struct lr_plot *p, struct lr_text *out, struct lr_diags *ds);

#endif
