/* check CLAIM: per statement, case by case, at equal GPU count and at equal memory. */
#include "cli/session.h"
#include "render/json.h"

#include <llmroof/claim.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EQUAL_GPUS, EQUAL_MEMORY, LAYOUTS };
static const char *const layout_name[LAYOUTS] = {"GPU count", "memory"};
static const char *const layout_key[LAYOUTS] = {"equal_gpus", "equal_memory"};

struct finding {
    const struct lr_claim_case *item;
    int layout;
    double left_gpus, right_gpus;
    struct lr_finding f;
};

struct report {
    const struct lr_claim *claim;
    struct finding finding[LR_CLAIM_STATEMENTS_MAX][LR_CLAIM_CASES_MAX * LAYOUTS];
    size_t count[LR_CLAIM_STATEMENTS_MAX];
    struct lr_finding total[LR_CLAIM_STATEMENTS_MAX];
    struct lr_hardware *left[LR_CLAIM_STATEMENTS_MAX], *right[LR_CLAIM_STATEMENTS_MAX];
    double fact[LR_CLAIM_FACTS_MAX];
};

/* Opens a profile once. */
static struct lr_hardware *chip(struct lr_session *s, const char *name)
{
    for (size_t i = 0; i < s->hardware_count; i++)
        if (strcmp(s->hardware[i]->name, name) == 0)
            return s->hardware[i];
    return lr_session_hardware(s, name);
}

static void examine_facts(struct lr_session *s, struct report *r)
{
    for (size_t i = 0; i < r->claim->fact_count; i++) {
        const struct lr_claim_fact *f = &r->claim->fact[i];
        const struct lr_hardware *of = chip(s, f->of), *over = f->over ? chip(s, f->over) : NULL;
        if (!of || (f->over && !over))
            return;
        const double divisor = over ? lr_claim_figure_of(over, f->figure) : 1;
        r->fact[i] = lr_claim_figure_of(of, f->figure) / (divisor > 0 ? divisor : 1);
        if (divisor <= 0)
            lr_diag(&s->diags, LR_ERROR, (struct lr_pos){0}, "facts", "'%s' has no %s to divide by", f->over,
                    lr_claim_figure_name(f->figure));
    }
}

/* Doubles the GPUs until the machine has as much memory as asked for: inside a scale-up domain by tensor parallelism,
 * beyond it by attention groups, the experts over all of them. */
static struct lr_deployment grown(const struct lr_claim_case *c, const struct lr_hardware *hw, double bytes)
{
    struct lr_deployment d = {.gpus = c->gpus,
                              .tp = c->tp,
                              .pp = c->pp,
                              .ep = c->ep,
                              .dp = c->dp,
                              .weights = LR_DTYPE_NONE,
                              .kv = LR_DTYPE_NONE};
    if (d.tp == 0)
        d.tp = d.gpus;
    while (d.gpus * hw->memory.capacity_bytes < bytes) {
        d.gpus *= 2;
        if (2 * d.tp <= fmax(1, hw->scale_up.domain))
            d.tp *= 2;
        else
            d.dp = 2 * fmax(1, d.dp);
        if (d.ep > 0)
            d.ep *= 2;
    }
    return d;
}

