/* SPDX-License-Identifier: Apache-2.0 */
/* config.json files: the meaning of each key, and what is refused. Published models are in import_models_test.c. */
#include "suite.h"

#include "import_support.h"

START_TEST(reads_sizes_and_defaults)
{
    struct imported in = read_text(LLAMA);
    const struct lr_block *b = &in.m.block[0];
    ck_assert_uint_eq(in.m.block_count, 1);
    ck_assert_double_eq(in.m.hidden, 64);
    ck_assert_double_eq(in.m.max_context, 4096);
    ck_assert(!in.m.tied_embeddings && !in.m.head_bias);
    ck_assert_double_eq(b->layers, 4);
    ck_assert_double_eq(b->norms, 2);
    ck_assert_double_eq(b->attention.head_dim, 8);
    ck_assert_double_eq(b->attention.kv_heads, 2);
    ck_assert_double_eq(b->attention.window, 0);
    ck_assert_int_eq(b->ffn.kind, LR_FFN_GATED);
    ck_assert_int_eq(in.m.weights[LR_PART_HEAD], LR_BF16);
    ck_assert_int_eq(in.m.kv, LR_BF16);
    ck_assert_double_eq(in.m.published.tolerance, 0.01);
    ck_assert_uint_eq(in.ds.count, 0);
    forget(&in);
    in = read_text("model_type: llama\n" SIZES "intermediate_size: 256\nhead_dim: 16\ntie_word_embeddings: true\n");
    ck_assert_double_eq(in.m.block[0].attention.kv_heads, 8);
    ck_assert_double_eq(in.m.block[0].attention.head_dim, 16);
    ck_assert(in.m.tied_embeddings);
    forget(&in);
}
END_TEST

START_TEST(names_the_model)
{
    static const struct {
        const char *file, *path, *name, *hugging_face;
    } cases[] = {
        {"a/Qwen--Qwen3-8B_config.json", "", "qwen3-8b", "Qwen/Qwen3-8B"},
        {"models/DeepSeek-V3/config.json", "", "deepseek-v3", NULL},
        {"config.json", "_name_or_path: org/My_Model\n", "my-model", NULL},
        {"./config.json", "", "llama", NULL},
        {"../config.json", "_name_or_path: ''\n", "llama", NULL},
        {"x/.hidden (1).json", "", "-hidden--1-", NULL},
        {"--x.json", "", "--x", NULL},
        {"x--.json", "", "x--", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        snprintf(text, sizeof text, LLAMA "%s", cases[i].path);
        struct imported in = import_named(cases[i].file, text, NULL);
        ck_assert(in.ok);
        ck_assert_str_eq(in.m.name, cases[i].name);
        ck_assert_msg(!in.m.hugging_face == !cases[i].hugging_face, "%s", cases[i].file);
        if (cases[i].hugging_face)
            ck_assert_str_eq(in.m.hugging_face, cases[i].hugging_face);
        ck_assert_ptr_nonnull(in.m.source);
        forget(&in);
    }
}
END_TEST

/* One model in the spellings of several families. */
START_TEST(knows_other_spellings)
{
    static const char *const experts[] = {"n_routed_experts", "num_local_experts", "num_experts", "moe_num_experts"};
    for (size_t i = 0; i < sizeof experts / sizeof *experts; i++) {
        char text[512];
        snprintf(text, sizeof text, "model_type: qwen3_moe\n%s: 8\n" MOE_SIZES, experts[i]);
        struct imported in = read_text(text);
        ck_assert_double_eq(in.m.block[0].ffn.experts, 8);
        forget(&in);
    }
    struct imported in = read_text("model_type: hunyuan\nnum_experts: 8\nn_routed_experts: 8\n" DENSE
                                   "moe_topk: [2, 2, 2, 2]\nmoe_intermediate_size: [8, 8, 8, 8]\n");
    ck_assert_double_eq(in.m.block[0].ffn.topk, 2);
    forget(&in);
    expect_refused_for(QWEN_MOE "n_routed_experts: 16\n", "n_routed_experts");
    expect_refused_for("model_type: hunyuan\nnum_experts: 8\n" DENSE "moe_topk: [1, 2]\nmoe_intermediate_size: 32\n",
                       "moe_topk");
}
END_TEST

START_TEST(finds_families)
{
    static const char *const fine[] = {
        "architectures: [LlamaForCausalLM]\n",
        "model_type: my_llama\narchitectures: [LlamaForCausalLM]\n",
        "model_type: Mistral\n",
        "architectures: [Qwen3ForCausalLM]\n",
        "model_type: qwen3_text\n",
    };
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
        char text[512];
        snprintf(text, sizeof text, "%s" DENSE, fine[i]);
        struct imported in = read_text(text);
        forget(&in);
    }
    expect_refused("model_type: lama\n" DENSE, "config.json:1:1: model_type: 'lama' is not a supported model family\n"
                                               "  hint: did you mean 'llama'?");
    expect_refused(DENSE, "config.json: model_type: is missing, expected the name of a model family");
    expect_refused_for("model_type: bert\narchitectures: [BertModel]\n" DENSE, "model_type");
    expect_refused_for("model_type: [llama]\narchitectures: []\n" SIZES, "intermediate_size");
}
END_TEST

