/* SPDX-License-Identifier: Apache-2.0 */
/* Sorts the keys of a config.json into fields, keys without bearing, and refusals. */
#include "import/importer.h"

#include <string.h>

/* Maps whose sizes are fields like those around them (DBRX). What else they say is of no class's own. */
static const char *const flattened[] = {"attn_config", "ffn_config"};

/* Of the map around the language model's, these count too, unless the inner one has them. */
static const enum lr_import_field from_outside[] = {LR_IMPORT_TIED, LR_IMPORT_DTYPE, LR_IMPORT_QUANTIZATION,
                                                    LR_IMPORT_PATH, LR_IMPORT_DRAFT_LAYERS};

/* A key with one of these in it may be a part of the architecture. */
/* clang-format off */
static const char *const telling[] = {
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

/* Maps inside repeat what belongs to any configuration, and often not as it is meant. */
static bool is_general(enum lr_import_field f)
{
    return f == LR_IMPORT_MODEL_TYPE || f == LR_IMPORT_ARCHITECTURES || f == LR_IMPORT_PATH || f == LR_IMPORT_TIED ||
           f == LR_IMPORT_DTYPE;
}

/* Two names of one field in a file must agree. Of contexts, and of vocabularies with and without padding, the
 * largest counts. */
static void take_field(struct lr_import *in, enum lr_import_field f, const struct lr_node *n, const char *scope)
{
    const struct lr_node *known = in->field[f];
    if (lr_node_is_null(n) || (known && f == LR_IMPORT_MODEL_TYPE))
        return;
    if (known && (f == LR_IMPORT_CONTEXT || f == LR_IMPORT_VOCAB)) {
        double a = 0, b = 0;
        if (lr_node_number(known, &a) && lr_node_number(n, &b) && b <= a)
            return;
    } else if (known && known->kind == LR_NODE_SCALAR && !equal_scalars(known, n)) {
        lr_import_error_at(in, n->key_pos, scope, n->key, "is '%.40s' where '%s' is '%.40s', expected the same",
                           n->kind == LR_NODE_SCALAR ? n->text : "a list", known->key, known->text);
        return;
    }
    in->field[f] = n;
    in->scope[f] = scope;
}

static bool looks_telling(const struct lr_node *n)
{
    double number = 0;
    if (n->kind != LR_NODE_SCALAR)
        return true;
    if (lr_node_number(n, &number) && !strpbrk(n->text, ".eE"))
        return true;
    for (size_t i = 0; i < sizeof telling / sizeof *telling; i++)
        if (strstr(n->key, telling[i]))
            return true;
    return false;
}

static void on_unknown(struct lr_import *in, const struct lr_node *n, const char *scope)
{
    const bool negated = starts_with(n->key, "no_") || starts_with(n->key, "disable_") || starts_with(n->key, "skip_");
    if ((lr_import_off(n) && !negated) || in->refused) /* one good reason is enough */
        return;
    if (looks_telling(n)) {
        lr_import_error_at(in, n->key_pos, scope, n->key,
                           "unknown key that may change the answer, expected one that is known");
        lr_hint(in->ds, "if it has no bearing on inference, take it out of a copy of the file");
        return;
    }
    lr_diag(in->ds, LR_NOTE, n->key_pos, n->key, "unknown key, taken to have no bearing on decoding");
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
            take_field(in, f, n, scope);
    }
}

static void scan_outer(struct lr_import *in, const struct lr_node *n, const char *scope)
{
    const enum lr_import_field f = lr_import_field_of(n->key);
    for (size_t i = 0; i < sizeof from_outside / sizeof *from_outside; i++)
        if (f == from_outside[i] && !in->field[f])
            take_field(in, f, n, scope);
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
            take_field(in, f, n, scope);
        else if (!lr_import_refusal(n->key) && !lr_import_ignored(n->key))
            on_unknown(in, n, scope);
    }
}
