/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of config.json files: fields, keys that do not matter for decoding, and keys of features that are not
 * supported. */
#include "import/importer.h"

#include "core/number.h"

#include <string.h>

/* Other keys for the fields. LR_IMPORT_FIELDS has the most common ones. */
static const struct {
    const char *key;
    enum lr_import_field field;
} aliases[] = {
    {"n_embd", LR_IMPORT_HIDDEN},
    {"n_embed", LR_IMPORT_HIDDEN},
    {"d_model", LR_IMPORT_HIDDEN},
    {"n_layer", LR_IMPORT_LAYERS},
    {"n_layers", LR_IMPORT_LAYERS},
    {"num_layers", LR_IMPORT_LAYERS},
    {"n_head", LR_IMPORT_HEADS},
    {"n_heads", LR_IMPORT_HEADS},
    {"num_heads", LR_IMPORT_HEADS},
    {"num_kv_heads", LR_IMPORT_KV_HEADS},
    {"kv_n_heads", LR_IMPORT_KV_HEADS},
    {"n_head_kv", LR_IMPORT_KV_HEADS},
    {"multi_query_group_num", LR_IMPORT_KV_HEADS},
    {"multi_query_attention", LR_IMPORT_MULTI_QUERY},
    {"attention_head_dim", LR_IMPORT_HEAD_DIM},
    {"kv_channels", LR_IMPORT_HEAD_DIM},
    {"ffn_hidden_size", LR_IMPORT_INTERMEDIATE},
    {"n_inner", LR_IMPORT_INTERMEDIATE},
    {"ffn_dim", LR_IMPORT_INTERMEDIATE},
    {"padded_vocab_size", LR_IMPORT_VOCAB},
    {"n_positions", LR_IMPORT_CONTEXT},
    {"n_ctx", LR_IMPORT_CONTEXT},
    {"max_seq_len", LR_IMPORT_CONTEXT},
    {"seq_length", LR_IMPORT_CONTEXT},
    {"model_max_length", LR_IMPORT_CONTEXT},
    {"dtype", LR_IMPORT_DTYPE},
    {"use_qkv_bias", LR_IMPORT_QKV_BIAS},
    {"add_qkv_bias", LR_IMPORT_QKV_BIAS},
    {"bias", LR_IMPORT_BIAS},
    {"add_bias_linear", LR_IMPORT_BIAS},
    {"qk_norm", LR_IMPORT_QK_NORM},
    {"qk_layernorm", LR_IMPORT_QK_NORM},
    {"sliding_window_size", LR_IMPORT_WINDOW},
    {"layer_switch", LR_IMPORT_WINDOW_PATTERN},
    {"_sliding_window_pattern", LR_IMPORT_WINDOW_PATTERN},
    {"n_routed_experts", LR_IMPORT_EXPERTS},
    {"num_local_experts", LR_IMPORT_EXPERTS},
    {"moe_num_experts", LR_IMPORT_EXPERTS},
    {"experts_per_token", LR_IMPORT_TOPK},
    {"top_k_experts", LR_IMPORT_TOPK},
    {"num_experts_per_token", LR_IMPORT_TOPK},
    {"moe_top_k", LR_IMPORT_TOPK},
    {"moe_topk", LR_IMPORT_TOPK},
    {"moe_k", LR_IMPORT_TOPK},
    {"moe_router_topk", LR_IMPORT_TOPK},
    {"expert_intermediate_size", LR_IMPORT_EXPERT_INTERMEDIATE},
    {"num_shared_experts", LR_IMPORT_SHARED_EXPERTS},
    {"num_shared_expert", LR_IMPORT_SHARED_EXPERTS},
    {"moe_num_shared_experts", LR_IMPORT_SHARED_EXPERTS},
    {"shared_intermediate_size", LR_IMPORT_SHARED_INTERMEDIATE},
    {"share_expert_dim", LR_IMPORT_SHARED_INTERMEDIATE},
    {"moe_shared_expert_intermediate_size", LR_IMPORT_SHARED_INTERMEDIATE},
    {"use_moe_router_bias", LR_IMPORT_ROUTER_BIAS},
    {"moe_use_aux_free", LR_IMPORT_ROUTER_BIAS},
    {"use_expert_bias", LR_IMPORT_ROUTER_BIAS},
    {"moe_router_enable_expert_bias", LR_IMPORT_ROUTER_BIAS},
    {"moe_layer_start_index", LR_IMPORT_DENSE_FIRST},
    {"moe_layer_num_skipped", LR_IMPORT_DENSE_FIRST},
    {"moe_layer_interval", LR_IMPORT_MOE_STEP},
    {"interleave_moe_layer_step", LR_IMPORT_MOE_STEP},
    {"linear_conv_kernel_dim", LR_IMPORT_CONV},
    {"mamba_d_conv", LR_IMPORT_CONV},
    {"mamba_n_heads", LR_IMPORT_MAMBA_HEADS},
    {"mamba_d_head", LR_IMPORT_MAMBA_HEAD_DIM},
    {"mamba_n_groups", LR_IMPORT_MAMBA_GROUPS},
    {"mamba_conv_bias", LR_IMPORT_CONV_BIAS},
    {"mamba_d_state", LR_IMPORT_MAMBA_STATE},
    {"mamba_ssm_cache_dtype", LR_IMPORT_STATE_FORMAT},
};

