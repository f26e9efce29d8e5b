/* SPDX-License-Identifier: Apache-2.0 */
/* The number formats of the weights of a checkpoint, from quantization_config in config.json or from
 * hf_quant_config.json. Sources: the quantizers of Hugging Face transformers (v4.57), compressed-tensors, NVIDIA
 * ModelOpt. */
#include "import/importer.h"

#include "core/operator.h"
#include "import/import_pattern.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* WORK_MAX limits the steps of matching patterns to about half a second. */
enum { RULES_MAX = 20000, ANY_LAYER_RULES_MAX = 1024, WORK_MAX = 30000000 };

/* The modules that pattern matches are stored as dtype. Later rules override earlier ones. */
struct rule {
    const char *pattern; /* NULL: all linear layers except the LM head */
    enum lr_dtype dtype; /* LR_DTYPE_NONE: not quantised */
    long layer;          /* see lr_pattern_layer */
    const struct lr_node *node;
    bool used;
};

struct rules {
    struct lr_import *in;
    const char *path;
    const struct lr_node *top; /* the map at path */
    struct rule *rule;
    size_t count, capacity, any_layer;
    enum lr_dtype kv;
    long work;
};

/* The matrices of each part, with their names in several families. */
static const struct {
    enum lr_part part;
    const char *const name[8];
    bool recurrent; /* attention: the matrix belongs to layers that keep a state */
} modules[] = {
    {LR_PART_ATTENTION, {"self_attn.q_proj", "self_attn.qkv_proj", "self_attn.q_b_proj", "mixer.q_proj"}, false},
    {LR_PART_ATTENTION, {"self_attn.k_proj", "self_attn.qkv_proj", "self_attn.kv_b_proj", "mixer.k_proj"}, false},
    {LR_PART_ATTENTION,
     {"self_attn.v_proj", "self_attn.qkv_proj", "self_attn.kv_a_proj_with_mqa", "mixer.v_proj"},
     false},
    {LR_PART_ATTENTION, {"self_attn.o_proj", "mixer.o_proj"}, false},
    {LR_PART_ATTENTION,
     {"linear_attn.in_proj_qkv", "linear_attn.in_proj_qkvz", "mixer.in_proj", "mamba.in_proj", "self_attn.qkv_proj"},
     true},
    {LR_PART_ATTENTION,
     {"linear_attn.in_proj_z", "linear_attn.in_proj_qkvz", "mixer.in_proj", "mamba.in_proj", "self_attn.output_gate"},
     true},
    {LR_PART_ATTENTION, {"linear_attn.out_proj", "mixer.out_proj", "mamba.out_proj", "self_attn.out_proj"}, true},
    {LR_PART_MLP, {"mlp.gate_proj", "mlp.gate_up_proj", "feed_forward.gate_proj", "mixer.up_proj"}, false},
    {LR_PART_MLP, {"mlp.up_proj", "mlp.gate_up_proj", "feed_forward.up_proj", "mixer.up_proj"}, false},
    {LR_PART_MLP, {"mlp.down_proj", "feed_forward.down_proj", "mixer.down_proj"}, false},
    {LR_PART_EXPERTS,
     {"mlp.experts.0.gate_proj", "mlp.experts.gate_up_proj", "block_sparse_moe.experts.0.w1",
      "feed_forward.experts.gate_up_proj", "mixer.experts.0.up_proj"},
     false},
    {LR_PART_EXPERTS,
     {"mlp.experts.0.up_proj", "mlp.experts.gate_up_proj", "block_sparse_moe.experts.0.w3",
      "feed_forward.experts.gate_up_proj", "mixer.experts.0.up_proj"},
     false},
    {LR_PART_EXPERTS,
     {"mlp.experts.0.down_proj", "mlp.experts.down_proj", "block_sparse_moe.experts.0.w2",
      "feed_forward.experts.down_proj", "mixer.experts.0.down_proj"},
     false},
    {LR_PART_SHARED,
     {"mlp.shared_experts.gate_proj", "mlp.shared_expert.gate_proj", "feed_forward.shared_expert.gate_proj",
      "mixer.shared_experts.up_proj"},
     false},
    {LR_PART_SHARED,
     {"mlp.shared_experts.up_proj", "mlp.shared_expert.up_proj", "feed_forward.shared_expert.up_proj",
      "mixer.shared_experts.up_proj"},
     false},
    {LR_PART_SHARED,
     {"mlp.shared_experts.down_proj", "mlp.shared_expert.down_proj", "feed_forward.shared_expert.down_proj",
      "mixer.shared_experts.down_proj"},
     false},
};

