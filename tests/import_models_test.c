/* SPDX-License-Identifier: Apache-2.0 */
/* config.json files of published models: read with the right number of parameters, or refused by naming the key. Those
 * in tests/configs are abridged; a larger collection is hf_configs of the measured data (docs/measured-data.md). */
#include "core/arena.h"
#include "document/document.h"
#include "load/profile.h"

#include "import/import.h"

#include "suite.h"
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct published {
    const char *file;  /* its name, or the start of it */
    double parameters; /* of the language model, without layers for drafting (MTP) */
    const char *source;
};

/* "tensors": the count that Hugging Face shows for the safetensors of the repository, if the card only rounds. */
static const struct published abridged[] = {
    {"apertus-70b", 70e9, "swiss-ai/Apertus-70B-2509, model card"},
    {"baichuan2-13b", 13.9e9, "baichuan-inc/Baichuan2-13B-Base, tensors"},
    {"bloom-176b", 176.247e9, "bigscience/bloom, model card: 176,247,271,424"},
    {"chatglm-glm4-9b", 9.4e9, "THUDM/glm-4-9b-chat, tensors"},
    {"command-r-plus", 104e9, "CohereForAI/c4ai-command-r-plus, model card"},
    {"command-r7b", 8.03e9, "CohereForAI/c4ai-command-r7b-12-2024, tensors"},
    {"dbrx", 132e9, "databricks/dbrx README"},
    {"deepseek-moe-16b", 16.4e9, "deepseek-ai/DeepSeek-MoE README"},
    {"deepseek-v2-lite", 15.7e9, "deepseek-ai/DeepSeek-V2-Lite, model card"},
    {"dots1", 142e9, "rednote-hilab/dots.llm1.base, model card"},
    {"ernie-21b", 21.8e9, "baidu/ERNIE-4.5-21B-A3B-PT, tensors"},
    {"exaone-3.5-32b", 31.999e9, "LGAI-EXAONE/EXAONE-3.5-32B: 30.95e9 without embeddings, and 2 x 102400 x 5120"},
    {"exaone4-32b", 31.999e9, "LGAI-EXAONE/EXAONE-4.0-32B: 30.95e9 without embeddings, and 2 x 102400 x 5120"},
    {"falcon-40b", 41.3e9, "tiiuae/falcon-40b, tensors, the tied head once"},
    {"falcon-7b", 6.922e9, "tiiuae/falcon-7b: 6,921,720,704, the tied head once"},
    {"gemma2-27b", 27.2e9, "google/gemma-2-27b, tensors"},
    {"gemma3-27b", 27.0e9, "Gemma 3 report, table 1: 25.6e9 + 1.416e9 of embedding"},
    {"glm-4-32b", 32.6e9, "THUDM/GLM-4-32B-0414, tensors"},
    {"glm-4.5-air", 106e9, "GLM-4.5 report, table 1"},
    {"glm-4.7-flash", 30e9, "zai-org/GLM-4.7-Flash, model card: 30B-A3B"},
    {"gpt-neox-20b", 20.555e9, "EleutherAI/gpt-neox-20b, model card: 20,554,567,680"},
    {"gpt2", 0.124e9, "openai-community/gpt2, model card: 124M"},
    {"granite-3.3-8b", 8.17e9, "ibm-granite/granite-3.3-8b-base, tensors"},
    {"granite-4.0-h-small", 32e9, "ibm-granite/granite-4.0-h-small, model card: 32B-A9B"},
    {"hunyuan-a13b", 80e9, "tencent/Hunyuan-A13B-Instruct, model card"},
    {"internlm2-20b", 19.86e9, "internlm/internlm2-20b, tensors"},
    {"jamba-1.5-mini", 52e9, "Jamba-1.5 report (arXiv 2408.12570)"},
    {"janus-pro-7b", 6.91e9, "deepseek-ai/Janus-Pro-7B: the language model alone has 13.8 GB in 16 bits"},
    {"ling-lite", 16.8e9, "inclusionAI/Ling-lite, model card"},
    {"llama-4-scout", 108.1e9, "llama4/MODEL_CARD.md: 109e9, of which 0.9e9 are of the vision tower"},
    {"minicpm3-4b", 4.07e9, "openbmb/MiniCPM3-4B, tensors"},
    {"minimax-text-01", 456e9, "MiniMax-AI/MiniMax-01 README"},
    {"mistral-small-3.1", 23.57e9, "mistralai/Mistral-Small-24B-Base-2501, tensors: the same language model"},
    {"nemotron4-340b", 340e9, "nvidia/Nemotron-4-340B-Base, model card"},
    {"olmo-7b", 6.89e9, "allenai/OLMo-7B-hf, tensors"},
    {"olmo2-32b", 32.2e9, "allenai/OLMo-2-0325-32B, tensors"},
    {"olmo3-7b", 7.3e9, "allenai/Olmo-3-1025-7B, tensors"},
    {"olmoe", 6.92e9, "allenai/OLMoE-1B-7B-0924, tensors"},
    {"phi-2", 2.78e9, "microsoft/phi-2, tensors"},
    {"phi-3-mini", 3.82e9, "microsoft/Phi-3-mini-128k-instruct, tensors"},
    {"phi-3.5-moe", 41.9e9, "microsoft/Phi-3.5-MoE-instruct, tensors"},
    {"phi-4", 14.66e9, "microsoft/phi-4, tensors: 14,659,507,200"},
    {"qwen-7b", 7.72e9, "Qwen/Qwen-7B, tensors"},
    {"qwen1.5-moe", 14.3e9, "Qwen/Qwen1.5-MoE-A2.7B, model card"},
    {"qwen3-next-80b-a3b", 80e9, "Qwen/Qwen3-Next-80B-A3B-Instruct, model card"},
    {"qwen2-vl-7b", 7.61e9, "Qwen/Qwen2-7B, model card: the same language model"},
    {"seed-oss-36b", 36.15e9, "ByteDance-Seed/Seed-OSS-36B-Base, tensors"},
    {"smollm3", 3.08e9, "HuggingFaceTB/SmolLM3-3B, tensors"},
    {"stablelm-3b", 2.795e9, "stabilityai/stablelm-3b-4e1t, model card: 2,795,443,200"},
    {"starcoder.", 15.5e9, "bigcode/starcoder, model card; 0.05e9 of learned positions are not counted"},
    {"starcoder2-15b", 15.96e9, "bigcode/starcoder2-15b, tensors"},
    {"yi-34b", 34.4e9, "01-ai/Yi-34B, tensors"},
};