/* Keys that do not change what a decode step computes or reads. '*' matches any text. Draft (MTP) layers do not run in
 * plain decoding. The cost of scalings, thresholds and groups of a router is negligible compared with its matrix
 * product. */
/* clang-format off */
static const char *const ignored[] = {
    /* the file and its tokenizer */
    "org_vocab_size", "summary_*", "pad_key_length", "inference_runner", "validate_runner_input",
    "pre_allocate_kv_cache", "slow_but_exact", "dense_list", "unpadded_vocab_size", "transformers_version", "auto_map",
    "tokenizer_class",
    "_commit_hash", "_attn_implementation*", "_from_model_config", "attn_implementation", "finetuning_task",
    "task_specific_params", "problem_type", "id2label", "label2id", "torchscript", "use_bfloat16", "tf_legacy_loss",
    "prefix", "model_name", "_flash_attn_2_enabled", "unsloth_*", "quant_note", "language_model_only", "onnx*",
    "sep_token*", "cls_token*", "mask_token*", "classifier_*", "*_token_id", "*_token_ids", "*_token_index",
    "*_token", "ignore_index", "*_placeholder", "text_start_id", "text_end_id", "eod_id", "pad_id", "*_init_id",
    "im_*_id", "user_token*",
    /* generation */
    "use_cache", "do_sample", "temperature", "top_k", "top_p", "typical_p", "num_beams", "num_beam_groups",
    "num_return_sequences", "max_length", "min_length", "max_new_tokens", "length_penalty", "repetition_penalty",
    "diversity_penalty", "no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "bad_words_ids",
    "begin_suppress_tokens", "suppress_tokens", "early_stopping", "exponential_decay_length_penalty",
    "forced_bos_token_id", "forced_eos_token_id", "remove_invalid_values", "return_dict*", "output_*",
    "chunk_size_feed_forward", "cache_implementation", "num_logits_to_keep", "is_decoder", "decoder_start_token_id",
    "num_assistant_tokens*", "max_window_size",
    /* training */
    "initializer_*", "init_*", "*_dropout", "*_dropout_prob", "dropout*", "*_pdrop", "pretraining_tp", "*_loss_*",
    "*_loss", "*aux_loss*", "seq_aux", "gradient_checkpointing", "rescale_prenorm_residual", "z_loss_weight",
    "seq_length_train", "ep_size", "tensor_parallel_degree", "sequence_parallel", "fuse_*", "fused_*",
    "use_flash_attn*", "use_flash_attention*", "use_fused*", "moe_capacity*", "moe_drop_tokens",
    "moe_random_routing*", "moe_jitter_eps", "moe_loss_weight", "router_jitter_noise", "input_jitter_noise",
    "moe_use_*hook", "moe_dropout*", "capacity_factor", "embed_init_std", "residual_dropout*", "hidden_dropout*",
    "disable_ffn_model_parallel", "fp16", "bf16", "fp32", "use_recompute*", "dpo_config", "initial_context_length",
    /* positions */
    "rope_*", "rotary*", "partial_rotary_factor", "position_embedding_type", "position_embedding_xdrope",
    "position_embedding_base", "alibi*", "original_max_position_embeddings", "original_rope", "use_mrope", "mrope_*",
    "nope_layer_interval", "use_dynamic_ntk", "use_logn_attn",
    "pos_emb_*", "position_embeddings_*", "apply_rotary*", "use_rotary*", "rope", "freq_allocation",
    "compression_ratio", "max_sequence_length", "text_max_length", "global_rope_theta", "local_rope_theta",
    "use_pos_enc",
    /* activations, norms and scales */
    "use_parallel_block", "mlp_type", "offset_alibi", "skip_bias_add*", "masked_softmax_fusion",
     "use_gated_activation", "use_embedding_sharing", "use_parallel_embedding",
    "order_of_interleaved_layers", "use_xielu", "xielu_*", "hidden_act", "hidden_activation", "activation_function",
    "mlp_hidden_act", "activation", "act_fn", "ffn_act_fn", "activation_type", "act", "*_eps", "*_epsilon",
    "rms_norm", "rmsnorm", "norm_type", "use_rmsnorm", "use_rms_norm", "*softcapping", "*softcap", "logit_scale",
    "logits_scaling", "*_multiplier", "scale_emb", "scale_depth", "scale_width", "dim_model_base", "mup_*",
    "query_pre_attn_scalar", "attn_logit_*", "residual_in_fp32", "attention_softmax_in_fp32",
    "scale_attention_softmax_in_fp32", "scale_attn_weights", "scale_attn_by_inverse_layer_idx",
    "reorder_and_upcast_attn", "apply_residual_connection_post_layernorm", "apply_query_key_layer_scaling",
    "attention_scale", "clip_qkv", "swiglu_limit*", "swiglu_alpha", "qk_norm_type", "bias_dropout_fusion",
    "post_layer_norm", "interleaved_qkv", "use_parallel_residual", "do_layer_norm_before", "layernorm_*_alpha",
    "layernorm_*_beta", "postnorm", "original_rope", "emb_pdrop", "no_bias", "fp32_residual_connection",
    "residual_post_layernorm", "attn_temperature*", "attn_scale", "floor_scale",
    /* routing */
    "moe_gate_act", "moe_routed_scaling*", "cla_share_factor", "moe_apply_router*", "router_jitter*",
    "router_scaling*", "norm_topk_prob", "routed_scaling_factor", "scoring_func", "score_function", "n_group",
    "topk_group", "num_expert_group", "moe_router_scaling_factor", "moe_router_dtype", "router_dtype",
    "moe_router_*_func*", "norm_expert_weight", "moe_normalize_expert_weights", "moe_router_use_sigmoid",
    "norm_moe_prob", "use_mixed_mlp_moe", "moe_gate", "moe_norm_*", "uniform_expert_assignment",
    "expert_bias_update*", "moe_router_load_balancing*", "moe_router_activation*", "router_score_function",
    "moe_router_bias_update*", "routed_scaling*", "router_bias_update*", "multi_gate", "moe_expert_fusion",
    "num_experts_offset", "group_routed*", "shared_moe_mode", "moe_shared_expert_overlap", "for_llm_compressor",
    /* draft layers */
    "mtp_*", "num_mtp_modules", "num_mtp_layers", "use_mtp", "mtp_loss*", "num_nextn*", "enable_mtp",
    /* parts other than the language model */
    "vision*", "visual*", "audio*", "image*", "video*", "mm_*", "projector*", "aligner_config", "gen_*", "tts_*",
    "vit_*", "img_*", "speech*", "num_media_embeds", "embd_layer", "use_unified_vision_chunk", "talker_config",
    "multimodal_projector*", "spatial_merge_size", "boi_*", "eoi_*", "add_classification_head", "class_num",
    "pool_type", "skip_cls_token", "mask_init*", "anyres_*", "use_vis_norm", "use_bidirectional_attention",
};
/* clang-format on */

