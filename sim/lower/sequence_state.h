/* SPDX-License-Identifier: Apache-2.0 */
/* Layers that keep a state of fixed size: gated delta nets, Mamba, lightning attention. */
#ifndef LLMROOF_LOWER_SEQUENCE_STATE_H
#define LLMROOF_LOWER_SEQUENCE_STATE_H

#include <llmroof/model.h>

/* The part of a layer on one of tp GPUs; tp 1: the whole layer. tp must divide the heads (layout.c checks it). */
struct lr_state_shape {
    double in;       /* columns of the projections of the hidden state */
    double channels; /* of the short convolution */
    double out;      /* columns of the result: rows of the output projection */
    double elements; /* of the recurrent state */
    double flop;     /* of the update and read-out of the state, per token */
    double passed;   /* elements that the update reads and writes besides the state, per token */
    double step_in;  /* MAMBA1: columns of the projection of the channels to time steps, B and C; else 0 */
    double vectors;  /* parameters besides the matrices and taps: decays, biases, skips */
    double norms;    /* parameters of norms inside the layer */
};
struct lr_state_shape lr_state_shape(const struct lr_attention *a, double tp);

/* Bytes per sequence that one layer keeps on one of tp GPUs: the recurrent state, and the earlier inputs of the
 * convolution, in 16 bits. 0 without a state. */
double lr_attention_state_bytes(const struct lr_attention *a, double tp);

/* Bytes of an index key: FP8, and a scale in FP32 (DeepSeek-V3.2's inference code; 128 elements, 132 bytes). */
double lr_attention_index_bytes(const struct lr_attention *a);

#endif
