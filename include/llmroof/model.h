/* SPDX-License-Identifier: Apache-2.0 */
/* A language model's architecture, as numbers. Sizes are whole numbers held in doubles, so that products cannot
 * overflow. */
#ifndef LLMROOF_MODEL_H
#define LLMROOF_MODEL_H

#include "dtype.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum lr_attention_kind {
    LR_ATTENTION_NONE, /* the block has no attention (Nemotron-H MLP layers) */
    LR_ATTENTION_GQA,  /* MHA, GQA and MQA differ in kv_heads only */
    LR_ATTENTION_MLA,
    /* Layers that keep a state of fixed size instead of a cache: */
    LR_ATTENTION_DELTA,     /* gated delta net (arXiv 2412.06464): Qwen3-Next, Qwen3.5 */
    LR_ATTENTION_MAMBA2,    /* arXiv 2405.21060 */
    LR_ATTENTION_MAMBA1,    /* arXiv 2312.00752 */
    LR_ATTENTION_LIGHTNING, /* linear attention with a decay (arXiv 2401.04658): MiniMax-01 */
    LR_ATTENTION_KIND_COUNT
};

struct lr_attention {
    enum lr_attention_kind kind;
    double heads, kv_heads; /* kv_heads divides heads; MLA: kv_heads unused */
    double head_dim;        /* GQA: of q, k and v */
    double window;          /* tokens a query sees; 0: all */
    bool qkv_bias, out_bias, qk_norm, sinks, output_gate;
    /* MLA (DeepSeek-V2, arXiv 2405.04434, section 2.1) */
    double q_lora_rank; /* 0: queries are not compressed */
    double kv_lora_rank, qk_nope_dim, qk_rope_dim, v_dim;
    double chunk; /* GQA: tokens of a chunk, of which a query sees its own alone, from the start; 0: no chunks */
    /* Sparse MLA (DeepSeek-V3.2, arXiv 2512.02556): index_heads heads of index_dim score every token of the context and
     * attention reads the index_topk best. Without heads the layer takes the choice of the one before it. */
    double index_heads, index_dim, index_topk; /* index_topk 0: dense */
    /* State layers */
    double key_heads, value_heads, key_dim, value_dim; /* DELTA */
    double state;                                      /* MAMBA: elements of state a channel */
    double groups;                                     /* MAMBA2: heads / groups share B and C */
    double inner, dt_rank;                             /* MAMBA1: channels, rank of the time steps */
    double conv;                                       /* taps of the short convolution; 0: none */
    bool conv_bias;
    bool inner_norms;           /* MAMBA1: norms of time steps, B and C (Jamba) */
    enum lr_dtype state_format; /* of the recurrent state: FP32 unless said */
};

enum lr_ffn_kind { LR_FFN_NONE, LR_FFN_PLAIN, LR_FFN_GATED, LR_FFN_MOE, LR_FFN_KIND_COUNT };

struct lr_ffn {
    enum lr_ffn_kind kind;
    double intermediate; /* of the MLP, or of one expert */
    bool bias;
    /* MoE */
    double experts, topk;
    double shared_intermediate; /* of all shared experts together; 0: none */
    bool expert_plain;          /* experts have two matrices, not three */
    double latent;              /* width on which routed experts work, between two projections; 0: hidden */
    bool router_bias, shared_gate;
};

/* layers identical layers; the order of blocks carries no meaning. */
struct lr_block {
    double layers;
    double norms; /* vectors of length hidden a layer: 2 unless said */
    struct lr_attention attention;
    struct lr_ffn ffn;
};

/* Parts of a model whose weights may have formats of their own. */
#define LR_PARTS(X)                                                                                                    \
    X(ATTENTION, "attention")                                                                                          \
    X(MLP, "mlp")                                                                                                      \
    X(EXPERTS, "experts")                                                                                              \
    X(SHARED, "shared_experts")                                                                                        \
    X(EMBEDDING, "embedding")                                                                                          \
    X(HEAD, "head")

enum lr_part {
#define X(id, name) LR_PART_##id,
    LR_PARTS(X)
#undef X
        LR_PART_COUNT
};

enum { LR_MODEL_BLOCKS_MAX = 16 };

struct lr_model {
    const char *name, *title, *source;
    const char *hugging_face; /* repository id or NULL */
    double hidden, vocab, max_context;
    bool tied_embeddings, head_bias;
    struct lr_block block[LR_MODEL_BLOCKS_MAX];
    size_t block_count;
    enum lr_dtype weights[LR_PART_COUNT]; /* native formats, as published */
    enum lr_dtype kv;                     /* native format of the KV cache */
    struct {
        double total, active;      /* parameters; 0 when not published */
        double tolerance;          /* relative; 0.01 unless the profile says why not */
        double kv_bytes_per_token; /* in BF16; 0 when not published */
        bool active_with_embedding, active_with_head;
        const char *note;
    } published;
};

/* Parameters by part, counted from the architecture. active: those that one token's pass multiplies with, without
 * embedding and head. */
struct lr_parameters {
    double part[LR_PART_COUNT];
    double router, norm; /* in no part: always held in 16 bits */
    double total, active;
};

/* Counts the parameters of a model. Pure. */
void lr_model_parameters(const struct lr_model *m, struct lr_parameters *out);

/* Bytes that one token of context adds to the KV cache of the whole model (not of a rank) in format kv, at context
 * tokens: a layer with a window or chunk counts only while that is not full. context < 0: all layers count. Index keys
 * count in their own format. Pure. */
double lr_model_kv_bytes(const struct lr_model *m, enum lr_dtype kv, double context);

/* Bytes of the recurrent states that one sequence keeps in all layers, at any context. Pure. */
double lr_model_state_bytes(const struct lr_model *m);

#ifdef __cplusplus
}
#endif

#endif
