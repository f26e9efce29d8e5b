/* Prefills, served traffic and speculative decoding: closed forms by hand, and laws over random chips, models, layouts
 * and traffic. */
#include "random.h"
#include "suite.h"

#include <llmroof/serving.h>

#if defined(__SANITIZE_ADDRESS__)
enum { SEEDS = 8, CASES = 10 };
#else
enum { SEEDS = 8, CASES = 250 }; /* 2,000 cases a law */
#endif

struct scene {
    struct dice dice;
    struct lr_hardware hw;
    struct lr_kernels k;
    struct lr_model m;
    struct lr_runtime rt;
    struct lr_deployment d;
    struct lr_traffic t;
};

static struct lr_plan *plan_of(const struct scene *s)
{
    struct lr_diags ds = {0};
    struct lr_plan *p = lr_plan_new(&s->hw, &s->m, &s->rt, &s->k, &s->d, &ds);
    ck_assert((p != NULL) == (ds.errors == 0));
    lr_diags_free(&ds);
    return p;
}

static struct lr_traffic random_traffic(struct dice *d)
{
    return (struct lr_traffic){.input = floor(dice_scale(d, 1, 131072)),
                               .output = floor(dice_scale(d, 1, 8192)),
                               .concurrency = floor(dice_scale(d, 1, 4096)),
                               .prefix_hit = dice_pick(d, 2) ? 0 : dice_unit(d)};
}

/* A case whose layout the model allows. */
static struct lr_plan *draw(struct scene *s, int seed, int i)
{
    for (uint64_t attempt = 0;; attempt++) {
        s->dice.state = ((uint64_t)(seed + 64) << 40) + ((uint64_t)i << 16) + attempt;
        random_hardware(&s->dice, &s->hw);
        random_kernels(&s->dice, &s->k);
        random_model(&s->dice, &s->m);
        random_runtime(&s->dice, &s->rt);
        s->rt.launch_hidden = dice_unit(&s->dice);
        s->rt.prefill_exposed = dice_unit(&s->dice);
        s->d = random_deployment(&s->dice);
        s->t = random_traffic(&s->dice);
        struct lr_plan *p = plan_of(s);
        if (p)
            return p;
        ck_assert_uint_lt(attempt, 1000);
    }
}

#define EACH_CASE(s, p)                                                                                                \
    struct scene *s = calloc(1, sizeof *s);                                                                            \
    ck_assert_ptr_nonnull(s);                                                                                          \
    struct lr_plan *p = NULL;                                                                                          \
    for (int i = 0; i < CASES && (p = draw(s, _i, i)) != NULL; i++, lr_plan_free(p))

static struct lr_served serve(const struct lr_plan *p, struct lr_traffic t)
{
    struct lr_served v;
    lr_plan_serve(p, &t, &v);
    return v;
}

static struct lr_estimate estimate(const struct lr_plan *p, double batch, double context, double q_len)
{
    struct lr_estimate e;
    lr_plan_estimate(p, &(struct lr_workload){batch, context, q_len}, &e);
    return e;
}

static void assert_within(double a, double b, double relative)
{
    ck_assert_msg(fabs(a - b) <= relative * fabs(b), "%.12g, expected %.12g", a, b);
}

static void assert_no_less(double a, double b)
{
    ck_assert_msg(a >= b * (1 - 1e-9), "%.12g, expected at least %.12g", a, b);
}

/* Little's law over the two phases: users = requests/s x (output tpot + ttft), the part that decodes being batch. */
START_TEST(littles_law_holds)
{
    EACH_CASE(s, p)
    {
        const struct lr_served v = serve(p, s->t);
        const double decoding_s = s->t.output * v.tpot_s;
        const double batch = s->t.concurrency * decoding_s / (decoding_s + v.ttft_s);
        assert_within(v.batch, batch, 2e-3);
        if (v.fits)
            assert_within(v.requests_per_s * (decoding_s + v.ttft_s), s->t.concurrency, 2e-3);
    }
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

/* The batch is found to a thousandth, so that times are too. */
START_TEST(more_users_are_not_faster)
{
    EACH_CASE(s, p)
    {
        const struct lr_served v = serve(p, s->t);
        struct lr_traffic more = s->t;
        more.concurrency += 1 + floor(dice_scale(&s->dice, 1, 1000));
        const struct lr_served w = serve(p, more);
        ck_assert_msg(w.tpot_s >= v.tpot_s * (1 - 3e-3), "case %d: %.9g, at %g users; %.9g at %g", i, w.tpot_s,
                      more.concurrency, v.tpot_s, s->t.concurrency);
    }
    free(s);
}
END_TEST

/* Not so the time between tokens: the longer requests prefill, the fewer decode at a time. */
START_TEST(longer_prompts_answer_later)
{
    EACH_CASE(s, p)
    {
        struct lr_traffic more = s->t;
        more.input += 1 + floor(dice_scale(&s->dice, 1, 100000));
        const struct lr_served v = serve(p, s->t), w = serve(p, more);
        assert_no_less(w.prefill_s, v.prefill_s);
        ck_assert_msg(w.ttft_s >= v.ttft_s * (1 - 3e-3), "case %d: ttft %.9g after %.9g", i, w.ttft_s, v.ttft_s);
    }
    free(s);
}
END_TEST

/* What is cached need not be computed; on the shipped profiles it need not be waited for either. */
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

int main(void)
{
    const TTest *const tests[] = {littles_law_holds,           served_tokens_are_not_faster_than_the_step,
                                  rates_follow_from_the_times, more_users_are_not_faster,
                                  longer_prompts_answer_later, prefix_hits_save_work};
    return suite_run("serve", tests, sizeof tests / sizeof *tests, SEEDS);
}