/* The longest start of a name wins. */
static const struct published shared[] = {
    {"MiniMaxAI--MiniMax-M2", 230e9, "MiniMax-M2 README"},
    {"nvidia--MiniMax-M2", 230e9, "MiniMax-M2 README"},
    {"Qwen--Qwen3-0.6B", 0.6e9, "model card"},
    {"Qwen--Qwen3-8B", 8.2e9, "model card"},
    {"Qwen--Qwen3-32B", 32.8e9, "model card"},
    {"Qwen--Qwen3-30B-A3B", 30.5e9, "model card"},
    {"Qwen--Qwen3-235B-A22B", 235e9, "model card"},
    {"nvidia--Qwen3-235B-A22B", 235e9, "model card of Qwen/Qwen3-235B-A22B"},
    {"Qwen--Qwen3-Coder-480B", 480e9, "model card"},
    {"Qwen--Qwen3-VL-235B", 235e9, "the language model is Qwen3-235B-A22B"},
    {"Qwen--Qwen3-VL-2B", 1.711e9, "Qwen3-1.7B: 1.4e9 without embedding, and 151936 x 2048"},
    {"Qwen--Qwen3-VL-4B", 4.0e9, "the language model is Qwen3-4B"},
    {"Qwen--Qwen3-VL-8B", 8.2e9, "the language model is Qwen3-8B, untied"},
    {"Qwen--Qwen3-VL-32B", 32.8e9, "the language model is Qwen3-32B"},
    {"XiaomiMiMo--MiMo-7B", 7.62e9, "tensors: 7.83e9, of which the MTP layer has 0.21e9"},
    {"deepseek-ai--DeepSeek-R1", 671e9, "DeepSeek-R1 README"},
    {"deepseek-ai--DeepSeek-V3_", 671e9, "DeepSeek-V3 README"},
    {"nvidia--DeepSeek-V3.1", 671e9, "DeepSeek-V3.1 model card"},
    {"meta-llama--Meta-Llama-3.1-405B", 405.85e9, "tensors; the card says 405B"},
    {"meta-llama--Meta-Llama-3.1-70B", 70.6e9, "model card"},
    {"meta-llama--Meta-Llama-3.1-8B", 8.03e9, "model card"},
    {"nvidia--Llama-3.1-70B", 70.6e9, "model card of meta-llama/Llama-3.1-70B"},
    {"mistralai--Mixtral-8x7B", 46.7e9, "mistral.ai, Mixtral of experts"},
    {"moonshotai--Kimi-K2", 1.026e12, "tensors: 1.03T; the README rounds to 1T"},
    {"nvidia--Kimi-K2", 1.026e12, "as moonshotai/Kimi-K2"},
    {"nvidia--Llama-3_3-Nemotron-Super-49B", 49.9e9, "tensors"},
    {"openai--gpt-oss-120b", 116.83e9, "gpt-oss model card (arXiv 2508.10925), table 1"},
    {"openai--gpt-oss-20b", 20.91e9, "gpt-oss model card (arXiv 2508.10925), table 1"},
    {"stepfun-ai--Step-3.7-Flash", 196e9, "Step-3.7-Flash README: the language backbone"},
    {"Qwen--Qwen3.5-397B-A17B", 397e9, "model card"},
    {"nvidia--Qwen3.5-397B-A17B", 397e9, "model card of Qwen/Qwen3.5-397B-A17B"},
    {"Qwen--Qwen3.5-122B-A10B", 122e9, "model card"},
    {"nvidia--Qwen3.5-122B-A10B", 122e9, "model card of Qwen/Qwen3.5-122B-A10B"},
    {"Qwen--Qwen3.5-35B-A3B", 35e9, "model card"},
    {"deepseek-ai--DeepSeek-V3.2", 671e9, "DeepSeek-V3 README; 0.85e9 of indexers on top"},
    {"nvidia--DeepSeek-V3.2", 671e9, "as deepseek-ai/DeepSeek-V3.2"},
    {"zai-org--GLM-5", 744e9, "GLM-5 technical report (arXiv 2602.15763)"},
    {"nvidia--GLM-5", 744e9, "GLM-5 technical report (arXiv 2602.15763)"},
    {"meta-llama--Llama-4-Maverick", 400e9, "llama4/MODEL_CARD.md; 0.9e9 of vision are not counted"},
    {"nvidia--NVIDIA-Nemotron-3-Nano", 31.6e9, "Nemotron 3 Nano technical report (arXiv 2512.20848)"},
    {"nvidia--NVIDIA-Nemotron-3.5-Lightning", 31.6e9, "the sizes are those of Nemotron-3-Nano"},
    {"nvidia--NVIDIA-Nemotron-3-Super", 120e9, "research.nvidia.com/labs/nemotron/Nemotron-3-Super"},
    {"nvidia--NVIDIA-Nemotron-3-Ultra", 550e9, "model card"},
    {"nvidia--Nemotron-H-56B", 56e9, "arXiv 2504.03624"},
    /* refused: no parameters, and the key */
    {"nvidia--Qwen3.6", 0, "quantization_config.quant_algo"},
    {"deepseek-ai--DeepSeek-V4", 0, "index_topk"},
    {"nvidia--DeepSeek-V4", 0, "index_topk"},
    {"sgl-project--DeepSeek-V4", 0, "index_topk"},
    {"nvidia--Gemma-4", 0, "text_config.attention_k_eq_v"},
};

