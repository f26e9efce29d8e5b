/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the config.json reader.
 *
 * How to add a model family:
 * - a row in import_families.c: what the family's code does that its config.json does not state;
 * - a row in import_keys.c for each key that only this family has: a field, an ignored key, or the reason why a model
 *   with this key is not supported;
 * - a case in tests/import_test.c. */
#ifndef LLMROOF_IMPORT_IMPORTER_H
#define LLMROOF_IMPORT_IMPORTER_H

#include "document/document.h"

#include "import/import.h"

/* The fields of config.json files, each with its most common key. import_keys.c has the other keys. */
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

/* Which layers have a sliding window. If a file has a list of layer types, the list is used instead. */
enum lr_import_window {
    LR_IMPORT_WINDOW_NEVER, /* none */
    LR_IMPORT_WINDOW_ALL,   /* all, if the file has a window */
    LR_IMPORT_WINDOW_TAIL,  /* all from a certain layer on, if use_sliding_window is true (Qwen) */
    LR_IMPORT_WINDOW_EVERY, /* all except every n-th layer */
};

/* Flags: what the code of a family does. */
enum {
    LR_HF_MLA = 1 << 0,
    LR_HF_PLAIN = 1 << 1,               /* MLPs have two matrices */
    LR_HF_MOE = 1 << 2,                 /* may have experts */
    LR_HF_EXPERT_INTERMEDIATE = 1 << 3, /* intermediate_size means the size of an expert */
    LR_HF_EXPERT_BIAS = 1 << 4,
    LR_HF_ROUTER_BIAS = 1 << 5,
    LR_HF_SHARED_GATE = 1 << 6,
    LR_HF_QKV_BIAS = 1 << 7,
    LR_HF_OUT_BIAS = 1 << 8,
    LR_HF_MLP_BIAS = 1 << 9,
    LR_HF_HEAD_BIAS = 1 << 10,
    LR_HF_BIAS_QKV_ONLY = 1 << 11, /* attention_bias applies to q, k and v, not to the output */
    LR_HF_BIAS_NO_MLP = 1 << 12,   /* use_bias applies to attention, not to the MLP */
    LR_HF_QK_NORM = 1 << 13,
    LR_HF_SINKS = 1 << 14,
    LR_HF_TIED = 1 << 15,        /* embeddings are tied by default */
    LR_HF_FFN_4H = 1 << 16,      /* intermediate_size is four times hidden_size by default */
    LR_HF_HALF = 1 << 17,        /* intermediate_size is the sum for gate and up */
    LR_HF_FALCON = 1 << 18,      /* multi_query and new_decoder_architecture determine the KV heads */
    LR_HF_ONE_KV_HEAD = 1 << 19, /* multi_query means one KV head, and is true by default */
    LR_HF_BLOCKS = 1 << 20,      /* block_configs: each layer has its own shape */
    LR_HF_INDEXER = 1 << 21,     /* attention reads the tokens that an indexer selects */
    LR_HF_DELTA = 1 << 22,       /* some layers are gated delta nets instead of attention */
    LR_HF_LIGHTNING = 1 << 23,   /* some layers have lightning attention instead of attention */
    LR_HF_HYBRID = 1 << 24,      /* each layer is one of Mamba-2, attention, MLP and experts */
    LR_HF_JAMBA = 1 << 25,       /* Mamba-1 instead of attention, except for one layer per period */
    LR_HF_CHUNKED = 1 << 26,     /* attention in chunks, except for layers without positions (Llama 4) */
    LR_HF_OUTPUT_GATE = 1 << 27, /* attention has an output gate by default */
    LR_HF_MAMBA2 = 1 << 29,      /* Mamba-2 instead of attention, except for the layers in a list */
    LR_HF_SHARED_ONE = 1 << 28,  /* by default one shared expert, of the same size as the others */
};

struct lr_import_family {
    const char *model_type;
    unsigned flags;
    int norms; /* vectors of hidden_size parameters per layer: weights and biases of norms */
    enum lr_import_window window;
    int every; /* for LR_IMPORT_WINDOW_EVERY */
};

/* Finds a family by its model_type, with or without the ending _text, else by the name of a class such as
 * Qwen3MoeForCausalLM. NULL when it is unknown. */
const struct lr_import_family *lr_import_family(const char *model_type, const char *architecture);

/* The model_type most similar to an unknown one, for a suggestion; or NULL. */
const char *lr_import_family_nearest(const char *model_type);

/* The default of the family's configuration class for a field that a file does not have. false when there is none. Most
 * defaults apply to multi-modal models only, whose files leave out values that equal the default. Files of text models
 * state all sizes, so a missing size is a mistake. */
