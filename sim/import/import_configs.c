/* SPDX-License-Identifier: Apache-2.0 */
/* block_configs: layers that each have their own shape, from an architecture search (Nemotron-NAS, also called DeciLM).
 * Source: block_config.py and modeling_decilm.py of nvidia/Llama-3_3-Nemotron-Super-49B-v1. */
#include "import/importer.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct block {
    struct lr_import *in;
    size_t layer;
    const char *part;
};

LR_PRINTF(3, 4) static void refuse(const struct block *b, const struct lr_node *n, const char *format, ...)
{
    char scope[64], message[160];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    snprintf(scope, sizeof scope, "block_configs.%zu.%s", b->layer, b->part);
    lr_import_error_at(b->in, n->key ? n->key_pos : n->pos, scope, n->key ? n->key : "", "%s", message);
}

/* Reports other keys that are switched on, such as those of sparse or linear attention. */
static void refuse_others(const struct block *b, const struct lr_node *map, const char *first, const char *second)
{
    static const char *const harmless[] = {"no_op", "hidden_act", "sparsify_schedule"};
    for (const struct lr_node *n = map->first; n; n = n->next) {
        bool known = strcmp(n->key, first) == 0 || strcmp(n->key, second) == 0;
        for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
            known = known || strcmp(n->key, harmless[i]) == 0;
        if (!known && !lr_import_off(n))
            refuse(b, n, "is not supported, expected null or false");
    }
}

static bool is_no_op(const struct lr_node *map)
{
    return !lr_import_off(lr_node_get(map, "no_op"));
}

static bool positive(const struct block *b, const struct lr_node *n, bool whole, double *out)
{
    if (n && lr_node_number(n, out) && *out > 0 && *out <= LR_IMPORT_SIZE_MAX && (!whole || *out == floor(*out)))
        return true;
    if (n)
        refuse(b, n, "is not a valid size, expected a number up to %d", LR_IMPORT_SIZE_MAX);
    return false;
}

static void read_attention(const struct block *b, const struct lr_node *map, double heads, struct lr_attention *a)
{
    struct lr_import *in = b->in;
    double group = 0;
    if (is_no_op(map))
        return;
    refuse_others(b, map, "n_heads_in_group", "num_key_value_heads");
    a->kind = LR_ATTENTION_GQA;
    a->heads = heads;
    a->head_dim = in->model->hidden / heads;
    lr_import_whole(in, LR_IMPORT_HEAD_DIM, 1, &a->head_dim);
    a->qkv_bias = a->out_bias = lr_import_switch(in, LR_IMPORT_ATTENTION_BIAS) == 1;
    const struct lr_node *grouped = lr_node_get(map, "n_heads_in_group");
    const struct lr_node *counted = lr_node_get(map, "num_key_value_heads");
    if (!lr_import_off(grouped) && positive(b, grouped, true, &group))
        a->kv_heads = heads / group;
    else if (!lr_import_off(counted))
        positive(b, counted, true, &a->kv_heads);
    if (!in->failed && (a->kv_heads < 1 || fmod(heads, a->kv_heads) != 0 || a->kv_heads != floor(a->kv_heads)))
        refuse(b, grouped ? grouped : map, "does not give a whole number of KV heads, expected a divisor of %.0f",
               heads);
    if (a->head_dim != floor(a->head_dim))
        lr_import_error(in, LR_IMPORT_HEADS, "does not divide the hidden size, expected a divisor or a key 'head_dim'");
}

/* intermediate_size is two thirds of ffn_mult times hidden_size, rounded up to a multiple of 256. */
static void read_ffn(const struct block *b, const struct lr_node *map, struct lr_ffn *f)
{
    double mult = 0;
    if (is_no_op(map))
        return;
    refuse_others(b, map, "ffn_mult", "intermediate_size");
    f->kind = LR_FFN_GATED;
    f->bias = lr_import_switch(b->in, LR_IMPORT_MLP_BIAS) == 1;
    const struct lr_node *given = lr_node_get(map, "intermediate_size"), *factor = lr_node_get(map, "ffn_mult");
    if (!lr_import_off(given))
        positive(b, given, true, &f->intermediate);
    else if (!lr_import_off(factor) && positive(b, factor, false, &mult))
        f->intermediate = ceil(floor(2 * mult * b->in->model->hidden / 3) / 256) * 256;
    else
        refuse(b, map, "has neither ffn_mult nor intermediate_size, expected one of them");
}

bool lr_import_block_configs(struct lr_import *in)
{
    const struct lr_node *list = in->field[LR_IMPORT_BLOCK_CONFIGS];
    double heads = 0;
    if (!list || list->kind != LR_NODE_SEQUENCE || list->count != in->layer_count) {
        lr_import_error(in, LR_IMPORT_BLOCK_CONFIGS, "%s, expected one item for each of the %zu layers",
                        list ? "has the wrong length" : "is missing", in->layer_count);
        return false;
    }
    if (!lr_import_need(in, LR_IMPORT_HEADS, 1, &heads))
        return false;
    const struct lr_node *item = list->first;
    for (size_t i = 0; i < in->layer_count && !in->failed; i++, item = item->next) {
        struct block b = {.in = in, .layer = i, .part = "attention."};
        struct lr_import_layer *l = &in->layer[i];
        const struct lr_node *attention = lr_node_get(item, "attention"), *ffn = lr_node_get(item, "ffn");
        if (!attention || !ffn || attention->kind != LR_NODE_MAP || ffn->kind != LR_NODE_MAP) {
            b.part = "";
            refuse(&b, item, "has no 'attention' or no 'ffn', expected two mappings");
            return false;
        }
        read_attention(&b, attention, heads, &l->attention);
        b.part = "ffn.";
        read_ffn(&b, ffn, &l->ffn);
        l->norms = (l->attention.kind != LR_ATTENTION_NONE) + (l->ffn.kind != LR_FFN_NONE);
    }
    return !in->failed;
}
