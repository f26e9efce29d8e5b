/* SPDX-License-Identifier: Apache-2.0 */
/* config.json files of layers with a state, with chunked attention, and with sparse attention. */
#include "suite.h"

#include "import_support.h"

#define DELTA                                                                                                          \
    "model_type: qwen3_next\nlinear_num_key_heads: 2\nlinear_num_value_heads: 4\nlinear_key_head_dim: 16\n"            \
    "linear_value_head_dim: 8\nlinear_conv_kernel_dim: 4\n" DENSE
#define LIGHTNING "model_type: minimax_text_01\nhead_dim: 8\nnum_local_experts: 4\nnum_experts_per_tok: 2\n" DENSE
#define MAMBA                                                                                                          \
    "model_type: nemotron_h\nhidden_size: 64\nvocab_size: 1000\nmax_position_embeddings: 4096\n"                       \
    "num_attention_heads: 8\nnum_key_value_heads: 2\nintermediate_size: 256\nmamba_num_heads: 4\nmamba_head_dim: 8\n"  \
    "ssm_state_size: 16\nn_groups: 2\nconv_kernel: 4\nuse_conv_bias: true\n"
#define JAMBA                                                                                                          \
    "model_type: jamba\nnum_experts: 4\nnum_experts_per_tok: 2\nmamba_d_state: 16\nmamba_d_conv: 4\nmamba_expand: 2\n" \
    "mamba_dt_rank: 8\nattn_layer_period: 4\nattn_layer_offset: 2\nexpert_layer_period: 2\nexpert_layer_offset: 1\n"   \
    "mamba_conv_bias: true\n" DENSE
#define BAMBA                                                                                                          \
    "model_type: bamba\nmamba_n_heads: 4\nmamba_d_head: 8\nmamba_d_state: 16\nmamba_n_groups: 1\nmamba_d_conv: 4\n"    \
    "mamba_expand: 2\nmamba_chunk_size: 256\nmamba_conv_bias: true\nmamba_proj_bias: false\n" DENSE
#define LLAMA4                                                                                                         \
    "model_type: llama4\nnum_local_experts: 4\nnum_experts_per_tok: 1\nattention_chunk_size: 512\n"                    \
    "intermediate_size_mlp: 128\n" DENSE
#define MLA_SIZES                                                                                                      \
    "n_routed_experts: 8\n" MOE_SIZES                                                                                  \
    "q_lora_rank: 24\nkv_lora_rank: 16\nqk_nope_head_dim: 8\nqk_rope_head_dim: 4\nv_head_dim: 8\n"
#define SPARSE "model_type: deepseek_v32\nindex_n_heads: 4\nindex_head_dim: 16\nindex_topk: 32\n" MLA_SIZES

/* The kinds of layers, by block: "3 delta, 1 gqa". */
static void expect_kinds(const char *text, const char *expected)
{
    static const char *const kinds[LR_ATTENTION_KIND_COUNT] = {"none",   "gqa",    "mla",      "delta",
                                                               "mamba2", "mamba1", "lightning"};
    struct imported in = read_text(text);
    char got[256] = "";
    for (size_t i = 0; i < in.m.block_count; i++) {
        const struct lr_block *b = &in.m.block[i];
        const char *more = b->attention.chunk > 0 ? " in chunks" : b->attention.index_heads > 0 ? " with indexer" : "";
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%.0f %s%s", i ? ", " : "", b->layers,
                 kinds[b->attention.kind], more);
    }
    ck_assert_msg(strcmp(got, expected) == 0, "%s, expected %s of\n%s", got, expected, text);
    forget(&in);
}

START_TEST(reads_the_kinds_of_layers)
{
    expect_kinds(DELTA "full_attention_interval: 4\n", "3 delta, 1 gqa");
    expect_kinds(DELTA "full_attention_interval: 2\n", "2 delta, 2 gqa");
    expect_kinds(DELTA "full_attention_interval: 4\nlayer_types: [full_attention, linear_attention, full_attention, "
                       "full_attention]\n",
                 "3 gqa, 1 delta");
    expect_kinds(LIGHTNING "attn_type_list: [0, 0, 1, 0]\n", "3 lightning, 1 gqa");
    expect_kinds(MAMBA "hybrid_override_pattern: M-M*\n", "2 mamba2, 1 none, 1 gqa");
    expect_kinds(MAMBA "layers_block_type: [mamba, mlp, attention]\n", "1 mamba2, 1 none, 1 gqa");
    expect_kinds(JAMBA, "1 mamba1, 2 mamba1, 1 gqa"); /* with an MLP, with experts */
    expect_kinds(BAMBA "attn_layer_indices: [1]\n", "3 mamba2, 1 gqa");
    expect_kinds(BAMBA "layer_types: [mamba, mamba, attention, mamba]\n", "3 mamba2, 1 gqa");
    expect_kinds(LLAMA4, "3 gqa in chunks, 1 gqa");
    expect_kinds(LLAMA4 "no_rope_layers: [1, 0, 1, 0]\n", "2 gqa in chunks, 2 gqa");
    expect_kinds(LLAMA4 "no_rope_layers: []\n", "3 gqa in chunks, 1 gqa");
    expect_kinds(LLAMA4 "layer_types: [chunked_attention, full_attention, full_attention, full_attention]\n",
                 "1 gqa in chunks, 3 gqa");
    expect_kinds(SPARSE, "4 mla with indexer");
    expect_kinds(SPARSE "indexer_types: [full, shared, shared, full]\n", "2 mla with indexer, 2 mla");
    /* a chunk as wide as the context never ends */
    expect_kinds("model_type: llama4\nnum_local_experts: 4\nnum_experts_per_tok: 1\nattention_chunk_size: 4096\n" DENSE,
                 "4 gqa");
}
END_TEST

