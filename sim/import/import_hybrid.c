/* SPDX-License-Identifier: Apache-2.0 */
/* Layers with one operation each: Mamba, attention, an MLP or experts (Nemotron-H). Source: modeling_nemotron_h.py of
 * nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16. */
#include "import/importer.h"

#include <string.h>

enum operation { MAMBA, ATTENTION, MLP, EXPERTS, OPERATIONS };

static const struct {
    char letter;
    const char *word;
} names[OPERATIONS] = {
    [MAMBA] = {'M', "mamba"}, [ATTENTION] = {'*', "attention"}, [MLP] = {'-', "mlp"}, [EXPERTS] = {'E', "moe"}};

/* The key that lists the operations: a list of words, or a string of letters. */
static enum lr_import_field pattern_field(const struct lr_import *in)
{
    return lr_import_has(in, LR_IMPORT_BLOCK_TYPES) ? LR_IMPORT_BLOCK_TYPES : LR_IMPORT_HYBRID_PATTERN;
}

bool lr_import_hybrid_count(struct lr_import *in, double *layers)
{
    const enum lr_import_field f = pattern_field(in);
    const struct lr_node *n = in->field[f];
    double given = 0;
    if (!n || (f == LR_IMPORT_BLOCK_TYPES ? n->kind != LR_NODE_SEQUENCE : !n->text)) {
        lr_import_error(in, f, "%s, expected the operation of each layer", n ? "cannot be read" : "is missing");
        return false;
    }
    *layers = n->text ? (double)strlen(n->text) : (double)n->count;
    if (*layers < 1 || (lr_import_whole(in, LR_IMPORT_LAYERS, 1, &given) && given != *layers))
        lr_import_error(in, f, "has %.0f layers, expected %.0f", *layers, given > 0 ? given : 1);
    return !in->failed;
}

static bool read_operation(struct lr_import *in, const struct lr_node *item, size_t layer, enum operation *out)
{
    const struct lr_node *n = in->field[pattern_field(in)];
    for (int i = 0; i < OPERATIONS; i++) {
        if (item ? item->text && strcmp(item->text, names[i].word) == 0 : n->text[layer] == names[i].letter) {
            *out = (enum operation)i;
            return true;
        }
    }
    lr_import_error(in, pattern_field(in), "layer %zu is '%.*s', which is not supported, expected one of %s", layer,
                    item ? 40 : 1,
                    item && item->text ? item->text
                    : item             ? "a list"
                                       : &n->text[layer],
                    item ? "mamba, attention, mlp, moe" : "M, *, -, E");
    return false;
}

bool lr_import_hybrid(struct lr_import *in)
{
    struct lr_attention attention = {0}, mamba = {0};
    struct lr_ffn mlp = {0}, experts = {0};
    const struct lr_node *list = in->field[LR_IMPORT_BLOCK_TYPES];
    const struct lr_node *item = list ? list->first : NULL;
    if (!lr_import_attention(in, &attention) || !lr_import_recurrent(in, &mamba) || !lr_import_ffns(in, &mlp, &experts))
        return false;
    for (size_t i = 0; i < in->layer_count; i++, item = item ? item->next : NULL) {
        enum operation o = MAMBA;
        struct lr_import_layer *l = &in->layer[i];
        if (!read_operation(in, item, i, &o))
            return false;
        if (o == EXPERTS && experts.kind == LR_FFN_NONE) {
            lr_import_need(in, LR_IMPORT_EXPERTS, 2, &experts.experts);
            return false;
        }
        l->norms = in->family->norms;
        l->attention = o == MAMBA ? mamba : o == ATTENTION ? attention : (struct lr_attention){0};
        l->ffn = o == MLP ? mlp : o == EXPERTS ? experts : (struct lr_ffn){0};
    }
    return true;
}
