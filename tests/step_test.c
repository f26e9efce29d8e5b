/* SPDX-License-Identifier: Apache-2.0 */
/* Steps beyond the sum of their operators: prefills, verified drafts, overlap, and hidden launches. Closed forms by
 * hand, and laws on random scenes. */
#include "estimate/lowered.h"
#include "scene.h"

#include "estimate/plan.h"

#include <llmroof/explain.h>

static const struct lr_kernels *kernels_at(struct scene *s, bool best)
{
    for (int f = 0; best && f < LR_FAMILY_COUNT; f++) {
        size_t count;
        const struct lr_constant *c = lr_constants((enum lr_family)f, &count);
        for (int t = 0; t <= LR_DTYPE_COUNT; t++)
            for (size_t i = 0; i < count; i++)
                if (c[i].unit != LR_UNIT_CHOICE)
                    s->k.kernel[f][t].value[i] =
                        c[i].unit == LR_UNIT_RATIO || c[i].unit == LR_UNIT_PER_SECOND ? c[i].greatest : c[i].least;
    }
    return &s->k;
}

/* Llama-3.1-8B. Elements of the matrices of 32 layers: 32 x 218,103,808 = 6,979,321,856; of the head 128256 x 4096.
 * A causal prefill of n tokens: 2 n elements in the layers, 2 in the head (the last token alone), and a query attends
 * to what came before it: 4 n (n-1)/2 x 32 heads x 128 x 32 layers. At n = 1000:
 *   13,958,643,712,000 + 1,050,673,152 + 261,881,856,000 = 14,221,576,241,152. */
START_TEST(prefill_flop_by_hand)
{
    struct scene *s = calloc(1, sizeof *s);
    ck_assert_ptr_nonnull(s);
    s->dice.state = 7;
    random_hardware(&s->dice, &s->hw);
    random_kernels(&s->dice, &s->k);
    struct lr_diags ds = {0};
    struct lr_catalog *c = suite_catalog();
    struct lr_model *m = lr_catalog_model(c, "llama-3.1-8b", NULL, 0, &ds);
    suite_no_errors(&ds);
    s->m = *m;
    s->d = (struct lr_deployment){.gpus = 1, .weights = LR_DTYPE_NONE, .kv = LR_DTYPE_NONE};
    s->rt = (struct lr_runtime){.memory_fraction = 1, .kv_block = 1};
    struct lr_plan *p = plan_of(s);
    ck_assert_ptr_nonnull(p);
    ck_assert_double_eq(estimate(p, 1, 0, 1000).flop, 14221576241152.0);
    ck_assert_double_eq(lr_plan_prefill(p, 1000, 0), estimate(p, 1, 0, 1000).tpot_s);
    ck_assert_double_eq(lr_plan_prefill(p, 100, 900), estimate(p, 1, 900, 100).tpot_s);
    lr_plan_free(p);
    lr_model_free(m);
    lr_catalog_free(c);
    free(s);
}
END_TEST

/* 128 heads, latent 512, rope 64, nope 128, v 128; pairs of query and token. Absorbed: 2 pairs heads (2 x 512 + 64) =
 * 278,528 pairs. Expanded: 2 heads (pairs (128 + 64 + 128) + cached tokens x 512 x (128 + 128))
 * = 81,920 pairs + 33,554,432 cached. */
START_TEST(mla_flop_by_hand)
{
    struct lr_op op = {.family = LR_FAMILY_MLA, .count = 1, .weight = LR_DTYPE_NONE, .kv = LR_BF16};
    op.u.mla = (struct lr_mla){.heads = 128, .latent = 512, .rope = 64, .nope = 128, .v = 128};
    static const struct {
        double sequences, q_len, context, topk, flop;
    } row[] = {
        {1, 1, 4096, 0, 1140850688},            /* 4096 pairs, absorbed */
        {1, 1, 1, 0, 278528},                   /* one pair: still absorbed, as decode kernels are */
        {3, 2000, 0, 0, 3.0 * 1999000 * 81920}, /* 2000 x 1999/2 pairs and no cache: expanded */
        {1, 4, 10000, 0, 40006.0 * 278528},     /* 4 x 10001.5 pairs: expanding 10000 latents costs more */
        {1, 2000, 1000, 0, 3.999e6 * 81920 + 33554432.0 * 1000}, /* 2000 x 1999.5 pairs: expanded again */
        {1, 2000, 0, 512, 2000.0 * 512 * 278528},                /* selected tokens are not expanded */
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        op.u.mla.topk = row[i].topk;
        const struct lr_step st = {row[i].sequences, row[i].q_len, row[i].sequences * row[i].q_len, row[i].context};
        assert_within(lr_op_work(&op, &st).flop, row[i].flop, 1e-12);
    }
}
END_TEST

