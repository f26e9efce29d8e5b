/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a Hugging Face config.json as a model. */
#include "import/importer.h"

#include "core/text.h"

#include <stdio.h>
#include <string.h>

/* Keys of multi-modal models for the configuration of their language model. */
static const char *const text_parts[] = {"text_config", "llm_config", "language_config", "language_model_config",
                                         "thinker_config"};

static const struct lr_node *text_part(const struct lr_node *map)
{
    for (size_t i = 0; i < sizeof text_parts / sizeof *text_parts; i++) {
        const struct lr_node *n = lr_node_get(map, text_parts[i]);
        if (n && n->kind == LR_NODE_MAP && n->count)
            return n;
    }
    return NULL;
}

static const char *first_text(const struct lr_node *n)
{
    const struct lr_node *first = n && n->kind == LR_NODE_SEQUENCE ? n->first : n;
    return first ? first->text : NULL;
}

static const char *text_of(const struct lr_import *in, enum lr_import_field f)
{
    return first_text(in->field[f]);
}

/* The scan needs the family, because the meaning of keys depends on it. find_family reports an unknown one later. */
static void guess_family(struct lr_import *in, const struct lr_node *map)
{
    in->family =
        lr_import_family(first_text(lr_node_get(map, "model_type")), first_text(lr_node_get(map, "architectures")));
}

/* Scans the map of the language model, then the maps that contain it (Qwen-Omni has two). */
static bool scan(struct lr_import *in)
{
    const struct lr_node *outer = in->doc->root, *inner = text_part(outer);
    const struct lr_node *last = inner ? text_part(inner) : NULL;
    guess_family(in, last ? last : inner ? inner : outer);
    if (!inner) {
        lr_import_scan(in, outer, "", false);
        return !in->failed;
    }
    const struct lr_node *innermost = last;
    const size_t size = strlen(inner->key) + (innermost ? strlen(innermost->key) : 0) + 3;
    char *scope = lr_arena_alloc(in->arena, size);
    if (!scope) {
        lr_import_error(in, LR_IMPORT_MODEL_TYPE, "out of memory");
        return false;
    }
    snprintf(scope, size, "%s.%s%s", inner->key, innermost ? innermost->key : "", innermost ? "." : "");
    in->multi_modal = true;
    lr_import_scan(in, innermost ? innermost : inner, scope, false);
    if (innermost)
        lr_import_scan(in, inner, "", true);
    lr_import_scan(in, outer, "", true);
    lr_diag(in->ds, LR_NOTE, inner->key_pos, inner->key,
            "only the language model is imported; encoders of images or sound are not counted");
    return !in->failed;
}

static bool find_family(struct lr_import *in)
{
    const char *type = text_of(in, LR_IMPORT_MODEL_TYPE), *architecture = text_of(in, LR_IMPORT_ARCHITECTURES);
    in->family = lr_import_family(type, architecture);
    if (in->family)
        return true;
    if (!type) {
        lr_import_error(in, LR_IMPORT_MODEL_TYPE, "is missing, expected the name of a model family");
        return false;
    }
    lr_import_error(in, LR_IMPORT_MODEL_TYPE, "'%.60s' is not a supported model family", type);
    if (lr_import_family_nearest(type))
        lr_hint(in->ds, "did you mean '%s'?", lr_import_family_nearest(type));
    return false;
}

/* Engines convert checkpoints with 32-bit weights to 16 bits (vLLM's dtype 'auto'). */
static void set_dtype(struct lr_import *in)
{
    const char *text = text_of(in, LR_IMPORT_DTYPE);
    const bool automatic = !text || strcmp(text, "auto") == 0;
    enum lr_dtype d = automatic ? LR_BF16 : lr_dtype_parse(strncmp(text, "torch.", 6) == 0 ? text + 6 : text);
    if (d == LR_FP32) {
        lr_import_note(in, LR_IMPORT_DTYPE,
                       "32-bit weights are counted as bf16, because engines serve them with 16 bits");
        d = LR_BF16;
    }
    if (d != LR_BF16 && d != LR_FP16) {
        lr_import_error(in, LR_IMPORT_DTYPE, "'%.40s' is not supported, expected bfloat16, float16 or float32", text);
        return;
    }
    for (int p = 0; p < LR_PART_COUNT; p++)
        in->model->weights[p] = d;
    in->model->kv = d;
}

static void set_sizes(struct lr_import *in)
{
    struct lr_model *m = in->model;
    const int tied = lr_import_switch(in, LR_IMPORT_TIED), head_bias = lr_import_switch(in, LR_IMPORT_HEAD_BIAS);
    lr_import_need(in, LR_IMPORT_HIDDEN, 1, &m->hidden);
    lr_import_need(in, LR_IMPORT_VOCAB, 1, &m->vocab);
    lr_import_need(in, LR_IMPORT_CONTEXT, 1, &m->max_context);
    m->tied_embeddings = tied >= 0 ? tied == 1 : (in->family->flags & LR_HF_TIED) != 0;
    m->head_bias = head_bias >= 0 ? head_bias == 1 : (in->family->flags & LR_HF_HEAD_BIAS) != 0;
}

