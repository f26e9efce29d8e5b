/* SPDX-License-Identifier: Apache-2.0 */
/* Laws of all estimates, on random hardware, kernels, models, layouts and workloads. Each loop of each test has its own
 * seed. */
#include "estimate/batch.h"
#include "random.h"
#include "suite.h"

#if defined(__SANITIZE_ADDRESS__)
enum { SEEDS = 24, CASES = 40 }; /* the same cases, fewer of them */
#else
enum { SEEDS = 24, CASES = 450 }; /* 10,800 cases per law */
#endif

struct scene {
    struct dice dice;
    struct lr_hardware hw;
    struct lr_kernels k;
    struct lr_model m;
    struct lr_runtime rt;
    struct lr_deployment d;
    struct lr_workload w;
};

static struct lr_plan *plan_of(const struct scene *s)
{
    struct lr_diags ds = {0};
    struct lr_plan *p = lr_plan_new(&s->hw, &s->m, &s->rt, &s->k, &s->d, &ds);
    ck_assert((p != NULL) == (ds.errors == 0));
    lr_diags_free(&ds);
    return p;
}

/* A case whose layout the model allows. */
static struct lr_plan *draw(struct scene *s, int seed, int i)
{
    for (uint64_t attempt = 0;; attempt++) {
        s->dice.state = ((uint64_t)seed << 40) + ((uint64_t)i << 16) + attempt;
        random_hardware(&s->dice, &s->hw);
        random_kernels(&s->dice, &s->k);
        random_model(&s->dice, &s->m);
        random_runtime(&s->dice, &s->rt);
        s->d = random_deployment(&s->dice);
        s->w = random_workload(&s->dice);
        struct lr_plan *p = plan_of(s);
        if (p)
            return p;
        ck_assert_uint_lt(attempt, 1000);
    }
}

static struct lr_estimate estimate(const struct lr_plan *p, struct lr_workload w)
{
    struct lr_estimate e;
    lr_plan_estimate(p, &w, &e);
    lr_plan_room(p, &w, &e.memory);
    return e;
}

/* TPOT of a changed scene; NAN if the change makes the layout impossible. */
static double tpot_with(const struct scene *s)
{
    struct lr_plan *p = plan_of(s);
    if (!p)
        return NAN;
    const double t = estimate(p, s->w).tpot_s;
    lr_plan_free(p);
    return t;
}

#define EACH_CASE(s, p)                                                                                                \
    struct scene *s = calloc(1, sizeof *s);                                                                            \
    ck_assert_ptr_nonnull(s);                                                                                          \
    struct lr_plan *p = NULL;                                                                                          \
    for (int i = 0; i < CASES && (p = draw(s, _i, i)) != NULL; i++, lr_plan_free(p))

/* Equal except for rounding in a long sum. */
static void assert_close(double a, double b)
{
    ck_assert_double_le(fabs(a - b), 1e-9 * fmax(fabs(a), fabs(b)));
}

static void assert_no_less(double a, double b)
{
    ck_assert_double_ge(a, b * (1 - 1e-12));
}

START_TEST(estimate_is_not_below_its_floor)
{
    EACH_CASE(s, p)
    {
        struct lr_op_estimate op[LR_OPS_MAX];
        const struct lr_estimate e = estimate(p, s->w);
        const size_t n = lr_plan_operators(p, &s->w, op);
        double time = 0, floor_s = 0;
        for (size_t o = 0; o < n; o++) {
            ck_assert_msg(op[o].time_s >= op[o].floor_s * (1 - 1e-12), "%s: %g below its floor %g", op[o].name,
                          op[o].time_s, op[o].floor_s);
            assert_no_less(op[o].time_s, op[o].memory_s);
            assert_no_less(op[o].time_s, op[o].link_s);
            time += op[o].time_s;
            floor_s += op[o].floor_s;
        }
        assert_no_less(e.tpot_s, e.floor_tpot_s);
        assert_no_less(e.tpot_low_s, e.floor_tpot_s);
        ck_assert_double_le(e.tpot_low_s, e.tpot_s * (1 + 1e-12));
        ck_assert_double_ge(e.tpot_high_s, e.tpot_s);
        assert_close(e.tpot_s, time + e.host_s);
        assert_close(e.floor_tpot_s, floor_s);
    }
    free(s);
}
END_TEST