/* Why a model is not supported. */
static const char *const reasons[] = {
    "sparse attention is not supported, expected a model with full or sliding-window attention",
    "linear attention is not supported, expected a model with full or sliding-window attention",
    "state-space (Mamba) layers are not supported, expected a model with attention in all layers",
    "convolution layers are not supported, expected a model with attention in all layers",
    "recurrent layers are not supported, expected a model with attention in all layers",
    "attention in chunks is not supported, expected a model with full or sliding-window attention",
    "a KV cache shared between layers is not supported, expected one cache per layer",
    "attention with different shapes is not supported, expected the same heads in all layers",
    "hyper-connections are not supported, expected one residual stream",
    "experts in a latent space are not supported, expected experts that read the hidden state",
    "per-layer embeddings are not supported, expected one embedding",
    "encoder-decoder models are not supported, expected a decoder-only model",
    "cross-attention is not supported, expected a decoder-only model",
    "zero-computation experts are not supported, expected experts with weights",
    "LoRA adapters are not supported, expected weights without adapters",
    "an output gate of attention is not supported, expected attention without a gate",
    "low-rank output projections are not supported, expected one output matrix",
};

enum {
    SPARSE,
    LINEAR,
    MAMBA,
    CONVOLUTION,
    RECURRENT,
    CHUNKED,
    SHARED_KV,
    SHAPES,
    HYPER,
    LATENT,
    PER_LAYER,
    ENCODER,
    CROSS,
    ZERO_EXPERTS,
    ADAPTERS,
    GATED,
    LOW_RANK_OUT,
};

