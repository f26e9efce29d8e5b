/* Heads, biases and windows of a config.json. */
#include "load/import.h"

#include <math.h>
#include <string.h>

static bool has_flag(const struct lr_import *in, unsigned flag)
{
    return (in->family->flags & flag) != 0;
}

/* Falcon: as many as said in the new architecture; else one, or one for each head. */
static bool falcon_kv_heads(struct lr_import *in, double heads, double *out)
{
    if (lr_import_switch(in, LR_IMPORT_NEW_DECODER) == 1) {
        return lr_import_need(in, LR_IMPORT_KV_HEADS, 1, out);
    }
    *out = lr_import_switch(in, LR_IMPORT_MULTI_QUERY) == 0 ? heads : 1;
    return true;
}

static bool kv_heads(struct lr_import *in, double heads, double *out)
{
    *out = heads;
    if (has_flag(in, LR_HF_FALCON)) {
        return falcon_kv_heads(in, heads, out);
    }
    if (has_flag(in, LR_HF_ONE_KV_HEAD)) {
        *out = lr_import_switch(in, LR_IMPORT_MULTI_QUERY) == 0 ? heads : 1;
        return true;
    }
    if (lr_import_switch(in, LR_IMPORT_MULTI_QUERY) == 0) { /* ChatGLM: its number of groups is idle then */
        return true;
    }
    lr_import_whole(in, LR_IMPORT_KV_HEADS, 1, out);
    if (fmod(heads, *out) != 0) {
        lr_import_error(in, LR_IMPORT_KV_HEADS, "is %.0f, which does not divide the %.0f heads, expected a divisor",
                        *out, heads);
    }
    return true;
}

static void set(bool *out, int value)
{
    if (value >= 0) {
        *out = value == 1;
    }
}

static void biases(struct lr_import *in, struct lr_attention *a)
{
    const int all = lr_import_switch(in, LR_IMPORT_BIAS), attention = lr_import_switch(in, LR_IMPORT_ATTENTION_BIAS);
    a->qkv_bias = has_flag(in, LR_HF_QKV_BIAS);
    a->out_bias = has_flag(in, LR_HF_OUT_BIAS);
    set(&a->out_bias, all);
    if (!has_flag(in, LR_HF_QKV_BIAS) || all == 1 || has_flag(in, LR_HF_OUT_BIAS)) {
        set(&a->qkv_bias, all);
    }
    set(&a->qkv_bias, attention);
    if (!has_flag(in, LR_HF_BIAS_QKV_ONLY)) {
        set(&a->out_bias, attention);
    }
    set(&a->qkv_bias, lr_import_switch(in, LR_IMPORT_QKV_BIAS));
    set(&a->out_bias, lr_import_switch(in, LR_IMPORT_OUT_BIAS));
}

static bool grouped(struct lr_import *in, struct lr_attention *a)
{
    a->kind = LR_ATTENTION_GQA;
    if (!lr_import_need(in, LR_IMPORT_HEADS, 1, &a->heads) || !kv_heads(in, a->heads, &a->kv_heads)) {
        return false;
    }
    a->head_dim = in->model->hidden / a->heads;
    if (!lr_import_whole(in, LR_IMPORT_HEAD_DIM, 1, &a->head_dim) && a->head_dim != floor(a->head_dim)) {
        lr_import_error(in, LR_IMPORT_HEADS,
                        "is %.0f, which does not divide the hidden size, expected a divisor or head_dim", a->heads);
    }
    biases(in, a);
    a->qk_norm = has_flag(in, LR_HF_QK_NORM);
    set(&a->qk_norm, lr_import_switch(in, LR_IMPORT_QK_NORM));
    a->sinks = has_flag(in, LR_HF_SINKS);
    a->output_gate = lr_import_switch(in, LR_IMPORT_OUTPUT_GATE) == 1;
    return !in->failed;
}

static bool latent(struct lr_import *in, struct lr_attention *a)
{
    double qk = 0;
    a->kind = LR_ATTENTION_MLA;
    if (!lr_import_need(in, LR_IMPORT_HEADS, 1, &a->heads) ||
        !lr_import_need(in, LR_IMPORT_KV_LORA, 1, &a->kv_lora_rank) ||
        !lr_import_need(in, LR_IMPORT_NOPE_DIM, 1, &a->qk_nope_dim) ||
        !lr_import_need(in, LR_IMPORT_ROPE_DIM, 1, &a->qk_rope_dim)) {
        return false;
    }
    lr_import_whole(in, LR_IMPORT_Q_LORA, 0, &a->q_lora_rank);
    a->v_dim = in->model->hidden / a->heads; /* MiniCPM3 */
    if (strcmp(in->family->model_type, "minicpm3") != 0 || lr_import_has(in, LR_IMPORT_V_DIM)) {
        lr_import_need(in, LR_IMPORT_V_DIM, 1, &a->v_dim);
    }
    if (lr_import_whole(in, LR_IMPORT_QK_DIM, 1, &qk) && qk != a->qk_nope_dim + a->qk_rope_dim) {
        lr_import_error(in, LR_IMPORT_QK_DIM, "is %.0f, expected qk_nope_head_dim + qk_rope_head_dim = %.0f", qk,
                        a->qk_nope_dim + a->qk_rope_dim);
    }
    if (lr_import_switch(in, LR_IMPORT_ATTENTION_BIAS) == 1) {
        lr_import_error(in, LR_IMPORT_ATTENTION_BIAS, "biases in latent attention are not supported, expected false");
    }
    return !in->failed;
}

