/* SPDX-License-Identifier: Apache-2.0 */
/* Quantisation in config.json files: what is read, chosen and refused. */
#include "suite.h"

#include "import/import_pattern.h"

#include "import_support.h"

/* Weights of attention, mlp, experts, shared experts, embedding, head, and the cache. */
#define GROUP(weights, rest)                                                                                           \
    Q "{quant_method: compressed-tensors, config_groups: {g: {weights: {" weights "}" rest "}}}\n"
#define MODELOPT(rest) Q "{quant_method: modelopt, quant_algo: NVFP4" rest "}\n"
START_TEST(reads_quantization)
{
    static const struct {
        const char *text, *formats;
    } cases[] = {
        {V3 Q "{quant_method: fp8, weight_block_size: [128, 128]}\n",
         "fp8_block fp8_block fp8_block fp8_block bf16 bf16 bf16"},
        {V3 Q "{quant_method: fp8, weight_block_size: null}\n", "fp8 fp8 fp8 fp8 bf16 bf16 bf16"},
        {V3 Q "{quant_method: fbgemm_fp8, activation_scale_ub: 1200.0}\n", "fp8 fp8 fp8 fp8 bf16 bf16 bf16"},
        {V3 Q "{quant_method: fp8, modules_to_not_convert: [lm_head, self_attn, mlp.gate]}\n",
         "bf16 fp8 fp8 fp8 bf16 bf16 bf16"},
        {V3 Q "{quant_method: fp8, modules_to_not_convert: [shared_experts]}\n", "fp8 fp8 fp8 bf16 bf16 bf16 bf16"},
        {V3 Q "{quant_method: fp8, ignored_layers: [model.layers.0]}\n", "fp8 bf16 fp8 fp8 bf16 bf16 bf16"},
        {V3 MODELOPT(", ignore: ['model.layers.0*', '*.self_attn*', lm_head]"), "bf16 bf16 nvfp4 nvfp4 bf16 bf16 bf16"},
        {V3 MODELOPT(", exclude_modules: ['*.mlp.shared_experts.*'], kv_cache_quant_algo: FP8"),
         "nvfp4 nvfp4 nvfp4 bf16 bf16 bf16 fp8"},
        {V3 MODELOPT(", kv_cache_scheme: {num_bits: 8, type: float}"), "nvfp4 nvfp4 nvfp4 nvfp4 bf16 bf16 fp8"},
        {V3 Q
         "{quant_method: mxfp4, modules_to_not_convert: ['model.layers.*.self_attn', model.layers.*.mlp.router]}\n",
         "bf16 bf16 mxfp4 bf16 bf16 bf16 bf16"},
        {V3 Q "{quant_method: awq, bits: 4, group_size: 128, zero_point: true, version: gemm}\n",
         "int4 int4 int4 int4 bf16 bf16 bf16"},
        {V3 Q "{quant_method: gptq, bits: 4, group_size: 32, desc_act: false, sym: true}\n",
         "int4_g32 int4_g32 int4_g32 int4_g32 bf16 bf16 bf16"},
        {V3 Q "{quant_method: gptq, bits: 4, group_size: 64}\n", "int4 int4 int4 int4 bf16 bf16 bf16"},
        {V3 GROUP("num_bits: 8, type: float, strategy: channel", ", input_activations: {num_bits: 8}"),
         "fp8 fp8 fp8 fp8 bf16 bf16 bf16"},
        {V3 GROUP("num_bits: 8, type: float, strategy: block", ""),
         "fp8_block fp8_block fp8_block fp8_block bf16 bf16 bf16"},
        {V3 GROUP("num_bits: 8, type: int", ", input_activations: {num_bits: 8}"),
         "int8 int8 int8 int8 bf16 bf16 bf16"},
        {V3 GROUP("num_bits: 4, type: float, group_size: 16", ", input_activations: {num_bits: 4}"),
         "nvfp4 nvfp4 nvfp4 nvfp4 bf16 bf16 bf16"},
        {V3 GROUP("num_bits: 4, type: float, group_size: 32", ""), "mxfp4 mxfp4 mxfp4 mxfp4 bf16 bf16 bf16"},
        {V3 GROUP("num_bits: 4, type: int, group_size: 32", ", targets: ['re:.*mlp\\.experts\\..*']"),
         "bf16 bf16 int4_g32 bf16 bf16 bf16 bf16"},
        {V3 Q
         "{quant_method: compressed-tensors, config_groups: {g: {targets: [Linear], weights: {num_bits: 4, type: int, "
         "group_size: 32}}}, ignore: [lm_head, 're:.*self_attn.*', 're:.*shared_experts.*', "
         "'re:.*mlp\\.(gate|up|gate_up|down)_proj.*']}\n",
         "bf16 bf16 int4_g32 bf16 bf16 bf16 bf16"},
        {V3 Q "{quant_algo: MIXED_PRECISION, quantized_layers: {lm_head: {quant_algo: FP8}, mlp.experts: {quant_algo: "
              "NVFP4}}}\n",
         "bf16 bf16 nvfp4 bf16 bf16 fp8 bf16"},
        {V3 Q "{quant_algo: FP8, config_groups: {g: {weights: {num_bits: 8, type: float}}}, ignore: [lm_head], "
              "kv_cache_scheme: FP8, producer: {name: modelopt}}\n",
         "fp8 fp8 fp8 fp8 bf16 bf16 fp8"},
        {V3 Q "{}\n", "bf16 bf16 bf16 bf16 bf16 bf16 bf16"},
        {"torch_dtype: float16\n" V3 Q "{quant_method: awq, bits: 4}\n", "int4 int4 int4 int4 fp16 fp16 fp16"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct imported in = read_text(cases[i].text);
        char formats[128] = "";
        for (int p = 0; p <= LR_PART_COUNT; p++) {
            const enum lr_dtype d = p < LR_PART_COUNT ? in.m.weights[p] : in.m.kv;
            snprintf(formats + strlen(formats), sizeof formats - strlen(formats), "%s%s", p ? " " : "",
                     lr_dtype_name(d));
        }
        ck_assert_msg(strcmp(formats, cases[i].formats) == 0, "%zu: %s, expected %s", i, formats, cases[i].formats);
        forget(&in);
    }
}
END_TEST

START_TEST(notes_its_choices_about_quantization)
{
    struct imported in = read_text(LLAMA Q "{quant_method: fp8, modules_to_not_convert: [model.layers.0.self_attn]}\n");
    ck_assert_int_eq(in.m.weights[LR_PART_ATTENTION], LR_FP8);
    expect_first(&in,
                 "config.json:9:1: note: quantization_config: 75 % of the matrices in 'attention' are stored as fp8; "
                 "all are counted as fp8");
    forget(&in);
    in = read_text(LLAMA Q "{quant_method: fp8, modules_to_not_convert: [blk.0.ffn_down]}\n");
    expect_first(&in,
                 "config.json:9:67: warning: quantization_config: 'blk.0.ffn_down' matches no matrix of the model");
    forget(&in);
    in = read_text(LLAMA Q "{quant_method: awq, bits: 4, group_size: 64}\n");
    expect_first(
        &in, "config.json:9:1: note: quantization_config: scales for groups of 64 weights are counted as for groups of "
             "128");
    forget(&in);
    in = import_named("Llama-NVFP4/config.json", LLAMA, NULL);
    expect_first(
        &in,
        "Llama-NVFP4/config.json: warning: quantization_config: is missing, but the name of the model contains 'FP4'; "
        "weights are counted as bf16\n  hint: put hf_quant_config.json of the checkpoint into the same folder");
    forget(&in);
    in = import_named(
        "Llama-NVFP4/config.json", LLAMA,
        "producer: {name: modelopt}\nquantization: {quant_algo: NVFP4, kv_cache_quant_algo: FP8, group_size: "
        "16, exclude_modules: [lm_head]}\n");
    ck_assert(in.ok);
    ck_assert_int_eq(in.m.weights[LR_PART_MLP], LR_NVFP4);
    ck_assert_int_eq(in.m.kv, LR_FP8);
    ck_assert_uint_eq(in.ds.count, 0);
    forget(&in);
}
END_TEST

START_TEST(refuses_unknown_quantization)
{
    static const struct {
        const char *text, *field;
    } cases[] = {
        {Q "3\n", "quantization_config"},
        {Q "{quant_method: bitsandbytes}\n", "quantization_config.quant_method"},
        {Q "{quant_method: [fp8]}\n", "quantization_config.quant_method"},
        {Q "{quant_method: fp8, weight_block_size: [64, 64]}\n", "quantization_config.weight_block_size"},
        {Q "{quant_method: fp8, weight_block_size: 128}\n", "quantization_config.weight_block_size"},
        {Q "{quant_method: fp8, surprise: 3}\n", "quantization_config.surprise"},
        {Q "{quant_method: fp8, ignore: lm_head}\n", "quantization_config.ignore"},
        {Q "{quant_method: fp8, ignore: ['re:(?!x)y']}\n", "quantization_config"},
        {Q "{quant_method: awq, bits: 3}\n", "quantization_config.bits"},
        {Q "{quant_method: gptq, bits: 8}\n", "quantization_config.bits"},
        {Q "{quant_method: gptq, bits: 4, lm_head: true}\n", "quantization_config.lm_head"},
        {Q "{quant_method: gptq, bits: 4, dynamic: {a: {}}}\n", "quantization_config.dynamic"},
        {Q "{quant_method: modelopt}\n", "quantization_config"},
        {Q "{quant_method: modelopt, quant_algo: FP3}\n", "quantization_config.quant_algo"},
        {Q "{quant_method: modelopt, quant_algo: W4A8_AWQ}\n", "quantization_config.quant_algo"},
        {Q "{quant_method: modelopt, quant_algo: X, quantized_layers: {a: 3}}\n",
         "quantization_config.quantized_layers"},
        {Q "{quant_method: modelopt, quant_algo: FP8, kv_cache_quant_algo: NVFP4}\n",
         "quantization_config.kv_cache_quant_algo"},
        {Q "{quant_method: compressed-tensors}\n", "quantization_config"},
        {Q "{quant_method: compressed-tensors, config_groups: {g: {}}}\n", "quantization_config.g"},
        {GROUP("num_bits: 2, type: int", ""), "quantization_config.weights"},
        {GROUP("num_bits: 8, type: int", ""), "quantization_config.weights"},
        {GROUP("num_bits: 4, type: int", ", input_activations: {num_bits: 8}"), "quantization_config.weights"},
        {GROUP("num_bits: 8, type: float", ", targets: [[x]]"), "quantization_config.targets"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[1024];
        snprintf(text, sizeof text, LLAMA "%s", cases[i].text);
        expect_refused_for(text, cases[i].field);
    }
    struct imported in = import_named("config.json", LLAMA, "a: b\n");
    expect_first(&in, "hf_quant_config.json: quantization: is missing, expected a mapping");
    forget(&in);
}
END_TEST

START_TEST(matches_module_names)
{
    static const struct {
        const char *pattern, *name;
        bool matches;
    } cases[] = {
        {"lm_head", "lm_head", true},
        {"language_model.lm_head", "lm_head", true},
        {"gate", "layers.0.mlp.gate_proj", false},
        {"mlp.gate", "layers.0.mlp.gate", true},
        {"mlp.gate", "layers.0.mlp.gate_proj", false},
        {"model.layers.1", "layers.1.mlp.up_proj", true},
        {"model.layers.1", "layers.11.mlp.up_proj", false},
        {"model.language_model.layers.1.self_attn", "layers.1.self_attn.q_proj", true},
        {"*.self_attn.*", "layers.1.self_attn.q_proj", true},
        {"model.layers.*.self_attn", "layers.7.self_attn.q_proj", true},
        {"model.layers.1*", "layers.11.self_attn.q_proj", true},
        {"model.layers.1.*", "layers.11.self_attn.q_proj", false},
        {"*proj", "layers.1.mlp.up_proj", true},
        {"*experts", "layers.1.mlp.up_proj", false},
        {"re:.*self_attn.*", "layers.1.self_attn.q_proj", true},
        {"re:.*mlp\\.(gate|up|gate_up|down)_proj.*", "layers.1.mlp.gate_up_proj", true},
        {"re:.*mlp\\.(gate|up)_proj$", "layers.1.mlp.down_proj", false},
        {"re:.*mlp\\.(gate|up)_proj$", "layers.1.mlp.experts.0.up_proj", false},
        {"re:model\\.layers\\.\\d+\\.mlp", "layers.12.mlp.up_proj", true},
        {"re:layers", "layers.12.mlp.up_proj", true},
        {"re:mlp", "layers.12.mlp.up_proj", false},
        {"re:^lm_head$|.*up_proj", "layers.12.mlp.up_proj", true},
        {"re:.*layers\\.[0-2]\\..*", "layers.2.mlp.up_proj", true},
        {"re:.*layers\\.[^0-2]\\..*", "layers.2.mlp.up_proj", false},
        {"re:.*?(?:a|(?:up|down))_proj", "layers.2.mlp.up_proj", true},
        {"re:.*ex?perts?", "layers.2.mlp.experts", true},
        {"re:", "x", true},
        {"re:(a", "a", false},
        {"re:[a", "a", false},
    };
    long work = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_msg(lr_pattern_matches(cases[i].pattern, cases[i].name, &work) == cases[i].matches, "'%s' of '%s'",
                      cases[i].pattern, cases[i].name);
    }
    static const char *const bad[] = {"re:(a", "re:[a", "re:(a)*", "re:a{2}", "re:(?!a)", "re:*", "re:a)", "re:\\"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!lr_pattern_valid(bad[i]), "'%s' is read", bad[i]);
    char steep[256] = "re:";
    for (int i = 0; i < 60; i++)
        memcpy(steep + 3 + 4 * i, "a?.*", 4);
    steep[3 + 4 * 60] = 'Z';
    ck_assert(!lr_pattern_valid(steep)); /* has too many possible matches */
    ck_assert_int_eq(lr_pattern_layer("model.layers.17.mlp"), 17);
    ck_assert_int_eq(lr_pattern_layer("model.layers.17"), 17);
    ck_assert_int_eq(lr_pattern_layer("model.layers.1*"), -1);
    ck_assert_int_eq(lr_pattern_layer("model.layers.*.mlp"), -1);
    ck_assert_int_eq(lr_pattern_layer("re:layers.1.x"), -1);
    ck_assert_int_eq(lr_pattern_layer("lm_head"), -1);
    ck_assert_int_eq(lr_pattern_layer("*.layers.3.mlp"), 3);
    ck_assert_int_eq(lr_pattern_layer("mod*"), LR_PATTERN_ANY_LAYER);
    ck_assert_int_eq(lr_pattern_layer("model.vision_tower*"), LR_PATTERN_NO_LAYER);
    ck_assert_int_eq(lr_pattern_layer("mtp.layers.0*"), LR_PATTERN_NO_LAYER);
}
END_TEST

/* Hundreds of patterns that each take long to match end in an error soon. */
START_TEST(gives_up_on_costly_patterns)
{
    static char text[65536];
    snprintf(text, sizeof text,
             "model_type: llama\nhidden_size: 64\nnum_hidden_layers: 1000\nnum_attention_heads: 8\n"
             "vocab_size: 9\nmax_position_embeddings: 64\nintermediate_size: 8\n" Q "{quant_method: fp8, ignore: [");
    for (int i = 0; i < 500; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s're:.*.*x%d.*.*y'", i ? ", " : "", i);
    snprintf(text + strlen(text), sizeof text - strlen(text), "]}\n");
    expect_refused(text, "config.json:8:1: quantization_config: matching the patterns takes too long, expected fewer "
                         "or simpler patterns");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {reads_quantization, notes_its_choices_about_quantization,
                                  refuses_unknown_quantization, matches_module_names, gives_up_on_costly_patterns};
    return suite_run("import_quantization", tests, sizeof tests / sizeof *tests, 1);
}