/* Keys of features that are not supported. The error names the first key of a reason that the file has, so the clearest
 * key of each reason is first. */
static const struct {
    const char *key;
    int reason;
} refusals[] = {
    {"index_topk", SPARSE},
    {"index_*", SPARSE},
    {"indexer_*", SPARSE},
    {"compress_*", SPARSE},
    {"nsa_*", SPARSE},
    {"dsa_*", SPARSE},
    {"*sparse_attention*", SPARSE},
    {"sparse_*", SPARSE},
    {"blocksparse*", SPARSE},
    {"num_hash_layers", SPARSE},
    {"moba_*", SPARSE},
    {"full_attention_interval", LINEAR},
    {"linear_attn_config", LINEAR},
    {"linear_*", LINEAR},
    {"mamba_ssm_dtype", LINEAR}, /* Qwen3.5: number format of the state */
    {"full_attn_idxs", LINEAR},
    {"layer_group_size", LINEAR},
    {"gla_*", LINEAR},
    {"hybrid_override_pattern", MAMBA},
    {"layers_block_type", MAMBA},
    {"mamba_*", MAMBA},
    {"ssm_*", MAMBA},
    {"attn_layer_period", MAMBA},
    {"attn_layer_offset", MAMBA},
    {"attn_layer_indices", MAMBA},
    {"time_step_*", MAMBA},
    {"expand", MAMBA},
    {"conv_kernel", MAMBA},
    {"chunk_size", MAMBA},
    {"n_groups", MAMBA},
    {"use_conv_bias", MAMBA},
    {"use_mamba_kernels", MAMBA},
    {"state_size", MAMBA},
    {"conv_*", CONVOLUTION},
    {"block_use_*", CONVOLUTION},
    {"full_attn_layers", CONVOLUTION},
    {"lru_width", RECURRENT},
    {"block_types", RECURRENT},
    {"attention_chunk_size", CHUNKED},
    {"use_cla", SHARED_KV},
    {"num_kv_shared_layers", SHARED_KV},
    {"attention_k_eq_v", SHAPES},
    {"global_head_dim", SHAPES},
    {"num_global_key_value_heads", SHAPES},
    {"attention_other_setting", SHAPES},
    {"hybrid_layer_pattern", SHAPES},
    {"swa_*", SHAPES},
    {"num_*_per_layer", SHAPES},
    {"head_dim_per_layer", SHAPES},
    {"hc_mult", HYPER},
    {"hc_*", HYPER},
    {"altup_*", HYPER},
    {"moe_latent_size", LATENT},
    {"hidden_size_per_layer_input", PER_LAYER},
    {"vocab_size_per_layer_input", PER_LAYER},
    {"laurel_rank", PER_LAYER},
    {"is_encoder_decoder", ENCODER},
    {"encoder_layers", ENCODER},
    {"add_cross_attention", CROSS},
    {"cross_attention_*", CROSS},
    {"zero_expert_*", ZERO_EXPERTS},
    {"vision_lora", ADAPTERS},
    {"speech_lora", ADAPTERS},
    {"use_head_wise_attn_gate", GATED},
    {"gating", GATED},
    {"o_lora_rank", LOW_RANK_OUT},
    {"o_groups", LOW_RANK_OUT},
};