START_TEST(reads_sizes_of_states)
{
    struct imported in = read_text(DELTA "full_attention_interval: 4\n");
    const struct lr_attention *a = &in.m.block[0].attention;
    ck_assert_double_eq(a->key_heads, 2);
    ck_assert_double_eq(a->value_heads, 4);
    ck_assert_double_eq(a->key_dim, 16);
    ck_assert_double_eq(a->value_dim, 8);
    ck_assert_double_eq(a->conv, 4);
    ck_assert(!a->conv_bias);
    ck_assert_int_eq(a->state_format, LR_FP32);
    ck_assert(in.m.block[1].attention.output_gate); /* always, in this family */
    forget(&in);
    in = read_text(DELTA "full_attention_interval: 4\nmamba_ssm_dtype: bfloat16\nattn_output_gate: false\n");
    ck_assert_int_eq(in.m.block[0].attention.state_format, LR_BF16);
    ck_assert(!in.m.block[1].attention.output_gate);
    forget(&in);
    in = read_text(MAMBA "hybrid_override_pattern: M*\n");
    a = &in.m.block[0].attention;
    ck_assert_double_eq(a->heads, 4);
    ck_assert_double_eq(a->head_dim, 8);
    ck_assert_double_eq(a->state, 16);
    ck_assert_double_eq(a->groups, 2);
    ck_assert(a->conv_bias);
    ck_assert_double_eq(in.m.block[0].norms, 1);
    forget(&in);
    in = read_text(JAMBA);
    a = &in.m.block[0].attention;
    ck_assert_double_eq(a->inner, 128);
    ck_assert_double_eq(a->dt_rank, 8);
    ck_assert(a->inner_norms && a->conv_bias);
    forget(&in);
}
END_TEST

START_TEST(reads_latent_experts)
{
    struct imported in = read_text(MAMBA "hybrid_override_pattern: M*E-\nn_routed_experts: 8\nnum_experts_per_tok: 2\n"
                                         "moe_intermediate_size: 32\nmoe_latent_size: 16\nn_shared_experts: 1\n"
                                         "moe_shared_expert_intermediate_size: 48\n");
    const struct lr_ffn *f = &in.m.block[2].ffn;
    ck_assert_int_eq(f->kind, LR_FFN_MOE);
    ck_assert(f->expert_plain && f->router_bias);
    ck_assert_double_eq(f->latent, 16);
    ck_assert_double_eq(f->shared_intermediate, 48);
    ck_assert_int_eq(in.m.block[3].ffn.kind, LR_FFN_PLAIN);
    forget(&in);
    in = read_text(LLAMA4 "interleave_moe_layer_step: 2\n");
    ck_assert_int_eq(in.m.block[0].ffn.kind, LR_FFN_GATED);
    ck_assert_double_eq(in.m.block[0].ffn.intermediate, 128);
    ck_assert_double_eq(in.m.block[1].ffn.shared_intermediate, 256); /* one expert, as wide as the others */
    forget(&in);
}
END_TEST

