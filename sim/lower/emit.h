/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that emit operators, for the lowering of every kind of layer. */
#ifndef LLMROOF_LOWER_EMIT_H
#define LLMROOF_LOWER_EMIT_H

#include "core/operator.h"

struct lr_emitter {
    const struct lr_model *m;
    const struct lr_deployment *d;
    const enum lr_dtype *weights;
    enum lr_dtype kv;
    double domain;
    struct lr_lowering *out;
    bool overflow;
};

/* Adds an operator, or its count to an equal one. Sets overflow if there are LR_OPS_MAX operators already. */
void lr_emit(struct lr_emitter *c, struct lr_op op);
struct lr_op lr_emit_blank(enum lr_role role, enum lr_family family, double count);

void lr_emit_gemm(struct lr_emitter *c, enum lr_role role, double count, enum lr_dtype weight, double n, double k);
void lr_emit_bmm(struct lr_emitter *c, enum lr_role role, double count, double heads, double n, double k);
void lr_emit_elementwise(struct lr_emitter *c, enum lr_role role, double count, double elements, double kv_bytes);
/* Emits nothing for fewer than two ranks. */
void lr_emit_collective(struct lr_emitter *c, enum lr_role role, enum lr_family family, double count, double ranks,
                        double bytes_per_row);
void lr_emit_norm(struct lr_emitter *c, enum lr_role role, double count);

/* The format of activations that are multiplied by weights of this format. */
enum lr_dtype lr_emit_activation(enum lr_dtype weight);

/* recurrent.c: layers with a state of fixed size. */
void lr_lower_recurrent(struct lr_emitter *c, const struct lr_attention *a, double layers);

#endif
