/* SPDX-License-Identifier: Apache-2.0 */
/* Lowers layers with a state of fixed size: projections, a short convolution, the update of the state, a gated norm. */
#include "lower/emit.h"
#include "lower/sequence_state.h"

#include <math.h>

static void lower_convolution(struct lr_emitter *c, const struct lr_attention *a, double channels, double layers)
{
    struct lr_op op = lr_emit_blank(LR_ROLE_ATTN_CONV, LR_FAMILY_STATE, layers);
    op.u.state = (struct lr_state){
        .bytes = channels * fmax(0, a->conv - 1) * LR_ACT_BYTES,
        .flop_per_row = 2 * channels * a->conv,
        .act_bytes_per_row = 2 * channels * LR_ACT_BYTES,
        .weight_bytes = channels * a->conv * LR_ACT_BYTES,
    };
    lr_emit(c, op);
}

/* Mamba-1 projects the channels to time steps, B and C. A rank has some of the channels, so that ranks add their
 * results. */
static void lower_steps(struct lr_emitter *c, const struct lr_attention *a, const struct lr_state_shape *s,
                        double layers)
{
    const enum lr_dtype w = c->weights[LR_PART_ATTENTION];
    lr_emit_gemm(c, LR_ROLE_ATTN_STEPS_IN, layers, w, s->step_in, s->channels);
    lr_emit_collective(c, LR_ROLE_ATTN_STEPS_ALL_REDUCE, LR_FAMILY_ALL_REDUCE, layers, c->d->tp,
                       s->step_in * LR_ACT_BYTES);
    lr_emit_gemm(c, LR_ROLE_ATTN_STEPS, layers, w, s->channels, a->dt_rank);
}

void lr_lower_recurrent(struct lr_emitter *c, const struct lr_attention *a, double layers)
{
    const struct lr_state_shape s = lr_state_shape(a, c->d->tp);
    const enum lr_dtype w = c->weights[LR_PART_ATTENTION];
    lr_emit_norm(c, LR_ROLE_ATTN_NORM, layers);
    lr_emit_gemm(c, LR_ROLE_ATTN_IN, layers, w, s.in, c->m->hidden);
    if (a->conv > 0)
        lower_convolution(c, a, s.channels, layers);
    if (s.step_in > 0)
        lower_steps(c, a, &s, layers);
    struct lr_op update = lr_emit_blank(LR_ROLE_ATTN_STATE, LR_FAMILY_STATE, layers);
    update.u.state = (struct lr_state){
        .bytes = s.elements * lr_dtype_bytes(a->state_format),
        .flop_per_row = s.flop,
        .act_bytes_per_row = s.passed * LR_ACT_BYTES,
    };
    lr_emit(c, update);
    lr_emit_elementwise(c, LR_ROLE_ATTN_GATED_NORM, layers, 3 * s.out, 0);
    lr_emit_gemm(c, LR_ROLE_ATTN_OUT, layers, w, c->m->hidden, s.out);
    c->out->state_bytes_per_sequence += layers * lr_attention_state_bytes(a, c->d->tp) / c->d->pp;
}