static struct lr_estimate speculate(const struct lr_plan *p, struct lr_workload w, double draft, double accepted,
                                    double cost)
{
    struct lr_estimate e;
    lr_plan_speculate(p, &w, &(struct lr_speculation){draft, accepted, cost}, &e);
    return e;
}

/* (step with draft + 1 tokens + draft x cost x plain step)/accepted. Without drafts it is the plain step. */
START_TEST(speculation_by_hand)
{
    EACH_CASE(s, p)
    {
        const double batch = floor(dice_scale(&s->dice, 1, 1024)), context = floor(dice_scale(&s->dice, 1, 65536));
        const double draft = 1 + (double)dice_pick(&s->dice, 7), cost = dice_between(&s->dice, 0.001, 0.5);
        const double accepted = dice_between(&s->dice, 1, draft + 1);
        const struct lr_workload w = {batch, context, 1};
        const struct lr_estimate one = estimate(p, batch, context, 1), many = estimate(p, batch, context, draft + 1);
        const struct lr_estimate none = speculate(p, w, 0, 1, 0), e = speculate(p, w, draft, accepted, cost);
        ck_assert_double_eq(none.tpot_s, one.tpot_s);
        ck_assert_double_eq(none.tpot_low_s, one.tpot_low_s);
        ck_assert_double_eq(none.tokens_per_s, one.tokens_per_s);
        assert_within(e.tpot_s, (many.tpot_s + draft * cost * one.tpot_s) / accepted, 1e-12);
        assert_within(e.floor_tpot_s, many.floor_tpot_s / accepted, 1e-12);
        assert_within(speculate(p, w, draft, draft + 1, 1e-18).tpot_s, many.tpot_s / (draft + 1), 1e-12);
        assert_no_less(e.tpot_s, e.tpot_low_s);
        assert_no_less(e.tpot_high_s, e.tpot_s);
        assert_no_less(e.tpot_low_s, e.floor_tpot_s);
        assert_no_less(e.tpot_s, speculate(p, w, draft, draft + 1, cost).tpot_s);
        ck_assert_int_eq(e.fits, many.fits);
        ck_assert_double_eq(e.tokens_per_s, e.fits ? batch / e.tpot_s : 0);
        ck_assert_double_eq(e.tokens_per_s_per_user, e.fits ? 1 / e.tpot_s : 0);
    }
    free(s);
}
END_TEST

/* A draft takes the time of an average layer, the embedding and the LM head, with host time in proportion. */
START_TEST(a_draft_is_a_layer_and_the_head)
{
    EACH_CASE(s, p)
    {
        struct lr_op_estimate op[LR_OPS_MAX];
        const struct lr_workload w = {floor(dice_scale(&s->dice, 1, 1024)), 4096, 1};
        const size_t n = lr_plan_operators(p, &w, op);
        double layers_s = 0, ends_s = 0, send_s = 0;
        for (size_t o = 0; o < n; o++) {
            const bool send = op[o].role == LR_ROLE_PP_SEND;
            const bool end = lr_role_place(op[o].role) == LR_PLACE_ENDS;
            *(end ? &ends_s : send ? &send_s : &layers_s) += op[o].time_s;
        }
        const double share = (layers_s / lr_plan_lowering(p)->layers + ends_s) / (layers_s + ends_s + send_s);
        const double one = estimate(p, w.batch, 4096, 1).tpot_s, two = estimate(p, w.batch, 4096, 2).tpot_s;
        assert_within(speculate(p, w, 1, 1, 0).tpot_s, two + share * one, 1e-9);
    }
    free(s);
}
END_TEST

struct sums {
    double attention_s, moe_s, rest_s, shared_s, exchange_s;
};