START_TEST(reads_biases_and_norms)
{
    static const struct {
        const char *text;
        bool qkv, out, mlp, qk_norm;
        int norms;
    } cases[] = {
        {LLAMA "attention_bias: true\nmlp_bias: true\n", true, true, true, false, 2},
        {LLAMA "attention_bias: false\n", false, false, false, false, 2},
        {"model_type: qwen2\n" DENSE, true, false, false, false, 2},
        {QWEN3, false, false, false, true, 2},
        {"model_type: qwen3\nuse_qk_norm: false\n" DENSE, false, false, false, false, 2},
        {"model_type: seed_oss\nattention_bias: true\nattention_out_bias: false\n" DENSE, true, false, false, false, 2},
        {"model_type: glm4\nattention_bias: true\n" DENSE, true, false, false, false, 4},
        {"model_type: starcoder2\nuse_bias: true\n" DENSE, true, true, true, false, 4},
        {"model_type: starcoder2\nuse_bias: false\n" DENSE, false, false, false, false, 4},
        {"model_type: chatglm\nadd_bias_linear: false\nadd_qkv_bias: true\n" DENSE, true, false, false, false, 2},
        {"model_type: internlm\nbias: true\n" DENSE, true, true, false, false, 2},
        {"model_type: internlm2\nbias: false\n" DENSE, false, false, false, false, 2},
        {"model_type: cohere\nuse_qk_norm: true\n" DENSE, false, false, false, true, 1},
        {"model_type: olmo\n" DENSE, false, false, false, false, 0},
        {"model_type: gemma2\n" DENSE, false, false, false, false, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct imported in = read_text(cases[i].text);
        const struct lr_block *b = &in.m.block[0];
        ck_assert_msg(b->attention.qkv_bias == cases[i].qkv, "%zu: qkv_bias", i);
        ck_assert_msg(b->attention.out_bias == cases[i].out, "%zu: out_bias", i);
        ck_assert_msg(b->ffn.bias == cases[i].mlp, "%zu: bias", i);
        ck_assert_msg(b->attention.qk_norm == cases[i].qk_norm, "%zu: qk_norm", i);
        ck_assert_msg(b->norms == cases[i].norms, "%zu: norms", i);
        forget(&in);
    }
}
END_TEST

START_TEST(reads_kv_heads_of_falcon_and_its_like)
{
    static const struct {
        const char *text;
        double kv_heads;
    } cases[] = {
        {"model_type: falcon\nmulti_query: true\n" SIZES, 1},
        {"model_type: falcon\nmulti_query: false\n" SIZES, 8},
        {"model_type: falcon\nmulti_query: true\nnew_decoder_architecture: true\nnum_kv_heads: 4\n" SIZES, 4},
        {"model_type: gpt_bigcode\n" SIZES, 1},
        {"model_type: gpt_bigcode\nmulti_query: false\n" SIZES, 8},
        {"model_type: chatglm\nmulti_query_attention: true\nmulti_query_group_num: 2\nffn_hidden_size: 8\n" SIZES, 2},
        {"model_type: chatglm\nmulti_query_attention: false\nmulti_query_group_num: 2\nffn_hidden_size: 8\n" SIZES, 8},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct imported in = read_text(cases[i].text);
        ck_assert_double_eq(in.m.block[0].attention.kv_heads, cases[i].kv_heads);
        forget(&in);
    }
    expect_refused_for("model_type: falcon\nnew_decoder_architecture: true\n" SIZES, "num_key_value_heads");
}
END_TEST

/* The number of layers with a window, of 4, and the window. */
START_TEST(reads_windows)
{
    static const struct {
        const char *text;
        double layers, window;
    } cases[] = {
        {"model_type: mistral\nsliding_window: 512\n" DENSE, 4, 512},
        {"model_type: mistral\nsliding_window: null\n" DENSE, 0, 0},
        {"model_type: mistral\nsliding_window: 4096\n" DENSE, 0, 0}, /* as wide as the context */
        {"model_type: mistral\nsliding_window: 512\nuse_sliding_window: false\n" DENSE, 0, 0},
        {QWEN3 "sliding_window: 512\n", 0, 0},
        {QWEN3 "sliding_window: 512\nuse_sliding_window: false\nmax_window_layers: 1\n", 0, 0},
        {QWEN3 "sliding_window: 512\nuse_sliding_window: true\nmax_window_layers: 1\n", 3, 512},
        {QWEN3 "sliding_window: 512\nuse_sliding_window: true\n", 0, 0}, /* from layer 28 on */
        {"model_type: gemma2\nsliding_window: 512\n" DENSE, 2, 512},
        {"model_type: gemma3_text\nsliding_window: 512\n" DENSE, 4, 512},
        {"model_type: gemma3_text\nsliding_window: 512\nsliding_window_pattern: 2\n" DENSE, 2, 512},
        {"model_type: cohere2\nsliding_window: 512\n" DENSE, 3, 512},
        {"model_type: cohere2\nsliding_window: 512\nlayer_switch: 2\n" DENSE, 2, 512},
        {"model_type: exaone4\nsliding_window: 512\nsliding_window_pattern: LLLG\n" DENSE, 3, 512},
        {LLAMA
         "sliding_window: 512\nlayer_types: [full_attention, sliding_attention, full_attention, full_attention]\n",
         1, 512},
        {LLAMA "layer_types: [full_attention, full_attention, full_attention, full_attention]\n", 0, 0},
        {LLAMA "sliding_window: 0\n", 0, 0},
        {LLAMA "sliding_window: 64\nnum_nextn_predict_layers: 1\n"
               "layer_types: [sliding_attention, global, local, attention, full_attention]\n",
         2, 64},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct imported in = read_text(cases[i].text);
        double layers = 0;
        for (size_t b = 0; b < in.m.block_count; b++) {
            const double window = in.m.block[b].attention.window;
            layers += window > 0 ? in.m.block[b].layers : 0;
            ck_assert_msg(window == 0 || window == cases[i].window, "%zu: %g", i, window);
        }
        ck_assert_msg(layers == cases[i].layers, "%zu: %g layers", i, layers);
        forget(&in);
    }
    expect_refused(
        LLAMA "sliding_window: 512\n",
        "config.json:9:1: sliding_window: is not supported for model_type 'llama', expected a file without this key");
    expect_refused_for("model_type: step3p7\nsliding_window: 512\n" DENSE, "sliding_window");
    expect_refused_for(LLAMA "layer_types: [full_attention, full_attention]\n", "layer_types");
    expect_refused_for(LLAMA "layer_types: [local, local, local, local, local]\nsliding_window: 8\n", "layer_types");
    expect_refused_for(LLAMA "layer_types: full_attention\n", "layer_types");
    expect_refused_for(LLAMA "layer_types: [local, local, local, local]\n", "sliding_window");
    expect_refused(
        LLAMA "layer_types: [full_attention, [], full_attention, full_attention]\n",
        "config.json:9:31: layer_types: layer 1 is 'a list', which is not supported, expected 'full_attention' "
        "or 'sliding_attention'");
    expect_refused(LLAMA "layer_types: [full_attention, full_attention, chunked_attention, full_attention]\n",
                   "config.json:9:47: layer_types: layer 2 is 'chunked_attention', which is not supported, expected "
                   "'full_attention' or 'sliding_attention'");
    expect_refused_for(LLAMA "layer_types: [conv, full_attention, conv, full_attention]\n", "layer_types");
    expect_refused_for("model_type: gemma2\nsliding_window: 512\nsliding_window_pattern: LXG\n" DENSE,
                       "sliding_window_pattern");
}
END_TEST

/* The number of layers with experts, of 4. */
START_TEST(reads_where_experts_are)
{
    static const struct {
        const char *text;
        double layers;
    } cases[] = {
        {QWEN_MOE, 4},
        {QWEN_MOE "decoder_sparse_step: 2\n", 2},
        {QWEN_MOE "mlp_only_layers: [0, 3]\n", 2},
        {QWEN_MOE "mlp_only_layers: []\n", 4},
        {QWEN_MOE "first_k_dense_replace: 1\n", 3},
        {QWEN_MOE "first_k_dense_replace: 1\nmoe_layer_freq: 2\n", 1},
        {QWEN_MOE "moe_layer_freq: [0, 1, 1, 0]\n", 2},
        {QWEN_MOE "mlp_layer_types: [dense, sparse, sparse, sparse]\n", 3},
        {"model_type: ernie4_5_moe\nmoe_num_experts: 8\nmoe_layer_start_index: 1\nmoe_layer_end_index: 2\n" MOE_SIZES,
         2},
        {"model_type: ernie4_5_moe\nmoe_num_experts: 8\nmoe_layer_end_index: -1\nmoe_layer_interval: 2\n" MOE_SIZES, 2},
        {"model_type: hunyuan_v1_moe\nnum_experts: 1\n" DENSE, 0},
        {"model_type: qwen3_moe\nnum_experts: 0\n" DENSE, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct imported in = read_text(cases[i].text);
        double layers = 0, all = 0;
        for (size_t b = 0; b < in.m.block_count; b++) {
            layers += in.m.block[b].ffn.kind == LR_FFN_MOE ? in.m.block[b].layers : 0;
            all += in.m.block[b].layers;
        }
        ck_assert_msg(layers == cases[i].layers && all == 4, "%zu: %g of %g layers", i, layers, all);
        forget(&in);
    }
    expect_refused_for(QWEN_MOE "moe_layer_freq: [0, 1]\n", "moe_layer_freq");
    expect_refused_for(QWEN_MOE "mlp_layer_types: [dense]\n", "mlp_layer_types");
    expect_refused_for(QWEN_MOE "mlp_layer_types: dense\n", "mlp_layer_types");
    expect_refused_for(QWEN_MOE "decoder_sparse_step: 0\n", "decoder_sparse_step");
    expect_refused_for("model_type: mixtral\n" DENSE, "num_experts");
    expect_refused_for("model_type: mixtral\nnum_local_experts: 1\nnum_experts_per_tok: 1\n" DENSE,
                       "num_local_experts");
    expect_refused_for("model_type: qwen3_moe\nnum_experts: 8\nnum_experts_per_tok: 2\n" DENSE,
                       "moe_intermediate_size");
    expect_refused_for("model_type: qwen3_moe\nnum_experts: 8\nmoe_intermediate_size: 2\n" DENSE,
                       "num_experts_per_tok");
    expect_refused_for("model_type: qwen3_moe\nnum_experts: 1.5\n" MOE_SIZES, "num_experts");
    expect_refused(LLAMA "num_experts: 8\n",
                   "config.json:9:1: num_experts: experts are not supported for model_type 'llama', "
                   "expected a model without experts");
}
END_TEST

START_TEST(reads_experts)
{
    struct imported in =
        read_text("model_type: qwen2_moe\nnum_experts: 8\nshared_expert_intermediate_size: 96\n" MOE_SIZES);
    const struct lr_ffn *f = &in.m.block[0].ffn;
    ck_assert_double_eq(f->intermediate, 32);
    ck_assert_double_eq(f->shared_intermediate, 96);
    ck_assert(f->shared_gate && !f->router_bias && !f->bias);
    forget(&in);
    in = read_text(MLA "n_shared_experts: 2\n");
    ck_assert_double_eq(in.m.block[0].ffn.shared_intermediate, 64);
    ck_assert(in.m.block[0].ffn.router_bias && !in.m.block[0].ffn.shared_gate);
    forget(&in);
    in = read_text(MLA "topk_method: greedy\n");
    ck_assert(!in.m.block[0].ffn.router_bias);
    forget(&in);
    in = read_text("model_type: gpt_oss\nnum_local_experts: 8\nnum_experts_per_tok: 2\nsliding_window: 128\n" DENSE);
    ck_assert_uint_eq(in.m.block_count, 2);
    f = &in.m.block[0].ffn;
    ck_assert(f->bias && f->router_bias && in.m.block[0].attention.sinks);
    ck_assert_double_eq(f->intermediate, 256);
    ck_assert_double_eq(in.m.block[0].attention.window, 128);
    forget(&in);
    expect_refused_for(QWEN_MOE "shared_expert_intermediate_size: 32\nn_shared_experts: 2\n",
                       "shared_expert_intermediate_size");
    expect_refused_for("model_type: mixtral\nnum_local_experts: 2\nnum_experts_per_tok: 3\n" DENSE,
                       "num_experts_per_tok");
}
END_TEST

START_TEST(reads_latent_attention)
{
    struct imported in = read_text(MLA);
    const struct lr_attention *a = &in.m.block[0].attention;
    ck_assert_int_eq(a->kind, LR_ATTENTION_MLA);
    ck_assert_double_eq(a->q_lora_rank, 24);
    ck_assert_double_eq(a->kv_lora_rank, 16);
    ck_assert_double_eq(a->qk_nope_dim, 8);
    ck_assert_double_eq(a->qk_rope_dim, 4);
    ck_assert_double_eq(a->v_dim, 8);
    forget(&in);
    in = read_text(
        "model_type: deepseek_v2\nq_lora_rank: null\nkv_lora_rank: 16\nqk_nope_head_dim: 8\nqk_rope_head_dim: 4\n"
        "v_head_dim: 8\nqk_head_dim: 12\nhead_dim: 4\n" DENSE);
    ck_assert_double_eq(in.m.block[0].attention.q_lora_rank, 0);
    forget(&in);
    in = read_text("model_type: deepseek_v2\nuse_mla: false\nkv_lora_rank: 16\n" DENSE);
    ck_assert_int_eq(in.m.block[0].attention.kind, LR_ATTENTION_GQA);
    forget(&in);
    expect_refused_for(MLA "qk_head_dim: 99\n", "qk_head_dim");
    expect_refused_for(MLA "attention_bias: true\n", "attention_bias");
    expect_refused_for("model_type: deepseek_v3\n" DENSE, "kv_lora_rank");
    expect_refused(
        LLAMA "kv_lora_rank: 16\n",
        "config.json:9:1: kv_lora_rank: MLA is not supported for model_type 'llama', expected a file without this key");
}
END_TEST

START_TEST(reads_multi_modal_models)
{
    struct imported in =
        read_text("model_type: qwen3_vl\ntie_word_embeddings: true\ndtype: float16\nvision_config: {depth: 3}\n"
                  "text_config: {model_type: qwen3_vl_text, hidden_size: 64, num_hidden_layers: 2, "
                  "num_attention_heads: 8, vocab_size: 10, max_position_embeddings: 64, "
                  "intermediate_size: 32}\n");
    ck_assert(in.m.tied_embeddings);
    ck_assert_int_eq(in.m.kv, LR_FP16);
    expect_first(
        &in,
        "config.json:5:1: note: text_config: only the language model is imported; encoders of images or sound are not "
        "counted");
    forget(&in);
    in =
        read_text("model_type: multi_modality\nlanguage_config: {model_type: llama, num_hidden_layers: 30, vocab_size: "
                  "102400, max_position_embeddings: 16384}\n");
    ck_assert_double_eq(in.m.hidden, 4096);
    ck_assert_double_eq(in.m.block[0].ffn.intermediate, 11008);
    ck_assert_uint_eq(in.ds.count, 4);
    forget(&in);
    in = read_text(
        "model_type: qwen3_omni_moe\nthinker_config:\n  audio_config: {}\n  text_config:\n    num_experts: 0\n"
        "    model_type: qwen3_omni_moe_text\n    hidden_size: 64\n    num_hidden_layers: 2\n"
        "    num_attention_heads: 8\n    vocab_size: 10\n    max_position_embeddings: 64\n    intermediate_size: 8\n");
    ck_assert_double_eq(in.m.hidden, 64);
    forget(&in);
    expect_refused_for("model_type: x\ntext_config: {model_type: llama, attention_chunk_size: 8192}\n",
                       "text_config.attention_chunk_size");
    expect_refused_for("model_type: llama\ntext_config: {}\n" SIZES, "intermediate_size");
}
END_TEST

START_TEST(reads_layers_that_differ)
{
#define NAS                                                                                                            \
    "model_type: nemotron-nas\nhidden_size: 8192\nnum_hidden_layers: 2\nnum_attention_heads: 64\nvocab_size: 9\n"      \
    "max_position_embeddings: 64\nnum_key_value_heads: null\nintermediate_size: null\nblock_configs:\n"
#define FULL "- {attention: {n_heads_in_group: 8, no_op: false, sparsify: null}, ffn: {ffn_mult: 1.0, no_op: false}}\n"
    struct imported in = read_text(NAS FULL "- {attention: {no_op: true}, ffn: {intermediate_size: 99}}\n");
    ck_assert_uint_eq(in.m.block_count, 2);
    ck_assert_double_eq(in.m.block[0].attention.kv_heads, 8);
    ck_assert_double_eq(in.m.block[0].ffn.intermediate, 5632); /* 2 x 8192 / 3, up to a multiple of 256 */
    ck_assert_int_eq(in.m.block[1].attention.kind, LR_ATTENTION_NONE);
    ck_assert_double_eq(in.m.block[1].norms, 1);
    forget(&in);
    expect_refused_for(NAS FULL, "block_configs");
    expect_refused_for(NAS FULL "- {attention: {no_op: true, window_length: 3}}\n", "block_configs.1.");
    expect_refused_for(NAS FULL "- {attention: {n_heads_in_group: 8, window_length: 3}, ffn: {ffn_mult: 1}}\n",
                       "block_configs.1.attention.window_length");
    expect_refused_for(NAS FULL "- {attention: {n_heads_in_group: 8, replace_with_linear: true}, ffn: {ffn_mult: 1}}\n",
                       "block_configs.1.attention.replace_with_linear");
    expect_refused_for(NAS FULL "- {attention: {n_heads_in_group: 7}, ffn: {ffn_mult: 1}}\n",
                       "block_configs.1.attention.n_heads_in_group");
    expect_refused_for(NAS FULL "- {attention: {n_heads_in_group: -8}, ffn: {ffn_mult: 1}}\n",
                       "block_configs.1.attention.n_heads_in_group");
    expect_refused_for(NAS FULL "- {attention: {no_op: true}, ffn: {ffn_mult: x}}\n", "block_configs.1.ffn.ffn_mult");
    expect_refused_for(NAS FULL "- {attention: {no_op: true}, ffn: {hidden_act: silu}}\n", "block_configs.1.ffn.ffn");
    expect_refused_for(NAS FULL "- 3\n", "block_configs.1.");
    expect_refused_for(NAS "  3\n", "block_configs");
}
END_TEST

START_TEST(refuses_unknown_keys)
{
    static const struct {
        const char *line, *field;
    } cases[] = {
        {"index_topk: 2048\n", "index_topk"},
        {"index_head_dim: 64\nindex_topk: 2048\n", "index_topk"},
        {"compress_ratios: [0, 4]\n", "compress_ratios"},
        {"sparse_config: {a: 1}\n", "sparse_config"},
        {"linear_num_key_heads: 16\n", "linear_num_key_heads"},
        {"linear_attn_config: {a: 1}\n", "linear_attn_config"},
        {"attn_type_list: [0, 1, 1, 1]\n", "attn_type_list"},
        {"hybrid_override_pattern: M-M*\n", "hybrid_override_pattern"},
        {"mamba_num_heads: 8\n", "mamba_num_heads"},
        {"ssm_state_size: 8\n", "ssm_state_size"},
        {"conv_L_cache: 3\n", "conv_L_cache"},
        {"lru_width: 3\n", "lru_width"},
        {"attention_chunk_size: 8192\n", "attention_chunk_size"},
        {"use_cla: true\n", "use_cla"},
        {"num_kv_shared_layers: 10\n", "num_kv_shared_layers"},
        {"num_key_value_heads_per_layer: [1, 2]\n", "num_key_value_heads_per_layer"},
        {"swa_num_attention_heads: 8\n", "swa_num_attention_heads"},
        {"hc_mult: 4\n", "hc_mult"},
        {"moe_latent_size: 64\n", "moe_latent_size"},
        {"hidden_size_per_layer_input: 256\n", "hidden_size_per_layer_input"},
        {"is_encoder_decoder: true\n", "is_encoder_decoder"},
        {"cross_attention_layers: [3]\n", "cross_attention_layers"},
        {"zero_expert_num: 256\n", "zero_expert_num"},
        {"gating: true\n", "gating"},
        {"o_lora_rank: 8\n", "o_lora_rank"},
        {"num_magic_heads: 3\n", "num_magic_heads"},
        {"fancy_attention: true\n", "fancy_attention"},
        {"something: 17\n", "something"},
        {"something: [1, 2]\n", "something"},
        {"something: {a: b}\n", "something"},
        {"no_mlp: false\n", "no_mlp"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        snprintf(text, sizeof text, LLAMA "%s", cases[i].line);
        expect_refused_for(text, cases[i].field);
    }
    expect_refused(LLAMA "index_topk: 9\n",
                   "config.json:9:1: index_topk: sparse attention is not supported, expected a "
                   "model with full or sliding-window attention");
    expect_refused(LLAMA "magic_heads: 9\n",
                   "config.json:9:1: magic_heads: unknown key; it may change the estimate\n"
                   "  hint: if it has no effect on inference, import a copy of the file without it");
}
END_TEST

START_TEST(ignores_keys_that_do_not_matter)
{
    struct imported in =
        read_text(LLAMA "index_topk: null\nhc_mult: 0\nuse_cla: false\nsparse_config: {}\nmamba_x: ''\n"
                        "magic_heads: null\nfancy_attention: false\nrope_scaling: {a: 1}\nbos_token_id: 3\n"
                        "hidden_act: silu\nrms_norm_eps: 1.0e-6\nattention_dropout: 0.1\n");
    ck_assert_uint_eq(in.ds.count, 0);
    forget(&in);
    in = read_text(LLAMA "mood: sunny\n");
    expect_first(&in, "config.json:9:1: note: mood: unknown key; it is assumed not to change the estimate");
    forget(&in);
}
END_TEST

START_TEST(refuses_wrong_values)
{
    static const struct {
        const char *text, *field;
    } cases[] = {
        {LLAMA "head_dim: 0\n", "head_dim"},
        {LLAMA "head_dim: 1.5\n", "head_dim"},
        {LLAMA "head_dim: '64'\n", "head_dim"},
        {LLAMA "head_dim: {a: 1}\n", "head_dim"},
        {LLAMA "head_dim: 99999999\n", "head_dim"},
        {LLAMA "head_dim: [8, 16]\n", "head_dim"},
        {LLAMA "attention_bias: 3\n", "attention_bias"},
        {LLAMA "tie_word_embeddings: maybe\n", "tie_word_embeddings"},
        {LLAMA "torch_dtype: int4\n", "torch_dtype"},
        {LLAMA "torch_dtype: nonsense\n", "torch_dtype"},
        {"model_type: llama\nnum_key_value_heads: 3\nintermediate_size: 9\n" SIZES, "num_key_value_heads"},
        {"model_type: llama\nintermediate_size: 9\nhidden_size: 65\nnum_hidden_layers: 1\nnum_attention_heads: 8\n"
         "vocab_size: 10\nmax_position_embeddings: 4096\n",
         "num_attention_heads"},
        {"model_type: llama\n" SIZES, "intermediate_size"},
        {"model_type: llama\nnum_layers: 2000\nhidden_size: 8\nvocab_size: 9\nmax_position_embeddings: 9\n",
         "num_layers"},
        {"model_type: llama\nnum_layers: -1\nhidden_size: 8\nvocab_size: 9\nmax_position_embeddings: 9\n",
         "num_layers"},
        {"model_type: llama\nhidden_size: 8\nvocab_size: 9\nmax_position_embeddings: 9\n", "num_hidden_layers"},
        {"model_type: llama\nvocab_size: 9\nmax_position_embeddings: 9\n", "hidden_size"},
        {"model_type: llama\nhidden_size: 9\nmax_position_embeddings: 9\n", "vocab_size"},
        {"model_type: llama\nhidden_size: 9\nvocab_size: 9\n", "max_position_embeddings"},
        {"{}", "model_type"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_refused_for(cases[i].text, cases[i].field);
    struct imported in = import_named("config.json", "model_type: llama\n", NULL);
    ck_assert_uint_eq(in.ds.errors, 3); /* several mistakes in one run */
    forget(&in);
}
END_TEST

START_TEST(reads_dtypes)
{
    struct imported in = read_text(LLAMA "torch_dtype: float16\n");
    ck_assert_int_eq(in.m.weights[LR_PART_MLP], LR_FP16);
    ck_assert_int_eq(in.m.weights[LR_PART_EMBEDDING], LR_FP16);
    ck_assert_int_eq(in.m.kv, LR_FP16);
    forget(&in);
    in = read_text(LLAMA "torch_dtype: float32\n");
    ck_assert_int_eq(in.m.weights[LR_PART_MLP], LR_BF16);
    expect_first(&in, "config.json:9:1: note: torch_dtype: 32-bit weights are counted as bf16, because engines serve "
                      "them with 16 bits");
    forget(&in);
    in = read_text(LLAMA "dtype: torch.bfloat16\n");
    ck_assert_uint_eq(in.ds.count, 0);
    forget(&in);
}
END_TEST

/* Each key in turn is left out or has a value of another kind. It is read or refused, and nothing crashes. */
START_TEST(survives_any_value)
{
    static const char *const values[] = {"null", "true", "-1", "0",      "1",  "1.0e300",
                                         "x",    "''",   "[]", "[1, x]", "{}", "{a: 1}"};
    static const char *const lines[] = {"model_type: deepseek_v3",
                                        "architectures: [X]",
                                        "hidden_size: 64",
                                        "num_hidden_layers: 4",
                                        "num_attention_heads: 8",
                                        "num_key_value_heads: 8",
                                        "vocab_size: 100",
                                        "max_position_embeddings: 64",
                                        "intermediate_size: 8",
                                        "moe_intermediate_size: 8",
                                        "n_routed_experts: 4",
                                        "num_experts_per_tok: 2",
                                        "n_shared_experts: 1",
                                        "q_lora_rank: 8",
                                        "kv_lora_rank: 8",
                                        "qk_nope_head_dim: 8",
                                        "qk_rope_head_dim: 8",
                                        "v_head_dim: 8",
                                        "first_k_dense_replace: 1",
                                        "moe_layer_freq: 1",
                                        "mlp_only_layers: [1]",
                                        "torch_dtype: bfloat16",
                                        "tie_word_embeddings: true",
                                        "topk_method: noaux_tc",
                                        "sliding_window: null",
                                        "layer_types: null",
                                        "quantization_config: {quant_method: fp8}",
                                        "text_config: null",
                                        "block_configs: null",
                                        "attn_type_list: [1]",
                                        "attn_config: {}",
                                        "_name_or_path: x",
                                        "use_sliding_window: false",
                                        "max_window_layers: 1",
                                        "sliding_window_pattern: 2",
                                        "mlp_layer_types: null",
                                        "moe_layer_end_index: 3",
                                        "attention_bias: false"};
    enum { LINES = sizeof lines / sizeof *lines };
    for (size_t changed = 0; changed < LINES; changed++) {
        for (size_t v = 0; v <= sizeof values / sizeof *values; v++) {
            char text[4096] = "";
            for (size_t i = 0; i < LINES; i++) {
                const int key = i == changed ? (int)strcspn(lines[i], ":") : (int)strlen(lines[i]);
                const char *value = i == changed && v ? values[v - 1] : "";
                if (i != changed || v) {
                    snprintf(text + strlen(text), sizeof text - strlen(text), "%.*s%s%s\n", key, lines[i],
                             i == changed ? ": " : "", value);
                }
            }
            struct imported in = import_named("config.json", text, NULL);
            forget(&in);
        }
    }
}
END_TEST

/* If memory runs out anywhere, there is an error and no crash. */
START_TEST(survives_exhausted_memory)
{
    const char *text = V3 Q "{quant_method: fp8, modules_to_not_convert: [lm_head]}\n";
    struct lr_document *doc = lr_document_parse("config.json", text, strlen(text), NULL);
    bool ok = false;
    for (size_t limit = 1; limit < 100000 && !ok; limit += 97) {
        struct lr_arena arena = {.limit = limit};
        struct lr_diags ds = {0};
        struct lr_model m;
        ok = lr_import_config(doc, &m, &arena, &ds);
        ck_assert_int_eq(ok, ds.errors == 0);
        lr_arena_free(&arena);
        lr_diags_free(&ds);
    }
    ck_assert(ok);
    lr_document_free(doc);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {reads_sizes_and_defaults,
                                  names_the_model,
                                  knows_other_spellings,
                                  finds_families,
                                  reads_biases_and_norms,
                                  reads_kv_heads_of_falcon_and_its_like,
                                  reads_windows,
                                  reads_where_experts_are,
                                  reads_experts,
                                  reads_latent_attention,
                                  reads_multi_modal_models,
                                  reads_layers_that_differ,
                                  refuses_unknown_keys,
                                  ignores_keys_that_do_not_matter,
                                  refuses_wrong_values,
                                  reads_dtypes,
                                  survives_any_value,
                                  survives_exhausted_memory};
    return suite_run("import", tests, sizeof tests / sizeof *tests, 1);
}
