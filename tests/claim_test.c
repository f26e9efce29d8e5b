/* SPDX-License-Identifier: Apache-2.0 */
/* Claims: comparisons of two estimates, tallies over batches and contexts, and claim files. */
#include "estimate/finding.h"
#include "suite.h"

#include <llmroof/claim.h>

#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const double Z90 = 1.2815515655446004; /* 90 % quantile of the normal distribution */

/* An estimate whose logarithm has this standard deviation. 80 % of a normal distribution are within 1.2816 of them. */
static struct lr_estimate around(double tpot_s, double deviation)
{
    return (struct lr_estimate){.tpot_s = tpot_s,
                                .tpot_low_s = tpot_s * exp(-Z90 * deviation),
                                .tpot_high_s = tpot_s * exp(Z90 * deviation),
                                .fits = true};
}

/* Two errors of 3 % and 4 % are 5 % together, so a lead of ln(right/left) is z = lead/0.05 standard deviations, and the
 * chance of another order is 1 - Phi(z): 30 % at z = 0.5244, 10 % at z = 1.2816. */
START_TEST(outcomes_at_the_thresholds)
{
    static const struct {
        double z;
        enum lr_outcome outcome;
    } row[] = {
        {3, LR_OUTCOME_HOLDS_CLEARLY},      {1.282, LR_OUTCOME_HOLDS_CLEARLY}, {1.281, LR_OUTCOME_HOLDS_LIKELY},
        {0.525, LR_OUTCOME_HOLDS_LIKELY},   {0.524, LR_OUTCOME_CLOSE},         {0, LR_OUTCOME_CLOSE},
        {-0.524, LR_OUTCOME_CLOSE},         {-0.525, LR_OUTCOME_FAILS_LIKELY}, {-1.281, LR_OUTCOME_FAILS_LIKELY},
        {-1.282, LR_OUTCOME_FAILS_CLEARLY}, {-3, LR_OUTCOME_FAILS_CLEARLY},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const struct lr_estimate left = around(0.02, 0.03), right = around(0.02 * exp(0.05 * row[i].z), 0.04);
        const struct lr_estimate wide = around(0.02, 0.04), narrow = around(0.02 * exp(0.05 * row[i].z), 0.03);
        ck_assert_msg(lr_compare(&left, &right, 1) == row[i].outcome, "z = %g", row[i].z);
        ck_assert_msg(lr_compare(&wide, &narrow, 1) == row[i].outcome, "z = %g", row[i].z);
    }
}
END_TEST

/* What counts of an interval is the half that faces the other one: of [0.9, 1.3] around 1, the faster one's ln 1.3 and
 * the slower one's ln(1/0.9), together sqrt(0.26236^2 + 0.10536^2) = 0.28273, so "surely" starts at a ratio of
 * exp(0.28273) = 1.3267 and "probably" at exp(0.28273 x 0.52440/1.28155) = 1.1226. */
START_TEST(asymmetric_intervals)
{
    static const struct {
        double ratio;
        enum lr_outcome outcome;
    } row[] = {{1.327, LR_OUTCOME_HOLDS_CLEARLY},    {1.326, LR_OUTCOME_HOLDS_LIKELY},
               {1.123, LR_OUTCOME_HOLDS_LIKELY},     {1.122, LR_OUTCOME_CLOSE},
               {1 / 1.122, LR_OUTCOME_CLOSE},        {1 / 1.123, LR_OUTCOME_FAILS_LIKELY},
               {1 / 1.326, LR_OUTCOME_FAILS_LIKELY}, {1 / 1.327, LR_OUTCOME_FAILS_CLEARLY}};
    const struct lr_estimate left = {.tpot_s = 1, .tpot_low_s = 0.9, .tpot_high_s = 1.3, .fits = true};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const double r = row[i].ratio;
        const struct lr_estimate right = {.tpot_s = r, .tpot_low_s = 0.9 * r, .tpot_high_s = 1.3 * r, .fits = true};
        ck_assert_msg(lr_compare(&left, &right, 1) == row[i].outcome, "%g", r);
    }
}
END_TEST

START_TEST(certain_estimates_have_an_order)
{
    const struct lr_estimate fast = around(0.02, 0), slow = around(0.0200001, 0);
    ck_assert_int_eq(lr_compare(&fast, &slow, 1), LR_OUTCOME_HOLDS_CLEARLY);
    ck_assert_int_eq(lr_compare(&slow, &fast, 1), LR_OUTCOME_FAILS_CLEARLY);
    ck_assert_int_eq(lr_compare(&fast, &fast, 1), LR_OUTCOME_CLOSE);
}
END_TEST

