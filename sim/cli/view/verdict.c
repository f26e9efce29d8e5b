/* SPDX-License-Identifier: Apache-2.0 */
/* Examines a claim: per statement, case by case, at equal GPU count and at equal memory. */
#include "cli/view/verdict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Opens a profile once. */
static struct lr_hardware *chip(struct lr_session *s, const char *name)
{
    for (size_t i = 0; i < s->hardware_count; i++)
        if (strcmp(s->hardware[i]->name, name) == 0)
            return s->hardware[i];
    return lr_session_hardware(s, name);
}

static void examine_facts(struct lr_session *s, struct lr_verdicts *r)
{
    for (size_t i = 0; i < r->claim->fact_count; i++) {
        const struct lr_claim_fact *f = &r->claim->fact[i];
        const struct lr_hardware *of = chip(s, f->of), *over = f->over ? chip(s, f->over) : NULL;
        if (!of || (f->over && !over))
            return;
        const double divisor = over ? lr_claim_figure_of(over, f->figure) : 1;
        r->fact[i] = lr_claim_figure_of(of, f->figure) / (divisor > 0 ? divisor : 1);
        if (divisor <= 0)
            lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "facts", "'%s' has no %s to divide by", f->over,
                    lr_claim_figure_name(f->figure));
    }
}

/* Doubles the GPUs until the machine has as much memory as asked for: inside a scale-up domain by tensor parallelism,
 * beyond it by attention groups, the experts over all of them. */
static struct lr_deployment grown(const struct lr_claim_case *c, const struct lr_hardware *hw, double bytes)
{
    struct lr_deployment d = {.gpus = fmax(1, fmax(c->gpus, c->tp * fmax(1, c->pp) * fmax(1, c->dp))),
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

static bool examine_case(struct lr_session *s, struct lr_verdicts *r, size_t statement, const struct lr_claim_case *c,
                         const struct lr_model *m, int layout)
{
    const struct lr_hardware *const hw[2] = {r->left[statement], r->right[statement]};
    struct lr_verdict_case *out = &r->finding[statement][r->count[statement]];
    const double gpus = fmax(1, fmax(c->gpus, c->tp * fmax(1, c->pp) * fmax(1, c->dp)));
    double most = 0;
    struct lr_plan *plan[2] = {NULL, NULL};
    for (int i = 0; i < 2 && layout == LR_VERDICT_EQUAL_MEMORY; i++)
        most = fmax(most, gpus * hw[i]->memory.capacity_bytes);
    for (int i = 0; i < 2; i++) {
        /* within 7 %: a machine of the same marketed size is not doubled for the GiB that its driver hides */
        const struct lr_deployment d = grown(c, hw[i], 0.93 * most);
        const struct lr_kernels *k = lr_session_kernels(s, hw[i], r->claim->kernels);
        plan[i] = k ? lr_plan_new(hw[i], m, s->runtime, k, &d, &s->diags) : NULL;
    }
    if (plan[0] && plan[1]) {
        *out = (struct lr_verdict_case){.item = c,
                                        .layout = layout,
                                        .left_gpus = lr_plan_deployment(plan[0])->gpus,
                                        .right_gpus = lr_plan_deployment(plan[1])->gpus};
        lr_claim_examine(r->claim, &r->claim->statement[statement], plan[0], plan[1], &out->f);
        /* a layout that doubling has not changed says nothing new */
        if (layout == LR_VERDICT_EQUAL_GPUS || out->left_gpus != out->right_gpus) {
            lr_finding_add(&r->total[statement], &out->f);
            r->count[statement]++;
        }
    }
    const bool ok = plan[0] && plan[1];
    lr_plan_free(plan[0]);
    lr_plan_free(plan[1]);
    return ok;
}

/* What fits is asked of as many GPUs, and so is whether two chips are as fast; a ratio of models knows no layout. */
static int layouts(const struct lr_claim_statement *s)
{
    if (s->kind == LR_CLAIM_KV_RATIO)
        return 0;
    return s->kind == LR_CLAIM_FASTER ? LR_VERDICT_LAYOUTS : 1;
}

static void examine_ratio(struct lr_session *s, struct lr_verdicts *r, size_t i)
{
    const struct lr_claim_statement *c = &r->claim->statement[i];
    const double tolerance = c->tolerance > 0 ? c->tolerance : 0.01;
    struct lr_model *left = lr_catalog_model(s->catalog, c->left, NULL, 0, &s->diags);
    struct lr_model *right = c->right ? lr_catalog_model(s->catalog, c->right, NULL, 0, &s->diags) : NULL;
    if (left && (right || !c->right)) {
        r->ratio[i] = lr_claim_kv_ratio(left, right, c->left_kv_bits);
        r->total[i].compared = 1;
        r->total[i].holds = r->total[i].floor_holds = fabs(r->ratio[i] / c->factor - 1) <= tolerance;
        r->total[i].tally[r->total[i].holds ? LR_OUTCOME_HOLDS_SURELY : LR_OUTCOME_FAILS_SURELY] = 1;
    }
    lr_model_free(left);
    lr_model_free(right);
}

static bool examine(struct lr_session *s, struct lr_verdicts *r)
{
    const struct lr_claim *c = r->claim;
    if (!s->runtime)
        s->runtime = lr_catalog_runtime(s->catalog, "ideal", NULL, 0, &s->diags);
    for (size_t i = 0; i < c->statement_count; i++) {
        if (c->statement[i].kind == LR_CLAIM_KV_RATIO) {
            examine_ratio(s, r, i);
            continue;
        }
        r->left[i] = chip(s, c->statement[i].left);
        r->right[i] = chip(s, c->statement[i].right);
    }
    examine_facts(s, r);
    if (s->diags.errors)
        return false;
    for (size_t n = 0; n < c->item_count; n++) {
        struct lr_model *m = lr_catalog_model(s->catalog, c->item[n].model, NULL, 0, &s->diags);
        for (size_t i = 0; m && i < c->statement_count; i++)
            for (int layout = 0; layout < layouts(&c->statement[i]); layout++)
                examine_case(s, r, i, &c->item[n], m, layout);
        lr_model_free(m);
    }
    return s->diags.errors == 0;
}

struct lr_verdicts *lr_verdicts_find(struct lr_session *s, const char *name)
{
    struct lr_verdicts *r = calloc(1, sizeof *r);
    if (!r) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
        return NULL;
    }
    r->claim = lr_catalog_claim(s->catalog, name, &s->diags);
    if (r->claim && examine(s, r))
        return r;
    lr_verdicts_free(r);
    return NULL;
}

void lr_verdicts_free(struct lr_verdicts *r)
{
    if (r)
        lr_claim_free(r->claim);
    free(r);
}

const char *lr_verdict_name(enum lr_verdict v)
{
    static const char *const names[] = {"holds", "depends", "fails", "nothing to compare"};
    return names[v];
}
