/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/plot/plot.h"
#include "cli/view/why.h"

#include <llmroof/claim.h>
#include <llmroof/comparison.h>

#include <math.h>
#include <stdio.h>

/* Bars that change less than this share of TPOT are left out. */
static const double SMALL = 5e-4;

struct bars {
    struct lr_text bar, line, text;
    size_t count;
    double least, most;
};

static void bar(struct bars *b, double from, double to, const char *colour, const char *name, const char *says)
{
    const double low = fmin(from, to), high = fmax(from, to);
    lr_text_addf(&b->bar, "%zu %.6g %.6g %s ", b->count, low, high, colour);
    lr_plot_quote(&b->bar, name);
    lr_text_add(&b->bar, "\n");
    lr_text_addf(&b->text, "%zu %.6g ", b->count, high);
    lr_plot_quote(&b->text, says);
    lr_text_add(&b->text, "\n");
    b->count++;
    b->least = fmin(b->least, low > 0 ? low : b->least);
    b->most = fmax(b->most, high);
}

/* Blue: less time; orange: more. */
static void bars_of(const struct lr_why *w, struct bars *b)
{
    char says[32];
    const double *const level_s = w->fall.level_s;
    snprintf(says, sizeof says, "%.3g ms", 1e3 * level_s[0]);
    b->least = 1e3 * fmin(level_s[0], level_s[LR_CAUSE_COUNT]);
    bar(b, 0, 1e3 * level_s[0], "0x444444", w->label[0], says);
    for (int c = 0; c < LR_CAUSE_COUNT; c++) {
        const double from = 1e3 * level_s[c], to = 1e3 * level_s[c + 1];
        if (fabs(to - from) < SMALL * from)
            continue;
        snprintf(says, sizeof says, "%+.3g", to - from);
        lr_text_addf(&b->line, "%.2f %.6g 0.28\n", (double)b->count - 0.64, from);
        bar(b, from, to, to < from ? "0x0072B2" : "0xD55E00", lr_cause_name((enum lr_cause)c), says);
    }
    snprintf(says, sizeof says, "%.3g ms", 1e3 * level_s[LR_CAUSE_COUNT]);
    lr_text_addf(&b->line, "%.2f %.6g 0.28\n", (double)b->count - 0.64, 1e3 * level_s[LR_CAUSE_COUNT]);
    bar(b, 0, 1e3 * level_s[LR_CAUSE_COUNT], "0x444444", w->label[1], says);
}

bool lr_plot_waterfall(struct lr_session *s, struct lr_picture *p)
{
    const struct lr_grid *g = &p->grid;
    struct bars b = {0};
    if (g->chips != 2 || g->batches * g->contexts != 1) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, g->chips != 2 ? "--hw" : "--batch",
                "expected two chips and one point");
        return false;
    }
    const struct lr_workload *at = &g->answer[0].workload;
    struct lr_why *w = lr_why_open(s, g->answer[0].hardware, g->answer[1].hardware, NULL, at->batch, at->context);
    if (w && !w->fits)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "nothing to draw: the model does not fit on both chips");
    const bool ok = w && w->fits;
    if (ok) {
        const size_t fast = w->estimate[1].tpot_s < w->estimate[0].tpot_s;
        bars_of(w, &b);
        lr_text_addf(&p->data, "%s\n\n%s\n\n%s", lr_text_str(&b.bar), lr_text_str(&b.line), lr_text_str(&b.text));
        snprintf(p->title, sizeof p->title, "Why %.80s takes %.3g %% less time than %.80s", w->label[fast],
                 100 * (1 - w->estimate[fast].tpot_s / w->estimate[!fast].tpot_s), w->label[!fast]);
        if (w->estimate[0].tpot_s == w->estimate[1].tpot_s)
            snprintf(p->title, sizeof p->title, "%.80s and %.80s take the same time", w->label[0], w->label[1]);
        else if (lr_compare(&w->estimate[fast], &w->estimate[!fast], lr_runtimes_apart(s->runtime, s->runtime)) ==
                 LR_OUTCOME_CLOSE)
            snprintf(p->title, sizeof p->title, "%.80s and %.80s are too close to call", w->label[0], w->label[1]);
        lr_plot_setting(s, &g->answer[0], true, true, p->subtitle, sizeof p->subtitle);
        snprintf(p->argument[0], sizeof p->argument[0], "%zu", b.count);
        snprintf(p->argument[1], sizeof p->argument[1], "%g %.6g", 0.0, 1.12 * b.most);
        lr_picture_arguments(p, 2);
    }
    lr_text_free(&b.bar);
    lr_text_free(&b.line);
    lr_text_free(&b.text);
    lr_why_free(w);
    return ok;
}