static bool examine_case(struct lr_session *s, struct report *r, size_t statement, const struct lr_claim_case *c,
                         const struct lr_model *m, int layout)
{
    const struct lr_hardware *const hw[2] = {r->left[statement], r->right[statement]};
    struct finding *out = &r->finding[statement][r->count[statement]];
    double most = 0;
    struct lr_plan *plan[2] = {NULL, NULL};
    for (int i = 0; i < 2 && layout == EQUAL_MEMORY; i++)
        most = fmax(most, c->gpus * hw[i]->memory.capacity_bytes);
    for (int i = 0; i < 2; i++) {
        /* within 7 %: a machine of the same marketed size is not doubled for the GiB that its driver hides */
        const struct lr_deployment d = grown(c, hw[i], 0.93 * most);
        const struct lr_kernels *k = lr_session_kernels(s, hw[i], r->claim->kernels);
        plan[i] = k ? lr_plan_new(hw[i], m, s->runtime, k, &d, &s->diags) : NULL;
    }
    if (plan[0] && plan[1]) {
        *out = (struct finding){.item = c,
                                .layout = layout,
                                .left_gpus = lr_plan_deployment(plan[0])->gpus,
                                .right_gpus = lr_plan_deployment(plan[1])->gpus};
        lr_claim_examine(r->claim, plan[0], plan[1], &out->f);
        /* a layout that doubling has not changed says nothing new */
        if (layout == EQUAL_GPUS || out->left_gpus != out->right_gpus) {
            lr_finding_add(&r->total[statement], &out->f);
            r->count[statement]++;
        }
    }
    const bool ok = plan[0] && plan[1];
    lr_plan_free(plan[0]);
    lr_plan_free(plan[1]);
    return ok;
}

static bool examine(struct lr_session *s, struct report *r)
{
    const struct lr_claim *c = r->claim;
    s->runtime = lr_catalog_runtime(s->catalog, "ideal", NULL, 0, &s->diags);
    for (size_t i = 0; i < c->statement_count; i++) {
        r->left[i] = chip(s, c->statement[i].left);
        r->right[i] = chip(s, c->statement[i].right);
    }
    examine_facts(s, r);
    if (s->diags.errors)
        return false;
    for (size_t n = 0; n < c->item_count; n++) {
        struct lr_model *m = lr_catalog_model(s->catalog, c->item[n].model, NULL, 0, &s->diags);
        for (size_t i = 0; m && i < c->statement_count; i++)
            for (int layout = 0; layout < LAYOUTS; layout++)
                examine_case(s, r, i, &c->item[n], m, layout);
        lr_model_free(m);
    }
    return s->diags.errors == 0;
}

static const char *verdict_name(enum lr_verdict v)
{
    static const char *const names[] = {"holds", "depends", "fails", "nothing to compare"};
    return names[v];
}

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

static const struct lr_column columns[] = {
    {"statement", NULL, LR_CELL_COUNT},
    {"model", "model", LR_CELL_TEXT},
    {"equal", "equal", LR_CELL_TEXT},
    {"gpus", "GPUs", LR_CELL_TEXT},
    {"compared", "points", LR_CELL_COUNT},
    {"holds", "true", LR_CELL_PERCENT},
    {"surely", "surely", LR_CELL_PERCENT},
    {"surely_not", "surely not", LR_CELL_PERCENT},
    {"roofline_holds", "roofline says", LR_CELL_PERCENT},
    {"only_left", "only it fits", LR_CELL_COUNT},
    {"flips", "true at batch, by context", LR_CELL_TEXT},
};

static void finding_row(const struct report *r, size_t statement, const struct finding *g, struct lr_table *t)
{
    char text[256], gpus[32];
    const struct lr_finding *f = &g->f;
    flips(r->claim, f, text, sizeof text);
    snprintf(gpus, sizeof gpus, "%.0f : %.0f", g->left_gpus, g->right_gpus);
    lr_table_row(t);
    lr_table_number(t, 0, (double)statement);
    lr_table_text(t, 1, g->item->model);
    lr_table_text(t, 2, layout_name[g->layout]);
    lr_table_text(t, 3, gpus);
    lr_table_number(t, 4, (double)f->compared);
    lr_table_number(t, 5, share(f->holds, f->compared));
    lr_table_number(t, 6, share(f->tally[LR_OUTCOME_HOLDS_SURELY], f->compared));
    lr_table_number(t, 7, share(f->tally[LR_OUTCOME_FAILS_SURELY], f->compared));
    lr_table_number(t, 8, share(f->floor_holds, f->compared));
    lr_table_number(t, 9, (double)f->tally[LR_OUTCOME_LEFT_ONLY]);
    lr_table_text(t, 10, text);
}