static const struct published *find(const struct published *table, size_t count, const char *file)
{
    const struct published *best = NULL;
    for (size_t i = 0; i < count; i++) {
        const size_t length = strlen(table[i].file);
        if (strncmp(table[i].file, file, length) == 0 && (!best || length > strlen(best->file)))
            best = &table[i];
    }
    return best;
}

static bool same_attention(const struct lr_attention *a, const struct lr_attention *b)
{
    return a->kind == b->kind && a->heads == b->heads && a->kv_heads == b->kv_heads && a->head_dim == b->head_dim &&
           a->window == b->window && a->qkv_bias == b->qkv_bias && a->out_bias == b->out_bias &&
           a->qk_norm == b->qk_norm && a->sinks == b->sinks && a->output_gate == b->output_gate &&
           a->q_lora_rank == b->q_lora_rank && a->kv_lora_rank == b->kv_lora_rank && a->qk_nope_dim == b->qk_nope_dim &&
           a->qk_rope_dim == b->qk_rope_dim && a->v_dim == b->v_dim && a->chunk == b->chunk &&
           a->index_heads == b->index_heads && a->index_dim == b->index_dim && a->index_topk == b->index_topk &&
           a->key_heads == b->key_heads && a->value_heads == b->value_heads && a->key_dim == b->key_dim &&
           a->value_dim == b->value_dim && a->state == b->state && a->groups == b->groups && a->inner == b->inner &&
           a->dt_rank == b->dt_rank && a->conv == b->conv && a->conv_bias == b->conv_bias &&
           a->inner_norms == b->inner_norms && a->state_format == b->state_format;
}

