#include <llmroof/claim.h>

#include <math.h>

/* Quantiles of the normal distribution: 90 % for "surely" and for the ends of an 80 % interval, 70 % for "probably". */
static const double Z90 = 1.2815515655446004, Z70 = 0.5244005127080407;

/* Standard deviation of the logarithm that an 80 % interval stands for. */
static double spread(const struct lr_estimate *e)
{
    return log(e->tpot_high_s / e->tpot_low_s) / (2 * Z90);
}

enum lr_outcome lr_compare(const struct lr_estimate *left, const struct lr_estimate *right)
{
    if (!left->fits || !right->fits)
        return left->fits ? LR_OUTCOME_LEFT_ONLY : right->fits ? LR_OUTCOME_RIGHT_ONLY : LR_OUTCOME_NEITHER;
    const double a = spread(left), b = spread(right), both = sqrt(a * a + b * b);
    const double lead = log(right->tpot_s / left->tpot_s); /* above 0: the left chip is faster */
    if (fabs(lead) < Z70 * both || lead == 0)
        return LR_OUTCOME_UNDECIDED;
    if (lead > 0)
        return lead >= Z90 * both ? LR_OUTCOME_HOLDS_SURELY : LR_OUTCOME_HOLDS_PROBABLY;
    return -lead >= Z90 * both ? LR_OUTCOME_FAILS_SURELY : LR_OUTCOME_FAILS_PROBABLY;
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

void lr_claim_examine(const struct lr_claim *c, const struct lr_plan *left, const struct lr_plan *right,
                      struct lr_finding *out)
{
    *out = (struct lr_finding){0};
    for (size_t i = 0; i < c->context_count; i++)
        for (size_t j = 0; j < c->batch_count; j++) {
            const struct lr_workload w = {.batch = c->batch[j], .context = c->context[i], .q_len = 1};
            struct lr_estimate l, r;
            lr_plan_estimate(left, &w, &l);
            lr_plan_estimate(right, &w, &r);
            out->tally[lr_compare(&l, &r)]++;
            if (!l.fits || !r.fits)
                continue;
            const bool holds = l.tpot_s < r.tpot_s;
            out->compared++;
            out->holds += holds;
            out->floor_holds += l.floor_tpot_s < r.floor_tpot_s;
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

enum lr_verdict lr_finding_verdict(const struct lr_finding *f)
{
    if (f->compared == 0)
        return LR_VERDICT_NOTHING;
    const double share = (double)f->holds / (double)f->compared;
    return share >= 0.95 ? LR_VERDICT_HOLDS : share <= 0.05 ? LR_VERDICT_FAILS : LR_VERDICT_DEPENDS;
}
