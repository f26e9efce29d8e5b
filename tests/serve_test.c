/* SPDX-License-Identifier: Apache-2.0 */
/* Laws of served traffic, on random chips, models, layouts and traffic. */
#include "estimate/lowered.h"
#include "lower/lowering.h"
#include "scene.h"

static struct lr_served serve(const struct lr_plan *p, struct lr_traffic t)
{
    struct lr_served v;
    lr_plan_serve(p, &t, &v);
    return v;
}

/* Requests whose caches fit when half of their output is there. */
static double room_for(const struct lr_plan *p, struct lr_traffic t)
{
    struct lr_memory m;
    lr_plan_room(p, &(struct lr_workload){t.concurrency, t.input + t.output / 2, 1}, &m);
    return m.max_batch;
}

/* Little's law over the two phases of a request: users = requests/s x (output tpot + ttft). batch is the part that
 * decodes. */
START_TEST(littles_law_holds)
{
    EACH_CASE(s, p)
    {
        const struct lr_served v = serve(p, s->t);
        const double decoding_s = s->t.output * v.tpot_s;
        const double batch = s->t.concurrency * decoding_s / (decoding_s + v.ttft_s);
        assert_within(v.batch, batch, 1e-7);
        if (v.fits)
            assert_within(v.requests_per_s * (decoding_s + v.ttft_s), s->t.concurrency, 1e-7);
    }
    free(s);
}
END_TEST

/* The batch is an average over time. By hand: 9, 10, 11 and 12 sequences on 4 groups give the busiest group 3 each, and
 * their average of 10.5 gives (10.5 + 1.5)/4 = 3. An average of 10 gives 2.875: a step of 2 for an eighth of the time
 * and of 3 for the rest. It is never more than with all users. */
START_TEST(the_busiest_group_has_whole_sequences)
{
    int between = 0;
    EACH_CASE(s, p)
    {
        if (s->t.speculation.draft > 0)
            continue;
        const struct lr_served v = serve(p, s->t);
        const double groups = s->d.dp * s->d.pp, room = room_for(p, s->t);
        const double users = v.fits || room < 1 ? s->t.concurrency : fmin(s->t.concurrency, room);
        const double most = ceil(users / groups), mean = fmax(1, fmin(most, (v.batch + (groups - 1) / 2) / groups));
        const double context = s->t.input + s->t.output / 2, share = mean - floor(mean);
        const double low = estimate(p, floor(mean) * groups, context, 1).tpot_s;
        const double high = estimate(p, ceil(mean) * groups, context, 1).tpot_s;
        assert_within(v.step_s, (1 - share) * low + share * high, 1e-9);
        between += high > low;
    }
    if (CASES >= 100)
        ck_assert_int_gt(between, CASES / 10);
    free(s);
}
END_TEST

START_TEST(served_tokens_are_not_faster_than_the_step)
{
    EACH_CASE(s, p)
    {
        const struct lr_served v = serve(p, s->t);
        assert_no_less(v.tpot_s, v.step_s);
        assert_no_less(v.step_s, v.floor_tpot_s);
        assert_no_less(v.tpot_s, v.tpot_low_s);
        assert_no_less(v.tpot_high_s, v.tpot_s);
        assert_no_less(v.tpot_low_s, v.floor_tpot_s);
        assert_no_less(v.ttft_s, v.prefill_s + v.step_s);
        ck_assert_double_le(v.batch, s->t.concurrency);
    }
    free(s);
}
END_TEST

/* Users whose caches do not fit wait. The running ones are as fast as if the others did not exist. */
START_TEST(no_more_requests_run_than_fit)
{
    int waiting = 0;
    EACH_CASE(s, p)
    {
        const double room = room_for(p, s->t);
        struct lr_traffic inside = s->t;
        inside.concurrency = room;
        if (room < 1 || room >= s->t.concurrency)
            continue;
        waiting++;
        const struct lr_served v = serve(p, s->t), w = serve(p, inside);
        ck_assert(!v.fits);
        ck_assert_double_le(v.batch, room);
        assert_within(v.tpot_s, w.tpot_s, 1e-12);
        assert_within(v.ttft_s + s->t.output * v.tpot_s, (w.ttft_s + s->t.output * w.tpot_s) * s->t.concurrency / room,
                      1e-7);
    }
    if (CASES >= 100)
        ck_assert_int_gt(waiting, CASES / 50);
    free(s);
}
END_TEST

