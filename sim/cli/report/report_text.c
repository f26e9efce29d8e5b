/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report/report.h"
#include "document/file.h"
#include "render/html.h"

#include <llmroof/claim.h>
#include <llmroof/comparison.h>

#include <stdlib.h>
#include <string.h>

enum { PART_LIMIT = 1 << 16 };

/* The page's style or script, from beside the plots' scripts. */
static void add_part(struct lr_report *r, const char *name)
{
    struct lr_text path = {0};
    size_t size = 0;
    lr_text_addf(&path, "%s/plots/%s", lr_text_str(&r->s->share), name);
    char *const text = lr_file_read(lr_text_str(&path), PART_LIMIT, &size, &r->s->diags);
    if (text)
        lr_text_add_bytes(r->out, text, size);
    free(text);
    lr_text_free(&path);
}

static const char *title_of(const struct lr_session *s)
{
    return s->model->title ? s->model->title : s->model->name;
}

/* "h20, h100 and a100" */
static void names(const struct lr_grid *g, struct lr_text *out)
{
    for (size_t h = 0; h < g->chips; h++) {
        lr_text_add(out, h == 0 ? "" : h + 1 < g->chips ? ", " : " and ");
        lr_html_text(out, g->answer[h].hardware->name);
    }
}

void lr_report_head(struct lr_report *r)
{
    struct lr_text *const out = r->out;
    const struct lr_answer *a = &r->point.answer[0];
    const struct lr_deployment *d = lr_plan_deployment(a->plan);
    struct lr_text question = {0};
    lr_text_addf(&question, "How fast %s ", r->point.chips > 1 ? "do" : "does");
    names(&r->point, &question);
    lr_text_add(&question, " decode ");
    lr_html_text(&question, title_of(r->s));
    lr_text_addf(out,
                 "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                 "<meta name=\"generator\" content=\"llmroof %s\">\n"
                 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                 "'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>%s?</title>\n<style>\n",
                 LLMROOF_VERSION, lr_text_str(&question));
    add_part(r, "report.css");
    lr_text_addf(out, "</style>\n</head>\n<body>\n<header>\n<h1>%s?</h1>\n<p class=\"setting\">",
                 lr_text_str(&question));
    lr_text_addf(out, "batch %.0f, context %.0f, %.0f GPU%s, tp %.0f pp %.0f ep %.0f dp %.0f, runtime ",
                 a->workload.batch, a->workload.context, d->gpus, d->gpus > 1 ? "s" : "", d->tp, d->pp, d->ep, d->dp);
    lr_html_text(out, r->s->runtime->name);
    lr_text_add(out, "</p>\n<nav><a href=\"#answer\">Answer</a><a href=\"#curves\">Batch and context</a>"
                     "<a href=\"#reasons\">Why</a><a href=\"#operators\">Operators</a><a href=\"#memory\">Memory</a>"
                     "<a href=\"#sources\">Assumptions and sources</a></nav>\n</header>\n<main>\n");
    lr_text_free(&question);
}

static const struct lr_answer *fastest(const struct lr_grid *g)
{
    const struct lr_answer *best = NULL;
    for (size_t h = 0; h < g->chips; h++)
        if (g->answer[h].estimate.fits && (!best || g->answer[h].estimate.tpot_s < best->estimate.tpot_s))
            best = &g->answer[h];
    return best;
}

static void fastest_words(const struct lr_answer *a, struct lr_text *out)
{
    const struct lr_estimate *e = &a->estimate;
    char b[6][LR_HUMAN_SIZE];
    lr_text_addf(out, "<p class=\"answer\"><strong>");
    lr_html_text(out, a->hardware->name);
    lr_text_addf(out,
                 "</strong> takes <strong>%s</strong> per output token at batch %.0f and context %.0f. "
                 "The 80 %% interval is %s to %s; the datasheet floor is %s. "
                 "That is %s tokens/s per user and %s tokens/s per GPU. The bottleneck is %s.</p>\n",
                 lr_human(e->tpot_s, LR_CELL_SECONDS, b[0]), a->workload.batch, a->workload.context,
                 lr_human(e->tpot_low_s, LR_CELL_SECONDS, b[1]), lr_human(e->tpot_high_s, LR_CELL_SECONDS, b[2]),
                 lr_human(e->floor_tpot_s, LR_CELL_SECONDS, b[3]),
                 lr_human(e->tokens_per_s_per_user, LR_CELL_RATE, b[4]),
                 lr_human(e->tokens_per_s_per_gpu, LR_CELL_RATE, b[5]), lr_bound_name(e->bound));
}

static void other_words(const struct lr_answer *a, const struct lr_answer *best, double apart, struct lr_text *out)
{
    struct lr_text ledger = {0};
    lr_text_add(out, "<p>");
    if (best && a->estimate.fits) {
        const enum lr_outcome o = lr_compare(&best->estimate, &a->estimate, apart);
        lr_html_text(out, a->hardware->name);
        lr_text_addf(out, " takes %.2f times as long (%s).", a->estimate.tpot_s / best->estimate.tpot_s,
                     o == LR_OUTCOME_CLOSE           ? "too close to call"
                     : o == LR_OUTCOME_HOLDS_CLEARLY ? "clearly slower"
                                                     : "likely slower");
    } else {
        lr_answer_memory(a, &ledger);
        lr_html_text(out, lr_text_str(&ledger));
    }
    lr_text_add(out, "</p>\n");
    lr_text_free(&ledger);
}

void lr_report_answer(struct lr_report *r)
{
    const struct lr_grid *g = &r->point;
    const struct lr_answer *best = fastest(g);
    struct lr_table t;
    lr_text_add(r->out, "<section id=\"answer\">\n<h2>Answer</h2>\n");
    if (best)
        fastest_words(best, r->out);
    else
        lr_text_add(r->out, "<p class=\"answer\">The model does not fit on any chip.</p>\n");
    for (size_t h = 0; h < g->chips; h++)
        if (&g->answer[h] != best)
            other_words(&g->answer[h], best, lr_runtimes_apart(r->s->runtime, r->s->runtime), r->out);
    lr_table_init(&t, lr_compare_columns, LR_COMPARE_COLUMNS);
    lr_grid_table(g, &t);
    lr_table_render(&t, LR_FORMAT_HTML, "", r->out);
    lr_table_free(&t);
    lr_text_add(
        r->out,
        "<p class=\"source\">TPOT: time per output token. low, high: 80 % interval. floor: bytes over bandwidth "
        "and FLOP over peak, summed over the operators. constants: kernels measured on this chip, "
        "on its architecture, or assumed.</p>\n</section>\n");
}

void lr_report_tail(struct lr_report *r)
{
    lr_text_add(r->out, "</main>\n<footer>\n<h2>Made by</h2>\n<pre><code>");
    lr_html_text(r->out, lr_text_str(&r->s->line));
    lr_text_addf(r->out, "</code></pre>\n<p class=\"source\">llmroof %s</p>\n</footer>\n<script>\n", LLMROOF_VERSION);
    add_part(r, "report.js");
    lr_text_add(r->out, "</script>\n</body>\n</html>\n");
}
