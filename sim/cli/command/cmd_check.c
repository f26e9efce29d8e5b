/* SPDX-License-Identifier: Apache-2.0 */
/* check CLAIM: the verdicts, as text, Markdown or JSON. */
#include "cli/command/command.h"
#include "render/json.h"
#include "render/prose.h"

#include <llmroof/claim.h>

#include <math.h>
#include <stdio.h>

static double share(size_t part, size_t of)
{
    return of ? (double)part / (double)of : NAN;
}

/* "yes, to batch 32": the order at small batch, and where it turns, at each context. */
static void flips(const struct lr_claim *c, const struct lr_finding *f, char *out, size_t size)
{
    size_t length = 0;
    out[0] = '\0';
    for (size_t i = 0; i < c->context_count && length < size; i++) {
        const char *const sep = i ? "  " : "";
        if (!f->any[i])
            length += (size_t)snprintf(out + length, size - length, "%s-", sep);
        else if (f->flip[i] == 0)
            length += (size_t)snprintf(out + length, size - length, "%s%s", sep, f->first[i] ? "yes" : "no");
        else
            length +=
                (size_t)snprintf(out + length, size - length, "%s%s %.0f", sep, f->first[i] ? "<" : ">=", f->flip[i]);
    }
}

struct finding_row {
    double statement;
    const char *model, *equal, *gpus;
    double compared, holds, surely, surely_not, roofline_holds, only_left;
    const char *flips;
};

static const struct lr_column columns[] = {
    LR_COLUMN(finding_row, statement, NULL, COUNT),
    LR_COLUMN(finding_row, model, "model", TEXT),
    LR_COLUMN(finding_row, equal, "equal", TEXT),
    LR_COLUMN(finding_row, gpus, "GPUs", TEXT),
    LR_COLUMN(finding_row, compared, "points", COUNT),
    LR_COLUMN(finding_row, holds, "true", PERCENT),
    LR_COLUMN(finding_row, surely, "clearly", PERCENT),
    LR_COLUMN(finding_row, surely_not, "clearly not", PERCENT),
    LR_COLUMN(finding_row, roofline_holds, "roofline", PERCENT),
    LR_COLUMN(finding_row, only_left, "only left fits", COUNT),
    LR_COLUMN(finding_row, flips, "true at batch, by context", TEXT),
};

static void add_finding(const struct lr_settled *r, size_t statement, const struct lr_claim_result *g,
                        struct lr_table *t)
{
    char text[256], gpus[32];
    const struct lr_finding *f = &g->finding;
    flips(r->claim, f, text, sizeof text);
    snprintf(gpus, sizeof gpus, "%.4g : %.4g", g->left_gpus, g->right_gpus);
    const struct finding_row row = {
        .statement = (double)statement,
        .model = g->item->model,
        .equal = lr_claim_equal_name(g->equal),
        .gpus = gpus,
        .compared = (double)f->compared,
        .holds = share(f->holds, f->compared),
        .surely = share(f->tally[LR_OUTCOME_HOLDS_CLEARLY], f->compared),
        .surely_not = share(f->tally[LR_OUTCOME_FAILS_CLEARLY], f->compared),
        .roofline_holds = share(f->floor_holds, f->compared),
        .only_left = (double)f->tally[LR_OUTCOME_LEFT_ONLY],
        .flips = text,
    };
    lr_table_add(t, &row);
}

static bool agrees(const struct lr_claim_fact *f, double value)
{
    return fabs(value / f->article - 1) <= f->tolerance;
}

/* Figures that the article states, or those that it does not. */
static void fact_lines(const struct lr_settled *r, bool stated, struct lr_text *out)
{
    bool first = true;
    for (size_t i = 0; i < r->claim->fact_count; i++) {
        const struct lr_claim_fact *f = &r->claim->fact[i];
        if ((f->article > 0) != stated)
            continue;
        if (first)
            lr_text_add(out, stated ? "\nFigures of the article:\n"
                                    : "\nFigures of the profiles that the article does not state:\n");
        first = false;
        if (stated)
            lr_text_addf(out, "  %-45s article %-6.4g profiles %-7.4g %s\n", f->says, f->article, r->fact[i],
                         agrees(f, r->fact[i]) ? "agrees" : "differs");
        else
            lr_text_addf(out, "  %-60s profiles %.4g\n", f->says, r->fact[i]);
    }
}