START_TEST(more_work_is_not_faster)
{
    EACH_CASE(s, p)
    {
        struct lr_workload w = s->w;
        const double base = estimate(p, w).tpot_s;
        w.batch = floor(w.batch * dice_between(&s->dice, 1, 3)) + 1;
        assert_no_less(estimate(p, w).tpot_s, base);
        w = s->w;
        w.context = floor(w.context * dice_between(&s->dice, 1, 3)) + 1;
        assert_no_less(estimate(p, w).tpot_s, base);
        struct scene more = *s;
        more.m.block[0].layers += 1;
        assert_no_less(tpot_with(&more), base);
    }
    free(s);
}
END_TEST

START_TEST(a_better_chip_is_not_slower)
{
    EACH_CASE(s, p)
    {
        const double base = estimate(p, s->w).tpot_s;
        const double by = dice_between(&s->dice, 1, 4);
        double *const field[] = {&s->hw.memory.bandwidth_bytes_per_s, &s->hw.memory.capacity_bytes,
                                 &s->hw.scale_up.bandwidth_bytes_per_s, &s->hw.scale_out.bandwidth_bytes_per_s};
        for (size_t f = 0; f < sizeof field / sizeof *field; f++) {
            const double old = *field[f];
            *field[f] *= by;
            ck_assert_msg(tpot_with(s) <= base * (1 + 1e-12), "field %zu", f);
            *field[f] = old;
        }
        for (int r = 0; r < LR_RATE_COUNT; r++)
            s->hw.compute.peak[r] *= by;
        ck_assert_double_le(tpot_with(s), base * (1 + 1e-12));
    }
    free(s);
}
END_TEST

START_TEST(rates_follow_from_the_time)
{
    EACH_CASE(s, p)
    {
        const struct lr_estimate e = estimate(p, s->w);
        if (!e.fits) {
            ck_assert_double_eq(e.tokens_per_s, 0);
            ck_assert_double_eq(e.tokens_per_s_per_gpu, 0);
            ck_assert_double_eq(e.tokens_per_s_per_user, 0);
            continue;
        }
        ck_assert_double_eq(e.tokens_per_s_per_user, 1 / e.tpot_s);
        ck_assert_double_eq(e.tokens_per_s, s->w.batch / e.tpot_s);
        ck_assert_double_eq(e.tokens_per_s_per_gpu, e.tokens_per_s / s->d.gpus);
    }
    free(s);
}
END_TEST

/* If everything is half as fast, times double and rates halve. */
START_TEST(scaling_all_times_scales_the_result)
{
    EACH_CASE(s, p)
    {
        const double base = estimate(p, s->w).tpot_s;
        struct lr_hardware *hw = &s->hw;
        hw->memory.bandwidth_bytes_per_s /= 2;
        hw->host_link_bytes_per_s /= 2;
        hw->scale_up.bandwidth_bytes_per_s /= 2;
        hw->scale_up.latency_s *= 2;
        hw->scale_out.bandwidth_bytes_per_s /= 2;
        hw->scale_out.latency_s *= 2;
        for (int r = 0; r < LR_RATE_COUNT; r++)
            hw->compute.peak[r] /= 2;
        for (int f = 0; f < LR_FAMILY_COUNT; f++) {
            size_t count;
            const struct lr_constant *c = lr_constants((enum lr_family)f, &count);
            for (int t = 0; t <= LR_DTYPE_COUNT; t++)
                for (size_t o = 0; o < count; o++)
                    s->k.kernel[f][t].value[o] *= c[o].unit == LR_UNIT_SECONDS      ? 2
                                                  : c[o].unit == LR_UNIT_PER_SECOND ? 0.5
                                                                                    : 1;
        }
        s->rt.step_host_s *= 2;
        s->rt.request_host_s *= 2;
        s->rt.layer_overhead_s *= 2;
        s->rt.mixer_overhead_s *= 2;
        s->rt.launch_s *= 2;
        assert_close(tpot_with(s), 2 * base);
    }
    free(s);
}
END_TEST