static void fact_lines(const struct report *r, struct lr_text *out)
{
    for (size_t i = 0; i < r->claim->fact_count; i++) {
        const struct lr_claim_fact *f = &r->claim->fact[i];
        const bool right = fabs(r->fact[i] / f->article - 1) <= f->tolerance;
        lr_text_addf(out, "  %-45s article %-6.4g profiles %-7.4g %s\n", f->says, f->article, r->fact[i],
                     right ? "agrees" : "differs");
    }
}

static void as_text(const struct lr_session *s, const struct report *r, struct lr_text *out)
{
    const struct lr_claim *c = r->claim;
    lr_text_addf(out, "%s\n%s: %s\n\n", c->title, c->article, c->says);
    for (size_t i = 0; i < c->statement_count; i++) {
        struct lr_table t;
        const struct lr_finding *f = &r->total[i];
        lr_text_addf(out, "%s: %s", c->statement[i].says, verdict_name(lr_finding_verdict(f)));
        if (f->compared)
            lr_text_addf(out,
                         ". True at %.0f %% of %zu points (surely %.0f %%, surely not %.0f %%); the bare roofline says "
                         "%.0f %%",
                         100 * share(f->holds, f->compared), f->compared,
                         100 * share(f->tally[LR_OUTCOME_HOLDS_SURELY], f->compared),
                         100 * share(f->tally[LR_OUTCOME_FAILS_SURELY], f->compared),
                         100 * share(f->floor_holds, f->compared));
        lr_text_add(out, "\n");
        lr_table_init(&t, columns, sizeof columns / sizeof *columns);
        for (size_t n = 0; n < r->count[i]; n++)
            finding_row(r, i, &r->finding[i][n], &t);
        lr_table_render(&t, s->format, "", out);
        lr_table_free(&t);
        lr_text_add(out, "\n");
    }
    lr_text_add(out, "contexts, in order:");
    for (size_t i = 0; i < c->context_count; i++)
        lr_text_addf(out, " %.0f", c->context[i]);
    lr_text_add(out, " tokens; '< 8': true below batch 8, '>= 8': from batch 8 on; points: both fit\n");
    if (c->fact_count)
        lr_text_add(out, "\nFigures of the article:\n");
    fact_lines(r, out);
}

static void json_finding(const struct report *r, const struct finding *g, struct lr_json *j)
{
    static const char *const key[LR_OUTCOME_COUNT] = {"holds_surely", "holds_probably", "undecided",  "fails_probably",
                                                      "fails_surely", "left_only",      "right_only", "neither"};
    lr_json_open(j, NULL, '{');
    lr_json_text(j, "model", g->item->model);
    lr_json_text(j, "layout", layout_key[g->layout]);
    lr_json_number(j, "left_gpus", g->left_gpus);
    lr_json_number(j, "right_gpus", g->right_gpus);
    lr_json_number(j, "compared", (double)g->f.compared);
    lr_json_number(j, "holds", (double)g->f.holds);
    lr_json_number(j, "roofline_holds", (double)g->f.floor_holds);
    for (int i = 0; i < LR_OUTCOME_COUNT; i++)
        lr_json_number(j, key[i], (double)g->f.tally[i]);
    lr_json_open(j, "boundary", '[');
    for (size_t i = 0; i < r->claim->context_count; i++) {
        lr_json_open(j, NULL, '{');
        lr_json_number(j, "context", r->claim->context[i]);
        if (g->f.any[i])
            lr_json_bool(j, "holds_at_small_batch", g->f.first[i]);
        lr_json_number(j, "flips_at_batch", g->f.flip[i] > 0 ? g->f.flip[i] : NAN);
        lr_json_close(j, '}');
    }
    lr_json_close(j, ']');
    lr_json_close(j, '}');
}