START_TEST(what_does_not_fit_is_not_compared)
{
    struct lr_estimate fast = around(0.01, 0.03), slow = around(0.05, 0.03);
    fast.fits = false;
    ck_assert_int_eq(lr_compare(&fast, &slow, 1), LR_OUTCOME_RIGHT_ONLY);
    ck_assert_int_eq(lr_compare(&slow, &fast, 1), LR_OUTCOME_LEFT_ONLY);
    slow.fits = false;
    ck_assert_int_eq(lr_compare(&fast, &slow, 1), LR_OUTCOME_NEITHER);
}
END_TEST

START_TEST(verdicts_at_the_thresholds)
{
    static const struct {
        size_t holds, compared;
        enum lr_verdict verdict;
    } row[] = {
        {20, 20, LR_VERDICT_HOLDS},     {19, 20, LR_VERDICT_HOLDS},      {95, 100, LR_VERDICT_HOLDS},
        {94, 100, LR_VERDICT_DEPENDS},  {949, 1000, LR_VERDICT_DEPENDS}, {1, 2, LR_VERDICT_DEPENDS},
        {51, 1000, LR_VERDICT_DEPENDS}, {6, 100, LR_VERDICT_DEPENDS},    {5, 100, LR_VERDICT_FAILS},
        {1, 20, LR_VERDICT_FAILS},      {0, 20, LR_VERDICT_FAILS},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const struct lr_finding f = {.holds = row[i].holds, .compared = row[i].compared};
        ck_assert_msg(lr_finding_verdict(&f) == row[i].verdict, "%zu of %zu", row[i].holds, row[i].compared);
    }
    ck_assert_int_ne(lr_finding_verdict(&(struct lr_finding){0}), LR_VERDICT_HOLDS);
}
END_TEST

START_TEST(findings_add)
{
    struct lr_finding a = {.compared = 5, .holds = 3, .floor_holds = 4, .flip = {8, 0}, .first = {true}, .any = {true}};
    struct lr_finding b = {.compared = 7, .holds = 1, .floor_holds = 2, .flip = {4, 2}, .any = {true, true}};
    for (size_t i = 0; i < LR_OUTCOME_COUNT; i++) {
        a.tally[i] = i;
        b.tally[i] = 10 * i + 1;
    }
    lr_finding_add(&a, &b);
    for (size_t i = 0; i < LR_OUTCOME_COUNT; i++)
        ck_assert_uint_eq(a.tally[i], 11 * i + 1);
    ck_assert_uint_eq(a.compared, 12);
    ck_assert_uint_eq(a.holds, 4);
    ck_assert_uint_eq(a.floor_holds, 6);
    ck_assert(a.flip[0] == 8 && a.flip[1] == 0 && a.first[0] && a.any[0] && !a.any[1]);
}
END_TEST

/* Two chips, one model, and the plans of a layout. */
struct pair {
    struct lr_catalog *c;
    struct lr_hardware *hw[2];
    struct lr_kernels *k[2];
    struct lr_model *m;
    struct lr_runtime *rt;
    struct lr_plan *plan[2];
};

static struct pair pair_open(const struct lr_claim_case *item, const struct lr_claim_statement *s)
{
    const char *const name[2] = {s->left, s->right};
    const struct lr_deployment d = {.gpus = item->gpus,
                                    .tp = item->tp,
                                    .pp = item->pp,
                                    .ep = item->ep,
                                    .dp = item->dp,
                                    .weights = LR_DTYPE_NONE,
                                    .kv = LR_DTYPE_NONE};
    struct lr_diags ds = {0};
    struct pair p = {.c = suite_catalog()};
    p.m = lr_catalog_model(p.c, item->model, NULL, 0, &ds);
    p.rt = lr_catalog_runtime(p.c, "bare", NULL, 0, &ds);
    suite_no_errors(&ds);
    for (int i = 0; i < 2; i++) {
        p.hw[i] = lr_catalog_hardware(p.c, name[i], NULL, 0, &ds);
        suite_no_errors(&ds);
        p.k[i] = suite_kernels(p.c, p.hw[i]);
        p.plan[i] = lr_plan_new(p.hw[i], p.m, p.rt, p.k[i], &d, &ds);
        suite_no_errors(&ds);
    }
    lr_diags_free(&ds);
    return p;
}

static void pair_close(struct pair *p)
{
    for (int i = 0; i < 2; i++) {
        lr_plan_free(p->plan[i]);
        lr_kernels_free(p->k[i]);
        lr_hardware_free(p->hw[i]);
    }
    lr_runtime_free(p->rt);
    lr_model_free(p->m);
    lr_catalog_free(p->c);
}