START_TEST(one_gpu_has_no_link_time)
{
    EACH_CASE(s, p)
    {
        struct lr_op_estimate op[LR_OPS_MAX];
        s->d = (struct lr_deployment){
            .gpus = 1, .tp = 1, .pp = 1, .ep = 1, .dp = 1, .weights = LR_DTYPE_NONE, .kv = LR_DTYPE_NONE};
        struct lr_plan *one = plan_of(s);
        ck_assert_ptr_nonnull(one);
        const size_t n = lr_plan_operators(one, &s->w, op);
        for (size_t o = 0; o < n; o++) {
            ck_assert(!lr_family_is_link(op[o].family));
            ck_assert_double_eq(op[o].link_s, 0);
            ck_assert_double_eq(op[o].link_bytes, 0);
        }
        ck_assert_double_eq(estimate(one, s->w).link_bytes, 0);
        lr_plan_free(one);
    }
    free(s);
}
END_TEST

START_TEST(the_same_input_gives_the_same_bits)
{
    EACH_CASE(s, p)
    {
        struct lr_plan *again = plan_of(s);
        const struct lr_estimate a = estimate(p, s->w), b = estimate(again, s->w);
        ck_assert_mem_eq(&a.tpot_s, &b.tpot_s, sizeof a.tpot_s);
        ck_assert_mem_eq(&a.tpot_high_s, &b.tpot_high_s, sizeof a.tpot_high_s);
        lr_plan_free(again);
    }
    free(s);
}
END_TEST

static void assert_same_estimate(const struct lr_estimate *a, const struct lr_estimate *b)
{
    const double x[] = {
        a->tpot_s, a->tpot_low_s, a->tpot_high_s, a->floor_tpot_s, a->tokens_per_s,         a->tokens_per_s_per_gpu,
        a->flop,   a->bytes,      a->link_bytes,  a->host_s,       a->memory.weights_bytes, a->memory.kv_bytes,
        a->bound,  a->evidence,   a->fits};
    const double y[] = {
        b->tpot_s, b->tpot_low_s, b->tpot_high_s, b->floor_tpot_s, b->tokens_per_s,         b->tokens_per_s_per_gpu,
        b->flop,   b->bytes,      b->link_bytes,  b->host_s,       b->memory.weights_bytes, b->memory.kv_bytes,
        b->bound,  b->evidence,   b->fits};
    ck_assert_mem_eq(x, y, sizeof x);
}

/* A batch that is summed once gives, for many contexts in any order, the same as separate estimates. */
START_TEST(one_batch_gives_the_estimates_of_all_contexts)
{
    static const double contexts[] = {131072, 0, 1, 4096, 33, 1e6};
    EACH_CASE(s, p)
    {
        struct lr_batch b;
        struct lr_op_estimate one[LR_OPS_MAX], other[LR_OPS_MAX];
        lr_plan_at_batch(p, s->w.batch, s->w.q_len, &b);
        lr_plan_operators(p, &s->w, one);
        for (size_t c = 0; c < sizeof contexts / sizeof *contexts; c++) {
            struct lr_estimate together, alone, listed;
            lr_batch_estimate(&b, contexts[c], &together);
            lr_plan_estimates(p, s->w.batch, s->w.q_len, &contexts[c], 1, &listed);
            lr_plan_estimate(p, &(struct lr_workload){s->w.batch, contexts[c], s->w.q_len}, &alone);
            assert_same_estimate(&together, &alone);
            assert_same_estimate(&listed, &alone);
            lr_batch_operators(&b, contexts[c], one);
            const size_t n = lr_plan_operators(p, &(struct lr_workload){s->w.batch, contexts[c], s->w.q_len}, other);
            for (size_t o = 0; o < n; o++) {
                ck_assert_mem_eq(&one[o].time_s, &other[o].time_s, sizeof one[o].time_s);
                ck_assert_mem_eq(&one[o].bytes, &other[o].bytes, sizeof one[o].bytes);
                ck_assert_int_eq(one[o].bound, other[o].bound);
            }
        }
    }
    free(s);
}
END_TEST

