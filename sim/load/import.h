/* The parts of the config.json reader.
 *
 * How to add a model family: a row in import_families.c (what its code does that its config.json does not say), a row
 * in import_keys.c for each key of its own (a field, or no bearing on decoding, or a reason to refuse), a case in
 * tests/import_test.c. */
#ifndef LLMROOF_LOAD_IMPORT_H
#define LLMROOF_LOAD_IMPORT_H

#include "load/document.h"

#include <llmroof/import.h>

/* What config.json files say, under the commonest of its names; the others are in import_keys.c. */
#define LR_IMPORT_FIELDS(X)                                                                                            \
    X(MODEL_TYPE, "model_type")                                                                                        \
    X(ARCHITECTURES, "architectures")                                                                                  \
    X(PATH, "_name_or_path")                                                                                           \
    X(HIDDEN, "hidden_size")                                                                                           \
    X(LAYERS, "num_hidden_layers")                                                                                     \
    X(HEADS, "num_attention_heads")                                                                                    \
    X(KV_HEADS, "num_key_value_heads")                                                                                 \
    X(MULTI_QUERY, "multi_query")                                                                                      \
    X(NEW_DECODER, "new_decoder_architecture")                                                                         \
    X(PARALLEL, "parallel_attn")                                                                                       \
    X(HEAD_DIM, "head_dim")                                                                                            \
    X(INTERMEDIATE, "intermediate_size")                                                                               \
    X(VOCAB, "vocab_size")                                                                                             \
    X(CONTEXT, "max_position_embeddings")                                                                              \
    X(TIED, "tie_word_embeddings")                                                                                     \
    X(DTYPE, "torch_dtype")                                                                                            \
    X(ATTENTION_BIAS, "attention_bias")                                                                                \
    X(QKV_BIAS, "qkv_bias")                                                                                            \
    X(OUT_BIAS, "attention_out_bias")                                                                                  \
    X(MLP_BIAS, "mlp_bias")                                                                                            \
    X(BIAS, "use_bias")                                                                                                \
    X(HEAD_BIAS, "lm_head_bias")                                                                                       \
    X(QK_NORM, "use_qk_norm")                                                                                          \
    X(OUTPUT_GATE, "attn_output_gate")                                                                                 \
    X(WINDOW, "sliding_window")                                                                                        \
    X(USE_WINDOW, "use_sliding_window")                                                                                \
    X(WINDOW_PATTERN, "sliding_window_pattern")                                                                        \
    X(WINDOW_FROM, "max_window_layers")                                                                                \
    X(LAYER_TYPES, "layer_types")                                                                                      \
    X(ATTENTION_TYPES, "attn_type_list")                                                                               \
    X(Q_LORA, "q_lora_rank")                                                                                           \
    X(KV_LORA, "kv_lora_rank")                                                                                         \
    X(NOPE_DIM, "qk_nope_head_dim")                                                                                    \
    X(ROPE_DIM, "qk_rope_head_dim")                                                                                    \
    X(QK_DIM, "qk_head_dim")                                                                                           \
    X(V_DIM, "v_head_dim")                                                                                             \
    X(USE_MLA, "use_mla")                                                                                              \
    X(EXPERTS, "num_experts")                                                                                          \
    X(TOPK, "num_experts_per_tok")                                                                                     \
    X(EXPERT_INTERMEDIATE, "moe_intermediate_size")                                                                    \
    X(SHARED_EXPERTS, "n_shared_experts")                                                                              \
    X(SHARED_INTERMEDIATE, "shared_expert_intermediate_size")                                                          \
    X(ROUTER_BIAS, "use_routing_bias")                                                                                 \
    X(TOPK_METHOD, "topk_method")                                                                                      \
    X(DENSE_FIRST, "first_k_dense_replace")                                                                            \
    X(MOE_LAST, "moe_layer_end_index")                                                                                 \
    X(MOE_FREQUENCY, "moe_layer_freq")                                                                                 \
    X(MOE_STEP, "decoder_sparse_step")                                                                                 \
    X(DENSE_LAYERS, "mlp_only_layers")                                                                                 \
    X(MLP_TYPES, "mlp_layer_types")                                                                                    \
    X(DRAFT_LAYERS, "num_nextn_predict_layers")                                                                        \
    X(BLOCK_CONFIGS, "block_configs")                                                                                  \
    X(QUANTIZATION, "quantization_config")

enum lr_import_field {
#define X(id, name) LR_IMPORT_##id,
    LR_IMPORT_FIELDS(X)
#undef X
        LR_IMPORT_FIELD_COUNT
};

/* Where attention is limited to a window. A list of layer types, where there is one, settles it for every family. */
enum lr_import_window {
    LR_IMPORT_WINDOW_NEVER, /* the family's code has none */
    LR_IMPORT_WINDOW_ALL,   /* on every layer, when there is one */
    LR_IMPORT_WINDOW_TAIL,  /* from a layer on, when it is switched on (Qwen) */
    LR_IMPORT_WINDOW_EVERY, /* on all but each n-th layer */
};

