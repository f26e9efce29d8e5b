/* SPDX-License-Identifier: Apache-2.0 */
/* A random chip, model, layout, runtime and traffic, and their plan, for the tests of serving and of steps. */
#ifndef LLMROOF_TESTS_SCENE_H
#define LLMROOF_TESTS_SCENE_H

#include "random.h"
#include "suite.h"

#include <llmroof/serving.h>

#if defined(__SANITIZE_ADDRESS__)
enum { SEEDS = 8, CASES = 10 };
#else
enum { SEEDS = 8, CASES = 250 }; /* 2,000 cases per law */
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

static inline struct lr_plan *plan_of(const struct scene *s)
{
    struct lr_diags ds = {0};
    struct lr_plan *p = lr_plan_new(&s->hw, &s->m, &s->rt, &s->k, &s->d, &ds);
    ck_assert((p != NULL) == (ds.errors == 0));
    lr_diags_free(&ds);
    return p;
}

static inline struct lr_traffic random_traffic(struct dice *d)
{
    return (struct lr_traffic){.input = floor(dice_scale(d, 1, 131072)),
                               .output = floor(dice_scale(d, 1, 8192)),
                               .concurrency = floor(dice_scale(d, 1, 4096)),
                               .prefix_hit = dice_pick(d, 2) ? 0 : dice_unit(d)};
}

/* A case whose layout the model allows. */
static inline struct lr_plan *draw(struct scene *s, int seed, int i)
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

static inline struct lr_estimate estimate(const struct lr_plan *p, double batch, double context, double q_len)
{
    struct lr_estimate e;
    lr_plan_estimate(p, &(struct lr_workload){batch, context, q_len}, &e);
    return e;
}

static inline void assert_within(double a, double b, double relative)
{
    ck_assert_msg(fabs(a - b) <= relative * fabs(b), "%.12g, expected %.12g", a, b);
}

static inline void assert_no_less(double a, double b)
{
    ck_assert_msg(a >= b * (1 - 1e-9), "%.12g, expected at least %.12g", a, b);
}

#endif