/* Words in the names of modules that belong to no part or are never quantised. Exclusions may list these modules. */
static const char *const other_modules[] = {
    "norm",    "gate", "router", "vis", "embed",  "projector", "audio", "rotary",        "score",   "mtp",
    "eh_proj", "head", "bias",   "mm_", "merger", "patch",     "img",   "shared_expert", "indexer", "conv"};

/* ModelOpt's names. */
static const struct {
    const char *name;
    enum lr_dtype dtype;
} algorithms[] = {
    {"FP8", LR_FP8},
    {"FP8_PER_CHANNEL_PER_TOKEN", LR_FP8},
    {"FP8_PB_WO", LR_FP8_BLOCK},
    {"NVFP4", LR_NVFP4},
    {"NVFP4_AWQ", LR_NVFP4},
    {"MXFP4", LR_MXFP4},
    {"W4A16_AWQ", LR_INT4},
    {"INT4_AWQ", LR_INT4},
    {"W8A8_SQ_PER_CHANNEL", LR_INT8},
    {"W4A16_MXFP4", LR_MXFP4},
};

LR_PRINTF(3, 4) static void refuse(const struct rules *r, const struct lr_node *n, const char *format, ...)
{
    char scope[160], message[256];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    const bool inside = n->key && n != r->top;
    snprintf(scope, sizeof scope, "%s%s", r->path, inside ? "." : "");
    lr_import_error_at(r->in, n->key ? n->key_pos : n->pos, scope, inside ? n->key : "", "%s", message);
}

static void add(struct rules *r, const struct lr_node *node, const char *pattern, enum lr_dtype dtype)
{
    if (pattern && !lr_pattern_valid(pattern)) {
        refuse(r, node, "pattern '%.60s' is not supported, expected a name, '*' or a simple regular expression",
               pattern);
        return;
    }
    const long layer = pattern ? lr_pattern_layer(pattern) : LR_PATTERN_ANY_LAYER;
    r->any_layer += layer == LR_PATTERN_ANY_LAYER;
    if (r->count == RULES_MAX || r->any_layer > ANY_LAYER_RULES_MAX) {
        if (!r->in->failed)
            refuse(r, node, "lists too many modules, expected at most %d", RULES_MAX);
        return;
    }
    if (r->count == r->capacity) {
        const size_t capacity = r->capacity ? 2 * r->capacity : 256;
        struct rule *grown = lr_arena_array(r->in->arena, capacity, sizeof *grown);
        if (!grown) {
            refuse(r, node, "out of memory");
            return;
        }
        if (r->count)
            memcpy(grown, r->rule, r->count * sizeof *grown);
        r->rule = grown;
        r->capacity = capacity;
    }
    r->rule[r->count++] = (struct rule){.pattern = pattern, .dtype = dtype, .layer = layer, .node = node};
}

static const char *text_of(const struct lr_node *map, const char *key)
{
    const struct lr_node *n = lr_node_get(map, key);
    return n && n->text && !lr_node_is_null(n) ? n->text : "";
}

static double number_of(const struct lr_node *map, const char *key, double missing)
{
    double value = missing;
    lr_node_number(lr_node_get(map, key), &value);
    return value;
}

/* The format of 4-bit integers, by the number of weights that share a scale. For larger groups the scales and zero
 * points need few bytes. */