static struct lr_claim *shipped(void)
{
    struct lr_catalog *c = suite_catalog();
    struct lr_diags ds = {0};
    struct lr_claim *claim = lr_catalog_claim(c, "h20-decode", &ds);
    suite_no_errors(&ds);
    ck_assert_ptr_nonnull(claim);
    lr_diags_free(&ds);
    lr_catalog_free(c);
    return claim;
}

/* No chip is faster than itself, at any batch. */
START_TEST(a_plan_against_itself)
{
    struct lr_claim *claim = shipped();
    for (size_t n = 0; n < claim->item_count; n++) {
        struct pair p = pair_open(&claim->item[n], &claim->statement[0]);
        for (int i = 0; i < 2; i++) {
            struct lr_finding f;
            lr_claim_examine(claim, NULL, p.plan[i], p.plan[i], 1, &f);
            ck_assert_uint_eq(f.holds, 0);
            ck_assert_uint_eq(f.floor_holds, 0);
            ck_assert_uint_gt(f.compared, 0);
            ck_assert_uint_eq(f.tally[LR_OUTCOME_CLOSE], f.compared);
            ck_assert_uint_eq(f.compared + f.tally[LR_OUTCOME_NEITHER], claim->batch_count * claim->context_count);
            ck_assert_int_eq(lr_finding_verdict(&f), LR_VERDICT_FAILS);
            for (size_t c = 0; c < claim->context_count; c++)
                ck_assert(!f.first[c] && f.flip[c] == 0);
        }
        pair_close(&p);
    }
    lr_claim_free(claim);
}
END_TEST

/* Outcomes of the two orders mirror each other. */
START_TEST(the_reverse_statement)
{
    static const enum lr_outcome mirror[LR_OUTCOME_COUNT] = {[LR_OUTCOME_HOLDS_CLEARLY] = LR_OUTCOME_FAILS_CLEARLY,
                                                             [LR_OUTCOME_HOLDS_LIKELY] = LR_OUTCOME_FAILS_LIKELY,
                                                             [LR_OUTCOME_CLOSE] = LR_OUTCOME_CLOSE,
                                                             [LR_OUTCOME_FAILS_LIKELY] = LR_OUTCOME_HOLDS_LIKELY,
                                                             [LR_OUTCOME_FAILS_CLEARLY] = LR_OUTCOME_HOLDS_CLEARLY,
                                                             [LR_OUTCOME_LEFT_ONLY] = LR_OUTCOME_RIGHT_ONLY,
                                                             [LR_OUTCOME_RIGHT_ONLY] = LR_OUTCOME_LEFT_ONLY,
                                                             [LR_OUTCOME_NEITHER] = LR_OUTCOME_NEITHER};
    struct lr_claim *claim = shipped();
    for (size_t n = 0; n < claim->item_count; n++) {
        struct pair p = pair_open(&claim->item[n], &claim->statement[0]);
        struct lr_finding f, r;
        lr_claim_examine(claim, NULL, p.plan[0], p.plan[1], 1, &f);
        lr_claim_examine(claim, NULL, p.plan[1], p.plan[0], 1, &r);
        for (int i = 0; i < LR_OUTCOME_COUNT; i++)
            ck_assert_uint_eq(f.tally[i], r.tally[mirror[i]]);
        ck_assert_uint_eq(f.compared, r.compared);
        ck_assert_uint_eq(f.holds + r.holds, f.compared);
        for (size_t c = 0; c < claim->context_count; c++)
            ck_assert_double_eq(f.flip[c], r.flip[c]);
        pair_close(&p);
    }
    lr_claim_free(claim);
}
END_TEST

/* An H20 has 37 FLOP a byte, an H100 295: with 1.19 times the bandwidth it leads at small batch, and behind its ridge
 * it falls back. The finding says at which batch of the list. */
