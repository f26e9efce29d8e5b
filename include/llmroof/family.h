/* SPDX-License-Identifier: Apache-2.0 */
/* Families of operators: what a step is made of, each priced by a formula of its own (docs/method.md). */
#ifndef LLMROOF_FAMILY_H
#define LLMROOF_FAMILY_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* id, name in output */
#define LR_FAMILIES(X)                                                                                                 \
    X(GEMM, "gemm")                                                                                                    \
    X(ATTENTION, "attention")                                                                                          \
    X(MLA, "mla")                                                                                                      \
    X(BMM, "bmm")                                                                                                      \
    X(MOE, "moe")                                                                                                      \
    X(ELEMENTWISE, "elementwise")                                                                                      \
    X(ALL_REDUCE, "all_reduce")                                                                                        \
    X(ALL_GATHER, "all_gather")                                                                                        \
    X(REDUCE_SCATTER, "reduce_scatter")                                                                                \
    X(DISPATCH, "dispatch")                                                                                            \
    X(COMBINE, "combine")                                                                                              \
    X(SEND, "send")                                                                                                    \
    X(STATE, "state")                                                                                                  \
    X(INDEX, "index")

enum lr_family {
#define X(id, name) LR_FAMILY_##id,
    LR_FAMILIES(X)
#undef X
        LR_FAMILY_COUNT
};
/* The name in output and in kernel files, for example "all_reduce". Static storage, never NULL. */
const char *lr_family_name(enum lr_family f);

/* Whether operators of the family move bytes between accelerators. */
bool lr_family_is_link(enum lr_family f);

/* The most operators that a step may have. */
enum { LR_OPS_MAX = 128 };

#ifdef __cplusplus
}
#endif

#endif