static void as_json(const struct report *r, struct lr_text *out)
{
    const struct lr_claim *c = r->claim;
    struct lr_json j = {.out = out};
    lr_json_open(&j, NULL, '{');
    lr_json_text(&j, "schema", "llmroof/check/1");
    lr_json_text(&j, "claim", c->name);
    lr_json_text(&j, "article", c->article);
    lr_json_text(&j, "says", c->says);
    lr_json_open(&j, "statements", '[');
    for (size_t i = 0; i < c->statement_count; i++) {
        const struct lr_finding *f = &r->total[i];
        lr_json_open(&j, NULL, '{');
        lr_json_text(&j, "says", c->statement[i].says);
        lr_json_text(&j, "left", r->left[i]->name);
        lr_json_text(&j, "right", r->right[i]->name);
        lr_json_text(&j, "verdict", verdict_name(lr_finding_verdict(f)));
        lr_json_number(&j, "compared", (double)f->compared);
        lr_json_number(&j, "share", share(f->holds, f->compared));
        lr_json_number(&j, "share_surely", share(f->tally[LR_OUTCOME_HOLDS_SURELY], f->compared));
        lr_json_number(&j, "share_surely_not", share(f->tally[LR_OUTCOME_FAILS_SURELY], f->compared));
        lr_json_number(&j, "roofline_share", share(f->floor_holds, f->compared));
        lr_json_open(&j, "cases", '[');
        for (size_t n = 0; n < r->count[i]; n++)
            json_finding(r, &r->finding[i][n], &j);
        lr_json_close(&j, ']');
        lr_json_close(&j, '}');
    }
    lr_json_close(&j, ']');
    lr_json_open(&j, "facts", '[');
    for (size_t i = 0; i < c->fact_count; i++) {
        lr_json_open(&j, NULL, '{');
        lr_json_text(&j, "says", c->fact[i].says);
        lr_json_number(&j, "article", c->fact[i].article);
        lr_json_number(&j, "profiles", r->fact[i]);
        lr_json_bool(&j, "agrees", fabs(r->fact[i] / c->fact[i].article - 1) <= c->fact[i].tolerance);
        lr_json_close(&j, '}');
    }
    lr_json_close(&j, ']');
    lr_json_close(&j, '}');
}

static enum lr_exit answer_of(const struct report *r)
{
    for (size_t i = 0; i < r->claim->statement_count; i++)
        if (lr_finding_verdict(&r->total[i]) != LR_VERDICT_HOLDS)
            return LR_EXIT_NO;
    return LR_EXIT_YES;
}

int lr_command_check(int argc, char **argv)
{
    static const size_t size = sizeof(struct report);
    struct lr_session s;
    struct lr_claim *claim = NULL;
    struct report *r = calloc(1, size);
    struct lr_text out = {0};
    int code = LR_EXIT_BAD;
    if (lr_session_open(&s, argc, argv, 0) && r) {
        if (s.format == LR_FORMAT_CSV)
            lr_diag(&s.diags, LR_ERROR, (struct lr_pos){0}, "--output",
                    "a verdict is no table, expected text, md or json");
        else if (s.options.operand.count != 1)
            lr_diag(&s.diags, LR_ERROR, (struct lr_pos){0}, NULL, "expected one claim, 'llmroof list claims' has them");
        else
            claim = lr_catalog_claim(s.catalog, s.options.operand.name[0], &s.diags);
    }
    if (claim) {
        r->claim = claim;
        if (examine(&s, r)) {
            if (s.format == LR_FORMAT_JSON)
                as_json(r, &out);
            else
                as_text(&s, r, &out);
            code = lr_session_answer(&s, &out, answer_of(r));
        }
    }
    lr_session_report(&s);
    free(r);
    lr_text_free(&out);
    lr_claim_free(claim);
    lr_session_close(&s);
    return code;
}