START_TEST(the_order_flips_once)
{
    const struct lr_claim_case item = {.model = "llama-3.1-8b", .gpus = 1};
    const struct lr_claim_statement s = {.left = "h20", .right = "h100"};
    const struct lr_claim claim = {
        .batch = {1, 2, 4, 8, 16, 32, 64, 128, 256}, .batch_count = 9, .context = {128, 1e9}, .context_count = 2};
    struct pair p = pair_open(&item, &s);
    struct lr_finding f;
    double flip = 0;
    size_t holds = 0, roofline = 0, tally[LR_OUTCOME_COUNT] = {0};
    for (size_t j = 0; j < claim.batch_count; j++) {
        const struct lr_workload w = {claim.batch[j], 128, 1};
        struct lr_estimate l, r;
        lr_plan_estimate(p.plan[0], &w, &l);
        lr_plan_estimate(p.plan[1], &w, &r);
        ck_assert(l.fits && r.fits);
        holds += l.tpot_s < r.tpot_s;
        roofline += l.floor_tpot_s < r.floor_tpot_s;
        tally[lr_compare(&l, &r, 1)]++;
        if (flip == 0 && l.tpot_s >= r.tpot_s)
            flip = claim.batch[j];
    }
    lr_claim_examine(&claim, NULL, p.plan[0], p.plan[1], 1, &f);
    ck_assert(flip >= 4 && flip <= 128);
    ck_assert(f.first[0] && f.any[0]);
    ck_assert_double_eq(f.flip[0], flip);
    ck_assert_uint_eq(f.compared, 9);
    ck_assert_uint_eq(f.holds, holds);
    ck_assert_uint_eq(f.floor_holds, roofline);
    tally[LR_OUTCOME_NEITHER] = 9; /* a context of 1e9 fits nowhere */
    for (int i = 0; i < LR_OUTCOME_COUNT; i++)
        ck_assert_uint_eq(f.tally[i], tally[i]);
    ck_assert(!f.any[1] && !f.first[1] && f.flip[1] == 0);
    pair_close(&p);
}
END_TEST

/* Where the first batches fit on one chip only, the order starts at the first that both hold: here none beyond the
 * H20's 96 GB, so DeepSeek-V3 on eight chips is the H20's alone. */
START_TEST(only_one_side_fits)
{
    const struct lr_claim_case item = {.model = "deepseek-v3", .gpus = 8, .tp = 8};
    const struct lr_claim_statement s = {.left = "h20", .right = "h100"};
    const struct lr_claim claim = {.batch = {1, 2, 4}, .batch_count = 3, .context = {1024}, .context_count = 1};
    struct pair p = pair_open(&item, &s);
    struct lr_finding f;
    lr_claim_examine(&claim, NULL, p.plan[0], p.plan[1], 1, &f);
    ck_assert_uint_eq(f.tally[LR_OUTCOME_LEFT_ONLY], 3);
    ck_assert_uint_eq(f.compared, 0);
    ck_assert_uint_eq(f.holds, 0);
    ck_assert_uint_eq(f.floor_holds, 0);
    ck_assert(!f.any[0]);
    pair_close(&p);
}
END_TEST

/* The article states a fifth of the compute, 96 GB and 80 GB; of bandwidths it has no figure. */
START_TEST(the_shipped_claim_loads)
{
    static const struct {
        const char *figure, *of, *over;
        double article;
    } fact[] = {{"compute.bf16", "h20", "h100", 0.2},  {"memory.capacity", "h20", NULL, 96},
                {"memory.capacity", "h100", NULL, 80}, {"memory.bandwidth", "h20", "h100", 0},
                {"compute.bf16", "h800", "h100", 0},   {"scale_up.bandwidth", "h800", "h100", 0}};
    struct lr_claim *c = shipped();
    ck_assert_str_eq(c->name, "h20-decode");
    ck_assert_ptr_nonnull(strstr(c->article, "Guancha"));
    ck_assert_uint_eq(c->batch_count, 9);
    ck_assert(c->batch[0] == 1 && c->batch[8] == 256);
    ck_assert_uint_eq(c->context_count, 4);
    ck_assert(c->context[0] == 1024 && c->context[3] == 65536);
    ck_assert_uint_eq(c->item_count, 7);
    ck_assert_uint_eq(c->statement_count, 2);
    ck_assert_str_eq(c->statement[0].right, "h100");
    ck_assert_str_eq(c->statement[1].right, "a100");
    ck_assert_uint_eq(c->fact_count, sizeof fact / sizeof *fact);
    for (size_t i = 0; i < c->fact_count; i++) {
        ck_assert_str_eq(lr_claim_figure_name(c->fact[i].figure), fact[i].figure);
        ck_assert_str_eq(c->fact[i].of, fact[i].of);
        ck_assert((c->fact[i].over == NULL) == (fact[i].over == NULL));
        if (fact[i].over)
            ck_assert_str_eq(c->fact[i].over, fact[i].over);
        ck_assert_double_eq(c->fact[i].article, fact[i].article);
        ck_assert((c->fact[i].tolerance > 0) == (fact[i].article > 0) && c->fact[i].tolerance <= 0.1);
    }
    lr_claim_free(c);
}
END_TEST

