/* SPDX-License-Identifier: Apache-2.0 */
#include <llmroof/comparison.h>

#include "core/normal.h"
#include "estimate/trial.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *word;
    double least;
} scale[LR_CERTAINTY_COUNT] = {
#define X(id, word, least) {word, least},
    LR_CERTAINTIES(X)
#undef X
};

const char *lr_certainty_word(enum lr_certainty c)
{
    return (unsigned)c < LR_CERTAINTY_COUNT ? scale[c].word : "unknown";
}

enum lr_certainty lr_certainty_of(double probability)
{
    const double sure = fmax(probability, 1 - probability);
    int c = 0;
    while (c < LR_CERTAINTY_COUNT - 1 && sure < scale[c].least)
        c++;
    return (enum lr_certainty)c;
}

/* Each half of an interval is 1.28 standard deviations wide. erfc keeps the digits of small probabilities. */
static double probability_slower(struct lr_timed fast, struct lr_timed slow, double apart)
{
    const double lead = log(slow.time_s / fast.time_s);
    const double deviation =
        apart * hypot(log(fast.high_s / fast.time_s), log(slow.time_s / slow.low_s)) / LR_NORMAL_Q90;
    if (lead == 0)
        return 0.5;
    return deviation > 0 ? 0.5 * erfc(lead / deviation * sqrt(0.5)) : 0;
}

double lr_probability_faster(struct lr_timed left, struct lr_timed right, double apart)
{
    return left.time_s <= right.time_s ? 1 - probability_slower(left, right, apart)
                                       : probability_slower(right, left, apart);
}

double lr_estimate_faster(const struct lr_estimate *left, const struct lr_estimate *right, double apart)
{
    const bool measured = left->evidence == LR_EVIDENCE_MEASURED && right->evidence == LR_EVIDENCE_MEASURED;
    return lr_probability_faster((struct lr_timed){left->tpot_s, left->tpot_low_s, left->tpot_high_s},
                                 (struct lr_timed){right->tpot_s, right->tpot_low_s, right->tpot_high_s},
                                 measured ? apart : 1);
}

double lr_runtimes_apart(const struct lr_runtime *left, const struct lr_runtime *right)
{
    return left->pair_spread > 0 && strcmp(left->name, right->name) == 0 ? left->pair_spread : 1;
}

double lr_plans_apart(const struct lr_plan *left, const struct lr_plan *right)
{
    return lr_runtimes_apart(lr_plan_runtime(left), lr_plan_runtime(right));
}