START_TEST(rates_follow_from_the_times)
{
    EACH_CASE(s, p)
    {
        const struct lr_served v = serve(p, s->t);
        const struct lr_estimate full = estimate(p, s->t.concurrency, s->t.input + s->t.output, 1);
        ck_assert_int_eq(v.fits, full.fits);
        if (!v.fits) {
            ck_assert_double_eq(v.tokens_per_s, 0);
            ck_assert_double_eq(v.tokens_per_s_per_gpu, 0);
            ck_assert_double_eq(v.tokens_per_s_per_user, 0);
            ck_assert_double_eq(v.requests_per_s, 0);
            continue;
        }
        assert_within(v.tokens_per_s_per_user, 1 / v.tpot_s, 1e-12);
        assert_within(v.tokens_per_s, v.batch / v.tpot_s, 1e-12);
        assert_within(v.tokens_per_s_per_gpu, v.tokens_per_s / s->d.gpus, 1e-12);
        assert_within(v.requests_per_s, v.tokens_per_s / s->t.output, 1e-12);
    }
    free(s);
}
END_TEST

/* The batch is exact to 1e-9, and so are times. */
START_TEST(more_users_are_not_faster)
{
    EACH_CASE(s, p)
    {
        const struct lr_served v = serve(p, s->t);
        struct lr_traffic more = s->t;
        more.concurrency += 1 + floor(dice_scale(&s->dice, 1, 1000));
        const struct lr_served w = serve(p, more);
        ck_assert_msg(w.tpot_s >= v.tpot_s * (1 - 1e-7), "case %d: %.9g, at %g users; %.9g at %g", i, w.tpot_s,
                      more.concurrency, v.tpot_s, s->t.concurrency);
    }
    free(s);
}
END_TEST

/* TPOT may fall: the longer requests prefill, the fewer decode at the same time. So may the wait if longer caches allow
 * fewer requests: a batch smaller by one may need a wave of tiles less. */
START_TEST(longer_prompts_answer_later)
{
    EACH_CASE(s, p)
    {
        struct lr_traffic more = s->t;
        more.input += 1 + floor(dice_scale(&s->dice, 1, 100000));
        if (room_for(p, more) < fmin(s->t.concurrency, fmax(1, room_for(p, s->t))))
            continue;
        const struct lr_served v = serve(p, s->t), w = serve(p, more);
        assert_no_less(w.prefill_s, v.prefill_s);
        ck_assert_msg(w.ttft_s >= v.ttft_s * (1 - 1e-7), "case %d: ttft %.9g after %.9g", i, w.ttft_s, v.ttft_s);
    }
    free(s);
}
END_TEST

/* Cached tokens are not computed. On the shipped profiles, nobody waits for them either. */
START_TEST(prefix_hits_save_work)
{
    EACH_CASE(s, p)
    {
        const double input = 1 + s->t.input, cached = floor(dice_between(&s->dice, 0, input));
        const struct lr_estimate whole = estimate(p, s->d.dp * s->d.pp, 0, input);
        const struct lr_estimate rest = estimate(p, s->d.dp * s->d.pp, cached, input - cached);
        ck_assert_double_le(rest.flop, whole.flop * (1 + 1e-12));
    }
    free(s);
}
END_TEST

/* Chunks of a prompt attend to the chunks before them. A decode step runs with each. */
START_TEST(chunks_are_prefilled_one_after_the_other)
{
    EACH_CASE(s, p)
    {
        struct lr_traffic t = s->t;
        t.concurrency = 1;
        t.prefix_hit = 0;
        t.input = 3 * t.input;
        const struct lr_served whole = serve(p, t);
        t.chunk = t.input;
        ck_assert_double_eq(serve(p, t).prefill_s, whole.prefill_s);
        t.chunk = t.input / 3;
        const double third = t.input / 3, parts_s = lr_plan_prefill(p, third, 0) + lr_plan_prefill(p, third, third) +
                                                    lr_plan_prefill(p, third, 2 * third);
        const struct lr_served v = serve(p, t);
        assert_within(v.prefill_s, parts_s, 1e-12);
        assert_within(v.ttft_s, parts_s + 3 * v.step_s, 1e-12);
        t.chunk = 1; /* in groups */
        const double one_s = lr_plan_prefill(p, 1, 0), last_s = lr_plan_prefill(p, 1, t.input - 1);
        assert_no_less(serve(p, t).prefill_s, t.input * one_s);
        ck_assert_double_le(serve(p, t).prefill_s, t.input * last_s * (1 + 1e-9));
    }
    free(s);
}
END_TEST

/* A single user gets tokens at the rate of speculative steps. The first token comes with a whole step. */
START_TEST(served_speculation_is_that_of_a_step)
{
    EACH_CASE(s, p)
    {
        struct lr_traffic t = s->t;
        t.concurrency = 1;
        t.speculation.draft = 1 + dice_pick(&s->dice, 4);
        t.speculation.accepted = dice_between(&s->dice, 1, t.speculation.draft + 1);
        const struct lr_workload w = {1, t.input + t.output / 2, 1};
        struct lr_estimate e;
        lr_plan_speculate(p, &w, &t.speculation, &e);
        const struct lr_served v = serve(p, t);
        ck_assert_double_eq(v.tpot_s, e.tpot_s);
        assert_within(v.ttft_s, v.prefill_s + e.tpot_s * t.speculation.accepted, 1e-12);
        assert_no_less(v.tpot_s, v.floor_tpot_s);
    }
    free(s);
}
END_TEST