/* Keys that are accepted in these families only. Some are fields. The others do not matter: how a kernel splits its
 * work, how weights were initialised, or the same as another key. */
static const struct {
    const char *key;
    unsigned families;
} understood[] = {
    {"index_topk", LR_HF_INDEXER},
    {"index_n_heads", LR_HF_INDEXER},
    {"index_head_dim", LR_HF_INDEXER},
    {"index_topk_freq", LR_HF_INDEXER},
    {"index_skip_topk_offset", LR_HF_INDEXER},
    {"index_share_for_mtp_iteration", LR_HF_INDEXER},
    {"indexer_types", LR_HF_INDEXER},
    {"indexer_rope_interleave", LR_HF_INDEXER},
    {"linear_num_key_heads", LR_HF_DELTA},
    {"linear_num_value_heads", LR_HF_DELTA},
    {"linear_key_head_dim", LR_HF_DELTA},
    {"linear_value_head_dim", LR_HF_DELTA},
    {"linear_conv_kernel_dim", LR_HF_DELTA},
    {"full_attention_interval", LR_HF_DELTA},
    {"mamba_ssm_dtype", LR_HF_DELTA},
    {"mamba_ssm_cache_dtype", LR_HF_HYBRID},
    {"hybrid_override_pattern", LR_HF_HYBRID},
    {"layers_block_type", LR_HF_HYBRID},
    {"mamba_num_heads", LR_HF_HYBRID},
    {"mamba_head_dim", LR_HF_HYBRID},
    {"mamba_hidden_act", LR_HF_HYBRID},
    {"ssm_state_size", LR_HF_HYBRID},
    {"n_groups", LR_HF_HYBRID},
    {"conv_kernel", LR_HF_HYBRID},
    {"use_conv_bias", LR_HF_HYBRID},
    {"use_mamba_kernels", LR_HF_HYBRID | LR_HF_JAMBA},
    {"expand", LR_HF_HYBRID},
    {"chunk_size", LR_HF_HYBRID},
    {"time_step_rank", LR_HF_HYBRID},
    {"time_step_min", LR_HF_HYBRID},
    {"time_step_max", LR_HF_HYBRID},
    {"time_step_floor", LR_HF_HYBRID},
    {"time_step_limit", LR_HF_HYBRID},
    {"moe_latent_size", LR_HF_HYBRID},
    {"attn_layer_period", LR_HF_JAMBA},
    {"attn_layer_offset", LR_HF_JAMBA},
    {"expert_layer_period", LR_HF_JAMBA},
    {"expert_layer_offset", LR_HF_JAMBA},
    {"mamba_d_conv", LR_HF_JAMBA | LR_HF_MAMBA2},
    {"mamba_d_state", LR_HF_JAMBA | LR_HF_MAMBA2},
    {"mamba_dt_rank", LR_HF_JAMBA},
    {"mamba_expand", LR_HF_JAMBA | LR_HF_MAMBA2},
    {"mamba_conv_bias", LR_HF_JAMBA | LR_HF_MAMBA2},
    {"mamba_n_heads", LR_HF_MAMBA2},
    {"mamba_d_head", LR_HF_MAMBA2},
    {"mamba_n_groups", LR_HF_MAMBA2},
    {"mamba_chunk_size", LR_HF_MAMBA2},
    {"attn_layer_indices", LR_HF_MAMBA2},
    {"attention_chunk_size", LR_HF_CHUNKED},
    {"intermediate_size_mlp", LR_HF_CHUNKED},
    {"interleave_moe_layer_step", LR_HF_CHUNKED},
};

