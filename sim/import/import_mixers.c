/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the layers of a config.json with full attention, with a window, with chunks, and with a state instead. */
#include "import/importer.h"

#include <math.h>
#include <string.h>

enum mixer { FULL, WINDOWED, CHUNKED, RECURRENT };

static bool has_flag(const struct lr_import *in, unsigned flag)
{
    return (in->family->flags & flag) != 0;
}

/* Reads one item of layer_types. flag: the families for which a type is supported; 0: all. */
static bool read_type(struct lr_import *in, const struct lr_node *item, size_t layer, enum mixer *out)
{
    static const struct {
        const char *name;
        enum mixer mixer;
        unsigned flag;
    } types[] = {{"full_attention", FULL, 0},
                 {"global_attention", FULL, 0},
                 {"global", FULL, 0},
                 {"attention", FULL, 0},
                 {"sliding_attention", WINDOWED, 0},
                 {"local_attention", WINDOWED, 0},
                 {"local", WINDOWED, 0},
                 {"chunked_attention", CHUNKED, LR_HF_CHUNKED},
                 {"linear_attention", RECURRENT, LR_HF_DELTA},
                 {"mamba", RECURRENT, LR_HF_MAMBA2},
                 {"deepseek_sparse_attention", FULL, LR_HF_INDEXER}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const bool known = !types[i].flag || has_flag(in, types[i].flag);
        if (known && item->text && strcmp(types[i].name, item->text) == 0) {
            *out = types[i].mixer;
            return true;
        }
    }
    lr_import_error_at(in, item->pos, in->scope[LR_IMPORT_LAYER_TYPES], lr_import_key(in, LR_IMPORT_LAYER_TYPES),
                       "layer %zu is '%.40s', which is not supported, expected 'full_attention' or 'sliding_attention'",
                       layer, item->text ? item->text : "a list");
    return false;
}

static bool by_types(struct lr_import *in, enum mixer *mixer)
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
    for (size_t i = 0; i < in->layer_count; i++, item = item->next)
        if (!read_type(in, item, i, &mixer[i]))
            return false;
    return true;
}

/* sliding_window_pattern is a number n (every n-th layer has full attention) or letters: L for a window, G for none. */
static bool by_pattern(struct lr_import *in, enum mixer *mixer)
{
    const struct lr_node *n = in->field[LR_IMPORT_WINDOW_PATTERN];
    double every = in->family->every;
    const size_t letters = n && n->text ? strspn(n->text, "LG") : 0;
    if (letters && n->text[letters] == '\0') {
        for (size_t i = 0; i < in->layer_count; i++)
            mixer[i] = n->text[i % letters] == 'L' && i + 1 < in->layer_count ? WINDOWED : FULL;
        return true;
    }
    if (n && !lr_import_whole(in, LR_IMPORT_WINDOW_PATTERN, 1, &every))
        return false;
    if (every < 1) {
        lr_import_error(in, LR_IMPORT_WINDOW, "has no list of the layers that use it, expected a key 'layer_types'");
        return false;
    }
    for (size_t i = 0; i < in->layer_count; i++)
        mixer[i] = fmod((double)(i + 1), every) != 0 ? WINDOWED : FULL;
    return true;
}

static bool by_family(struct lr_import *in, enum mixer *mixer)
{
    double from = 28; /* Qwen2Config */
    const int use = lr_import_switch(in, LR_IMPORT_USE_WINDOW);
    if (use == 0)
        return true;
    switch (in->family->window) {
    case LR_IMPORT_WINDOW_EVERY:
        return by_pattern(in, mixer);
    case LR_IMPORT_WINDOW_ALL:
        for (size_t i = 0; i < in->layer_count; i++)
            mixer[i] = WINDOWED;
        return true;
    case LR_IMPORT_WINDOW_TAIL:
        lr_import_whole(in, LR_IMPORT_WINDOW_FROM, 0, &from);
        for (size_t i = 0; i < in->layer_count; i++)
            mixer[i] = use == 1 && (double)i >= from ? WINDOWED : FULL;
        return true;
    default:
        lr_import_error(in, LR_IMPORT_WINDOW, "is not supported for model_type '%s', expected a file without this key",
                        in->family->model_type);
        return false;
    }
}

