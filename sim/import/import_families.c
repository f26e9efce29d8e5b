/* SPDX-License-Identifier: Apache-2.0 */
/* What the code of each model family does that its config.json does not state. Sources: modeling_*.py and
 * configuration_*.py in Hugging Face transformers (v4.57), or the files that auto_map names in the repository of the
 * model. */
#include "import/importer.h"

#include "core/text.h"

#include <string.h>

#define MLA LR_HF_MLA
#define PLAIN LR_HF_PLAIN
#define MOE LR_HF_MOE
#define EXPERTS_ONLY (LR_HF_MOE | LR_HF_EXPERT_INTERMEDIATE)
#define QKV_BIAS LR_HF_QKV_BIAS
#define ALL_BIAS (LR_HF_QKV_BIAS | LR_HF_OUT_BIAS | LR_HF_MLP_BIAS)
#define TIED LR_HF_TIED
#define QK_NORM LR_HF_QK_NORM
#define QKV_ONLY LR_HF_BIAS_QKV_ONLY
#define NEVER LR_IMPORT_WINDOW_NEVER
#define ALL LR_IMPORT_WINDOW_ALL
#define FROM LR_IMPORT_WINDOW_TAIL
#define EVERY LR_IMPORT_WINDOW_EVERY

/* The third column counts two vectors for a LayerNorm with a bias and one for an RMSNorm. */
static const struct lr_import_family families[] = {
    {"llama", 0, 2, NEVER, 0},
    {"mistral", 0, 2, ALL, 0},
    {"ministral", 0, 2, ALL, 0},
    {"ministral3", 0, 2, ALL, 0},
    {"mixtral", EXPERTS_ONLY, 2, ALL, 0},
    {"qwen", QKV_BIAS | LR_HF_HALF, 2, NEVER, 0},
    {"qwen2", QKV_BIAS | QKV_ONLY, 2, FROM, 0},
    {"qwen2_vl", QKV_BIAS | QKV_ONLY, 2, FROM, 0},
    {"qwen2_5_vl", QKV_BIAS | QKV_ONLY, 2, FROM, 0},
    {"qwen2_moe", QKV_BIAS | QKV_ONLY | MOE | LR_HF_SHARED_GATE, 2, FROM, 0},
    {"qwen3", QK_NORM, 2, FROM, 0},
    {"qwen3_moe", QK_NORM | MOE, 2, FROM, 0},
    {"qwen3_vl", QK_NORM, 2, NEVER, 0},
    {"qwen3_vl_moe", QK_NORM | MOE, 2, NEVER, 0},
    {"qwen3_omni_moe", QK_NORM | MOE, 2, FROM, 0},
    {"qwen3_next", QK_NORM | MOE | LR_HF_SHARED_GATE | LR_HF_DELTA | LR_HF_OUTPUT_GATE, 2, NEVER, 0},
    {"qwen3_5", QK_NORM | LR_HF_DELTA | LR_HF_OUTPUT_GATE, 2, NEVER, 0},
    {"qwen3_5_moe", QK_NORM | MOE | LR_HF_SHARED_GATE | LR_HF_DELTA | LR_HF_OUTPUT_GATE, 2, NEVER, 0},
    {"mimo", QKV_ONLY, 2, FROM, 0},
    {"deepseek", MOE, 2, NEVER, 0},
    {"deepseek_v2", MLA | MOE, 2, NEVER, 0},
    {"deepseek_v3", MLA | MOE | LR_HF_ROUTER_BIAS, 2, NEVER, 0},
    {"kimi_k2", MLA | MOE | LR_HF_ROUTER_BIAS, 2, NEVER, 0},
    {"deepseek_v32", MLA | MOE | LR_HF_ROUTER_BIAS | LR_HF_INDEXER, 2, NEVER, 0},
    {"glm_moe_dsa", MLA | MOE | LR_HF_ROUTER_BIAS | LR_HF_INDEXER, 2, NEVER, 0},
    {"glm4_moe_lite", MLA | MOE | LR_HF_ROUTER_BIAS, 2, NEVER, 0},
    {"minicpm3", MLA | TIED, 2, NEVER, 0},
    {"dots1", QK_NORM | MOE | LR_HF_ROUTER_BIAS, 2, FROM, 0},
    {"chatglm", QKV_BIAS, 2, NEVER, 0},
    {"glm", QKV_BIAS | QKV_ONLY, 2, NEVER, 0},
    {"glm4", QKV_ONLY, 4, NEVER, 0},
    {"glm4v", QKV_BIAS | QKV_ONLY, 4, NEVER, 0},
    {"glm4_moe", QKV_ONLY | MOE | LR_HF_ROUTER_BIAS, 2, NEVER, 0},
    {"glm4v_moe", QKV_BIAS | QKV_ONLY | MOE | LR_HF_ROUTER_BIAS, 2, NEVER, 0},
    {"gpt_oss", ALL_BIAS | EXPERTS_ONLY | LR_HF_EXPERT_BIAS | LR_HF_ROUTER_BIAS | LR_HF_SINKS, 2, EVERY, 2},
    {"minimax_m2", EXPERTS_ONLY, 2, NEVER, 0},
    {"minimax_m1", EXPERTS_ONLY | LR_HF_LIGHTNING, 2, NEVER, 0},
    {"minimax_text_01", EXPERTS_ONLY | LR_HF_LIGHTNING, 2, NEVER, 0},
    {"llama4", EXPERTS_ONLY | LR_HF_CHUNKED | LR_HF_SHARED_ONE, 2, NEVER, 0},
    {"nemotron_h", PLAIN | MOE | LR_HF_ROUTER_BIAS | LR_HF_HYBRID, 1, NEVER, 0},
    {"jamba", EXPERTS_ONLY | LR_HF_JAMBA, 2, NEVER, 0},
    {"step3p7", QK_NORM | MOE, 2, EVERY, 0},
    {"gemma", TIED, 2, NEVER, 0},
    {"gemma2", TIED, 4, EVERY, 2},
    {"gemma3", TIED | QK_NORM, 4, EVERY, 6},
    {"phi", PLAIN | ALL_BIAS | LR_HF_HEAD_BIAS, 2, NEVER, 0},
    {"phi3", 0, 2, ALL, 0},
    {"phimoe", EXPERTS_ONLY, 4, ALL, 0},
    {"cohere", TIED, 1, NEVER, 0},
    {"cohere2", TIED, 1, EVERY, 4},
    {"olmo", 0, 0, NEVER, 0},
    {"olmo2", QK_NORM, 2, NEVER, 0},
    {"olmo3", QK_NORM, 2, EVERY, 4},
    {"olmoe", QK_NORM | EXPERTS_ONLY, 2, NEVER, 0},
    {"flex_olmo", QK_NORM | EXPERTS_ONLY, 2, NEVER, 0},
    {"granite", 0, 2, NEVER, 0},
    {"granitemoe", EXPERTS_ONLY, 2, NEVER, 0},
    {"granitemoehybrid", EXPERTS_ONLY | LR_HF_MAMBA2, 2, NEVER, 0},
    {"bamba", LR_HF_MAMBA2, 2, NEVER, 0},
    {"granitemoeshared", EXPERTS_ONLY, 2, NEVER, 0},
    {"starcoder2", PLAIN | ALL_BIAS | TIED, 4, ALL, 0},
    {"gpt_bigcode", PLAIN | ALL_BIAS | TIED | LR_HF_FFN_4H | LR_HF_ONE_KV_HEAD, 4, NEVER, 0},
    {"gpt2", PLAIN | ALL_BIAS | TIED | LR_HF_FFN_4H, 4, NEVER, 0},
    {"gpt_neox", PLAIN | ALL_BIAS, 4, NEVER, 0},
    {"gptj", PLAIN | LR_HF_MLP_BIAS | LR_HF_HEAD_BIAS | LR_HF_FFN_4H, 2, NEVER, 0},
    {"bloom", PLAIN | ALL_BIAS | TIED | LR_HF_FFN_4H, 4, NEVER, 0},
    {"falcon", PLAIN | TIED | LR_HF_FFN_4H | LR_HF_FALCON, 4, NEVER, 0},
    {"dbrx", EXPERTS_ONLY, 2, NEVER, 0},
    {"baichuan", 0, 2, NEVER, 0},
    {"internlm", QKV_BIAS | LR_HF_OUT_BIAS | LR_HF_BIAS_NO_MLP, 2, NEVER, 0},
    {"internlm2", LR_HF_BIAS_NO_MLP, 2, NEVER, 0},
    {"internlm3", 0, 2, NEVER, 0},
    {"yi", 0, 2, NEVER, 0},
    {"minicpm", TIED, 2, NEVER, 0},
    {"smollm3", TIED, 2, FROM, 0},
    {"nemotron", PLAIN, 4, NEVER, 0},
    {"decilm", LR_HF_BLOCKS, 2, NEVER, 0},
    {"exaone", 0, 2, NEVER, 0},
    {"exaone4", QK_NORM, 2, EVERY, 4},
    {"seed_oss", QKV_BIAS | QKV_ONLY, 2, NEVER, 0},
    {"apertus", PLAIN | QK_NORM, 2, NEVER, 0},
    {"arcee", PLAIN, 2, NEVER, 0},
    {"stablelm", 0, 4, NEVER, 0},
    {"helium", 0, 2, NEVER, 0},
    {"ernie4_5", TIED, 2, NEVER, 0},
    {"ernie4_5_moe", TIED | MOE | LR_HF_ROUTER_BIAS, 2, NEVER, 0},
    {"hunyuan_v1_dense", QK_NORM, 2, NEVER, 0},
    {"hunyuan_v1_moe", QK_NORM | MOE, 2, NEVER, 0},
    {"hunyuan", QK_NORM | MOE, 2, NEVER, 0},
    {"bailing_moe", MOE, 2, NEVER, 0},
    {"bailing_moe_v2", MOE | LR_HF_ROUTER_BIAS, 2, NEVER, 0},
};