static struct sums sums_of(const struct lr_plan *p, struct lr_workload w)
{
    const struct lr_lowering *l = lr_plan_lowering(p);
    struct lr_op_estimate op[LR_OPS_MAX];
    const size_t n = lr_plan_operators(p, &w, op);
    struct sums t = {0};
    double overlapping = 0;
    for (size_t i = 0; i < n; i++)
        overlapping += l->op[i].family == LR_FAMILY_MOE ? l->op[i].count / l->layers : 0;
    for (size_t i = 0; i < n; i++) {
        const enum lr_family f = op[i].family;
        const enum lr_place place = lr_role_place(op[i].role);
        const bool attention = place == LR_PLACE_ATTENTION, shared = place == LR_PLACE_SHARED;
        const bool moe = place == LR_PLACE_EXPERTS || shared;
        t.attention_s += attention ? overlapping * op[i].time_s : 0;
        t.moe_s += moe ? op[i].time_s : 0;
        t.rest_s += moe ? 0 : attention ? (1 - overlapping) * op[i].time_s : op[i].time_s;
        t.exchange_s += f == LR_FAMILY_DISPATCH || f == LR_FAMILY_COMBINE ? op[i].time_s : 0;
        t.shared_s += shared ? op[i].time_s : 0;
    }
    return t;
}

static double overlapped(const struct scene *s, const struct lr_plan *p, struct lr_workload w)
{
    const struct sums t = sums_of(p, w);
    double step_s = t.attention_s + t.moe_s + t.rest_s;
    if (t.exchange_s > 0 && s->rt.shared_overlap)
        step_s -= fmin(t.shared_s, t.exchange_s);
    if (t.exchange_s > 0 && s->rt.two_batch_overlap && w.batch / (s->d.dp * s->d.pp) >= 2) {
        w.batch /= 2;
        const struct sums h = sums_of(p, w);
        step_s = fmin(step_s, t.rest_s + 2 * fmax(h.attention_s, h.moe_s));
    }
    return step_s;
}

/* Both overlaps, alone and together: never slower than without, and never below the floor of what overlaps. Nothing
 * changes without an exchange: in a dense model, or with one attention group. */
START_TEST(overlap_stays_above_the_floor)
{
    int exchanging = 0;
    EACH_CASE(s, p)
    {
        kernels_at(s, i % 2);
        const struct lr_workload w = {floor(dice_scale(&s->dice, 1, 65536)), floor(dice_scale(&s->dice, 1, 65536)), 1};
        struct lr_plan *plain = plan_of(s);
        const struct lr_estimate a = estimate(plain, w.batch, w.context, 1);
        const bool exchange = sums_of(plain, w).exchange_s > 0;
        exchanging += exchange;
        for (int way = 1; way < 4; way++) {
            s->rt.two_batch_overlap = way & 1;
            s->rt.shared_overlap = way & 2;
            struct lr_plan *overlapping = plan_of(s);
            const struct lr_estimate b = estimate(overlapping, w.batch, w.context, 1);
            if (!exchange)
                ck_assert(b.tpot_s == a.tpot_s && b.floor_tpot_s == a.floor_tpot_s && b.tpot_low_s == a.tpot_low_s);
            assert_within(b.tpot_s, overlapped(s, plain, w) + b.host_s, 1e-9);
            if (s->rt.launch_s > 0) /* a shorter step waits longer for the host */
                assert_no_less(b.host_s, a.host_s);
            else
                ck_assert_double_eq(b.host_s, a.host_s);
            assert_no_less(a.tpot_s, b.tpot_s);
            assert_no_less(a.floor_tpot_s, b.floor_tpot_s);
            assert_no_less(b.tpot_s - b.host_s, b.floor_tpot_s);
            assert_no_less(b.tpot_low_s, b.floor_tpot_s);
            assert_no_less(b.tpot_s, b.tpot_low_s);
            assert_no_less(b.tpot_high_s, b.tpot_s);
            ck_assert_double_eq(b.tokens_per_s, b.fits ? w.batch / b.tpot_s : 0);
            lr_plan_free(overlapping);
        }
        lr_plan_free(plain);
    }
    if (CASES >= 100) /* fewer cases may have none */
        ck_assert_int_gt(exchanging, CASES / 50);
    free(s);
}
END_TEST

