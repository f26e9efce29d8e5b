/* SPDX-License-Identifier: Apache-2.0 */
/* Settles a claim: per statement, case by case, at equal numbers of accelerators and at equal memory. */
#include "estimate/finding.h"
#include "load/kernel_sets.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHIPS_MAX = 2 * LR_CLAIM_STATEMENTS_MAX + 2 * LR_CLAIM_FACTS_MAX };

/* The profiles of a claim, each opened once. */
struct settling {
    const struct lr_catalog *catalog;
    const struct lr_override *sets;
    size_t set_count;
    struct lr_diags *ds;
    struct lr_hardware *chip[CHIPS_MAX];
    size_t chips;
    struct lr_kernel_sets kernels;
    const char *wanted; /* runtime that the caller names, or NULL */
    struct {
        const struct lr_hardware *left, *right;
    } side[LR_CLAIM_STATEMENTS_MAX];
    struct lr_settled *out;
};

static const struct lr_hardware *chip(struct settling *s, const char *name)
{
    for (size_t i = 0; i < s->chips; i++)
        if (strcmp(s->chip[i]->name, name) == 0)
            return s->chip[i];
    struct lr_hardware *const hw = lr_catalog_hardware(s->catalog, name, s->sets, s->set_count, s->ds);
    if (hw)
        s->chip[s->chips++] = hw;
    return hw;
}

static void settle_facts(struct settling *s)
{
    const struct lr_claim *const c = s->out->claim;
    for (size_t i = 0; i < c->fact_count; i++) {
        const struct lr_claim_fact *f = &c->fact[i];
        const struct lr_hardware *of = chip(s, f->of), *over = f->over ? chip(s, f->over) : NULL;
        if (!of || (f->over && !over))
            return;
        const double divisor = over ? lr_claim_figure_of(over, f->figure) : 1;
        s->out->fact[i] = lr_claim_figure_of(of, f->figure) / (divisor > 0 ? divisor : 1);
        if (divisor <= 0)
            lr_diag(s->ds, LR_ERROR, LR_NO_POSITION, "facts", "'%s' has no %s to divide by", f->over,
                    lr_claim_figure_name(f->figure));
    }
}

static double gpus_of(const struct lr_claim_case *c)
{
    return fmax(1, fmax(c->gpus, c->tp * fmax(1, c->pp) * fmax(1, c->dp)));
}

static struct lr_deployment layout_of(const struct lr_claim_case *c)
{
    struct lr_deployment d = lr_deployment_of(gpus_of(c));
    d.tp = c->tp > 0 ? c->tp : d.gpus;
    d.pp = c->pp;
    d.ep = c->ep;
    d.dp = c->dp;
    return d;
}

/* How much of what is made equal one accelerator has; 0 where the profile does not say. */
static double amount(const struct lr_hardware *hw, enum lr_claim_equal e)
{
    switch (e) {
    case LR_CLAIM_EQUAL_MEMORY:
        return hw->memory.capacity_bytes;
    case LR_CLAIM_EQUAL_POWER:
        return hw->power.tdp_w;
    case LR_CLAIM_EQUAL_COST:
        return hw->price.usd_per_hour;
    default:
        return 1;
    }
}

static struct lr_plan *plan_of(struct settling *s, const struct lr_hardware *hw, const struct lr_model *m,
                               const struct lr_deployment *d)
{
    const char *const own = s->wanted ? NULL : s->out->claim->kernels;
    const char *const kernel_class = own ? own : s->out->runtime->kernels;
    const struct lr_kernels *k = lr_kernel_sets_open(&s->kernels, s->catalog, NULL, hw, kernel_class, s->ds);
    return k ? lr_plan_new(hw, m, s->out->runtime, k, d, s->ds) : NULL;
}

static void settle_case(struct settling *s, size_t statement, const struct lr_claim_case *c, const struct lr_model *m,
                        enum lr_claim_equal equal)
{
    const struct lr_claim *const claim = s->out->claim;
    struct lr_statement_verdict *const to = &s->out->statement[statement];
    const struct lr_hardware *const hw[2] = {s->side[statement].left, s->side[statement].right};
    const struct lr_deployment d = layout_of(c);
    const double has[2] = {amount(hw[0], equal), amount(hw[1], equal)};
    struct lr_plan *plan[2];
    if (has[0] <= 0 || has[1] <= 0)
        return;
    for (int i = 0; i < 2; i++)
        plan[i] = plan_of(s, hw[i], m, &d);
    if (plan[0] && plan[1]) {
        struct lr_claim_result *const r = &to->result[to->result_count++];
        *r = (struct lr_claim_result){
            .item = c, .equal = equal, .left_gpus = gpus_of(c), .right_gpus = gpus_of(c) * has[0] / has[1]};
        lr_claim_examine(claim, &claim->statement[statement], plan[0], plan[1], has[1] / has[0], &r->finding);
        lr_finding_add(&to->total[equal], &r->finding);
    }
    lr_plan_free(plan[0]);
    lr_plan_free(plan[1]);
}