/* A line for each thing that is made equal. */
static void totals(const struct lr_statement_verdict *v, struct lr_text *out)
{
    for (int e = 0; e < LR_CLAIM_EQUAL_COUNT; e++) {
        const struct lr_finding *const f = &v->total[e];
        if (f->compared)
            lr_text_addf(out,
                         "  at equal %-9s  true at %3.0f %% of %zu points (clearly %.0f %%, clearly not %.0f %%); "
                         "roofline %.0f %%\n",
                         lr_claim_equal_name((enum lr_claim_equal)e), 100 * share(f->holds, f->compared), f->compared,
                         100 * share(f->tally[LR_OUTCOME_HOLDS_CLEARLY], f->compared),
                         100 * share(f->tally[LR_OUTCOME_FAILS_CLEARLY], f->compared),
                         100 * share(f->floor_holds, f->compared));
    }
}

static double percent(size_t part, size_t of)
{
    return 100 * share(part, of);
}

/* What both sides of the argument can read off the numbers, for claims about which chip is faster. */
static void conclusion(const struct lr_settled *r, struct lr_text *out)
{
    static const enum lr_claim_equal other[] = {LR_CLAIM_EQUAL_MEMORY, LR_CLAIM_EQUAL_POWER, LR_CLAIM_EQUAL_COST};
    size_t only = 0, never = 0;
    bool any = false;
    for (size_t i = 0; i < r->claim->statement_count; i++) {
        const struct lr_finding *const f = &r->statement[i].total[LR_CLAIM_EQUAL_GPUS];
        if (r->claim->statement[i].kind != LR_CLAIM_FASTER || f->compared == 0)
            continue;
        lr_text_addf(out,
                     "%s- At equal GPU count, \"%s\" is true at %.0f %% of %zu points: clearly at %.0f %%, clearly "
                     "not at %.0f %%. ",
                     any ? "" : "\nConclusion:\n", r->claim->statement[i].says, percent(f->holds, f->compared),
                     f->compared, percent(f->tally[LR_OUTCOME_HOLDS_CLEARLY], f->compared),
                     percent(f->tally[LR_OUTCOME_FAILS_CLEARLY], f->compared));
        for (size_t e = 0; e < sizeof other / sizeof *other; e++) {
            const struct lr_finding *const g = &r->statement[i].total[other[e]];
            if (g->compared)
                lr_text_addf(out, "%s equal %s: %.0f %%", e ? "; at" : "At", lr_claim_equal_name(other[e]),
                             percent(g->holds, g->compared));
        }
        lr_text_add(out, ".\n");
        only += f->tally[LR_OUTCOME_LEFT_ONLY];
        never += f->tally[LR_OUTCOME_RIGHT_ONLY];
        any = true;
    }
    if (!any)
        return;
    lr_text_addf(out,
                 "- Only the first chip fits at %zu points, only the second at %zu; these points are not compared.\n",
                 only, never);
    lr_text_addf(out,
                 "- Both chips run the same engine (%s) and kernels; every point of the grid has the same weight.\n",
                 r->runtime->name);
}

/* What it says and its verdict. */
static void statement(const struct lr_settled *r, size_t i, struct lr_text *out)
{
    const struct lr_claim_statement *const of = &r->claim->statement[i];
    lr_text_addf(out, "%s: %s", of->says, lr_verdict_name(r->statement[i].verdict));
    if (of->kind == LR_CLAIM_KV_RATIO)
        lr_text_addf(out, ". KV bytes per token: %.3g times the other's; claimed: %.3g\n", r->statement[i].kv_ratio,
                     of->factor);
    lr_text_add(out, "\n");
}

static void as_text(const struct lr_session *s, const struct lr_settled *r, struct lr_text *out)
{
    const struct lr_claim *c = r->claim;
    size_t from = out->length;
    lr_text_addf(out, "%s\n\n%s: %s\n\n", c->title, c->article, c->says);
    if (c->finding)
        lr_text_addf(out, "Finding: %s\n\n", c->finding);
    lr_prose_wrap(out, from, 0, s->format);
    for (size_t i = 0; i < c->statement_count; i++) {
        struct lr_table t;
        from = out->length;
        statement(r, i, out);
        lr_prose_wrap(out, from, 2, s->format);
        if (c->statement[i].kind == LR_CLAIM_KV_RATIO)
            continue;
        totals(&r->statement[i], out);
        lr_table_init(&t, columns, sizeof columns / sizeof *columns);
        for (size_t n = 0; n < r->statement[i].result_count; n++)
            add_finding(r, i, &r->statement[i].result[n], &t);
        lr_table_render(&t, s->format, "", out);
        lr_table_free(&t);
        lr_text_add(out, "\n");
    }
    if (c->context_count)
        lr_text_add(out, "contexts:");
    for (size_t i = 0; i < c->context_count; i++)
        lr_text_addf(out, " %.0f", c->context[i]);
    if (c->context_count)
        lr_text_add(out, " tokens\n'< 8': true below batch 8; '>= 8': true from batch 8 on; points: both fit\n");
    fact_lines(r, true, out);
    fact_lines(r, false, out);
    from = out->length;
    conclusion(r, out);
    lr_prose_wrap(out, from, 2, s->format);
}