/* Every n-th layer has full attention, the others have a state. */
static bool by_interval(struct lr_import *in, enum mixer *mixer)
{
    double every = 0;
    if (!lr_import_need(in, LR_IMPORT_FULL_EVERY, 1, &every))
        return false;
    for (size_t i = 0; i < in->layer_count; i++)
        mixer[i] = fmod((double)(i + 1), every) == 0 ? FULL : RECURRENT;
    return true;
}

/* In each period, one layer, at the offset, has attention. */
static bool by_period(struct lr_import *in, enum mixer *mixer)
{
    double period = 0, offset = 0;
    if (!lr_import_need(in, LR_IMPORT_FULL_PERIOD, 1, &period) ||
        !lr_import_need(in, LR_IMPORT_FULL_OFFSET, 0, &offset))
        return false;
    for (size_t i = 0; i < in->layer_count; i++)
        mixer[i] = fmod((double)i, period) == offset ? FULL : RECURRENT;
    return true;
}

/* A list of the layers that have attention (Bamba). */
static bool by_indices(struct lr_import *in, enum mixer *mixer)
{
    const struct lr_node *list = in->field[LR_IMPORT_FULL_LAYERS];
    double layer = 0;
    if (!list || list->kind != LR_NODE_SEQUENCE) {
        lr_import_error(in, LR_IMPORT_FULL_LAYERS, "%s, expected a list of layers",
                        list ? "is not a list" : "is missing");
        return false;
    }
    for (size_t i = 0; i < in->layer_count; i++)
        mixer[i] = RECURRENT;
    for (const struct lr_node *n = list->first; n; n = n->next) {
        if (!lr_node_number(n, &layer) || layer != floor(layer) || layer < 0 || layer >= (double)in->layer_count) {
            lr_import_error(in, LR_IMPORT_FULL_LAYERS, "has an item that is not a layer, expected 0 to %zu",
                            in->layer_count - 1);
            return false;
        }
        mixer[(size_t)layer] = FULL;
    }
    return true;
}

/* A list of 0 and 1, one per layer; zero and one are the kinds that they mean. */
static bool by_switches(struct lr_import *in, enum lr_import_field f, enum mixer zero, enum mixer one,
                        enum mixer *mixer)
{
    const struct lr_node *list = in->field[f];
    if (list->kind != LR_NODE_SEQUENCE || list->count != in->layer_count) {
        lr_import_error(in, f, "has %zu items, expected one for each of the %zu layers", list->count, in->layer_count);
        return false;
    }
    const struct lr_node *n = list->first;
    for (size_t i = 0; i < in->layer_count; i++, n = n->next) {
        if (!n->text || (strcmp(n->text, "0") != 0 && strcmp(n->text, "1") != 0)) {
            lr_import_error(in, f, "the value of layer %zu is not valid, expected 0 or 1", i);
            return false;
        }
        mixer[i] = n->text[0] == '1' ? one : zero;
    }
    return true;
}

/* Llama 4: layers with rotary positions have attention in chunks. Without a list, or with an empty one, every n-th
 * layer has neither. */
static bool by_positions(struct lr_import *in, enum mixer *mixer)
{
    double every = 0;
    if (!lr_import_off(in->field[LR_IMPORT_NO_ROPE]))
        return by_switches(in, LR_IMPORT_NO_ROPE, FULL, CHUNKED, mixer);
    if (!lr_import_need(in, LR_IMPORT_NO_ROPE_EVERY, 1, &every))
        return false;
    for (size_t i = 0; i < in->layer_count; i++)
        mixer[i] = fmod((double)(i + 1), every) == 0 ? FULL : CHUNKED;
    return true;
}

/* MiniMax: 0 means lightning attention, 1 full attention. Other families have full attention only. */
static bool by_attention_types(struct lr_import *in, enum mixer *mixer)
{
    if (!by_switches(in, LR_IMPORT_ATTENTION_TYPES, RECURRENT, FULL, mixer))
        return false;
    for (size_t i = 0; i < in->layer_count; i++) {
        if (mixer[i] == RECURRENT && !has_flag(in, LR_HF_LIGHTNING)) {
            lr_import_error(in, LR_IMPORT_ATTENTION_TYPES,
                            "linear attention is not supported, expected 1 for each layer");
            return false;
        }
    }
    return true;
}