/* Other names of a family. */
static const struct {
    const char *name, *model_type;
} synonyms[] = {
    {"phi4", "phi3"},         {"ernie4_5moe", "ernie4_5_moe"},     {"bailingmoe", "bailing_moe"},
    {"RefinedWeb", "falcon"}, {"RefinedWebModel", "falcon"},       {"deci", "decilm"},
    {"codellama", "llama"},   {"bailingmoe_v2", "bailing_moe_v2"}, {"nemotron_nas", "decilm"},
};

/* Defaults of the configuration classes. always: for text models too, not only for multi-modal models. */
static const struct {
    const char *model_type;
    enum lr_import_field field;
    double value;
    bool always;
} defaults[] = {
    {"llama", LR_IMPORT_HIDDEN, 4096, false},        {"llama", LR_IMPORT_INTERMEDIATE, 11008, false},
    {"llama", LR_IMPORT_LAYERS, 32, false},          {"llama", LR_IMPORT_HEADS, 32, false},
    {"llama", LR_IMPORT_VOCAB, 32000, false},        {"llama", LR_IMPORT_CONTEXT, 2048, false},
    {"mistral", LR_IMPORT_HIDDEN, 4096, false},      {"mistral", LR_IMPORT_INTERMEDIATE, 14336, false},
    {"mistral", LR_IMPORT_LAYERS, 32, false},        {"mistral", LR_IMPORT_HEADS, 32, false},
    {"mistral", LR_IMPORT_KV_HEADS, 8, false},       {"mistral", LR_IMPORT_VOCAB, 32000, false},
    {"mistral", LR_IMPORT_CONTEXT, 131072, false},   {"gemma3", LR_IMPORT_HIDDEN, 2304, false},
    {"gemma3", LR_IMPORT_INTERMEDIATE, 9216, false}, {"gemma3", LR_IMPORT_LAYERS, 26, false},
    {"gemma3", LR_IMPORT_HEADS, 8, false},           {"gemma3", LR_IMPORT_KV_HEADS, 4, false},
    {"gemma3", LR_IMPORT_HEAD_DIM, 256, false},      {"gemma3", LR_IMPORT_VOCAB, 262208, false},
    {"gemma3", LR_IMPORT_CONTEXT, 131072, false},    {"falcon", LR_IMPORT_CONTEXT, 2048, true},
    {"bloom", LR_IMPORT_CONTEXT, 2048, true},        {"llama4", LR_IMPORT_NO_ROPE_EVERY, 4, true},
};