static bool same_ffn(const struct lr_ffn *a, const struct lr_ffn *b)
{
    return a->kind == b->kind && a->intermediate == b->intermediate && a->bias == b->bias && a->experts == b->experts &&
           a->topk == b->topk && a->latent == b->latent && a->shared_intermediate == b->shared_intermediate &&
           a->expert_plain == b->expert_plain && a->router_bias == b->router_bias && a->shared_gate == b->shared_gate;
}

static void expect_same(const struct lr_model *a, const struct lr_model *b, const char *file)
{
    ck_assert_str_eq(a->name, b->name);
    ck_assert_str_eq(a->title, b->title);
    ck_assert_str_eq(a->source, b->source);
    ck_assert_msg(!a->hugging_face == !b->hugging_face, "%s", file);
    ck_assert_msg(a->hidden == b->hidden && a->vocab == b->vocab && a->max_context == b->max_context, "%s", file);
    ck_assert_msg(a->tied_embeddings == b->tied_embeddings && a->head_bias == b->head_bias, "%s", file);
    ck_assert_msg(memcmp(a->weights, b->weights, sizeof a->weights) == 0 && a->kv == b->kv, "%s", file);
    ck_assert_uint_eq(a->block_count, b->block_count);
    for (size_t i = 0; i < a->block_count; i++) {
        const struct lr_block *x = &a->block[i], *y = &b->block[i];
        ck_assert_msg(x->layers == y->layers && x->norms == y->norms, "%s: block %zu", file, i);
        ck_assert_msg(same_attention(&x->attention, &y->attention), "%s: attention of block %zu", file, i);
        ck_assert_msg(same_ffn(&x->ffn, &y->ffn), "%s: ffn of block %zu", file, i);
    }
}

/* A written model is read back as the same model. */
static void expect_round_trip(const struct lr_model *m, const char *file)
{
    struct lr_diags ds = {0};
    char message[512] = "", *const yaml = lr_model_text(m, &ds);
    ck_assert_ptr_nonnull(yaml);
    struct lr_document *doc = lr_document_parse("written", yaml, strlen(yaml), &ds);
    struct lr_model read;
    const bool ok = doc && lr_model_bind(doc, &read, &ds);
    if (ds.count)
        lr_diag_format(&ds.item[0], message, sizeof message);
    ck_assert_msg(ok && !ds.count, "%s: %s\n%s", file, message, yaml);
    expect_same(m, &read, file);
    lr_document_free(doc);
    free(yaml);
    lr_diags_free(&ds);
}