/* What fits, and whether two chips are as fast, is asked at equal GPU count; a ratio of models knows no machine. */
static int equals(const struct lr_claim_statement *s)
{
    if (s->kind == LR_CLAIM_KV_RATIO)
        return 0;
    return s->kind == LR_CLAIM_FASTER ? LR_CLAIM_EQUAL_COUNT : 1;
}

static void settle_ratio(struct settling *s, size_t i)
{
    const struct lr_claim_statement *c = &s->out->claim->statement[i];
    struct lr_statement_verdict *const to = &s->out->statement[i];
    const double tolerance = c->tolerance > 0 ? c->tolerance : 0.01;
    struct lr_model *left = lr_catalog_model(s->catalog, c->left, NULL, 0, s->ds);
    struct lr_model *right = c->right ? lr_catalog_model(s->catalog, c->right, NULL, 0, s->ds) : NULL;
    if (left && (right || !c->right)) {
        to->kv_ratio = lr_claim_kv_ratio(left, right, c->left_kv_bits);
        to->total[LR_CLAIM_EQUAL_GPUS].compared = 1;
        to->total[LR_CLAIM_EQUAL_GPUS].holds = to->total[LR_CLAIM_EQUAL_GPUS].floor_holds =
            fabs(to->kv_ratio / c->factor - 1) <= tolerance;
        to->total[LR_CLAIM_EQUAL_GPUS]
            .tally[to->total[LR_CLAIM_EQUAL_GPUS].holds ? LR_OUTCOME_HOLDS_CLEARLY : LR_OUTCOME_FAILS_CLEARLY] = 1;
    }
    lr_model_free(left);
    lr_model_free(right);
}

/* false after an error. */
static bool settle_statements(struct settling *s)
{
    const struct lr_claim *const c = s->out->claim;
    const size_t before = s->ds->errors;
    const char *const runtime = s->wanted ? s->wanted : c->runtime ? c->runtime : LR_DEFAULT_RUNTIME;
    s->out->runtime = lr_catalog_runtime(s->catalog, runtime, NULL, 0, s->ds);
    for (size_t i = 0; i < c->statement_count; i++) {
        if (c->statement[i].kind == LR_CLAIM_KV_RATIO) {
            settle_ratio(s, i);
            continue;
        }
        s->side[i].left = chip(s, c->statement[i].left);
        s->side[i].right = chip(s, c->statement[i].right);
    }
    settle_facts(s);
    if (s->ds->errors != before)
        return false;
    for (size_t n = 0; n < c->item_count; n++) {
        struct lr_model *m = lr_catalog_model(s->catalog, c->item[n].model, NULL, 0, s->ds);
        for (size_t i = 0; m && i < c->statement_count; i++)
            for (int e = 0; e < equals(&c->statement[i]); e++)
                settle_case(s, i, &c->item[n], m, (enum lr_claim_equal)e);
        lr_model_free(m);
    }
    s->out->holds = true;
    for (size_t i = 0; i < c->statement_count; i++) {
        s->out->statement[i].verdict = lr_finding_verdict(&s->out->statement[i].total[LR_CLAIM_EQUAL_GPUS]);
        s->out->holds = s->out->holds && s->out->statement[i].verdict == LR_VERDICT_HOLDS;
    }
    return s->ds->errors == before;
}

struct lr_settled *lr_settle(const struct lr_catalog *c, const char *claim, const char *runtime,
                             const struct lr_override *sets, size_t count, struct lr_diags *ds)
{
    struct lr_diags discarded = {0};
    struct lr_settled *const out = calloc(1, sizeof *out);
    struct settling s = {
        .catalog = c, .sets = sets, .set_count = count, .ds = ds ? ds : &discarded, .wanted = runtime, .out = out};
    if (out)
        out->claim = lr_catalog_claim(c, claim, s.ds);
    else
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
    const bool ok = out && out->claim && settle_statements(&s);
    for (size_t i = 0; i < s.chips; i++)
        lr_hardware_free(s.chip[i]);
    lr_kernel_sets_free(&s.kernels);
    lr_diags_free(&discarded);
    if (ok)
        return out;
    lr_settled_free(out);
    return NULL;
}

void lr_settled_free(struct lr_settled *s)
{
    if (s) {
        lr_claim_free(s->claim);
        lr_runtime_free(s->runtime);
    }
    free(s);
}
