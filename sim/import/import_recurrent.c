/* SPDX-License-Identifier: Apache-2.0 */
/* Layers of a config.json that keep a state instead of a KV cache. */
#include "import/importer.h"

static bool has_flag(const struct lr_import *in, unsigned flag)
{
    return (in->family->flags & flag) != 0;
}

/* The number format of the state. The default is FP32, as in inference engines. */
static void state_format(struct lr_import *in, struct lr_attention *a)
{
    const struct lr_node *n = in->field[LR_IMPORT_STATE_FORMAT];
    a->state_format = LR_FP32;
    if (!n)
        return;
    a->state_format = n->text ? lr_dtype_parse(n->text) : LR_DTYPE_NONE;
    if (a->state_format != LR_FP32 && a->state_format != LR_BF16 && a->state_format != LR_FP16) {
        lr_import_error(in, LR_IMPORT_STATE_FORMAT, "'%.40s' is not supported, expected float32, bfloat16 or float16",
                        n->text ? n->text : "a list");
        a->state_format = LR_FP32;
    }
}

static bool delta(struct lr_import *in, struct lr_attention *a)
{
    a->kind = LR_ATTENTION_DELTA;
    return lr_import_need(in, LR_IMPORT_LINEAR_KEY_HEADS, 1, &a->key_heads) &&
           lr_import_need(in, LR_IMPORT_LINEAR_VALUE_HEADS, 1, &a->value_heads) &&
           lr_import_need(in, LR_IMPORT_LINEAR_KEY_DIM, 1, &a->key_dim) &&
           lr_import_need(in, LR_IMPORT_LINEAR_VALUE_DIM, 1, &a->value_dim) &&
           lr_import_need(in, LR_IMPORT_CONV, 1, &a->conv);
}

static bool lightning(struct lr_import *in, struct lr_attention *a)
{
    a->kind = LR_ATTENTION_LIGHTNING;
    return lr_import_need(in, LR_IMPORT_HEADS, 1, &a->heads) && lr_import_need(in, LR_IMPORT_HEAD_DIM, 1, &a->head_dim);
}

static bool mamba2(struct lr_import *in, struct lr_attention *a)
{
    a->kind = LR_ATTENTION_MAMBA2;
    return lr_import_need(in, LR_IMPORT_MAMBA_HEADS, 1, &a->heads) &&
           lr_import_need(in, LR_IMPORT_MAMBA_HEAD_DIM, 1, &a->head_dim) &&
           lr_import_need(in, LR_IMPORT_MAMBA_STATE, 1, &a->state) &&
           lr_import_need(in, LR_IMPORT_MAMBA_GROUPS, 1, &a->groups) && lr_import_need(in, LR_IMPORT_CONV, 1, &a->conv);
}

/* The code of Jamba has norms on time steps, B and C. */
static bool mamba1(struct lr_import *in, struct lr_attention *a)
{
    double expand = 0;
    a->kind = LR_ATTENTION_MAMBA1;
    a->inner_norms = true;
    if (!lr_import_need(in, LR_IMPORT_MAMBA_EXPAND, 1, &expand) ||
        !lr_import_need(in, LR_IMPORT_MAMBA_STATE, 1, &a->state) ||
        !lr_import_need(in, LR_IMPORT_MAMBA_STEP_RANK, 1, &a->dt_rank) ||
        !lr_import_need(in, LR_IMPORT_CONV, 1, &a->conv))
        return false;
    a->inner = expand * in->model->hidden;
    return true;
}

/* Reports sizes that the loader of profiles does not accept. */
static void check_divisors(struct lr_import *in, const struct lr_attention *a)
{
    if (a->kind == LR_ATTENTION_DELTA && (long)a->value_heads % (long)a->key_heads != 0) {
        lr_import_error(in, LR_IMPORT_LINEAR_KEY_HEADS,
                        "is %.0f, expected a divisor of %.0f, the number of value heads", a->key_heads, a->value_heads);
    }
    if (a->kind == LR_ATTENTION_MAMBA2 && (long)a->heads % (long)a->groups != 0) {
        lr_import_error(in, LR_IMPORT_MAMBA_GROUPS, "is %.0f, expected a divisor of %.0f, the number of heads",
                        a->groups, a->heads);
    }
}

bool lr_import_recurrent(struct lr_import *in, struct lr_attention *out)
{
    *out = (struct lr_attention){0};
    const bool read = has_flag(in, LR_HF_DELTA)       ? delta(in, out)
                      : has_flag(in, LR_HF_LIGHTNING) ? lightning(in, out)
                      : has_flag(in, LR_HF_JAMBA)     ? mamba1(in, out)
                                                      : mamba2(in, out);
    if (!read)
        return false;
    out->conv_bias = lr_import_switch(in, LR_IMPORT_CONV_BIAS) == 1;
    state_format(in, out);
    check_divisors(in, out);
    return !in->failed;
}
