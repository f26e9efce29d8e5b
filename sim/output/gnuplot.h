/* SPDX-License-Identifier: Apache-2.0 */
/* Runs gnuplot on a script of the project, without a shell. Data is never executed as code. */
#ifndef LLMROOF_OUTPUT_GNUPLOT_H
#define LLMROOF_OUTPUT_GNUPLOT_H

#include "core/text.h"

#include <llmroof/diag.h>

#include <stdbool.h>
#include <stddef.h>

enum { LR_PLOT_ARGUMENTS_MAX = 16 };

/* A plot. The arguments of the script are ARG1 terminal ("pngcairo", "svg", "dumb"), ARG2 output, ARG3 data file, ARG4
 * folder of the scripts, and then those in argument. */
struct lr_plot {
    const char *script; /* path of the .gp file */
    const char *folder;
    const struct lr_text *data; /* blocks, separated by two empty lines */
    const char *argument[LR_PLOT_ARGUMENTS_MAX - 6];
    size_t arguments;
};

/* Draws to file, which must end in .png or .svg, or as text to standard output if file is NULL. Writes the file
 * completely or not at all. false, with an error: gnuplot is missing, fails or draws nothing; wrong suffix; the file
 * cannot be written. */
bool lr_plot_draw(const struct lr_plot *p, const char *file, struct lr_diags *ds);

/* Draws an SVG document and appends it to out. */
bool lr_plot_svg(const struct lr_plot *p, struct lr_text *out, struct lr_diags *ds);

#endif