/* Disaggregated: TPOT is the decode step of all users, whatever prefills. */
START_TEST(disaggregated_tpot_is_the_step)
{
    EACH_CASE(s, p)
    {
        const double link = dice_scale(&s->dice, 1e9, 1e12), context = s->t.input + s->t.output / 2;
        struct lr_served v, none;
        lr_plan_serve_apart(p, p, &s->t, link, &v);
        lr_plan_serve_apart(p, p, &s->t, 0, &none);
        const struct lr_estimate e = estimate(p, s->t.concurrency, context, 1);
        ck_assert_double_eq(v.tpot_s, e.tpot_s);
        ck_assert_double_eq(v.step_s, e.tpot_s);
        ck_assert_double_eq(v.floor_tpot_s, e.floor_tpot_s);
        assert_within(v.tpot_low_s, e.tpot_low_s, 1e-12);
        assert_within(v.tpot_high_s, e.tpot_high_s, 1e-12);
        const double cache = lr_lowering_kv_bytes(lr_plan_lowering(p), s->t.input, s->rt.kv_block);
        assert_within(v.ttft_s, v.prefill_s + cache / link + e.tpot_s, 1e-12);
        assert_within(none.ttft_s, v.prefill_s + e.tpot_s, 1e-12);
        if (v.fits)
            assert_within(v.tokens_per_s_per_gpu, s->t.concurrency / e.tpot_s / (2 * s->d.gpus), 1e-12);
    }
    free(s);
}
END_TEST

/* Machines on which the model does not fit prefill nothing. */
START_TEST(disaggregated_machines_must_both_fit)
{
    EACH_CASE(s, p)
    {
        struct lr_served v;
        s->hw.memory.capacity_bytes = 0.9 * lr_plan_lowering(p)->weights_bytes;
        struct lr_plan *small = plan_of(s);
        lr_plan_serve_apart(small, p, &s->t, 0, &v);
        ck_assert(!v.fits);
        ck_assert_double_eq(v.tokens_per_s, 0);
        lr_plan_free(small);
    }
    free(s);
}
END_TEST

START_TEST(one_user_or_hidden_prefills_add_nothing)
{
    EACH_CASE(s, p)
    {
        struct lr_traffic one = s->t;
        one.concurrency = 1;
        const struct lr_served v = serve(p, one);
        ck_assert_double_eq(v.tpot_s, v.step_s);
        assert_within(v.ttft_s, v.prefill_s + v.step_s, 1e-12);
        s->rt.prefill_exposed = 0;
        struct lr_plan *hidden = plan_of(s);
        const struct lr_served w = serve(hidden, s->t);
        ck_assert_double_eq(w.tpot_s, w.step_s);
        lr_plan_free(hidden);
    }
    free(s);
}
END_TEST

START_TEST(every_number_is_finite)
{
    static const double edges[] = {1, 1e6};
    EACH_CASE(s, p)
    {
        for (int e = 0; e < 16; e++) {
            const struct lr_traffic t = {.input = edges[e & 1],
                                         .output = edges[e >> 1 & 1],
                                         .concurrency = edges[e >> 2 & 1],
                                         .prefix_hit = e & 8 ? 0.9999 : 0,
                                         .chunk = i & 1};
            const struct lr_served v = serve(p, t);
            ck_assert(isfinite(v.tpot_s) && isfinite(v.tpot_low_s) && isfinite(v.tpot_high_s));
            ck_assert(isfinite(v.ttft_s) && isfinite(v.prefill_s) && isfinite(v.batch) && isfinite(v.tokens_per_s));
            ck_assert(isfinite(v.requests_per_s) && isfinite(v.memory.kv_bytes));
            ck_assert(v.tpot_s > 0 && v.ttft_s > 0 && v.batch > 0);
        }
        if (i > CASES / 8) {
            lr_plan_free(p);
            break;
        }
    }
    free(s);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {the_busiest_group_has_whole_sequences,
                                  littles_law_holds,
                                  served_tokens_are_not_faster_than_the_step,
                                  no_more_requests_run_than_fit,
                                  rates_follow_from_the_times,
                                  more_users_are_not_faster,
                                  longer_prompts_answer_later,
                                  prefix_hits_save_work,
                                  chunks_are_prefilled_one_after_the_other,
                                  served_speculation_is_that_of_a_step,
                                  disaggregated_tpot_is_the_step,
                                  disaggregated_machines_must_both_fit,
                                  one_user_or_hidden_prefills_add_nothing,
                                  every_number_is_finite};
    return suite_run("serve", tests, sizeof tests / sizeof *tests, SEEDS);
}
