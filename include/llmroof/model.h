/* A language model's architecture, as numbers. Sizes are whole numbers held in doubles, so that products cannot
 * overflow. */
#ifndef LLMROOF_MODEL_H
#define LLMROOF_MODEL_H

#include "dtype.h"

#include <stdbool.h>
#include <stddef.h>

enum lr_attention_kind {
    LR_ATTENTION_NONE, /* the block has no attention (Nemotron-H MLP layers) */
    LR_ATTENTION_GQA,  /* MHA, GQA and MQA differ in kv_heads only */
    LR_ATTENTION_MLA,
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
void lr_model_parameters(const struct lr_model *m, struct lr_parameters *out);

/* Bytes that one token of context adds to the KV cache of the whole model (not of a rank), in format kv. A window layer
 * counts while the window fills: at context tokens. context < 0: all layers count. */
double lr_model_kv_bytes(const struct lr_model *m, enum lr_dtype kv, double context);

#endif