/* Derives the name of the model from the path of the file: "Qwen--Qwen3-8B" from "Qwen--Qwen3-8B_config.json",
 * "DeepSeek-V3" from "DeepSeek-V3/config.json". An empty string when the path contains no name. */
static void stem_of(const char *path, char *out, size_t size)
{
    char copy[512];
    snprintf(copy, sizeof copy, "%s", path);
    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(copy, '/');
        char *base = slash ? slash + 1 : copy;
        static const char *const endings[] = {".json", "config", "_", "."};
        for (size_t e = 0; e < sizeof endings / sizeof *endings; e++) {
            const size_t length = strlen(base), tail = strlen(endings[e]);
            if (length >= tail && strcmp(base + length - tail, endings[e]) == 0)
                base[length - tail] = '\0';
        }
        if (*base && strcmp(base, ".") != 0 && strcmp(base, "..") != 0) {
            snprintf(out, size, "%s", base);
            return;
        }
        if (!slash)
            break;
        *slash = '\0';
    }
    *out = '\0';
}

/* Makes a valid name of a profile: lower case letters, digits, '.' and '-', without a leading '.'. */
static void make_name(const char *text, char *out, size_t size)
{
    lr_name_normalise(text, out, size);
    for (char *c = out; *c; c++)
        if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9') && *c != '-' && (*c != '.' || c == out))
            *c = '-';
}

static const char *copy_text(struct lr_import *in, const char *text)
{
    const char *copy = lr_arena_text(in->arena, text, strlen(text));
    if (!copy && !in->failed)
        lr_import_error(in, LR_IMPORT_MODEL_TYPE, "out of memory");
    return copy ? copy : "";
}

static void set_names(struct lr_import *in)
{
    char stem[128], name[128], text[320];
    struct lr_model *m = in->model;
    const char *path = text_of(in, LR_IMPORT_PATH);
    stem_of(in->doc->name, stem, sizeof stem);
    if (!*stem && path)
        stem_of(path, stem, sizeof stem);
    if (!*stem)
        snprintf(stem, sizeof stem, "%s", in->family->model_type);
    const char *owner = strstr(stem, "--");
    owner = owner && owner != stem && owner[2] ? owner : NULL;
    make_name(owner ? owner + 2 : stem, name, sizeof name);
    m->name = copy_text(in, name);
    m->title = copy_text(in, owner ? owner + 2 : stem);
    if (owner) {
        snprintf(text, sizeof text, "%.*s/%s", (int)(owner - stem), stem, owner + 2);
        m->hugging_face = copy_text(in, text);
    }
    snprintf(text, sizeof text, "config.json of %s", owner ? m->hugging_face : m->title);
    m->source = copy_text(in, text);
}

/* Warns when the name of the model contains a number format but no file states how it is quantised. */
static void warn_of_format_in_name(const struct lr_import *in)
{
    static const char *const formats[] = {"FP8", "FP4", "AWQ", "GPTQ", "INT4", "INT8", "W4A16", "W8A8"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strstr(in->model->title, formats[i])) {
            lr_diag(in->ds, LR_WARNING, (struct lr_pos){.file = in->doc->name}, "quantization_config",
                    "is missing, but the name of the model contains '%s'; weights are counted as %s", formats[i],
                    lr_dtype_name(in->model->weights[LR_PART_ATTENTION]));
            lr_hint(in->ds, "put hf_quant_config.json of the checkpoint into the same folder");
            return;
        }
    }
}

/* Reads the quantisation from config.json, else from hf_quant_config.json. */
static void set_weights(struct lr_import *in, const struct lr_document *quantization)
{
    const struct lr_node *own = in->field[LR_IMPORT_QUANTIZATION];
    if (own && !lr_import_off(own)) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", in->scope[LR_IMPORT_QUANTIZATION], own->key);
        lr_import_quantization(in, own, path);
        return;
    }
    if (!quantization) {
        warn_of_format_in_name(in);
        return;
    }
    const struct lr_node *map = lr_node_get(quantization->root, "quantization");
    if (!map) {
        lr_diag(in->ds, LR_ERROR, (struct lr_pos){.file = quantization->name}, "quantization",
                "is missing, expected a mapping");
        in->failed = true;
        return;
    }
    lr_import_quantization(in, map, "quantization");
}

bool lr_import_quantized(const struct lr_document *doc, const struct lr_document *quantization, struct lr_model *out,
                         struct lr_arena *arena, struct lr_diags *ds)
{
    struct lr_import in = {.doc = doc, .arena = arena, .ds = ds, .model = out};
    *out = (struct lr_model){.published = {.tolerance = 0.01}};
    if (!scan(&in) || !find_family(&in))
        return false;
    set_dtype(&in);
    set_sizes(&in);
    if (in.failed || !lr_import_layers(&in) || !lr_import_blocks(&in))
        return false;
    set_names(&in);
    set_weights(&in, quantization);
    return !in.failed;
}

bool lr_import_config(const struct lr_document *doc, struct lr_model *out, struct lr_arena *arena, struct lr_diags *ds)
{
    return lr_import_quantized(doc, NULL, out, arena, ds);
}
