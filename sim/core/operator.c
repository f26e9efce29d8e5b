/* SPDX-License-Identifier: Apache-2.0 */
/* Properties of operators that both the lowering and the pricing need. */
#include "core/operator.h"

#include <math.h>

const char *lr_family_name(enum lr_family f)
{
    static const char *const names[] = {
#define X(id, name) name,
        LR_FAMILIES(X)
#undef X
    };
    return f < LR_FAMILY_COUNT ? names[f] : "unknown";
}

const char *lr_role_name(enum lr_role r)
{
    static const char *const names[] = {"none",
#define X(id, name, place) name,
                                        LR_ROLES(X)
#undef X
    };
    return r < LR_ROLE_COUNT ? names[r] : "unknown";
}

enum lr_place lr_role_place(enum lr_role r)
{
    static const enum lr_place places[] = {LR_PLACE_NONE,
#define X(id, name, place) LR_PLACE_##place,
                                           LR_ROLES(X)
#undef X
    };
    return r < LR_ROLE_COUNT ? places[r] : LR_PLACE_NONE;
}

const char *lr_part_name(enum lr_part p)
{
    static const char *const names[] = {
#define X(id, name) name,
        LR_PARTS(X)
#undef X
    };
    return p < LR_PART_COUNT ? names[p] : "unknown";
}

bool lr_family_is_link(enum lr_family f)
{
    return f >= LR_FAMILY_ALL_REDUCE && f <= LR_FAMILY_SEND;
}

bool lr_attention_has_state(const struct lr_attention *a)
{
    return a->kind == LR_ATTENTION_DELTA || a->kind == LR_ATTENTION_MAMBA2 || a->kind == LR_ATTENTION_MAMBA1 ||
           a->kind == LR_ATTENTION_LIGHTNING;
}

double lr_attended(const struct lr_step *s, double window)
{
    const double all = s->context + (s->q_len - 1) / 2;
    return window > 0 && window < all ? window : all;
}

double lr_expected_experts(double local, double experts, double topk, double tokens)
{
    if (experts <= 0 || topk >= experts)
        return local;
    /* expm1 stays exact for few tokens and many experts, where 1 - (1 - p)^n would lose digits */
    return -local * expm1(tokens * log1p(-topk / experts));
}

double lr_busiest_rank(double ranks, double rows)
{
    return ranks > 1 && rows > 0 ? 1 + sqrt(2 * log(ranks) / rows) : 1;
}

/* With identical routing: number of chosen experts on the rank that has most of them, if they are spread evenly. */
static double chosen_experts_on_rank(const struct lr_moe *e)
{
    return fmin(e->local, ceil(e->topk * e->local / e->experts));
}

double lr_touched_experts(const struct lr_moe *e, double rows)
{
    if (e->routing == LR_ROUTING_IDENTICAL)
        return chosen_experts_on_rank(e);
    const double tokens = rows * e->experts / (e->topk * e->local), many = 1 + rows / (2 * e->local);
    const double touched = e->routing == LR_ROUTING_EVEN ? fmin(e->local, rows)
                           : e->routing == LR_ROUTING_SKEWED
                               ? e->local * (1 - 1 / (many * many))
                               : lr_expected_experts(e->local, e->experts, e->topk, tokens);
    return fmax(1, touched);
}

struct lr_routed lr_moe_routed(const struct lr_moe *e, double m)
{
    struct lr_routed r = {.tokens = m * e->groups};
    r.rows =
        r.tokens * (e->routing == LR_ROUTING_IDENTICAL ? chosen_experts_on_rank(e) : e->topk * e->local / e->experts);
    r.touched = lr_touched_experts(e, r.rows);
    return r;
}