START_TEST(every_shipped_case_plans)
{
    struct lr_claim *c = shipped();
    for (size_t i = 0; i < c->item_count; i++)
        for (size_t j = 0; j < c->statement_count; j++) {
            struct pair p = pair_open(&c->item[i], &c->statement[j]);
            for (int side = 0; side < 2; side++) {
                ck_assert_double_eq(lr_plan_deployment(p.plan[side])->gpus, c->item[i].gpus);
                ck_assert(c->item[i].ep == 0 || lr_plan_deployment(p.plan[side])->ep == c->item[i].ep);
            }
            pair_close(&p);
        }
    lr_claim_free(c);
}
END_TEST

/* A claim in a separate folder, before the shipped profiles. Line numbers count from 1. */
static const char *const good[] = {
    "name: small",
    "title: a small claim",
    "article: nobody, nowhere",
    "says: one chip is faster",
    "batch: 1-8*2",
    "context: 1k,4k",
    "cases:",
    "  - {model: llama-3.1-8b, gpus: 1}",
    "statements:",
    "  - {says: faster, left: h20, right: h100}",
    "facts:",
    "  - {says: memory, figure: memory.capacity, of: h20, article: 96, tolerance: 0.08}",
};
enum { LINES = sizeof good / sizeof *good };

/* Loads the claim with one line replaced (line 0: none, text NULL: left empty). */
static struct lr_claim *load_changed(int line, const char *text, struct lr_diags *ds)
{
    char root[] = "/tmp/llmroof-claim-XXXXXX", folder[64], path[80];
    ck_assert_ptr_nonnull(mkdtemp(root));
    snprintf(folder, sizeof folder, "%s/claims", root);
    snprintf(path, sizeof path, "%s/small.yaml", folder);
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    for (int i = 0; i < LINES; i++)
        fprintf(f, "%s\n", i + 1 != line ? good[i] : text ? text : "");
    ck_assert_int_eq(fclose(f), 0);
    const char *const dirs[] = {root, TEST_SOURCE_DIR "/configs"};
    struct lr_catalog *c = lr_catalog_open(dirs, 2);
    struct lr_claim *claim = lr_catalog_claim(c, "small", ds);
    lr_catalog_free(c);
    unlink(path);
    rmdir(folder);
    rmdir(root);
    return claim;
}

START_TEST(a_small_claim)
{
    struct lr_diags ds = {0};
    struct lr_claim *c = load_changed(0, NULL, &ds);
    suite_no_errors(&ds);
    ck_assert_ptr_nonnull(c);
    ck_assert_uint_eq(c->batch_count, 4);
    ck_assert_double_eq(c->batch[3], 8);
    ck_assert_double_eq(c->context[1], 4096);
    ck_assert_str_eq(c->item[0].model, "llama-3.1-8b");
    ck_assert(c->item[0].gpus == 1 && c->item[0].tp == 0 && c->item[0].dp == 0);
    ck_assert_str_eq(c->statement[0].left, "h20");
    ck_assert_ptr_null(c->fact[0].over);
    lr_claim_free(c);
    lr_claim_free(NULL);
    lr_diags_free(&ds);
}
END_TEST