bool lr_import_default(const struct lr_import_family *f, enum lr_import_field field, bool multi_modal, double *out);

/* One layer. Equal layers become one block later. */
struct lr_import_layer {
    double norms;
    struct lr_attention attention;
    struct lr_ffn ffn;
};

struct lr_import {
    const struct lr_document *doc;
    struct lr_arena *arena;
    struct lr_diags *ds;
    bool multi_modal; /* the file describes other parts besides the language model */
    const struct lr_node *field[LR_IMPORT_FIELD_COUNT];
    const char *scope[LR_IMPORT_FIELD_COUNT]; /* "text_config." or "" */
    unsigned refused;                         /* one bit for each reason that has been reported */
    const struct lr_import_family *family;
    bool failed;
    struct lr_model *model;
    size_t layer_count;
    struct lr_import_layer *layer;
};

/* import_keys.c: the meaning of a key. */
enum lr_import_field lr_import_field_of(const char *key); /* LR_IMPORT_FIELD_COUNT when it is not a field */
bool lr_import_ignored(const char *key);
/* True for a key of a feature that is not supported. Its value may switch the feature off. */
bool lr_import_refusal(const char *key);
/* For keys that only some families have: true if this family is one of them. True for all other keys. */
bool lr_import_understood(const struct lr_import *in, const char *key);
/* Reports the features of the model that are not supported: for each reason one key that is switched on. */
void lr_import_refuse(struct lr_import *in, const struct lr_node *map, const char *scope);

/* import_scan.c: sorts the keys of a map into fields, ignored keys, and errors. outer: the map contains that of the
 * language model, and only a few of its keys are used. */
void lr_import_scan(struct lr_import *in, const struct lr_node *map, const char *scope, bool outer);

/* import_values.c. Errors have the position of the field's key, and set failed. */
LR_PRINTF(3, 4) void lr_import_error(struct lr_import *in, enum lr_import_field f, const char *format, ...);
LR_PRINTF(5, 6)
void lr_import_error_at(struct lr_import *in, struct lr_pos pos, const char *scope, const char *key, const char *format,
                        ...);
LR_PRINTF(3, 4) void lr_import_note(struct lr_import *in, enum lr_import_field f, const char *format, ...);
const char *lr_import_key(const struct lr_import *in, enum lr_import_field f); /* as in the file */
bool lr_import_has(const struct lr_import *in, enum lr_import_field f);

/* The largest size. Contexts and windows may be up to LR_IMPORT_TOKENS_MAX. */
enum { LR_IMPORT_SIZE_MAX = 10000000, LR_IMPORT_TOKENS_MAX = 1000000000 };

/* Reads a whole number from min to the largest size, or a list of equal ones. false when the field is missing and has
 * no default, or after an error. */
bool lr_import_whole(struct lr_import *in, enum lr_import_field f, double min, double *out);
/* As lr_import_whole, but reports an error when the field is missing. */
bool lr_import_need(struct lr_import *in, enum lr_import_field f, double min, double *out);
/* Reads true as 1 and false as 0. -1 when the field is missing or after an error. */
int lr_import_switch(struct lr_import *in, enum lr_import_field f);
/* True for NULL, an unquoted null, false or 0, and an empty value: the feature is switched off. */
bool lr_import_off(const struct lr_node *n);

/* import_layers.c: the first fills in->layer, the second the blocks of the model from it. */
bool lr_import_layers(struct lr_import *in);
bool lr_import_blocks(struct lr_import *in);
/* import_attention.c */
bool lr_import_attention(struct lr_import *in, struct lr_attention *out);
/* import_mixers.c: finds the layers with a window, with chunks, with a state instead of attention, and with an indexer.
 */
bool lr_import_mixers(struct lr_import *in);
/* import_recurrent.c: reads the layers that keep a state; false after an error. */
bool lr_import_recurrent(struct lr_import *in, struct lr_attention *out);
/* import_hybrid.c: layers with one operation each (Nemotron-H). The first counts them, the second reads them. */
bool lr_import_hybrid_count(struct lr_import *in, double *layers);
bool lr_import_hybrid(struct lr_import *in);
/* import_layers.c: reads the MLP and the experts of the file; kind is LR_FFN_NONE for one that it does not have. */
bool lr_import_ffns(struct lr_import *in, struct lr_ffn *dense, struct lr_ffn *moe);
/* import_configs.c: reads layers that each have their own shape (Nemotron-NAS). */
bool lr_import_block_configs(struct lr_import *in);

/* import_quantization.c: sets the number formats of the parts of the model. node is a quantization_config, path its
 * name in messages. */
void lr_import_quantization(struct lr_import *in, const struct lr_node *node, const char *path);

#endif