static bool choose(struct lr_import *in, enum mixer *mixer, bool has_window)
{
    if (lr_import_has(in, LR_IMPORT_LAYER_TYPES))
        return by_types(in, mixer);
    if (lr_import_has(in, LR_IMPORT_ATTENTION_TYPES))
        return by_attention_types(in, mixer);
    if (has_flag(in, LR_HF_LIGHTNING)) {
        lr_import_error(in, LR_IMPORT_ATTENTION_TYPES, "is missing, expected 0 or 1 for each layer");
        return false;
    }
    if (has_flag(in, LR_HF_DELTA))
        return by_interval(in, mixer);
    if (has_flag(in, LR_HF_MAMBA2))
        return by_indices(in, mixer);
    if (has_flag(in, LR_HF_JAMBA))
        return by_period(in, mixer);
    if (has_flag(in, LR_HF_CHUNKED))
        return lr_import_off(in->field[LR_IMPORT_CHUNK]) || by_positions(in, mixer);
    return !has_window || by_family(in, mixer);
}

static void apply(struct lr_import *in, const enum mixer *mixer, double window, double chunk)
{
    struct lr_attention recurrent = {0};
    for (size_t i = 0; i < in->layer_count && !in->failed; i++) {
        struct lr_attention *a = &in->layer[i].attention;
        if (mixer[i] == WINDOWED && window <= 0)
            lr_import_error(in, LR_IMPORT_WINDOW, "is missing, expected the size of the window");
        if (mixer[i] == CHUNKED && chunk <= 0)
            lr_import_error(in, LR_IMPORT_CHUNK, "is missing, expected the size of a chunk");
        if (mixer[i] == RECURRENT) {
            if (recurrent.kind == LR_ATTENTION_NONE && !lr_import_recurrent(in, &recurrent))
                return;
            *a = recurrent;
        } else if (a->kind == LR_ATTENTION_GQA) { /* a window as large as the context has no effect */
            a->window = mixer[i] == WINDOWED && window < in->model->max_context ? window : 0;
            a->chunk = mixer[i] == CHUNKED && chunk < in->model->max_context ? chunk : 0;
        }
    }
}

/* GLM-5.2: layers of type 'shared' have no indexer and use the selection of the last layer that has one. */
static void share_indexers(struct lr_import *in)
{
    const struct lr_node *list = in->field[LR_IMPORT_INDEX_TYPES];
    double every = 1;
    if (lr_import_off(list)) {
        if (lr_import_whole(in, LR_IMPORT_INDEX_EVERY, 1, &every) && every > 1)
            lr_import_error(in, LR_IMPORT_INDEX_EVERY, "is not supported without 'indexer_types', expected both keys");
        return;
    }
    if (list->kind != LR_NODE_SEQUENCE || list->count < in->layer_count) {
        lr_import_error(in, LR_IMPORT_INDEX_TYPES, "has %zu items, expected one for each of the %zu layers",
                        list->count, in->layer_count);
        return;
    }
    const struct lr_node *n = list->first;
    for (size_t i = 0; i < in->layer_count; i++, n = n->next) {
        const bool shared = n->text && strcmp(n->text, "shared") == 0;
        if (!shared && (!n->text || strcmp(n->text, "full") != 0)) {
            lr_import_error(in, LR_IMPORT_INDEX_TYPES,
                            "the type of layer %zu is not valid, expected 'full' or 'shared'", i);
            return;
        }
        if (shared)
            in->layer[i].attention.index_heads = 0;
    }
}

bool lr_import_mixers(struct lr_import *in)
{
    double window = 0, chunk = 0;
    enum mixer *mixer = lr_arena_array(in->arena, in->layer_count, sizeof *mixer);
    if (!mixer) {
        lr_import_error(in, LR_IMPORT_LAYERS, "out of memory");
        return false;
    }
    const bool has_window = lr_import_whole(in, LR_IMPORT_WINDOW, 0, &window) && window > 0;
    lr_import_whole(in, LR_IMPORT_CHUNK, 0, &chunk);
    if (!in->failed && choose(in, mixer, has_window)) {
        apply(in, mixer, window, chunk);
        share_indexers(in);
    }
    return !in->failed;
}