START_TEST(refuses_layers_it_cannot_count)
{
    static const struct {
        const char *text, *field;
    } cases[] = {
        {DELTA, "full_attention_interval"},
        {DELTA "full_attention_interval: 4\nlinear_magic: 3\n", "linear_magic"},
        {DELTA "full_attention_interval: 4\nmamba_ssm_dtype: int8\n", "mamba_ssm_dtype"},
        {DELTA "full_attention_interval: 4\nindex_topk: 3\n", "index_topk"},
        {"model_type: qwen3_next\nfull_attention_interval: 2\n" DENSE, "linear_num_key_heads"},
        {LIGHTNING, "attn_type_list"},
        {LIGHTNING "attn_type_list: [0, 1]\n", "attn_type_list"},
        {LIGHTNING "attn_type_list: [0, 1, 2, 1]\n", "attn_type_list"},
        {LIGHTNING "attn_type_list: 1\n", "attn_type_list"},
        {MAMBA, "hybrid_override_pattern"},
        {MAMBA "hybrid_override_pattern: M-X\n", "hybrid_override_pattern"},
        {MAMBA "hybrid_override_pattern: ''\n", "hybrid_override_pattern"},
        {MAMBA "hybrid_override_pattern: [M]\n", "hybrid_override_pattern"},
        {MAMBA "hybrid_override_pattern: M-\nnum_hidden_layers: 3\n", "hybrid_override_pattern"},
        {MAMBA "hybrid_override_pattern: ME\n", "num_experts"},
        {MAMBA "layers_block_type: [mamba, conv]\n", "layers_block_type"},
        {MAMBA "layers_block_type: [mamba, [1]]\n", "layers_block_type"},
        {MAMBA "hybrid_override_pattern: M\nmamba_proj_bias: true\n", "mamba_proj_bias"},
        {MAMBA "hybrid_override_pattern: M\nmamba_ssm_cache_dtype: [1]\n", "mamba_ssm_cache_dtype"},
        {"model_type: jamba\nnum_experts: 4\nnum_experts_per_tok: 2\n" DENSE, "attn_layer_period"},
        {BAMBA, "attn_layer_indices"},
        {BAMBA "attn_layer_indices: [4]\n", "attn_layer_indices"},
        {BAMBA "attn_layer_indices: 1\n", "attn_layer_indices"},
        {LLAMA "layer_types: [mamba, mamba, attention, mamba]\n", "layer_types"},
        {LLAMA4 "no_rope_layers: [1, 0]\n", "no_rope_layers"},
        {LLAMA4 "moe_layers: [1, 3]\n", "moe_layers"},
        {SPARSE "indexer_types: [full]\n", "indexer_types"},
        {SPARSE "indexer_types: [full, shared, shared, none]\n", "indexer_types"},
        {SPARSE "index_topk_freq: 4\n", "index_topk_freq"},
        {SPARSE "index_topk_pattern: FFSS\n", "index_topk_pattern"},
        {SPARSE "compress_ratios: [1, 4]\n", "compress_ratios"},
        {"model_type: deepseek_v32\n" MLA_SIZES "index_topk: 32\n", "index_n_heads"},
        {MLA "index_topk: 32\n", "index_topk"}, /* DeepSeek-V3 has none */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_refused_for(cases[i].text, cases[i].field);
}
END_TEST

/* Linear and full attention are one part: the format of most matrices is used, and a note says so. */
START_TEST(reads_the_format_of_recurrent_layers)
{
    struct imported in =
        read_text(DELTA "full_attention_interval: 4\n" Q "{quant_method: fp8, ignored_layers: [linear_attn]}\n");
    ck_assert_int_eq(in.m.weights[LR_PART_ATTENTION], LR_BF16);
    ck_assert_int_eq(in.m.weights[LR_PART_MLP], LR_FP8);
    expect_first(&in, "config.json:15:1: note: quantization_config: 69 % of the matrices in 'attention' are stored as "
                      "bf16; all are counted as bf16");
    forget(&in);
    in = read_text(MAMBA
                   "hybrid_override_pattern: M-M*\n" Q
                   "{quant_method: modelopt, quant_algo: FP8, exclude_modules: ['backbone.layers.*.mixer.in_proj', "
                   "'backbone.layers.3*']}\n");
    ck_assert_int_eq(in.m.weights[LR_PART_ATTENTION], LR_BF16);
    ck_assert_int_eq(in.m.weights[LR_PART_MLP], LR_FP8);
    forget(&in);
}
END_TEST

/* Any value for any key of these families is read or refused, and counts of what is read are finite. */
START_TEST(survives_any_value)
{
    static const char *const values[] = {"-1", "0",    "1.5", "1e300", "''",        "x",           "null",
                                         "[]", "[[]]", "{}",  "true",  "[1, 2, 3]", "[0, 1, 0, 1]"};
    static const char *const texts[] = {DELTA
                                        "full_attention_interval: 4\nmamba_ssm_dtype: float32\nlayer_types: null\n",
                                        LIGHTNING "attn_type_list: [0, 0, 1, 0]\n",
                                        MAMBA "hybrid_override_pattern: M-M*\nlayers_block_type: null\n",
                                        JAMBA,
                                        BAMBA "attn_layer_indices: [1]\n",
                                        LLAMA4 "no_rope_layers: []\ninterleave_moe_layer_step: 2\n",
                                        SPARSE "indexer_types: [full, shared, shared, full]\nindex_topk_freq: 2\n"};
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
        for (const char *line = texts[t]; *line; line += strcspn(line, "\n") + 1) {
            for (size_t v = 0; v <= sizeof values / sizeof *values; v++) {
                char text[4096];
                const char *rest = line + strcspn(line, "\n") + 1;
                struct lr_parameters p;
                snprintf(text, sizeof text, "%.*s%.*s: %s\n%s", (int)(line - texts[t]), texts[t],
                         v ? (int)strcspn(line, ":") : 1, v ? line : "x", v ? values[v - 1] : "null", rest);
                struct imported in = import_named("config.json", text, NULL);
                if (in.ok) {
                    lr_model_parameters(&in.m, &p);
                    ck_assert_msg(p.total > 0 && lr_model_state_bytes(&in.m) >= 0, "%s", text);
                }
                forget(&in);
            }
        }
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {reads_the_kinds_of_layers,
                                  reads_sizes_of_states,
                                  reads_latent_experts,
                                  refuses_layers_it_cannot_count,
                                  reads_the_format_of_recurrent_layers,
                                  survives_any_value};
    return suite_run("import_mixers", tests, sizeof tests / sizeof *tests, 1);
}