/* Hiding more launches is never slower. What streams, computes or crosses a link is never hidden. */
START_TEST(hidden_launches_do_not_hide_work)
{
    EACH_CASE(s, p)
    {
        const struct lr_workload w = {floor(dice_scale(&s->dice, 1, 4096)), floor(dice_scale(&s->dice, 1, 65536)), 1};
        double before_s = INFINITY, before_op_s[LR_OPS_MAX];
        for (int h = 0; h <= 4; h++) {
            struct lr_op_estimate op[LR_OPS_MAX];
            s->rt.launch_hidden = h / 4.0;
            struct lr_plan *q = plan_of(s);
            const struct lr_estimate e = estimate(q, w.batch, w.context, 1);
            const size_t n = lr_plan_operators(q, &w, op);
            for (size_t o = 0; o < n; o++) {
                assert_no_less(op[o].time_s, fmax(fmax(op[o].memory_s, op[o].compute_s), op[o].link_s));
                assert_no_less(op[o].time_s, op[o].floor_s);
                ck_assert(h == 0 || op[o].time_s <= before_op_s[o] * (1 + 1e-12));
                before_op_s[o] = op[o].time_s;
            }
            ck_assert_double_le(e.tpot_s, before_s * (1 + 1e-12));
            assert_no_less(e.tpot_low_s, e.floor_tpot_s);
            before_s = e.tpot_s;
            lr_plan_free(q);
        }
    }
    free(s);
}
END_TEST

/* With hidden launches, more sequences or a longer context are not faster, though the choice of kernels may change. */
START_TEST(with_hidden_launches_more_work_is_not_faster)
{
    EACH_CASE(s, p)
    {
        const double batch = floor(dice_scale(&s->dice, 1, 2048)), context = floor(dice_scale(&s->dice, 1, 65536));
        const struct lr_estimate e = estimate(p, batch, context, 1);
        assert_no_less(estimate(p, batch + floor(dice_scale(&s->dice, 1, 2048)), context, 1).tpot_s, e.tpot_s);
        assert_no_less(estimate(p, batch, context + floor(dice_scale(&s->dice, 1, 65536)), 1).tpot_s, e.tpot_s);
    }
    free(s);
}
END_TEST

/* Names are only printed: step, overlap, speculation and comparison stay the same if all operators have one name. */
START_TEST(names_do_not_change_an_estimate)
{
    EACH_CASE(s, p)
    {
        s->rt.two_batch_overlap = s->rt.shared_overlap = true;
        struct lr_plan *renamed = plan_of(s);
        for (size_t o = 0; o < renamed->l.op_count; o++)
            renamed->l.op[o].name = "renamed";
        struct lr_plan *named = plan_of(s);
        const struct lr_workload w = {floor(dice_scale(&s->dice, 2, 4096)), floor(dice_scale(&s->dice, 1, 65536)), 1};
        struct lr_difference mine[LR_DIFFERENCES_MAX], other[LR_DIFFERENCES_MAX];
        const struct lr_estimate a = estimate(named, w.batch, w.context, 1),
                                 b = estimate(renamed, w.batch, w.context, 1);
        const struct lr_estimate c = speculate(named, w, 2, 2, 0), d = speculate(renamed, w, 2, 2, 0);
        ck_assert(a.tpot_s == b.tpot_s && a.floor_tpot_s == b.floor_tpot_s && a.host_s == b.host_s);
        ck_assert(c.tpot_s == d.tpot_s && c.floor_tpot_s == d.floor_tpot_s);
        const size_t rows = lr_explain_operators(named, p, &w, mine);
        ck_assert_uint_eq(lr_explain_operators(renamed, p, &w, other), rows);
        lr_plan_free(named);
        lr_plan_free(renamed);
    }
    free(s);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {prefill_flop_by_hand,
                                  mla_flop_by_hand,
                                  speculation_by_hand,
                                  a_draft_is_a_layer_and_the_head,
                                  overlap_stays_above_the_floor,
                                  names_do_not_change_an_estimate,
                                  hidden_launches_do_not_hide_work,
                                  with_hidden_launches_more_work_is_not_faster};
    return suite_run("step", tests, sizeof tests / sizeof *tests, SEEDS);
}