static enum lr_dtype int4_of(const struct rules *r, const struct lr_node *n, double group)
{
    if (group == 32)
        return LR_INT4_G32;
    if (group != 128) {
        lr_diag(r->in->ds, LR_NOTE, n->key_pos, r->path,
                "scales for groups of %.0f weights are counted as for groups of 128", group);
    }
    return LR_INT4;
}

/* The format of a group of compressed-tensors; LR_DTYPE_NONE after an error. */
static enum lr_dtype scheme_dtype(const struct rules *r, const struct lr_node *group)
{
    const struct lr_node *weights = lr_node_get(group, "weights");
    const bool activations = !lr_import_off(lr_node_get(group, "input_activations"));
    if (!weights || weights->kind != LR_NODE_MAP) {
        refuse(r, group, "does not describe the weights, expected a mapping 'weights'");
        return LR_DTYPE_NONE;
    }
    const double bits = number_of(weights, "num_bits", 0), size = number_of(weights, "group_size", 128);
    const bool is_float = strcmp(text_of(weights, "type"), "float") == 0;
    const bool block = strcmp(text_of(weights, "strategy"), "block") == 0;
    if (bits == 8 && is_float)
        return block ? LR_FP8_BLOCK : LR_FP8;
    if (bits == 8 && !is_float && activations)
        return LR_INT8;
    if (bits == 4 && !is_float && !activations)
        return int4_of(r, weights, size);
    if (bits == 4 && is_float && size == 16 && activations)
        return LR_NVFP4;
    if (bits == 4 && is_float && size == 32)
        return LR_MXFP4;
    refuse(r, weights, "%.0f-bit %s with %s activations is not supported, expected fp8, int8, int4, nvfp4 or mxfp4",
           bits, is_float ? "float" : "int", activations ? "quantised" : "16-bit");
    return LR_DTYPE_NONE;
}

/* Adds rules for the modules in targets, or for all linear layers. A class name such as "Linear" means all linear
 * layers. */
static void add_targets(struct rules *r, const struct lr_node *group, enum lr_dtype dtype)
{
    const struct lr_node *targets = lr_node_get(group, "targets");
    if (!targets || targets->kind != LR_NODE_SEQUENCE) {
        add(r, group, NULL, dtype);
        return;
    }
    for (const struct lr_node *n = targets->first; n; n = n->next) {
        if (!n->text) {
            refuse(r, targets, "has an item that is not a name, expected a list of names");
            return;
        }
        add(r, n, n->text[0] >= 'A' && n->text[0] <= 'Z' ? NULL : n->text, dtype);
    }
}

static enum lr_dtype algorithm(const struct rules *r, const struct lr_node *n)
{
    for (size_t i = 0; n->text && i < sizeof algorithms / sizeof *algorithms; i++)
        if (strcmp(algorithms[i].name, n->text) == 0)
            return algorithms[i].dtype;
    refuse(r, n,
           "'%.40s' is not supported, expected one of FP8, FP8_PB_WO, NVFP4, MXFP4, W4A16_AWQ, W8A8_SQ_PER_CHANNEL",
           n->text ? n->text : "a mapping");
    return LR_DTYPE_NONE;
}

static void read_layers(struct rules *r, const struct lr_node *layers)
{
    for (const struct lr_node *n = layers->first; n && !r->in->failed; n = n->next) {
        const struct lr_node *name = lr_node_get(n, "quant_algo");
        if (!n->key || !name) {
            refuse(r, layers, "has an item without 'quant_algo', expected it in each item");
            return;
        }
        add(r, n, n->key, algorithm(r, name));
    }
}

static bool read_groups(struct rules *r, const struct lr_node *q)
{
    const struct lr_node *groups = lr_node_get(q, "config_groups");
    if (!groups || groups->kind != LR_NODE_MAP)
        return false;
    for (const struct lr_node *n = groups->first; n && !r->in->failed; n = n->next)
        add_targets(r, n, scheme_dtype(r, n));
    return true;
}

