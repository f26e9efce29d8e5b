/* The kinds of plot: each turns an answer into data for its script. */
#ifndef LLMROOF_CLI_PLOT_H
#define LLMROOF_CLI_PLOT_H

#include "cli/grid.h"
#include "render/gnuplot.h"

/* What a plot is made of while it is being made; the plot points into the rest. */
struct lr_picture {
    struct lr_grid grid; /* of the kinds that draw a deployment */
    struct lr_text data, folder;
    char title[256], subtitle[256], argument[6][128];
    struct lr_plot plot;
};

/* Fill data, title, subtitle and arguments. false with an error when there is nothing to draw. */
bool lr_plot_latency(struct lr_session *s, struct lr_picture *p);
bool lr_plot_roofline(struct lr_session *s, struct lr_picture *p);
bool lr_plot_memory(struct lr_session *s, struct lr_picture *p);
bool lr_plot_frontier(struct lr_session *s, struct lr_picture *p);
bool lr_plot_parity(struct lr_session *s, struct lr_picture *p);

/* Gives the script title, subtitle and the first n of argument. */
void lr_picture_arguments(struct lr_picture *p, size_t n);

/* "llama-3.1-8b, 4 GPUs, tp 4, context 4096, runtime ideal": what all points of a plot share. */
void lr_plot_setting(const struct lr_session *s, const struct lr_answer *a, bool batch, bool context, char *out,
                     size_t size);

/* A quoted string of a data file; quotes inside are dropped. */
void lr_plot_quote(struct lr_text *out, const char *text);

#endif
