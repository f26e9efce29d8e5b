/* SPDX-License-Identifier: Apache-2.0 */
/* Closed forms of recurrent layers. */
#include "lower/sequence_state.h"

#include <math.h>

/* Inputs of the convolution are kept in 16 bits. */
static const double CONV_BYTES = 2;

/* S = a S (1 - b k k^T) + b v k^T, o = S q (arXiv 2412.06464, equation 10). An element of S takes a product for the
 * decay and two FLOP each for S k, the update and S q. Projections: q, k, v, an output gate z, and b and a, which are
 * one number per head. */
static struct lr_state_shape delta(const struct lr_attention *a, double tp)
{
    const double values = a->value_heads / tp;
    const double key = a->key_heads / tp * a->key_dim, value = values * a->value_dim;
    const double elements = values * a->key_dim * a->value_dim;
    return (struct lr_state_shape){
        .in = 2 * key + 2 * value + 2 * values,
        .channels = 2 * key + value,
        .out = value,
        .elements = elements,
        .flop = 7 * elements,
        .passed = 2 * key + 2 * value + 2 * values,
        .vectors = 2 * values,
        .norms = a->value_dim,
    };
}

/* h = exp(dt A) h + dt x B^T, y = C h + D x (arXiv 2405.21060, section 6). An element of h takes a product for the
 * decay and two FLOP each for the update and the read-out. Groups of B and C are replicated when tp exceeds them. */
static struct lr_state_shape mamba2(const struct lr_attention *a, double tp)
{
    const double heads = a->heads / tp, inner = heads * a->head_dim;
    const double bc = 2 * fmax(1, a->groups / tp) * a->state;
    const double elements = inner * a->state;
    return (struct lr_state_shape){
        .in = 2 * inner + bc + heads,
        .channels = inner + bc,
        .out = inner,
        .elements = elements,
        .flop = 5 * elements,
        .passed = 2 * inner + bc + heads,
        .vectors = 3 * heads,
        .norms = inner,
    };
}

/* Like Mamba-2, but with a decay per element, which takes one more product (arXiv 2312.00752, algorithm 2). */
static struct lr_state_shape mamba1(const struct lr_attention *a, double tp)
{
    const double inner = a->inner / tp, steps = a->dt_rank + 2 * a->state;
    const double elements = inner * a->state;
    return (struct lr_state_shape){
        .in = 2 * inner,
        .channels = inner,
        .out = inner,
        .elements = elements,
        .flop = 6 * elements,
        .passed = 4 * inner + 2 * a->state,
        .step_in = steps,
        .vectors = elements + 2 * inner,
        .norms = a->inner_norms ? steps : 0,
    };
}

/* S = l S + k v^T, o = S q, with a decay for each head (arXiv 2401.04658, equation 4). Projections: q, k, v and an
 * output gate. */
static struct lr_state_shape lightning(const struct lr_attention *a, double tp)
{
    const double inner = a->heads / tp * a->head_dim, elements = inner * a->head_dim;
    return (struct lr_state_shape){
        .in = 4 * inner,
        .out = inner,
        .elements = elements,
        .flop = 5 * elements,
        .passed = 4 * inner,
        .norms = inner,
    };
}

struct lr_state_shape lr_state_shape(const struct lr_attention *a, double tp)
{
    switch (a->kind) {
    case LR_ATTENTION_DELTA:
        return delta(a, tp);
    case LR_ATTENTION_MAMBA2:
        return mamba2(a, tp);
    case LR_ATTENTION_MAMBA1:
        return mamba1(a, tp);
    case LR_ATTENTION_LIGHTNING:
        return lightning(a, tp);
    default:
        return (struct lr_state_shape){0};
    }
}

double lr_attention_state_bytes(const struct lr_attention *a, double tp)
{
    const struct lr_state_shape s = lr_state_shape(a, tp);
    return s.elements * lr_dtype_bytes(a->state_format) + s.channels * fmax(0, a->conv - 1) * CONV_BYTES;
}

double lr_model_state_bytes(const struct lr_model *m)
{
    double bytes = 0;
    for (size_t i = 0; i < m->block_count; i++)
        bytes += m->block[i].layers * lr_attention_state_bytes(&m->block[i].attention, 1);
    return bytes;
}

double lr_attention_index_bytes(const struct lr_attention *a)
{
    return a->index_heads > 0 ? a->index_dim * lr_dtype_bytes(LR_FP8) + lr_dtype_bytes(LR_FP32) : 0;
}