/* ModelOpt: one algorithm, or one for each module. */
static void read_modelopt(struct rules *r, const struct lr_node *q)
{
    const struct lr_node *name = lr_node_get(q, "quant_algo"), *layers = lr_node_get(q, "quantized_layers");
    if (!lr_import_off(layers))
        read_layers(r, layers);
    else if (name && !lr_node_is_null(name))
        add(r, name, NULL, algorithm(r, name));
    else if (!read_groups(r, q))
        refuse(r, q, "does not describe the weights, expected 'quant_algo'");
}

static void read_compressed(struct rules *r, const struct lr_node *q)
{
    if (!read_groups(r, q))
        refuse(r, q, "does not describe the weights, expected 'config_groups'");
}

static void read_fp8(struct rules *r, const struct lr_node *q)
{
    const struct lr_node *block = lr_node_get(q, "weight_block_size");
    double rows = 0, columns = 0;
    if (lr_import_off(block)) {
        add(r, q, NULL, LR_FP8);
        return;
    }
    if (!lr_node_number(lr_node_at(block, 0), &rows) || !lr_node_number(lr_node_at(block, 1), &columns) ||
        rows != 128 || columns != 128) {
        refuse(r, block, "is not a supported block size, expected [128, 128]");
        return;
    }
    add(r, q, NULL, LR_FP8_BLOCK);
}

static void read_int4(struct rules *r, const struct lr_node *q)
{
    const struct lr_node *bits = lr_node_get(q, "bits"), *dynamic = lr_node_get(q, "dynamic");
    if (number_of(q, "bits", 4) != 4) {
        refuse(r, bits, "'%.10s' bits are not supported, expected 4", bits->text);
        return;
    }
    if (!lr_import_off(dynamic)) {
        refuse(r, dynamic, "settings for single modules are not supported, expected null or a file without this key");
        return;
    }
    add(r, q, NULL, int4_of(r, q, number_of(q, "group_size", 128)));
}

/* gpt-oss quantises the experts only. */
static void read_mxfp4(struct rules *r, const struct lr_node *q)
{
    add(r, q, "mlp.experts", LR_MXFP4);
}

static const struct {
    const char *name;
    void (*read)(struct rules *r, const struct lr_node *q);
} methods[] = {
    {"fp8", read_fp8},           {"fbgemm_fp8", read_fp8},
    {"modelopt", read_modelopt}, {"modelopt_fp4", read_modelopt},
    {"awq", read_int4},          {"gptq", read_int4},
    {"mxfp4", read_mxfp4},       {"compressed-tensors", read_compressed},
    {"NVFP4", read_modelopt},
};

static void read_method(struct rules *r, const struct lr_node *q)
{
    const struct lr_node *n = lr_node_get(q, "quant_method");
    if (!n || lr_node_is_null(n)) {
        read_modelopt(r, q);
        return;
    }
    for (size_t i = 0; n->text && i < sizeof methods / sizeof *methods; i++) {
        if (strcmp(methods[i].name, n->text) == 0) {
            methods[i].read(r, q);
            return;
        }
    }
    refuse(r, n, "'%.40s' is not supported, expected one of fp8, compressed-tensors, modelopt, mxfp4, awq, gptq",
           n->text ? n->text : "a mapping");
}

static void read_exclusions(struct rules *r, const struct lr_node *q)
{
    static const char *const keys[] = {"modules_to_not_convert", "ignore", "ignored_layers", "exclude_modules"};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        const struct lr_node *list = lr_node_get(q, keys[k]);
        if (lr_import_off(list))
            continue;
        for (const struct lr_node *n = list->first; n && !r->in->failed; n = n->next)
            if (n->text)
                add(r, n, n->text, LR_DTYPE_NONE);
        if (list->kind != LR_NODE_SEQUENCE)
            refuse(r, list, "is not a list, expected a list of names");
    }
}