bool lr_import_attention(struct lr_import *in, struct lr_attention *out)
{
    const bool is_latent = has_flag(in, LR_HF_MLA) && lr_import_switch(in, LR_IMPORT_USE_MLA) != 0;
    *out = (struct lr_attention){0};
    if (is_latent) {
        return latent(in, out);
    }
    if (lr_import_has(in, LR_IMPORT_KV_LORA) && !lr_import_off(in->field[LR_IMPORT_KV_LORA]) &&
        lr_import_switch(in, LR_IMPORT_USE_MLA) != 0) {
        lr_import_error(in, LR_IMPORT_KV_LORA, "latent attention is not known of model_type '%s', expected none",
                        in->family->model_type);
        return false;
    }
    return grouped(in, out);
}

/* Layer types of a file by what they mean. */
static bool read_type(struct lr_import *in, const struct lr_node *item, size_t layer, bool *windowed)
{
    static const struct {
        const char *name;
        bool windowed;
    } types[] = {{"full_attention", false},   {"global_attention", false}, {"global", false}, {"attention", false},
                 {"sliding_attention", true}, {"local_attention", true},   {"local", true}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (item->text && strcmp(types[i].name, item->text) == 0) {
            *windowed = types[i].windowed;
            return true;
        }
    }
    lr_import_error_at(in, item->pos, in->scope[LR_IMPORT_LAYER_TYPES], lr_import_key(in, LR_IMPORT_LAYER_TYPES),
                       "layer %zu is '%.40s', which is not supported, expected 'full_attention' or 'sliding_attention'",
                       layer, item->text ? item->text : "a list");
    return false;
}

static bool by_types(struct lr_import *in, bool *windowed)
{
    const struct lr_node *list = in->field[LR_IMPORT_LAYER_TYPES];
    double drafts = 0;
    lr_import_whole(in, LR_IMPORT_DRAFT_LAYERS, 0, &drafts);
    if (list->kind != LR_NODE_SEQUENCE || list->count < in->layer_count ||
        (double)list->count > (double)in->layer_count + drafts) {
        lr_import_error(in, LR_IMPORT_LAYER_TYPES, "has %zu items, expected one for each of the %zu layers",
                        list->count, in->layer_count);
        return false;
    }
    const struct lr_node *item = list->first;
    for (size_t i = 0; i < in->layer_count; i++, item = item->next) {
        if (!read_type(in, item, i, &windowed[i])) {
            return false;
        }
    }
    return true;
}

/* sliding_window_pattern: n (each n-th layer is full) or letters, L for a window and G for none. */
static bool by_pattern(struct lr_import *in, bool *windowed)
{
    const struct lr_node *n = in->field[LR_IMPORT_WINDOW_PATTERN];
    double every = in->family->every;
    const size_t letters = n && n->text ? strspn(n->text, "LG") : 0;
    if (letters && n->text[letters] == '\0') {
        for (size_t i = 0; i < in->layer_count; i++) {
            windowed[i] = n->text[i % letters] == 'L' && i + 1 < in->layer_count;
        }
        return true;
    }
    if (n && !lr_import_whole(in, LR_IMPORT_WINDOW_PATTERN, 1, &every)) {
        return false;
    }
    if (every < 1) {
        lr_import_error(in, LR_IMPORT_WINDOW, "which layers have it is not said, expected layer_types");
        return false;
    }
    for (size_t i = 0; i < in->layer_count; i++) {
        windowed[i] = fmod((double)(i + 1), every) != 0;
    }
    return true;
}

static bool by_family(struct lr_import *in, bool *windowed)
{
    double from = 28; /* Qwen2Config */
    const int use = lr_import_switch(in, LR_IMPORT_USE_WINDOW);
    if (use == 0) {
        return true;
    }
    switch (in->family->window) {
    case LR_IMPORT_WINDOW_EVERY:
        return by_pattern(in, windowed);
    case LR_IMPORT_WINDOW_ALL:
        memset(windowed, 1, in->layer_count * sizeof *windowed);
        return true;
    case LR_IMPORT_WINDOW_TAIL:
        lr_import_whole(in, LR_IMPORT_WINDOW_FROM, 0, &from);
        for (size_t i = 0; i < in->layer_count; i++) {
            windowed[i] = use == 1 && (double)i >= from;
        }
        return true;
    default:
        lr_import_error(in, LR_IMPORT_WINDOW, "which layers of model_type '%s' have it is not known, expected none",
                        in->family->model_type);
        return false;
    }
}

bool lr_import_windows(struct lr_import *in)
{
    double window = 0;
    bool *windowed = lr_arena_array(in->arena, in->layer_count, sizeof *windowed);
    if (!windowed) {
        lr_import_error(in, LR_IMPORT_LAYERS, "out of memory");
        return false;
    }
    const bool present = lr_import_whole(in, LR_IMPORT_WINDOW, 0, &window) && window > 0;
    if (lr_import_has(in, LR_IMPORT_LAYER_TYPES)) {
        by_types(in, windowed);
    } else if (present) {
        by_family(in, windowed);
    }
    for (size_t i = 0; i < in->layer_count && !in->failed; i++) {
        if (windowed[i] && !present) {
            lr_import_error(in, LR_IMPORT_WINDOW, "is missing, expected the window of the layers that have one");
        }
        /* A window as wide as the context never closes. */
        if (windowed[i] && window < in->model->max_context && in->layer[i].attention.kind == LR_ATTENTION_GQA) {
            in->layer[i].attention.window = window;
        }
    }
    return !in->failed;
}