static void expect_count(const struct lr_model *m, const struct published *p, const char *file)
{
    struct lr_parameters counted;
    lr_model_parameters(m, &counted);
    ck_assert_msg(fabs(counted.total / p->parameters - 1) <= 0.01, "%s: %.4g parameters, expected %.4g (%s)", file,
                  counted.total, p->parameters, p->source);
}

/* The first error names the key, and its line has that key. */
static void expect_refusal(const struct lr_diags *ds, const char *path, const char *key)
{
    const struct lr_diag *first = NULL;
    for (size_t i = 0; i < ds->count && !first; i++)
        first = ds->item[i].severity == LR_ERROR ? &ds->item[i] : NULL;
    ck_assert_msg(first && first->field && first->pos.line > 0 && first->pos.col > 0, "%s: no key is named", path);
    if (key)
        ck_assert_str_eq(first->field, key);
    char line[4096] = "";
    FILE *f = fopen(path, "r");
    for (int i = 0; f && i < first->pos.line && fgets(line, sizeof line, f); i++) {
    }
    if (f)
        fclose(f);
    const char *dot = strrchr(first->field, '.');
    const char *last = dot ? dot + 1 : first->field;
    ck_assert_msg(strncmp(line + first->pos.col, last, strlen(last)) == 0, "%s:%d: no '%s' there", path,
                  first->pos.line, last);
}

static void check_file(const char *folder, const char *file, const struct published *p)
{
    char path[1024];
    struct lr_diags ds = {0};
    struct lr_arena arena = {0};
    struct lr_model m;
    snprintf(path, sizeof path, "%s/%s", folder, file);
    struct lr_document *doc = lr_document_load(path, &ds);
    ck_assert_msg(doc, "%s cannot be read", path);
    if (lr_import_config(doc, &m, &arena, &ds)) {
        ck_assert_msg(!p || p->parameters > 0, "%s: expected to be refused for '%s'", file, p->source);
        if (p)
            expect_count(&m, p, file);
        expect_round_trip(&m, file);
        ck_assert_uint_eq(ds.errors, 0);
    } else {
        char message[512] = "";
        lr_diag_format(&ds.item[0], message, sizeof message);
        ck_assert_msg(!p || p->parameters == 0, "%s: refused: %s", file, message);
        expect_refusal(&ds, path, p ? p->source : NULL);
    }
    lr_arena_free(&arena);
    lr_document_free(doc);
    lr_diags_free(&ds);
}

static size_t check_folder(const char *folder, const struct published *table, size_t count, bool all_known)
{
    size_t files = 0;
    DIR *dir = opendir(folder);
    for (const struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
        const size_t length = strlen(e->d_name);
        if (length > 5 && strcmp(e->d_name + length - 5, ".json") == 0) {
            const struct published *p = find(table, count, e->d_name);
            ck_assert_msg(p || !all_known, "%s is in no table", e->d_name);
            check_file(folder, e->d_name, p);
            files++;
        }
    }
    if (dir)
        closedir(dir);
    return files;
}

START_TEST(reads_abridged_configurations)
{
    const size_t count = sizeof abridged / sizeof *abridged;
    ck_assert_uint_eq(check_folder(TEST_SOURCE_DIR "/tests/configs", abridged, count, true), count);
}
END_TEST

START_TEST(reads_or_refuses_published_configurations)
{
    char folder[1024];
    if (!suite_measured("../hf_configs", folder, sizeof folder))
        return;
    const size_t files = check_folder(folder, shared, sizeof shared / sizeof *shared, false);
    ck_assert_msg(files > 0, "no configurations in %s", folder);
    printf("%zu configurations in %s\n", files, folder);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {reads_abridged_configurations, reads_or_refuses_published_configurations};
    return suite_run("import_models", tests, sizeof tests / sizeof *tests, 1);
}