/* kv_cache_scheme is a group as in scheme_dtype or a name; kv_cache_quant_algo is a name. */
static void read_kv(struct rules *r, const struct lr_node *q)
{
    static const char *const keys[] = {"kv_cache_scheme", "kv_cache_quant_algo"};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        const struct lr_node *n = lr_node_get(q, keys[k]);
        if (lr_import_off(n))
            continue;
        const bool fp8 = n->kind == LR_NODE_MAP
                             ? number_of(n, "num_bits", 0) == 8 && strcmp(text_of(n, "type"), "float") == 0
                             : n->text && strcmp(n->text, "FP8") == 0;
        const bool none = n->text && strcmp(n->text, "None") == 0;
        if (!fp8 && !none)
            refuse(r, n, "is not a supported KV cache format, expected FP8 or none");
        else if (fp8)
            r->kv = LR_FP8;
    }
}

/* Keys that are read here, and keys that do not change the number of bits, such as how scales were computed. */
/* clang-format off */
static const char *const known_keys[] = {
    "quant_method", "quant_algo", "config_groups", "quantized_layers", "weight_block_size", "bits", "group_size",
    "dynamic", "modules_to_not_convert", "ignore", "ignored_layers", "exclude_modules", "kv_cache_scheme",
    "kv_cache_quant_algo", "activation_scheme", "fmt", "scale_fmt", "producer", "format", "quantization_status",
    "global_compression_ratio", "activation_scale_ub", "zero_point", "version", "backend", "do_fuse", "desc_act",
    "sym", "damp_percent", "true_sequential", "dataset", "static_groups", "model_file_base_name",
    "model_name_or_path", "quant_version", "meta", "lm_head", "checkpoint_format", "has_zero_point",
    "pre_quant_scale", "block_name_to_quantize", "cache_block_outputs", "max_input_length", "pad_token_id",
    "use_cuda_fp16", "use_exllama", "exllama_config", "modules_in_block_to_quantize", "batch_size", "tokenizer",
    "disable_exllama", "module_name_preceding_first_block", "model_seqlen", "smoothquant_val", "moe_quant_algo",
    "dequantize",
};
/* clang-format on */

static void check_keys(struct rules *r, const struct lr_node *q)
{
    for (const struct lr_node *n = q->first; n; n = n->next) {
        bool found = lr_import_off(n);
        for (size_t i = 0; i < sizeof known_keys / sizeof *known_keys && !found; i++)
            found = strcmp(known_keys[i], n->key) == 0;
        if (!found)
            refuse(r, n, "unknown key; it may change the estimate");
    }
    if (!lr_import_off(lr_node_get(q, "lm_head")))
        refuse(r, lr_node_get(q, "lm_head"), "a quantised LM head is not supported here, expected false");
}

static bool rule_matches(struct rules *r, const struct rule *rule, size_t module, size_t layer)
{
    char name[128];
    for (size_t i = 0; modules[module].name[i]; i++) {
        snprintf(name, sizeof name, "layers.%zu.%s", layer, modules[module].name[i]);
        if (lr_pattern_matches(rule->pattern, name, &r->work))
            return true;
    }
    return false;
}

static enum lr_dtype dtype_of(struct rules *r, size_t module, size_t layer, enum lr_dtype plain)
{
    enum lr_dtype dtype = plain;
    for (size_t i = 0; i < r->count; i++) {
        struct rule *rule = &r->rule[i];
        if (rule->layer != LR_PATTERN_ANY_LAYER && rule->layer != (long)layer)
            continue;
        if (!rule->pattern || rule_matches(r, rule, module, layer)) {
            dtype = rule->dtype == LR_DTYPE_NONE ? plain : rule->dtype;
            rule->used = true;
        }
    }
    return dtype;
}

static bool layer_has(const struct lr_import_layer *l, size_t module)
{
    const enum lr_part part = modules[module].part;
    switch (part) {
    case LR_PART_ATTENTION:
        return l->attention.kind != LR_ATTENTION_NONE &&
               lr_attention_has_state(&l->attention) == modules[module].recurrent;
    case LR_PART_MLP:
        return l->ffn.kind == LR_FFN_GATED || l->ffn.kind == LR_FFN_PLAIN;
    case LR_PART_EXPERTS:
        return l->ffn.kind == LR_FFN_MOE;
    default:
        return l->ffn.kind == LR_FFN_MOE && l->ffn.shared_intermediate > 0;
    }
}