static const struct lr_import_family *find(const char *model_type)
{
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (lr_name_same(families[i].model_type, model_type))
            return &families[i];
    for (size_t i = 0; i < sizeof synonyms / sizeof *synonyms; i++)
        if (lr_name_same(synonyms[i].name, model_type))
            return find(synonyms[i].model_type);
    return NULL;
}

/* Returns text without the ending, in buf; text itself when it has another ending. */
static const char *without(const char *text, const char *ending, char *buf, size_t size)
{
    const size_t length = strlen(text), tail = strlen(ending);
    if (length <= tail || length - tail >= size || strcmp(text + length - tail, ending) != 0)
        return text;
    memcpy(buf, text, length - tail);
    buf[length - tail] = '\0';
    return buf;
}

/* Ignores '_' and case, so that "Qwen3Moe" equals "qwen3_moe". */
static bool same_letters(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (*a == '_')
            a++;
        while (*b == '_')
            b++;
        if (lr_text_lower(*a) != lr_text_lower(*b))
            return false;
        if (!*a)
            return true;
    }
}

static const struct lr_import_family *find_class(const char *architecture)
{
    static const char *const endings[] = {"ForCausalLM", "LMHeadModel", "ForConditionalGeneration"};
    char buf[64];
    for (size_t e = 0; e < sizeof endings / sizeof *endings; e++) {
        const char *stem = without(architecture, endings[e], buf, sizeof buf);
        for (size_t i = 0; stem == buf && i < sizeof families / sizeof *families; i++)
            if (same_letters(families[i].model_type, stem))
                return &families[i];
    }
    return NULL;
}

const struct lr_import_family *lr_import_family(const char *model_type, const char *architecture)
{
    char buf[64];
    const struct lr_import_family *f = NULL;
    if (model_type && *model_type) {
        f = find(model_type);
        f = f ? f : find(without(model_type, "_text", buf, sizeof buf));
    }
    return f || !architecture ? f : find_class(architecture);
}

const char *lr_import_family_nearest(const char *model_type)
{
    struct lr_nearest nearest = {0};
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        lr_nearest_offer(&nearest, model_type, families[i].model_type);
    return lr_nearest_name(&nearest, model_type);
}

bool lr_import_default(const struct lr_import_family *f, enum lr_import_field field, bool multi_modal, double *out)
{
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
        if (defaults[i].field == field && strcmp(defaults[i].model_type, f->model_type) == 0 &&
            (defaults[i].always || multi_modal)) {
            *out = defaults[i].value;
            return true;
        }
    }
    return false;
}