START_TEST(errors_name_their_line)
{
    static const struct {
        int line, named; /* the line that is changed, and the one that the message names */
        const char *text, *field;
    } row[] = {
        {1, 2, NULL, "name"}, /* the mapping starts below */
        {2, 1, NULL, "title"},
        {3, 1, NULL, "article"},
        {4, 1, NULL, "says"},
        {5, 1, NULL, "batch"},
        {6, 1, NULL, "context"},
        {5, 5, "batch: 8-1", "batch"},
        {5, 5, "batch: 1-8*1", "batch"},
        {5, 5, "batch: 1,x", "batch"},
        {5, 5, "batch: 1-100", "batch"}, /* more than 64 */
        {5, 5, "batch: -4", "batch"},
        {5, 5, "batch: 1.5", "batch"},
        {5, 5, "batch: {from: 1}", "batch"},
        {6, 6, "context: 4 GB", "context"},
        {6, 6, "context: [1k, 4k]", "context"},
        {6, 6, "contxt: 4k", "contxt"},
        {8, 8, "  - {gpus: 1}", "cases.0.model"},
        {8, 8, "  - {model: llama-3.1-8b, gpus: 0}", "cases.0.gpus"},
        {8, 8, "  - {model: llama-3.1-8b, gpus: 1.5}", "cases.0.gpus"},
        {8, 8, "  - {model: llama-3.1-8b, tp: eight}", "cases.0.tp"},
        {8, 8, "  - {model: llama-3.1-8b, cards: 8}", "cases.0.cards"},
        {8, 8, "  - llama-3.1-8b", "cases.0"},
        {10, 10, "  - {says: faster, left: h20}", "statements.0.right"},
        {10, 10, "  - {left: h20, right: h100}", "statements.0.says"},
        {12, 12, "  - {says: a, figure: memory.capacity, of: h20, tolerance: 0.1}", "facts.0.article"},
        {12, 12, "  - {says: a, figure: memory.capacity, of: h20, article: 96 GB, tolerance: 0.1}", "facts.0.article"},
        {12, 12, "  - {says: a, figure: memory.capacity, of: h20, article: 96, tolerance: -1}", "facts.0.tolerance"},
        {12, 12, "  - {says: a, figure: memory.capacity, of: h20, article: 96}", "facts.0.tolerance"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct lr_diags ds = {0};
        struct lr_claim *c = load_changed(row[i].line, row[i].text, &ds);
        const char *const text = row[i].text ? row[i].text : "(empty)";
        ck_assert_msg(!c, "'%s' in line %d was loaded", text, row[i].line);
        size_t hits = 0;
        char told[512] = "nothing";
        for (size_t j = 0; j < ds.count; j++) {
            const struct lr_diag *d = &ds.item[j];
            lr_diag_format(d, told, sizeof told);
            hits += d->severity == LR_ERROR && d->pos.line == row[i].named && d->field &&
                    strcmp(d->field, row[i].field) == 0;
        }
        ck_assert_msg(hits == 1, "'%s' in line %d: %s", text, row[i].line, told);
        lr_diags_free(&ds);
    }
}
END_TEST

START_TEST(unknown_claims_get_a_hint)
{
    struct lr_catalog *c = suite_catalog();
    struct lr_diags ds = {0};
    ck_assert_ptr_null(lr_catalog_claim(c, "h20-decod", &ds));
    ck_assert_uint_eq(ds.errors, 1);
    char text[512];
    lr_diag_format(&ds.item[0], text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "h20-decode"));
    ck_assert_ptr_null(lr_catalog_claim(c, "h20-decod", NULL));
    lr_diags_free(&ds);
    lr_catalog_free(c);
}
END_TEST

/* A factor moves the order, not the points: 1.2 holds at fewer than 1, 0.8 at more; within a factor of 1e6 all are as
 * fast, within 1 none. */
START_TEST(factors)
{
    const struct lr_claim_case item = {.model = "llama-3.1-8b", .gpus = 1};
    const struct lr_claim_statement s = {.left = "h20", .right = "h100"};
    struct lr_claim claim = {.batch = {1, 2, 4, 8, 16, 32, 64, 128}, .batch_count = 8};
    struct pair p = pair_open(&item, &s);
    struct lr_finding f;
    claim.context[0] = 1024;
    claim.context_count = 1;
    for (double factor = 0.5; factor < 2; factor += 0.1) {
        const struct lr_claim_statement faster = {.kind = LR_CLAIM_FASTER, .factor = factor};
        const struct lr_claim_statement alike = {.kind = LR_CLAIM_AS_FAST, .factor = fmax(factor, 1 / factor)};
        size_t holds = 0, within = 0;
        for (size_t i = 0; i < claim.batch_count; i++) {
            const struct lr_workload w = {claim.batch[i], 1024, 1};
            struct lr_estimate l, r;
            lr_plan_estimate(p.plan[0], &w, &l);
            lr_plan_estimate(p.plan[1], &w, &r);
            holds += r.tpot_s / l.tpot_s > factor;
            within += fabs(log(r.tpot_s / l.tpot_s)) <= fabs(log(factor));
        }
        lr_claim_examine(&claim, &faster, p.plan[0], p.plan[1], 1, &f);
        ck_assert_msg(f.holds == holds, "factor %g: %zu, expected %zu", factor, f.holds, holds);
        lr_claim_examine(&claim, &alike, p.plan[0], p.plan[1], 1, &f);
        ck_assert_msg(f.holds == within, "within %g: %zu, expected %zu", factor, f.holds, within);
        lr_claim_examine(&claim, &alike, p.plan[0], p.plan[0], 1, &f);
        ck_assert_uint_eq(f.holds, claim.batch_count);
        ck_assert_uint_eq(f.tally[LR_OUTCOME_FAILS_LIKELY] + f.tally[LR_OUTCOME_FAILS_CLEARLY], 0);
    }
    pair_close(&p);
}
END_TEST

