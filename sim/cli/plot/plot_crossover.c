/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/plot/plot.h"

#include <llmroof/claim.h>
#include <llmroof/comparison.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

/* share of the colour, the rest white. */
static unsigned paler(unsigned colour, double share)
{
    unsigned out = 0;
    for (int shift = 16; shift >= 0; shift -= 8)
        out |= (unsigned)lround(share * (colour >> shift & 255) + (1 - share) * 255) << shift;
    return out;
}

/* Black on what is light, white on what is dark; weights of the eye's (ITU-R BT.601). */
static unsigned ink(unsigned ground)
{
    const double light = 0.299 * (ground >> 16 & 255) + 0.587 * (ground >> 8 & 255) + 0.114 * (ground & 255);
    return light > 140 ? 0x111111U : 0xFFFFFFU;
}

/* The fastest and the second fastest of a point's chips; -1: there is none. */
static void podium(const struct lr_answer *a, size_t chips, int *first, int *second)
{
    *first = *second = -1;
    for (size_t h = 0; h < chips; h++) {
        if (!a[h].estimate.fits)
            continue;
        if (*first < 0 || a[h].estimate.tpot_s < a[*first].estimate.tpot_s) {
            *second = *first;
            *first = (int)h;
        } else if (*second < 0 || a[h].estimate.tpot_s < a[*second].estimate.tpot_s) {
            *second = (int)h;
        }
    }
}

/* lead: faster than another that fits; only: no other fits. */
struct cells {
    struct lr_text colour, open, text;
    size_t fits, open_count, lead[LR_COLOURS], only[LR_COLOURS];
};

static void cell(const struct lr_grid *g, size_t b, size_t c, double apart, struct cells *out)
{
    const struct lr_answer *a = &g->answer[(c * g->batches + b) * g->chips];
    int first, second;
    podium(a, g->chips, &first, &second);
    if (first < 0) {
        lr_text_addf(&out->colour, "%zu %zu %u\n", b, c, 0xE8E8E8U);
        return;
    }
    const bool alone = second < 0;
    const enum lr_outcome o =
        alone ? LR_OUTCOME_HOLDS_CLEARLY : lr_compare(&a[first].estimate, &a[second].estimate, apart);
    const bool open = o == LR_OUTCOME_CLOSE, sure = o == LR_OUTCOME_HOLDS_CLEARLY;
    const unsigned colour = paler(lr_plot_colour((size_t)first), open ? 0.35 : sure ? 1 : 0.7);
    lr_text_addf(&out->colour, "%zu %zu %u\n", b, c, colour);
    if (open)
        lr_text_addf(&out->open, "%zu %zu\n", b, c);
    lr_text_addf(&out->text, "%zu %zu ", b, c);
    if (alone)
        lr_text_add(&out->text, "only");
    else
        lr_text_addf(&out->text, "%.2f", a[second].estimate.tpot_s / a[first].estimate.tpot_s);
    lr_text_addf(&out->text, " %u %c%s\n", ink(colour), 'A' + first, open ? "?" : sure ? "*" : "");
    out->fits++;
    out->open_count += open;
    if (!open)
        (alone ? out->only : out->lead)[first]++;
}

/* "8k" for 8192, as the command line takes it. */
static void tick(struct lr_text *data, size_t i, double value)
{
    if (value >= 1024 && fmod(value, 1024) == 0)
        lr_text_addf(data, "%zu %.0fk\n", i, value / 1024);
    else
        lr_text_addf(data, "%zu %.0f\n", i, value);
}

/* "h100 is faster at 42 points, h20 at 3; too close to call at 9; only h20 fits at 6". */
static void finding(const struct lr_grid *g, const struct cells *t, char *out, size_t size)
{
    struct lr_text text = {0};
    size_t leaders = 0;
    for (size_t h = 0; h < g->chips; h++)
        if (t->lead[h])
            lr_text_addf(&text, leaders++ ? ", %s at %zu" : "%s is faster at %zu points", g->answer[h].hardware->name,
                         t->lead[h]);
    if (t->open_count)
        lr_text_addf(&text, "%s%s at %zu%s", leaders ? "; " : "", lr_certainty_word(LR_CERTAINTY_CLOSE), t->open_count,
                     leaders ? "" : " points");
    for (size_t h = 0; h < g->chips; h++)
        if (t->only[h])
            lr_text_addf(&text, "%sonly %s fits at %zu", text.length ? "; " : "", g->answer[h].hardware->name,
                         t->only[h]);
    snprintf(out, size, "%s", lr_text_str(&text));
    lr_text_free(&text);
}

/* What cells and their colours say. */
static void legend(const struct lr_grid *g, bool ascii, char *out, size_t size)
{
    const size_t length = strlen(out);
    struct lr_text text = {0};
    if (ascii)
        for (size_t h = 0; h < g->chips; h++)
            lr_text_addf(&text, "%s%c %s", h ? ", " : "\n", 'A' + (int)h, g->answer[h].hardware->name);
    lr_text_add(&text, ascii ? "; * clearly, ? too close to call" : "; cells: speed-up; strong: clearly");
    snprintf(out + length, size - length, "%s", lr_text_str(&text));
    lr_text_free(&text);
}

bool lr_plot_crossover(struct lr_session *s, struct lr_picture *p)
{
    const struct lr_grid *g = &p->grid;
    struct cells t = {0};
    struct lr_text chips = {0};
    const double apart = lr_runtimes_apart(s->runtime, s->runtime);
    if (g->chips < 2 || g->chips > LR_COLOURS) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--hw", "expected 2 to %d chips to compare", LR_COLOURS);
        return false;
    }
    for (size_t c = 0; c < g->contexts; c++)
        for (size_t b = 0; b < g->batches; b++)
            cell(g, b, c, apart, &t);
    lr_text_addf(&p->data, "%s\n\n%s\n\n%s\n\n", lr_text_str(&t.colour), t.open.length ? t.open.at : "NaN NaN\n",
                 lr_text_str(&t.text));
    for (size_t b = 0; b < g->batches; b++)
        tick(&p->data, b, g->answer[b * g->chips].workload.batch);
    lr_text_add(&p->data, "\n\n");
    for (size_t c = 0; c < g->contexts; c++)
        tick(&p->data, c, g->answer[c * g->batches * g->chips].workload.context);
    for (size_t h = 0; h < g->chips; h++)
        lr_text_addf(&chips, "%s%s", h ? " " : "", g->answer[h].hardware->name);
    finding(g, &t, p->title, sizeof p->title);
    lr_plot_setting(s, &g->answer[0], false, false, p->subtitle, sizeof p->subtitle);
    legend(g, s->options.ascii, s->options.ascii ? p->title : p->subtitle, sizeof p->title);
    snprintf(p->argument[0], sizeof p->argument[0], "%s", lr_text_str(&chips));
    snprintf(p->argument[1], sizeof p->argument[1], "%zu %zu %d", g->batches, g->contexts, t.open_count > 0);
    lr_text_free(&chips);
    lr_text_free(&t.colour);
    lr_text_free(&t.open);
    lr_text_free(&t.text);
    if (t.fits == 0)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "nothing to draw: the model fits on none of these chips");
    lr_picture_arguments(p, 2);
    return t.fits > 0;
}
