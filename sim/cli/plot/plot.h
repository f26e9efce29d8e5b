/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of plot: each turns an answer into data for its script. */
#ifndef LLMROOF_CLI_PLOT_PLOT_H
#define LLMROOF_CLI_PLOT_PLOT_H

#include "cli/view/grid.h"
#include "output/gnuplot.h"

/* The kinds: name, which is that of its script too; whether it draws points of a deployment, and the batches and
 * contexts where the user gives none. */
#define LR_PLOTS(X)                                                                                                    \
    X(latency, true, "1-256*2", NULL)                                                                                  \
    X(crossover, true, "1-256*2", "1k-64k*2")                                                                          \
    X(waterfall, true, NULL, NULL)                                                                                     \
    X(sensitivity, true, NULL, NULL)                                                                                   \
    X(roofline, true, NULL, NULL)                                                                                      \
    X(memory, true, NULL, NULL)                                                                                        \
    X(room, true, NULL, "1k-128k*2")                                                                                   \
    X(frontier, false, NULL, NULL)                                                                                     \
    X(parity, false, NULL, NULL)

enum lr_plot_kind {
#define X(name, deployment, batches, contexts) LR_PLOT_##name,
    LR_PLOTS(X)
#undef X
};

/* What a plot is made of while it is being made; the plot points into the rest. */
struct lr_picture {
    struct lr_grid grid; /* of the kinds that draw a deployment */
    enum lr_plot_kind kind;
    struct lr_text data, folder, script;
    char title[256], subtitle[256], argument[3][512];
    struct lr_plot plot;
};

/* Fill data, title, subtitle and arguments. false with an error when there is nothing to draw. */
#define X(name, deployment, batches, contexts) bool lr_plot_##name(struct lr_session *s, struct lr_picture *p);
LR_PLOTS(X)
#undef X

/* The palette of plots/style.gp, as 0xRRGGBB. */
enum { LR_COLOURS = 8 };
unsigned lr_plot_colour(size_t i);

/* A line that lists the kinds, for help. */
void lr_picture_kinds(struct lr_text *out);

/* Takes the first operand as the kind, the rest is a deployment as for any command; fills in points of the kind where
 * the user gives none. false with an error for an unknown kind. */
bool lr_picture_kind(struct lr_session *s, struct lr_picture *p);

/* Opens the deployment and makes what the kind draws. false after an error. Free in every case. */
bool lr_picture_make(struct lr_session *s, struct lr_picture *p);

/* Draws what p->grid holds as an SVG document, appended to out. Free in every case. */
bool lr_picture_svg(struct lr_session *s, struct lr_picture *p, enum lr_plot_kind kind, struct lr_text *out);
void lr_picture_free(struct lr_picture *p);

/* Gives the script title, subtitle and the first n of argument. */
void lr_picture_arguments(struct lr_picture *p, size_t n);

/* "llama-3.1-8b, 4 GPUs, tp 4, context 4096, runtime ideal": what all points of a plot share. */
void lr_plot_setting(const struct lr_session *s, const struct lr_answer *a, bool batch, bool context, char *out,
                     size_t size);

/* A quoted string of a data file; quotes inside are dropped. */
void lr_plot_quote(struct lr_text *out, const char *text);

#endif