/* 671e9 bytes: more than 8 x 85 GB less what a runtime needs, less than 8 x 102 GB. */
START_TEST(what_fits)
{
    const struct lr_claim_case item = {.model = "deepseek-v3", .gpus = 8, .tp = 8};
    const struct lr_claim_statement s = {.kind = LR_CLAIM_FITS, .left = "h20", .right = "h100"};
    const struct lr_claim claim = {.batch = {1, 4}, .batch_count = 2, .context = {1024, 1e9}, .context_count = 2};
    struct pair p = pair_open(&item, &s);
    struct lr_finding f;
    lr_claim_examine(&claim, &s, p.plan[0], p.plan[1], 1, &f);
    ck_assert(f.compared == 2 && f.holds == 2 && f.floor_holds == 2);
    ck_assert_int_eq(lr_finding_verdict(&f), LR_VERDICT_HOLDS);
    lr_claim_examine(&claim, &s, p.plan[1], p.plan[0], 1, &f);
    ck_assert(f.compared == 2 && f.holds == 0 && f.floor_holds == 0);
    pair_close(&p);
}
END_TEST

/* By hand, elements a token: DeepSeek-V2 (512 + 64) x 60 layers = 34560; DeepSeek 67B 2 x 8 heads x 128 x 95 = 194560;
 * V2 with a key and a value of 128 for each of 128 heads 2 x 128 x 128 x 60 = 1966080. */
START_TEST(ratios_of_caches)
{
    struct lr_catalog *c = suite_catalog();
    struct lr_diags ds = {0};
    struct lr_model *v2 = lr_catalog_model(c, "deepseek-v2", NULL, 0, &ds);
    struct lr_model *dense = lr_catalog_model(c, "deepseek-67b", NULL, 0, &ds);
    suite_no_errors(&ds);
    ck_assert_double_eq_tol(lr_claim_kv_ratio(v2, dense, 0), 34560.0 / 194560, 1e-12);
    ck_assert_double_eq_tol(lr_claim_kv_ratio(v2, dense, 6), 34560.0 * 6 / 16 / 194560, 1e-12);
    ck_assert_double_eq_tol(lr_claim_kv_ratio(v2, NULL, 0), 34560.0 / 1966080, 1e-12);
    ck_assert_double_eq_tol(lr_claim_kv_ratio(dense, NULL, 0), 8.0 / 64, 1e-12);
    lr_model_free(v2);
    lr_model_free(dense);
    lr_catalog_free(c);
}
END_TEST

START_TEST(statements_of_other_kinds)
{
    static const struct {
        const char *text;
        size_t errors;
    } row[] = {{"  - {says: fits, kind: fits, left: h20, right: h100}", 0},
               {"  - {says: cache, kind: kv_ratio, left: deepseek-v2, right: deepseek-67b, factor: 0.067}", 0},
               {"  - {says: cache, kind: kv_ratio, left: deepseek-v2, factor: 0.067}", 0},
               {"  - {says: more, left: h20, right: h100, factor: 1.2}", 0},
               {"  - {says: fits, kind: fits, left: h20}", 1},
               {"  - {says: cache, kind: kv_ratio, left: deepseek-v2}", 1},
               {"  - {says: cache, kind: kv_ratio, left: h20, factor: 0.5}", 1},
               {"  - {says: fits, kind: sits, left: h20, right: h100}", 1},
               {"  - {says: more, left: h20, right: h100, factor: -1}", 1}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct lr_diags ds = {0};
        struct lr_claim *c = load_changed(10, row[i].text, &ds);
        ck_assert_msg(ds.errors == row[i].errors, "%s: %zu errors", row[i].text, ds.errors);
        ck_assert((c != NULL) == (row[i].errors == 0));
        lr_claim_free(c);
        lr_diags_free(&ds);
    }
}
END_TEST

/* The engine of both sides can be chosen: with kernels of smaller tiles an H20 loses less. */
START_TEST(an_engine_may_be_chosen)
{
    struct lr_catalog *c = suite_catalog();
    struct lr_diags ds = {0};
    struct lr_settled *own = lr_settle(c, "h20-decode", NULL, NULL, 0, &ds);
    struct lr_settled *swapped = lr_settle(c, "h20-decode", "deepseek-swapab", NULL, 0, &ds);
    suite_no_errors(&ds);
    ck_assert_str_eq(own->runtime->name, "deepseek");
    ck_assert_str_eq(swapped->runtime->name, "deepseek-swapab");
    ck_assert_uint_gt(swapped->statement[0].total[LR_CLAIM_EQUAL_GPUS].holds,
                      own->statement[0].total[LR_CLAIM_EQUAL_GPUS].holds);
    ck_assert_ptr_null(lr_settle(c, "h20-decode", "deepseck", NULL, 0, &ds));
    ck_assert_uint_eq(ds.errors, 1);
    lr_settled_free(own);
    lr_settled_free(swapped);
    lr_diags_free(&ds);
    lr_catalog_free(c);
}
END_TEST

