/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the config.json reader.
 *
 * How to add a model family: a row in import_families.c (what its code does that its config.json does not say), a row
 * in import_keys.c for each key of its own (a field, or no bearing on decoding, or a reason to refuse), a case in
 * tests/import_test.c. */
#ifndef LLMROOF_IMPORT_IMPORTER_H
#define LLMROOF_IMPORT_IMPORTER_H

#include "document/document.h"

#include "import/import.h"

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
    X(INDEX_HEADS, "index_n_heads")                                                                                    \
    X(INDEX_DIM, "index_head_dim")                                                                                     \
    X(INDEX_TOPK, "index_topk")                                                                                        \
    X(INDEX_TYPES, "indexer_types")                                                                                    \
    X(INDEX_EVERY, "index_topk_freq")                                                                                  \
    X(LINEAR_KEY_HEADS, "linear_num_key_heads")                                                                        \
    X(LINEAR_VALUE_HEADS, "linear_num_value_heads")                                                                    \
    X(LINEAR_KEY_DIM, "linear_key_head_dim")                                                                           \
    X(LINEAR_VALUE_DIM, "linear_value_head_dim")                                                                       \
    X(FULL_EVERY, "full_attention_interval")                                                                           \
    X(STATE_FORMAT, "mamba_ssm_dtype")                                                                                 \
    X(HYBRID_PATTERN, "hybrid_override_pattern")                                                                       \
    X(BLOCK_TYPES, "layers_block_type")                                                                                \
    X(MAMBA_HEADS, "mamba_num_heads")                                                                                  \
    X(MAMBA_HEAD_DIM, "mamba_head_dim")                                                                                \
    X(MAMBA_STATE, "ssm_state_size")                                                                                   \
    X(MAMBA_GROUPS, "n_groups")                                                                                        \
    X(MAMBA_EXPAND, "mamba_expand")                                                                                    \
    X(MAMBA_STEP_RANK, "mamba_dt_rank")                                                                                \
    X(CONV, "conv_kernel")                                                                                             \
    X(CONV_BIAS, "use_conv_bias")                                                                                      \
    X(FULL_LAYERS, "attn_layer_indices")                                                                               \
    X(FULL_PERIOD, "attn_layer_period")                                                                                \
    X(FULL_OFFSET, "attn_layer_offset")                                                                                \
    X(EXPERT_PERIOD, "expert_layer_period")                                                                            \
    X(EXPERT_OFFSET, "expert_layer_offset")                                                                            \
    X(LATENT, "moe_latent_size")                                                                                       \
    X(CHUNK, "attention_chunk_size")                                                                                   \
    X(NO_ROPE, "no_rope_layers")                                                                                       \
    X(NO_ROPE_EVERY, "no_rope_layer_interval")                                                                         \
    X(DENSE_INTERMEDIATE, "intermediate_size_mlp")                                                                     \
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
    LR_HF_INDEXER = 1 << 21,     /* attention reads what an indexer chose */
    LR_HF_DELTA = 1 << 22,       /* gated delta nets between layers with attention */
    LR_HF_LIGHTNING = 1 << 23,   /* lightning attention between layers with attention */
    LR_HF_HYBRID = 1 << 24,      /* each layer is one of Mamba-2, attention, MLP and experts */
    LR_HF_JAMBA = 1 << 25,       /* Mamba-1 between layers with attention, by period and offset */
    LR_HF_CHUNKED = 1 << 26,     /* attention in chunks but on layers without positions (Llama 4) */
    LR_HF_OUTPUT_GATE = 1 << 27, /* a gate on the attention's output unless said */
    LR_HF_MAMBA2 = 1 << 29,      /* Mamba-2 between layers with attention, by a list */
    LR_HF_SHARED_ONE = 1 << 28,  /* one shared expert as wide as the others unless said */
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
/* Keys of some families alone: whether this one's code is understood to read it. true for all other keys. */
bool lr_import_understood(const struct lr_import *in, const char *key);
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
/* import_mixers.c: which layers have a window, chunks, a state instead of attention, an indexer of their own. */
bool lr_import_mixers(struct lr_import *in);
/* import_recurrent.c: the layers that keep a state; false after an error. */
bool lr_import_recurrent(struct lr_import *in, struct lr_attention *out);
/* import_hybrid.c: layers of one operation each (Nemotron-H): how many there are, and what they are. */
bool lr_import_hybrid_count(struct lr_import *in, double *layers);
bool lr_import_hybrid(struct lr_import *in);
/* import_layers.c: an MLP and experts as the file has them; of kind none where it has not. */
bool lr_import_ffns(struct lr_import *in, struct lr_ffn *dense, struct lr_ffn *moe);
/* import_configs.c: layers with shapes of their own (Nemotron-NAS). */
bool lr_import_block_configs(struct lr_import *in);

/* import_quantization.c: the formats of the model's parts. node is a quantization_config; path is what messages call
 * it. */
void lr_import_quantization(struct lr_import *in, const struct lr_node *node, const char *path);

#endif