static void json_finding(const struct lr_settled *r, const struct lr_claim_result *g, struct lr_json *j)
{
    static const char *const key[LR_OUTCOME_COUNT] = {"holds_surely", "holds_probably", "undecided",  "fails_probably",
                                                      "fails_surely", "left_only",      "right_only", "neither"};
    lr_json_open(j, NULL, '{');
    lr_json_text(j, "model", g->item->model);
    lr_json_text(j, "layout", lr_claim_equal_key(g->equal));
    lr_json_number(j, "left_gpus", g->left_gpus);
    lr_json_number(j, "right_gpus", g->right_gpus);
    lr_json_number(j, "compared", (double)g->finding.compared);
    lr_json_number(j, "holds", (double)g->finding.holds);
    lr_json_number(j, "roofline_holds", (double)g->finding.floor_holds);
    for (int i = 0; i < LR_OUTCOME_COUNT; i++)
        lr_json_number(j, key[i], (double)g->finding.tally[i]);
    lr_json_open(j, "boundary", '[');
    for (size_t i = 0; i < r->claim->context_count; i++) {
        lr_json_open(j, NULL, '{');
        lr_json_number(j, "context", r->claim->context[i]);
        if (g->finding.any[i])
            lr_json_bool(j, "holds_at_small_batch", g->finding.first[i]);
        lr_json_number(j, "flips_at_batch", g->finding.flip[i] > 0 ? g->finding.flip[i] : NAN);
        lr_json_close(j, '}');
    }
    lr_json_close(j, ']');
    lr_json_close(j, '}');
}

static void json_fact(const struct lr_claim_fact *f, double value, struct lr_json *j)
{
    lr_json_open(j, NULL, '{');
    lr_json_text(j, "says", f->says);
    lr_json_number(j, "article", f->article > 0 ? f->article : NAN);
    lr_json_number(j, "profiles", value);
    if (f->article > 0)
        lr_json_bool(j, "agrees", agrees(f, value));
    else
        lr_json_text(j, "agrees", NULL);
    lr_json_close(j, '}');
}

static void json_total(enum lr_claim_equal e, const struct lr_finding *f, struct lr_json *j)
{
    if (f->compared == 0)
        return;
    lr_json_open(j, NULL, '{');
    lr_json_text(j, "at", lr_claim_equal_key(e));
    lr_json_number(j, "compared", (double)f->compared);
    lr_json_number(j, "share", share(f->holds, f->compared));
    lr_json_number(j, "share_clearly", share(f->tally[LR_OUTCOME_HOLDS_CLEARLY], f->compared));
    lr_json_number(j, "share_clearly_not", share(f->tally[LR_OUTCOME_FAILS_CLEARLY], f->compared));
    lr_json_number(j, "roofline_share", share(f->floor_holds, f->compared));
    lr_json_close(j, '}');
}

static void as_json(const struct lr_settled *r, struct lr_text *out)
{
    const struct lr_claim *c = r->claim;
    struct lr_json j = {.out = out};
    lr_json_open(&j, NULL, '{');
    lr_json_text(&j, "schema", "llmroof/check/1");
    lr_json_text(&j, "claim", c->name);
    lr_json_text(&j, "article", c->article);
    lr_json_text(&j, "says", c->says);
    lr_json_text(&j, "finding", c->finding);
    lr_json_text(&j, "runtime", r->runtime->name);
    lr_json_open(&j, "statements", '[');
    for (size_t i = 0; i < c->statement_count; i++) {
        const struct lr_finding *f = &r->statement[i].total[LR_CLAIM_EQUAL_GPUS];
        lr_json_open(&j, NULL, '{');
        lr_json_text(&j, "says", c->statement[i].says);
        lr_json_text(&j, "left", c->statement[i].left);
        lr_json_text(&j, "right", c->statement[i].right);
        lr_json_text(&j, "kind", lr_claim_kind_name(c->statement[i].kind));
        lr_json_number(&j, "factor", c->statement[i].factor > 0 ? c->statement[i].factor : NAN);
        if (c->statement[i].kind == LR_CLAIM_KV_RATIO)
            lr_json_number(&j, "kv_ratio", r->statement[i].kv_ratio);
        lr_json_text(&j, "verdict", lr_verdict_name(r->statement[i].verdict));
        lr_json_number(&j, "compared", (double)f->compared);
        lr_json_number(&j, "share", share(f->holds, f->compared));
        lr_json_number(&j, "share_surely", share(f->tally[LR_OUTCOME_HOLDS_CLEARLY], f->compared));
        lr_json_number(&j, "share_surely_not", share(f->tally[LR_OUTCOME_FAILS_CLEARLY], f->compared));
        lr_json_number(&j, "roofline_share", share(f->floor_holds, f->compared));
        lr_json_open(&j, "equal", '[');
        for (int e = 0; e < LR_CLAIM_EQUAL_COUNT; e++)
            json_total((enum lr_claim_equal)e, &r->statement[i].total[e], &j);
        lr_json_close(&j, ']');
        lr_json_open(&j, "cases", '[');
        for (size_t n = 0; n < r->statement[i].result_count; n++)
            json_finding(r, &r->statement[i].result[n], &j);
        lr_json_close(&j, ']');
        lr_json_close(&j, '}');
    }
    lr_json_close(&j, ']');
    lr_json_open(&j, "facts", '[');
    for (size_t i = 0; i < c->fact_count; i++)
        json_fact(&c->fact[i], r->fact[i], &j);
    lr_json_close(&j, ']');
    lr_json_close(&j, '}');
}

