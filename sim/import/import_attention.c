/* SPDX-License-Identifier: Apache-2.0 */
/* Heads, biases and windows of a config.json. */
#include "import/importer.h"

#include <math.h>
#include <string.h>

static bool has_flag(const struct lr_import *in, unsigned flag)
{
    return (in->family->flags & flag) != 0;
}

/* Falcon: files of the new architecture have the number of KV heads. In others it is 1 or the number of heads. */
static bool falcon_kv_heads(struct lr_import *in, double heads, double *out)
{
    if (lr_import_switch(in, LR_IMPORT_NEW_DECODER) == 1)
        return lr_import_need(in, LR_IMPORT_KV_HEADS, 1, out);
    *out = lr_import_switch(in, LR_IMPORT_MULTI_QUERY) == 0 ? heads : 1;
    return true;
}

static bool kv_heads(struct lr_import *in, double heads, double *out)
{
    *out = heads;
    if (has_flag(in, LR_HF_FALCON))
        return falcon_kv_heads(in, heads, out);
    if (has_flag(in, LR_HF_ONE_KV_HEAD)) {
        *out = lr_import_switch(in, LR_IMPORT_MULTI_QUERY) == 0 ? heads : 1;
        return true;
    }
    if (lr_import_switch(in, LR_IMPORT_MULTI_QUERY) == 0) /* ChatGLM then ignores multi_query_group_num */
        return true;
    lr_import_whole(in, LR_IMPORT_KV_HEADS, 1, out);
    if (fmod(heads, *out) != 0)
        lr_import_error(in, LR_IMPORT_KV_HEADS, "is %.0f, expected a divisor of %.0f, the number of heads", *out,
                        heads);
    return true;
}

static void set(bool *out, int value)
{
    if (value >= 0)
        *out = value == 1;
}

static void biases(struct lr_import *in, struct lr_attention *a)
{
    const int all = lr_import_switch(in, LR_IMPORT_BIAS), attention = lr_import_switch(in, LR_IMPORT_ATTENTION_BIAS);
    a->qkv_bias = has_flag(in, LR_HF_QKV_BIAS);
    a->out_bias = has_flag(in, LR_HF_OUT_BIAS);
    set(&a->out_bias, all);
    if (!has_flag(in, LR_HF_QKV_BIAS) || all == 1 || has_flag(in, LR_HF_OUT_BIAS))
        set(&a->qkv_bias, all);
    set(&a->qkv_bias, attention);
    if (!has_flag(in, LR_HF_BIAS_QKV_ONLY))
        set(&a->out_bias, attention);
    set(&a->qkv_bias, lr_import_switch(in, LR_IMPORT_QKV_BIAS));
    set(&a->out_bias, lr_import_switch(in, LR_IMPORT_OUT_BIAS));
}

static bool grouped(struct lr_import *in, struct lr_attention *a)
{
    a->kind = LR_ATTENTION_GQA;
    if (!lr_import_need(in, LR_IMPORT_HEADS, 1, &a->heads) || !kv_heads(in, a->heads, &a->kv_heads))
        return false;
    a->head_dim = in->model->hidden / a->heads;
    if (!lr_import_whole(in, LR_IMPORT_HEAD_DIM, 1, &a->head_dim) && a->head_dim != floor(a->head_dim)) {
        lr_import_error(in, LR_IMPORT_HEADS, "is %.0f, expected a divisor of the hidden size, or the key 'head_dim'",
                        a->heads);
    }
    biases(in, a);
    a->qk_norm = has_flag(in, LR_HF_QK_NORM);
    set(&a->qk_norm, lr_import_switch(in, LR_IMPORT_QK_NORM));
    a->qk_norm = a->qk_norm && !has_flag(in, LR_HF_CHUNKED); /* the norm of Llama 4 has no weights */
    a->sinks = has_flag(in, LR_HF_SINKS);
    a->output_gate = has_flag(in, LR_HF_OUTPUT_GATE);
    set(&a->output_gate, lr_import_switch(in, LR_IMPORT_OUTPUT_GATE));
    return !in->failed;
}

/* The indexer, which selects the tokens that attention reads (DeepSeek-V3.2). */
static bool indexer(struct lr_import *in, struct lr_attention *a)
{
    return lr_import_need(in, LR_IMPORT_INDEX_TOPK, 1, &a->index_topk) &&
           lr_import_need(in, LR_IMPORT_INDEX_HEADS, 1, &a->index_heads) &&
           lr_import_need(in, LR_IMPORT_INDEX_DIM, 1, &a->index_dim) &&
           lr_import_need(in, LR_IMPORT_Q_LORA, 1, &a->q_lora_rank);
}

static bool latent(struct lr_import *in, struct lr_attention *a)
{
    double qk = 0;
    a->kind = LR_ATTENTION_MLA;
    if (!lr_import_need(in, LR_IMPORT_HEADS, 1, &a->heads) ||
        !lr_import_need(in, LR_IMPORT_KV_LORA, 1, &a->kv_lora_rank) ||
        !lr_import_need(in, LR_IMPORT_NOPE_DIM, 1, &a->qk_nope_dim) ||
        !lr_import_need(in, LR_IMPORT_ROPE_DIM, 1, &a->qk_rope_dim))
        return false;
    lr_import_whole(in, LR_IMPORT_Q_LORA, 0, &a->q_lora_rank);
    a->v_dim = in->model->hidden / a->heads; /* MiniCPM3 */
    if (strcmp(in->family->model_type, "minicpm3") != 0 || lr_import_has(in, LR_IMPORT_V_DIM))
        lr_import_need(in, LR_IMPORT_V_DIM, 1, &a->v_dim);
    if (lr_import_whole(in, LR_IMPORT_QK_DIM, 1, &qk) && qk != a->qk_nope_dim + a->qk_rope_dim) {
        lr_import_error(in, LR_IMPORT_QK_DIM, "is %.0f, expected qk_nope_head_dim + qk_rope_head_dim = %.0f", qk,
                        a->qk_nope_dim + a->qk_rope_dim);
    }
    if (lr_import_switch(in, LR_IMPORT_ATTENTION_BIAS) == 1)
        lr_import_error(in, LR_IMPORT_ATTENTION_BIAS, "biases in MLA are not supported, expected false");
    if (has_flag(in, LR_HF_INDEXER) && !indexer(in, a))
        return false;
    return !in->failed;
}

bool lr_import_attention(struct lr_import *in, struct lr_attention *out)
{
    const bool is_latent = has_flag(in, LR_HF_MLA) && lr_import_switch(in, LR_IMPORT_USE_MLA) != 0;
    *out = (struct lr_attention){0};
    if (is_latent)
        return latent(in, out);
    if (lr_import_has(in, LR_IMPORT_KV_LORA) && !lr_import_off(in->field[LR_IMPORT_KV_LORA]) &&
        lr_import_switch(in, LR_IMPORT_USE_MLA) != 0) {
        lr_import_error(in, LR_IMPORT_KV_LORA,
                        "MLA is not supported for model_type '%s', expected a file without this key",
                        in->family->model_type);
        return false;
    }
    return grouped(in, out);
}
