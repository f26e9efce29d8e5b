/* SPDX-License-Identifier: Apache-2.0 */
#include "estimate/finding.h"

#include <llmroof/comparison.h>

#include <math.h>

enum lr_outcome lr_compare(const struct lr_estimate *left, const struct lr_estimate *right, double apart)
{
    static const enum lr_outcome holds[LR_CERTAINTY_COUNT] = {[LR_CERTAINTY_CLEARLY] = LR_OUTCOME_HOLDS_CLEARLY,
                                                              [LR_CERTAINTY_LIKELY] = LR_OUTCOME_HOLDS_LIKELY,
                                                              [LR_CERTAINTY_CLOSE] = LR_OUTCOME_CLOSE};
    static const enum lr_outcome fails[LR_CERTAINTY_COUNT] = {[LR_CERTAINTY_CLEARLY] = LR_OUTCOME_FAILS_CLEARLY,
                                                              [LR_CERTAINTY_LIKELY] = LR_OUTCOME_FAILS_LIKELY,
                                                              [LR_CERTAINTY_CLOSE] = LR_OUTCOME_CLOSE};
    if (!left->fits || !right->fits)
        return left->fits ? LR_OUTCOME_LEFT_ONLY : right->fits ? LR_OUTCOME_RIGHT_ONLY : LR_OUTCOME_NEITHER;
    const double p = lr_estimate_faster(left, right, apart);
    return (p > 0.5 ? holds : fails)[lr_certainty_of(p)];
}

double lr_claim_figure_of(const struct lr_hardware *hw, enum lr_claim_figure f)
{
    switch (f) {
    case LR_CLAIM_FIGURE_CAPACITY:
        return hw->memory.capacity_bytes / 1073741824;
    case LR_CLAIM_FIGURE_BANDWIDTH:
        return hw->memory.bandwidth_bytes_per_s / 1e9;
    case LR_CLAIM_FIGURE_BF16:
        return hw->compute.peak[LR_RATE_BF16] / 1e12;
    case LR_CLAIM_FIGURE_FP8:
        return hw->compute.peak[LR_RATE_FP8] / 1e12;
    default:
        return hw->scale_up.bandwidth_bytes_per_s / 1e9;
    }
}

/* Elements of the keys and values of all heads, per token. */
static double mha_elements(const struct lr_model *m)
{
    double n = 0;
    for (size_t i = 0; i < m->block_count; i++) {
        const struct lr_attention *a = &m->block[i].attention;
        if (a->kind == LR_ATTENTION_GQA || a->kind == LR_ATTENTION_MLA)
            n += m->block[i].layers * 2 * a->heads * (a->kind == LR_ATTENTION_MLA ? a->v_dim : a->head_dim);
    }
    return n;
}

double lr_claim_kv_ratio(const struct lr_model *left, const struct lr_model *right, double left_bits)
{
    const double own = lr_model_kv_bytes(left, LR_BF16, -1) * (left_bits > 0 ? left_bits / 16 : 1);
    const double other = right ? lr_model_kv_bytes(right, LR_BF16, -1) : mha_elements(left) * lr_dtype_bytes(LR_BF16);
    return other > 0 ? own / other : 0;
}

/* Whether the times agree with a statement. */
static bool says_so(const struct lr_claim_statement *s, double left_s, double right_s)
{
    const double factor = s && s->factor > 0 ? s->factor : 1;
    if (s && s->kind == LR_CLAIM_AS_FAST)
        return fmax(left_s, right_s) <= factor * fmin(left_s, right_s);
    return factor > 1 ? factor * left_s <= right_s : factor * left_s < right_s;
}

/* The outcome of a statement at a point. To test a factor, the left estimate is multiplied by it and compared. To test
 * that two chips are as fast, the faster estimate is multiplied, and the statement holds if the slower one is then the
 * faster one. */
