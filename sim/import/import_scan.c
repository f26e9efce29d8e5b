/* SPDX-License-Identifier: Apache-2.0 */
/* Sorts the keys of a config.json into fields, ignored keys, and errors. */
#include "import/importer.h"

#include <string.h>

/* Maps whose keys are read as if they were in the map that contains them (DBRX). */
static const char *const flattened[] = {"attn_config", "ffn_config"};

/* Fields that are also read from the map that contains that of the language model, if the inner map does not have them.
 */
static const enum lr_import_field outer_fields[] = {LR_IMPORT_TIED, LR_IMPORT_DTYPE, LR_IMPORT_QUANTIZATION,
                                                    LR_IMPORT_PATH, LR_IMPORT_DRAFT_LAYERS};

/* A key that contains one of these words may describe the architecture. */
/* clang-format off */
static const char *const architecture_words[] = {
    "layer", "head", "expert", "attn", "attention", "hidden", "dim", "rank", "window", "mlp", "moe", "ssm", "conv",
    "linear", "sparse", "index", "mamba", "recurrent", "cross", "share", "block", "ffn", "gate", "compress", "memory",
    "lora",
};
/* clang-format on */

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static bool equal_scalars(const struct lr_node *a, const struct lr_node *b)
{
    return a->kind == LR_NODE_SCALAR && b->kind == LR_NODE_SCALAR && strcmp(a->text, b->text) == 0;
}

/* Fields that inner maps repeat, often with wrong values. */
static bool is_general(enum lr_import_field f)
{
    return f == LR_IMPORT_MODEL_TYPE || f == LR_IMPORT_ARCHITECTURES || f == LR_IMPORT_PATH || f == LR_IMPORT_TIED ||
           f == LR_IMPORT_DTYPE;
}

/* Stores a field. Two keys for one field must agree, except for the context and the vocabulary (with and without
 * padding), where the largest value is used. */
static void store_field(struct lr_import *in, enum lr_import_field f, const struct lr_node *n, const char *scope)
{
    const struct lr_node *known = in->field[f];
    if (lr_node_is_null(n) || (known && f == LR_IMPORT_MODEL_TYPE))
        return;
    if (known && (f == LR_IMPORT_CONTEXT || f == LR_IMPORT_VOCAB)) {
        double a = 0, b = 0;
        if (lr_node_number(known, &a) && lr_node_number(n, &b) && b <= a)
            return;
    } else if (known && known->kind == LR_NODE_SCALAR && !equal_scalars(known, n)) {
        lr_import_error_at(in, n->key_pos, scope, n->key, "is '%.40s', but '%s' is '%.40s'; expected the same value",
                           n->kind == LR_NODE_SCALAR ? n->text : "a list", known->key, known->text);
        return;
    }
    in->field[f] = n;
    in->scope[f] = scope;
}

/* True if an unknown key may describe the architecture: a whole number, a map, a list, or one of the words above. */
static bool may_be_architecture(const struct lr_node *n)
{
    double number = 0;
    if (n->kind != LR_NODE_SCALAR)
        return true;
    if (lr_node_number(n, &number) && !strpbrk(n->text, ".eE"))
        return true;
    for (size_t i = 0; i < sizeof architecture_words / sizeof *architecture_words; i++)
        if (strstr(n->key, architecture_words[i]))
            return true;
    return false;
}

static void on_unknown(struct lr_import *in, const struct lr_node *n, const char *scope)
{
    const bool negated = starts_with(n->key, "no_") || starts_with(n->key, "disable_") || starts_with(n->key, "skip_");
    if ((lr_import_off(n) && !negated) || in->refused) /* one error about the feature is enough */
        return;
    if (may_be_architecture(n)) {
        lr_import_error_at(in, n->key_pos, scope, n->key, "unknown key; it may change the estimate");
        lr_hint(in->ds, "if it has no effect on inference, import a copy of the file without it");
        return;
    }
    lr_diag(in->ds, LR_NOTE, n->key_pos, n->key, "unknown key; it is assumed not to change the estimate");
}

static bool is_flattened(const struct lr_node *n)
{
    for (size_t i = 0; i < sizeof flattened / sizeof *flattened; i++)
        if (n->kind == LR_NODE_MAP && strcmp(n->key, flattened[i]) == 0)
            return true;
    return false;
}

static void scan_flattened(struct lr_import *in, const struct lr_node *map)
{
    const char *scope = strcmp(map->key, "attn_config") == 0 ? "attn_config." : "ffn_config.";
    for (const struct lr_node *n = map->first; n; n = n->next) {
        const enum lr_import_field f = lr_import_field_of(n->key);
        if (f == LR_IMPORT_FIELD_COUNT && !lr_import_ignored(n->key))
            on_unknown(in, n, scope);
        else if (f != LR_IMPORT_FIELD_COUNT && !is_general(f))
            store_field(in, f, n, scope);
    }
}

static void scan_outer(struct lr_import *in, const struct lr_node *n, const char *scope)
{
    const enum lr_import_field f = lr_import_field_of(n->key);
    for (size_t i = 0; i < sizeof outer_fields / sizeof *outer_fields; i++)
        if (f == outer_fields[i] && !in->field[f])
            store_field(in, f, n, scope);
}

void lr_import_scan(struct lr_import *in, const struct lr_node *map, const char *scope, bool outer)
{
    lr_import_refuse(in, map, scope);
    for (const struct lr_node *n = map->first; n; n = n->next) {
        const bool read = lr_import_understood(in, n->key);
        const enum lr_import_field f = read ? lr_import_field_of(n->key) : LR_IMPORT_FIELD_COUNT;
        if (outer)
            scan_outer(in, n, scope);
        else if (is_flattened(n))
            scan_flattened(in, n);
        else if (f != LR_IMPORT_FIELD_COUNT)
            store_field(in, f, n, scope);
        else if (!lr_import_refusal(n->key) && !lr_import_ignored(n->key))
            on_unknown(in, n, scope);
    }
}