static struct lr_settled *settle(struct lr_session *s, const char *claim)
{
    return lr_settle(s->catalog, claim, s->options.runtime, s->options.override, s->options.override_count, &s->diags);
}

struct statement_row {
    const char *claim, *statement, *verdict;
    double share, surely, roofline_share;
};

static const struct lr_column all_columns[] = {
    LR_COLUMN(statement_row, claim, "claim", TEXT),       LR_COLUMN(statement_row, statement, "statement", TEXT),
    LR_COLUMN(statement_row, verdict, "verdict", TEXT),   LR_COLUMN(statement_row, share, "share", PERCENT),
    LR_COLUMN(statement_row, surely, "clearly", PERCENT), LR_COLUMN(statement_row, roofline_share, "roofline", PERCENT),
};

static void add_statements(const struct lr_settled *r, struct lr_table *t)
{
    for (size_t i = 0; i < r->claim->statement_count; i++) {
        const struct lr_claim_statement *of = &r->claim->statement[i];
        const struct lr_finding *f = &r->statement[i].total[LR_CLAIM_EQUAL_GPUS];
        const struct statement_row row = {
            .claim = r->claim->name,
            .statement = of->says,
            .verdict = lr_verdict_name(r->statement[i].verdict),
            .share = share(f->holds, f->compared),
            .surely = of->kind == LR_CLAIM_FITS ? NAN : share(f->tally[LR_OUTCOME_HOLDS_CLEARLY], f->compared),
            .roofline_share = share(f->floor_holds, f->compared),
        };
        lr_table_add(t, &row);
    }
}

/* A row for each statement of each claim that there is. */
static enum lr_exit check_all(struct lr_session *s, struct lr_text *out)
{
    struct lr_table t;
    size_t n = 0;
    enum lr_exit answer = LR_EXIT_YES;
    struct lr_catalog_entry *entry = lr_catalog_list(s->catalog, LR_PROFILE_CLAIM, &n, &s->diags);
    lr_table_init(&t, all_columns, sizeof all_columns / sizeof *all_columns);
    for (size_t k = 0; k < n; k++) {
        struct lr_settled *r = settle(s, entry[k].name);
        if (!r)
            continue;
        answer = r->holds ? answer : LR_EXIT_NO;
        add_statements(r, &t);
        lr_settled_free(r);
    }
    lr_catalog_entries_free(entry);
    lr_table_render(&t, s->format, "llmroof/checks/1", out);
    lr_table_free(&t);
    return s->diags.errors ? LR_EXIT_BAD : answer;
}

enum lr_exit lr_command_check(struct lr_session *s, struct lr_text *out)
{
    if (s->options.all && s->options.operand.count == 0)
        return check_all(s, out);
    if (s->format == LR_FORMAT_CSV) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--output", "a verdict is not a table, expected text, md or json");
        return LR_EXIT_BAD;
    }
    if (s->options.operand.count != 1 || s->options.all) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL,
                "expected one claim or --all; 'llmroof list claims' shows all");
        return LR_EXIT_BAD;
    }
    struct lr_settled *const r = settle(s, s->options.operand.name[0]);
    if (!r)
        return LR_EXIT_BAD;
    if (s->format == LR_FORMAT_JSON)
        as_json(r, out);
    else
        as_text(s, r, out);
    const enum lr_exit answer = r->holds ? LR_EXIT_YES : LR_EXIT_NO;
    lr_settled_free(r);
    return answer;
}