/* Every claim that is shipped settles, and what is said in total is what its cases say. */
START_TEST(every_shipped_claim_settles)
{
    struct lr_catalog *c = suite_catalog();
    size_t count;
    struct lr_catalog_entry *e = lr_catalog_list(c, LR_PROFILE_CLAIM, &count, NULL);
    ck_assert_uint_ge(count, 6);
    for (size_t n = 0; n < count; n++) {
        struct lr_diags ds = {0};
        struct lr_settled *s = lr_settle(c, e[n].name, NULL, NULL, 0, &ds);
        suite_no_errors(&ds);
        bool holds = true;
        for (size_t i = 0; i < s->claim->statement_count; i++) {
            const struct lr_statement_verdict *v = &s->statement[i];
            size_t compared[LR_CLAIM_EQUAL_COUNT] = {0};
            for (size_t k = 0; k < v->result_count; k++)
                compared[v->result[k].equal] += v->result[k].finding.compared;
            for (size_t k = 0; k < LR_CLAIM_EQUAL_COUNT; k++)
                ck_assert(s->claim->statement[i].kind == LR_CLAIM_KV_RATIO ? v->kv_ratio > 0
                                                                           : compared[k] == v->total[k].compared);
            ck_assert_int_eq(v->verdict, lr_finding_verdict(&v->total[LR_CLAIM_EQUAL_GPUS]));
            holds = holds && v->verdict == LR_VERDICT_HOLDS;
        }
        ck_assert(s->holds == holds);
        lr_settled_free(s);
        lr_diags_free(&ds);
    }
    lr_catalog_entries_free(e);
    lr_catalog_free(c);
}
END_TEST

/* DeepSeek-R1 in FP8 has 671 GB of weights: eight H20 of 96 GB hold it, eight H100 of 80 GB do not. With 192 GiB a chip
 * both do. */
START_TEST(overrides_reach_every_chip_of_a_claim)
{
    const struct lr_override large = {"memory.capacity", "192 GiB"};
    struct lr_catalog *c = suite_catalog();
    struct lr_settled *s = lr_settle(c, "r1-one-node", NULL, NULL, 0, NULL);
    ck_assert_ptr_nonnull(s);
    ck_assert(s->holds);
    lr_settled_free(s);
    s = lr_settle(c, "r1-one-node", NULL, &large, 1, NULL);
    ck_assert_ptr_nonnull(s);
    ck_assert(!s->holds);
    lr_settled_free(s);
    lr_settled_free(NULL);
    lr_catalog_free(c);
}
END_TEST

START_TEST(what_cannot_be_settled_is_an_error)
{
    const struct lr_override wrong = {"memory.bandwith", "1 TB/s"};
    struct lr_catalog *c = suite_catalog();
    struct lr_diags ds = {0};
    ck_assert_ptr_null(lr_settle(c, "h20-decod", NULL, NULL, 0, &ds));
    ck_assert_uint_eq(ds.errors, 1);
    ck_assert_ptr_null(lr_settle(c, "h20-decode", NULL, &wrong, 1, &ds));
    ck_assert_uint_gt(ds.errors, 1);
    ck_assert_ptr_null(lr_settle(c, "h20-decode", NULL, &wrong, 1, NULL));
    lr_diags_free(&ds);
    lr_catalog_free(c);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {an_engine_may_be_chosen,
                                  every_shipped_claim_settles,
                                  overrides_reach_every_chip_of_a_claim,
                                  what_cannot_be_settled_is_an_error,
                                  factors,
                                  what_fits,
                                  ratios_of_caches,
                                  statements_of_other_kinds,
                                  outcomes_at_the_thresholds,
                                  asymmetric_intervals,
                                  certain_estimates_have_an_order,
                                  what_does_not_fit_is_not_compared,
                                  verdicts_at_the_thresholds,
                                  findings_add,
                                  a_plan_against_itself,
                                  the_reverse_statement,
                                  the_order_flips_once,
                                  only_one_side_fits,
                                  the_shipped_claim_loads,
                                  every_shipped_case_plans,
                                  a_small_claim,
                                  errors_name_their_line,
                                  unknown_claims_get_a_hint};
    return suite_run("claim", tests, sizeof tests / sizeof *tests, 1);
}