/* A pattern has a '*' at the start, at both ends, at the end, or once in the middle. */
static bool matches(const char *key, const char *pattern)
{
    const char *star = strchr(pattern, '*');
    if (!star)
        return strcmp(key, pattern) == 0;
    const size_t before = (size_t)(star - pattern);
    const char *after = star + 1;
    size_t tail = strlen(after);
    if (strncmp(key, pattern, before) != 0)
        return false;
    if (tail && after[tail - 1] == '*') { /* *word* */
        tail--;
        for (const char *at = key + before; strlen(at) >= tail; at++)
            if (strncmp(at, after, tail) == 0)
                return true;
        return false;
    }
    const size_t length = strlen(key);
    return length >= before + tail && strcmp(key + length - tail, after) == 0;
}

bool lr_import_off(const struct lr_node *n)
{
    bool on = true;
    double value = 1;
    if (!n || lr_node_is_null(n))
        return true;
    if (n->kind != LR_NODE_SCALAR)
        return n->count == 0;
    if (lr_node_bool(n, &on))
        return !on;
    return lr_node_number(n, &value) ? value == 0 : *n->text == '\0';
}

enum lr_import_field lr_import_field_of(const char *key)
{
    static const char *const names[] = {
#define X(id, name) name,
        LR_IMPORT_FIELDS(X)
#undef X
    };
    for (int i = 0; i < LR_IMPORT_FIELD_COUNT; i++)
        if (strcmp(names[i], key) == 0)
            return (enum lr_import_field)i;
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(aliases[i].key, key) == 0)
            return aliases[i].field;
    return LR_IMPORT_FIELD_COUNT;
}

bool lr_import_ignored(const char *key)
{
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        if (matches(key, ignored[i]))
            return true;
    return false;
}

bool lr_import_refusal(const char *key)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (matches(key, refusals[i].key))
            return true;
    return false;
}

bool lr_import_understood(const struct lr_import *in, const char *key)
{
    for (size_t i = 0; i < sizeof understood / sizeof *understood; i++)
        if (strcmp(understood[i].key, key) == 0)
            return in->family && (in->family->flags & understood[i].families);
    return !lr_import_refusal(key);
}

/* True if row is the reason for this key. A row that has exactly this key has priority over a pattern. */
static bool is_reason(const char *key, size_t row)
{
    for (size_t i = 0; i < row; i++)
        if (strcmp(key, refusals[i].key) == 0 && refusals[i].reason != refusals[row].reason)
            return false;
    return matches(key, refusals[row].key);
}

void lr_import_refuse(struct lr_import *in, const struct lr_node *map, const char *scope)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const unsigned bit = 1u << refusals[i].reason;
        for (const struct lr_node *n = map->first; n && !(in->refused & bit); n = n->next) {
            if (is_reason(n->key, i) && !lr_import_off(n) && !lr_import_understood(in, n->key)) {
                in->refused |= bit;
                lr_import_error_at(in, n->key_pos, scope, n->key, "%s", reasons[refusals[i].reason]);
            }
        }
    }
}