/* What a family's code does: flags. */
enum {
    LR_HF_MLA = 1 << 0,
    LR_HF_PLAIN = 1 << 1,               /* MLPs have two matrices */
    LR_HF_MOE = 1 << 2,                 /* may have experts */
    LR_HF_EXPERT_INTERMEDIATE = 1 << 3, /* intermediate_size is that of an expert */
    LR_HF_EXPERT_BIAS = 1 << 4,
    LR_HF_ROUTER_BIAS = 1 << 5,
    LR_HF_SHARED_GATE = 1 << 6,
    LR_HF_QKV_BIAS = 1 << 7,
    LR_HF_OUT_BIAS = 1 << 8,
    LR_HF_MLP_BIAS = 1 << 9,
    LR_HF_HEAD_BIAS = 1 << 10,
    LR_HF_BIAS_QKV_ONLY = 1 << 11, /* attention_bias means q, k and v, not the output */
    LR_HF_BIAS_NO_MLP = 1 << 12,   /* use_bias means attention, not the MLP */
    LR_HF_QK_NORM = 1 << 13,
    LR_HF_SINKS = 1 << 14,
    LR_HF_TIED = 1 << 15,        /* tied unless said */
    LR_HF_FFN_4H = 1 << 16,      /* an MLP of four times hidden unless said */
    LR_HF_HALF = 1 << 17,        /* intermediate_size is of gate and up together */
    LR_HF_FALCON = 1 << 18,      /* KV heads by multi_query and new_decoder_architecture */
    LR_HF_ONE_KV_HEAD = 1 << 19, /* multi_query means one KV head, and is true unless said */
    LR_HF_BLOCKS = 1 << 20,      /* each layer has a shape of its own: block_configs */
};

struct lr_import_family {
    const char *model_type;
    unsigned flags;
    int norms; /* vectors of length hidden a layer; biases of norms are vectors too */
    enum lr_import_window window;
    int every; /* for LR_IMPORT_WINDOW_EVERY */
};

/* By model_type, also with _text behind it, or else by the name of a class such as Qwen3MoeForCausalLM. NULL: unknown.
 */
const struct lr_import_family *lr_import_family(const char *model_type, const char *architecture);

/* The model_type nearest to an unknown one, or NULL. */
const char *lr_import_family_nearest(const char *model_type);

/* What the family's class takes for a field that a file leaves out. false when it is not known. Text models spell out
 * their sizes, so that a missing one is a mistake; the text parts of multi-modal ones leave out what equals the
 * default. */
bool lr_import_default(const struct lr_import_family *f, enum lr_import_field field, bool multi_modal, double *out);

/* One layer, before layers are gathered in blocks. */
struct lr_import_layer {
    double norms;
    struct lr_attention attention;
    struct lr_ffn ffn;
};

struct lr_import {
    const struct lr_document *doc;
    struct lr_arena *arena;
    struct lr_diags *ds;
    bool multi_modal; /* the language model is a part of it */
    const struct lr_node *field[LR_IMPORT_FIELD_COUNT];
    const char *scope[LR_IMPORT_FIELD_COUNT]; /* "text_config." or "" */
    unsigned refused;                         /* reasons given already, a bit each */
    const struct lr_import_family *family;
    bool failed;
    struct lr_model *model;
    size_t layer_count;
    struct lr_import_layer *layer;
};

/* import_keys.c: what a key is. A refusal may be switched off. */
enum lr_import_field lr_import_field_of(const char *key); /* LR_IMPORT_FIELD_COUNT: none */
bool lr_import_ignored(const char *key);
bool lr_import_refusal(const char *key);
/* Reports why the model is refused: of each reason one key that is switched on. */
void lr_import_refuse(struct lr_import *in, const struct lr_node *map, const char *scope);

/* import_scan.c: sorts the keys of a map into fields, keys without bearing, and refusals. outer: the map around the
 * language model's, of which only a few keys count. */
void lr_import_scan(struct lr_import *in, const struct lr_node *map, const char *scope, bool outer);

/* import_values.c. Errors are reported at the field's key, and set failed. */
LR_PRINTF(3, 4) void lr_import_error(struct lr_import *in, enum lr_import_field f, const char *format, ...);
LR_PRINTF(5, 6)
void lr_import_error_at(struct lr_import *in, struct lr_pos pos, const char *scope, const char *key, const char *format,
                        ...);
LR_PRINTF(3, 4) void lr_import_note(struct lr_import *in, enum lr_import_field f, const char *format, ...);
const char *lr_import_key(const struct lr_import *in, enum lr_import_field f); /* as the file spells it */
bool lr_import_has(const struct lr_import *in, enum lr_import_field f);

/* The largest size; contexts and windows may be larger, up to LR_IMPORT_TOKENS_MAX. */
enum { LR_IMPORT_SIZE_MAX = 10000000, LR_IMPORT_TOKENS_MAX = 1000000000 };

/* A whole number from min to the largest; a list of equal ones counts as one. false when the field is absent and
 * has no default, or after an error. */
bool lr_import_whole(struct lr_import *in, enum lr_import_field f, double min, double *out);
/* The same, and an error when it is absent. */
bool lr_import_need(struct lr_import *in, enum lr_import_field f, double min, double *out);
/* 1, 0, or -1 when it is absent. */
int lr_import_switch(struct lr_import *in, enum lr_import_field f);
/* An unquoted null, false, 0, or something empty: a feature that is switched off. */
bool lr_import_off(const struct lr_node *n);

/* import_layers.c: fills in->layer, then the model's blocks. */
bool lr_import_layers(struct lr_import *in);
bool lr_import_blocks(struct lr_import *in);
/* import_attention.c */
bool lr_import_attention(struct lr_import *in, struct lr_attention *out);
bool lr_import_windows(struct lr_import *in);
/* import_configs.c: layers with shapes of their own (Nemotron-NAS). */
bool lr_import_block_configs(struct lr_import *in);

/* import_quantization.c: the formats of the model's parts. node is a quantization_config; path is what messages call
 * it. */
void lr_import_quantization(struct lr_import *in, const struct lr_node *node, const char *path);

#endif
