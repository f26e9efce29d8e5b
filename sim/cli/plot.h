/* The kinds of plot: each turns a grid into data for its script. */
#ifndef LLMROOF_CLI_PLOT_H
#define LLMROOF_CLI_PLOT_H

#include "cli/grid.h"
#include "render/gnuplot.h"

/* Texts that a plot's arguments point into. */
struct lr_plot_text {
    char title[256], subtitle[256], argument[6][128];
};

/* Fill p->data's text (through data) and the arguments. false with an error when there is nothing to draw. */
bool lr_plot_latency(const struct lr_grid *g, struct lr_session *s, struct lr_text *data, struct lr_plot_text *t,
                     struct lr_plot *p);
bool lr_plot_roofline(const struct lr_grid *g, struct lr_session *s, struct lr_text *data, struct lr_plot_text *t,
                      struct lr_plot *p);
bool lr_plot_memory(const struct lr_grid *g, struct lr_session *s, struct lr_text *data, struct lr_plot_text *t,
                    struct lr_plot *p);

/* "weights fp8_block, KV bf16, tp 8, context 4096": what all points of a plot share. */
void lr_plot_setting(const struct lr_session *s, const struct lr_answer *a, bool batch, bool context, char *out,
                     size_t size);

/* A quoted string of a data file; quotes inside are dropped. */
void lr_plot_quote(struct lr_text *out, const char *text);

#endif
