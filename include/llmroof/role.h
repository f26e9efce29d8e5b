/* SPDX-License-Identifier: Apache-2.0 */
/* Roles of operators: what each does in a model. A role has one name in output. */
#ifndef LLMROOF_ROLE_H
#define LLMROOF_ROLE_H

#ifdef __cplusplus
extern "C" {
#endif

/* The part of the model that an operator belongs to. */
enum lr_place {
    LR_PLACE_NONE, /* no model: an operator that was measured alone */
    LR_PLACE_ATTENTION,
    LR_PLACE_FFN,     /* a dense MLP, and the sum after any FFN */
    LR_PLACE_EXPERTS, /* routed experts, their router and exchanges */
    LR_PLACE_SHARED,  /* the shared expert */
    LR_PLACE_ENDS,    /* embedding, LM head and sampling: once a model, not once a layer */
    LR_PLACE_STAGES   /* between pipeline stages */
};

/* What an operator does in a model. id, name in output, place. */
#define LR_ROLES(X)                                                                                                    \
    X(EMBEDDING, "embedding", ENDS)                                                                                    \
    X(ATTN_NORM, "attn.norm", ATTENTION)                                                                               \
    X(ATTN_QKV, "attn.qkv", ATTENTION)                                                                                 \
    X(ATTN_Q, "attn.q", ATTENTION)                                                                                     \
    X(ATTN_QKV_A, "attn.qkv_a", ATTENTION)                                                                             \
    X(ATTN_NORM_A, "attn.norm_a", ATTENTION)                                                                           \
    X(ATTN_Q_B, "attn.q_b", ATTENTION)                                                                                 \
    X(ATTN_INDEX_Q, "attn.index_q", ATTENTION)                                                                         \
    X(ATTN_INDEX_K, "attn.index_k", ATTENTION)                                                                         \
    X(ATTN_INDEX_ROPE, "attn.index_rope", ATTENTION)                                                                   \
    X(ATTN_INDEX, "attn.index", ATTENTION)                                                                             \
    X(ATTN_INDEX_TOPK, "attn.index_topk", ATTENTION)                                                                   \
    X(ATTN_ABSORB_Q, "attn.absorb_q", ATTENTION)                                                                       \
    X(ATTN_ROPE, "attn.rope", ATTENTION)                                                                               \
    X(ATTN_CORE, "attn.core", ATTENTION)                                                                               \
    X(ATTN_CORE_WINDOW, "attn.core_window", ATTENTION)                                                                 \
    X(ATTN_CORE_CHUNK, "attn.core_chunk", ATTENTION)                                                                   \
    X(ATTN_CORE_SPARSE, "attn.core_sparse", ATTENTION)                                                                 \
    X(ATTN_ABSORB_V, "attn.absorb_v", ATTENTION)                                                                       \
    X(ATTN_IN, "attn.in", ATTENTION)                                                                                   \
    X(ATTN_CONV, "attn.conv", ATTENTION)                                                                               \
    X(ATTN_STEPS_IN, "attn.steps_in", ATTENTION)                                                                       \
    X(ATTN_STEPS_ALL_REDUCE, "attn.steps_all_reduce", ATTENTION)                                                       \
    X(ATTN_STEPS, "attn.steps", ATTENTION)                                                                             \
    X(ATTN_STATE, "attn.state", ATTENTION)                                                                             \
    X(ATTN_GATED_NORM, "attn.gated_norm", ATTENTION)                                                                   \
    X(ATTN_OUT, "attn.out", ATTENTION)                                                                                 \
    X(ATTN_ALL_REDUCE, "attn.all_reduce", ATTENTION)                                                                   \
    X(MLP_NORM, "mlp.norm", FFN)                                                                                       \
    X(MLP_UP, "mlp.up", FFN)                                                                                           \
    X(MLP_ACT, "mlp.act", FFN)                                                                                         \
    X(MLP_DOWN, "mlp.down", FFN)                                                                                       \
    X(FFN_ALL_REDUCE, "ffn.all_reduce", FFN)                                                                           \
    X(MOE_NORM, "moe.norm", EXPERTS)                                                                                   \
    X(MOE_ROUTER, "moe.router", EXPERTS)                                                                               \
    X(MOE_LATENT_DOWN, "moe.latent_down", EXPERTS)                                                                     \
    X(MOE_ALL_GATHER, "moe.all_gather", EXPERTS)                                                                       \
    X(MOE_DISPATCH, "moe.dispatch", EXPERTS)                                                                           \
    X(MOE_EXPERTS, "moe.experts", EXPERTS)                                                                             \
    X(MOE_COMBINE, "moe.combine", EXPERTS)                                                                             \
    X(MOE_REDUCE_SCATTER, "moe.reduce_scatter", EXPERTS)                                                               \
    X(MOE_LATENT_UP, "moe.latent_up", EXPERTS)                                                                         \
    X(MOE_SHARED_UP, "moe.shared_up", SHARED)                                                                          \
    X(MOE_SHARED_ACT, "moe.shared_act", SHARED)                                                                        \
    X(MOE_SHARED_DOWN, "moe.shared_down", SHARED)                                                                      \
    X(HEAD_NORM, "head.norm", ENDS)                                                                                    \
    X(HEAD_LOGITS, "head.logits", ENDS)                                                                                \
    X(HEAD_ALL_GATHER, "head.all_gather", ENDS)                                                                        \
    X(HEAD_SAMPLE, "head.sample", ENDS)                                                                                \
    X(PP_SEND, "pp.send", STAGES)

enum lr_role {
    LR_ROLE_NONE, /* of an operator in no model */
#define X(id, name, place) LR_ROLE_##id,
    LR_ROLES(X)
#undef X
        LR_ROLE_COUNT
};

/* The name in output, for example "attn.qkv"; "none" for LR_ROLE_NONE. Static storage, never NULL. */
const char *lr_role_name(enum lr_role r);

/* The part of the model that operators of the role belong to; LR_PLACE_NONE out of range. */
enum lr_place lr_role_place(enum lr_role r);

#ifdef __cplusplus
}
#endif

#endif