/* Operators that are affine in the attended tokens give the same when they are priced one by one. */
START_TEST(affine_operators_equal_priced_ones)
{
    static const double contexts[] = {0, 1, 63, 64, 65, 5000, 262144};
    EACH_CASE(s, p)
    {
        struct lr_batch b;
        lr_plan_at_batch(p, s->w.batch, 1, &b);
        ck_assert(b.affine);
        for (size_t c = 0; c < sizeof contexts / sizeof *contexts; c++) {
            struct lr_estimate x, y;
            lr_batch_estimate(&b, contexts[c], &x);
            b.affine = false;
            lr_batch_estimate(&b, contexts[c], &y);
            b.affine = true;
            ck_assert_double_eq_tol(x.tpot_s / y.tpot_s, 1, 1e-12);
            ck_assert_double_eq_tol(x.tpot_low_s / y.tpot_low_s, 1, 1e-12);
            ck_assert_double_eq_tol(x.tpot_high_s / y.tpot_high_s, 1, 1e-12);
            ck_assert_double_eq_tol(x.floor_tpot_s / y.floor_tpot_s, 1, 1e-12);
            ck_assert_double_eq_tol(x.flop / y.flop, 1, 1e-12);
            ck_assert_double_eq_tol(x.bytes / y.bytes, 1, 1e-12);
        }
    }
    free(s);
}
END_TEST

/* The largest batch fits and one more does not; the same for the context. */
START_TEST(the_largest_batch_is_the_largest)
{
    EACH_CASE(s, p)
    {
        const struct lr_estimate e = estimate(p, s->w);
        const double batch = e.memory.max_batch, context = e.memory.max_context;
        ck_assert_int_eq(e.fits, batch >= s->w.batch);
        if (batch >= 1 && batch < 1e8) {
            ck_assert(estimate(p, (struct lr_workload){batch, s->w.context, s->w.q_len}).fits);
            ck_assert(!estimate(p, (struct lr_workload){batch + 1, s->w.context, s->w.q_len}).fits);
        }
        if (context >= 1 && context < 1e8) {
            ck_assert(estimate(p, (struct lr_workload){s->w.batch, context, s->w.q_len}).fits);
            ck_assert(!estimate(p, (struct lr_workload){s->w.batch, context + 1, s->w.q_len}).fits);
        }
    }
    free(s);
}
END_TEST

/* Without a cache, the context does not change the time or the memory: states do not grow. */
START_TEST(states_do_not_grow)
{
    EACH_CASE(s, p)
    {
        struct scene fixed = *s;
        for (size_t b = 0; b < fixed.m.block_count; b++)
            fixed.m.block[b].attention = random_recurrent(&s->dice);
        struct lr_plan *q = plan_of(&fixed);
        if (!q)
            continue;
        struct lr_workload longer = s->w;
        longer.context = floor(longer.context * dice_between(&s->dice, 1, 100)) + 1;
        const struct lr_estimate a = estimate(q, s->w), b = estimate(q, longer);
        ck_assert_double_eq(a.tpot_s, b.tpot_s);
        ck_assert_double_eq(a.memory.kv_bytes, b.memory.kv_bytes);
        ck_assert_double_gt(a.memory.kv_bytes, 0);
        lr_plan_free(q);
    }
    free(s);
}
END_TEST

START_TEST(every_number_is_finite)
{
    static const double batches[] = {1, 7, 1e4, 1e7}, contexts[] = {0, 1, 1e4, 1e7};
    EACH_CASE(s, p)
    {
        for (size_t b = 0; b < 4; b++)
            for (size_t c = 0; c < 4; c++) {
                const struct lr_estimate e = estimate(p, (struct lr_workload){batches[b], contexts[c], 1});
                ck_assert(isfinite(e.tpot_s) && isfinite(e.tpot_low_s) && isfinite(e.tpot_high_s));
                ck_assert(isfinite(e.floor_tpot_s) && isfinite(e.tokens_per_s) && isfinite(e.bytes));
                ck_assert_double_gt(e.tpot_s, 0);
            }
        if (i > CASES / 8) { /* sixteen points each */
            lr_plan_free(p);
            break;
        }
    }
    free(s);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {estimate_is_not_below_its_floor,
                                  more_work_is_not_faster,
                                  a_better_chip_is_not_slower,
                                  rates_follow_from_the_time,
                                  scaling_all_times_scales_the_result,
                                  one_gpu_has_no_link_time,
                                  the_same_input_gives_the_same_bits,
                                  one_batch_gives_the_estimates_of_all_contexts,
                                  affine_operators_equal_priced_ones,
                                  the_largest_batch_is_the_largest,
                                  states_do_not_grow,
                                  every_number_is_finite};
    return suite_run("laws", tests, sizeof tests / sizeof *tests, SEEDS);
}