/* Sets the format of a part to that of most of its matrices. A part that no layer has gets the format of attention. */
static void set_part_format(struct rules *r, enum lr_part part, const struct lr_node *q)
{
    struct lr_import *in = r->in;
    size_t votes[LR_DTYPE_COUNT] = {0}, all = 0;
    const enum lr_dtype plain = in->model->weights[part];
    enum lr_dtype most = plain;
    for (size_t layer = 0; layer < in->layer_count && r->work < WORK_MAX; layer++) {
        for (size_t m = 0; m < sizeof modules / sizeof *modules; m++) {
            if (modules[m].part == part && layer_has(&in->layer[layer], m)) {
                votes[dtype_of(r, m, layer, plain)]++;
                all++;
            }
        }
    }
    if (r->work >= WORK_MAX) {
        if (!in->failed)
            refuse(r, r->top, "matching the patterns takes too long, expected fewer or simpler patterns");
        return;
    }
    for (int d = 0; d < LR_DTYPE_COUNT; d++)
        most = votes[d] > votes[most] ? (enum lr_dtype)d : most;
    if (votes[most] < all)
        lr_diag(in->ds, LR_NOTE, q->key ? q->key_pos : q->pos, r->path,
                "%.0f %% of the matrices in '%s' are stored as %s; all are counted as %s",
                100.0 * (double)votes[most] / (double)all, lr_part_name(part), lr_dtype_name(most),
                lr_dtype_name(most));
    in->model->weights[part] = all ? most : in->model->weights[LR_PART_ATTENTION];
}

/* The LM head and the embedding are quantised only if a rule matches their name. */
static void set_named_format(struct rules *r, enum lr_part part, const char *name)
{
    for (size_t i = 0; i < r->count; i++) {
        struct rule *rule = &r->rule[i];
        if (rule->pattern && lr_pattern_matches(rule->pattern, name, &r->work)) {
            rule->used = true;
            if (rule->dtype != LR_DTYPE_NONE)
                r->in->model->weights[part] = rule->dtype;
        }
    }
}

/* A rule that matches no module is reported, because llmroof may have misread its pattern. */
static void warn_unused(const struct rules *r)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct rule *rule = &r->rule[i];
        bool known = rule->used || !rule->pattern || rule->layer >= (long)r->in->layer_count;
        for (size_t e = 0; e < sizeof other_modules / sizeof *other_modules && !known; e++)
            known = strstr(rule->pattern, other_modules[e]) != NULL;
        if (!known) {
            lr_diag(r->in->ds, LR_WARNING, rule->node->pos, r->path, "'%.60s' matches no matrix of the model",
                    rule->pattern);
        }
    }
}

void lr_import_quantization(struct lr_import *in, const struct lr_node *node, const char *path)
{
    static const enum lr_part parts[] = {LR_PART_ATTENTION, LR_PART_MLP, LR_PART_EXPERTS, LR_PART_SHARED};
    struct rules r = {.in = in, .path = path, .top = node, .kv = in->model->kv};
    if (node->kind != LR_NODE_MAP) {
        refuse(&r, node, "is a %s, expected a mapping", lr_node_kind_name(node->kind));
        return;
    }
    check_keys(&r, node);
    if (!in->failed) {
        read_method(&r, node);
        read_exclusions(&r, node);
        read_kv(&r, node);
    }
    if (in->failed)
        return;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        set_part_format(&r, parts[i], node);
    if (in->failed)
        return;
    set_named_format(&r, LR_PART_HEAD, "lm_head");
    set_named_format(&r, LR_PART_EMBEDDING, "embed_tokens");
    in->model->kv = r.kv;
    warn_unused(&r);
}