static enum lr_outcome outcome_of(const struct lr_claim_statement *s, struct lr_estimate l, struct lr_estimate r,
                                  double apart)
{
    static const enum lr_outcome mirror[LR_OUTCOME_COUNT] = {[LR_OUTCOME_HOLDS_CLEARLY] = LR_OUTCOME_FAILS_CLEARLY,
                                                             [LR_OUTCOME_HOLDS_LIKELY] = LR_OUTCOME_FAILS_LIKELY,
                                                             [LR_OUTCOME_CLOSE] = LR_OUTCOME_CLOSE,
                                                             [LR_OUTCOME_FAILS_LIKELY] = LR_OUTCOME_HOLDS_LIKELY,
                                                             [LR_OUTCOME_FAILS_CLEARLY] = LR_OUTCOME_HOLDS_CLEARLY,
                                                             [LR_OUTCOME_LEFT_ONLY] = LR_OUTCOME_LEFT_ONLY,
                                                             [LR_OUTCOME_RIGHT_ONLY] = LR_OUTCOME_RIGHT_ONLY,
                                                             [LR_OUTCOME_NEITHER] = LR_OUTCOME_NEITHER};
    const double factor = s && s->factor > 0 ? s->factor : 1;
    const bool as_fast = s && s->kind == LR_CLAIM_AS_FAST;
    if (!l.fits || !r.fits)
        return lr_compare(&l, &r, apart);
    struct lr_estimate *const fast = as_fast && l.tpot_s > r.tpot_s ? &r : &l;
    fast->tpot_s *= factor;
    fast->tpot_low_s *= factor;
    fast->tpot_high_s *= factor;
    return as_fast ? mirror[lr_compare(fast, fast == &l ? &r : &l, apart)] : lr_compare(&l, &r, apart);
}

static void examine_fit(const struct lr_estimate *l, const struct lr_estimate *r, struct lr_finding *out)
{
    if (!l->fits && !r->fits)
        return;
    out->compared++;
    out->holds += l->fits && !r->fits;
    out->floor_holds +=
        l->memory.weights_bytes <= l->memory.capacity_bytes && r->memory.weights_bytes > r->memory.capacity_bytes;
}

void lr_claim_examine(const struct lr_claim *c, const struct lr_claim_statement *s, const struct lr_plan *left,
                      const struct lr_plan *right, double load, struct lr_finding *out)
{
    const double apart = lr_plans_apart(left, right);
    *out = (struct lr_finding){0};
    for (size_t i = 0; i < c->context_count; i++)
        for (size_t j = 0; j < c->batch_count; j++) {
            const struct lr_workload w = {.batch = c->batch[j], .context = c->context[i], .q_len = 1};
            struct lr_workload shared = w;
            struct lr_estimate l, r;
            shared.batch = fmax(1, load * w.batch);
            lr_plan_estimate(left, &w, &l);
            lr_plan_estimate(right, &shared, &r);
            out->tally[outcome_of(s, l, r, apart)]++;
            if (s && s->kind == LR_CLAIM_FITS)
                examine_fit(&l, &r, out);
            if (!l.fits || !r.fits || (s && s->kind == LR_CLAIM_FITS))
                continue;
            const bool holds = says_so(s, l.tpot_s, r.tpot_s);
            out->compared++;
            out->holds += holds;
            out->floor_holds += says_so(s, l.floor_tpot_s, r.floor_tpot_s);
            if (!out->any[i])
                out->first[i] = holds;
            else if (holds != out->first[i] && out->flip[i] == 0)
                out->flip[i] = c->batch[j];
            out->any[i] = true;
        }
}

void lr_finding_add(struct lr_finding *a, const struct lr_finding *b)
{
    for (int i = 0; i < LR_OUTCOME_COUNT; i++)
        a->tally[i] += b->tally[i];
    a->compared += b->compared;
    a->holds += b->holds;
    a->floor_holds += b->floor_holds;
}

const char *lr_outcome_name(enum lr_outcome o)
{
    static const char *const names[] = {
#define X(id, name) name,
        LR_OUTCOMES(X)
#undef X
    };
    return o < LR_OUTCOME_COUNT ? names[o] : "unknown";
}

const char *lr_claim_equal_name(enum lr_claim_equal e)
{
    static const char *const names[] = {
#define X(id, name, key) name,
        LR_CLAIM_EQUALS(X)
#undef X
    };
    return (unsigned)e < LR_CLAIM_EQUAL_COUNT ? names[e] : "unknown";
}

const char *lr_claim_equal_key(enum lr_claim_equal e)
{
    static const char *const keys[] = {
#define X(id, name, key) key,
        LR_CLAIM_EQUALS(X)
#undef X
    };
    return (unsigned)e < LR_CLAIM_EQUAL_COUNT ? keys[e] : "unknown";
}

const char *lr_verdict_name(enum lr_verdict v)
{
    static const char *const names[] = {
#define X(id, name) name,
        LR_VERDICTS(X)
#undef X
    };
    return v < LR_VERDICT_COUNT ? names[v] : "unknown";
}

enum lr_verdict lr_finding_verdict(const struct lr_finding *f)
{
    if (f->compared == 0)
        return LR_VERDICT_NOTHING;
    const double share = (double)f->holds / (double)f->compared;
    return share >= 0.95 ? LR_VERDICT_HOLDS : share <= 0.05 ? LR_VERDICT_FAILS : LR_VERDICT_DEPENDS;
}
