/* SPDX-License-Identifier: Apache-2.0 */
/* Makes operators of common shapes, and merges equal ones. */
#include "lower/emit.h"

#include <math.h>
#include <string.h>

/* Bytes of the union that a family uses. These structs have only doubles, without padding, so that memcmp compares
 * them. lr_moe also has an enum: same_experts compares it. */
static const size_t shape_size[LR_FAMILY_COUNT] = {
    [LR_FAMILY_GEMM] = sizeof(struct lr_gemm),
    [LR_FAMILY_ATTENTION] = sizeof(struct lr_gqa),
    [LR_FAMILY_MLA] = sizeof(struct lr_mla),
    [LR_FAMILY_BMM] = sizeof(struct lr_bmm),
    [LR_FAMILY_ELEMENTWISE] = sizeof(struct lr_elementwise),
    [LR_FAMILY_ALL_REDUCE] = sizeof(struct lr_collective),
    [LR_FAMILY_ALL_GATHER] = sizeof(struct lr_collective),
    [LR_FAMILY_REDUCE_SCATTER] = sizeof(struct lr_collective),
    [LR_FAMILY_DISPATCH] = sizeof(struct lr_collective),
    [LR_FAMILY_COMBINE] = sizeof(struct lr_collective),
    [LR_FAMILY_SEND] = sizeof(struct lr_collective),
    [LR_FAMILY_STATE] = sizeof(struct lr_state),
    [LR_FAMILY_INDEX] = sizeof(struct lr_index),
};

static bool same_experts(const struct lr_moe *a, const struct lr_moe *b)
{
    return a->hidden == b->hidden && a->inter == b->inter && a->matrices == b->matrices && a->experts == b->experts &&
           a->topk == b->topk && a->local == b->local && a->groups == b->groups && a->routing == b->routing &&
           a->skew == b->skew;
}

static bool same(const struct lr_op *a, const struct lr_op *b)
{
    if (a->role != b->role || a->family != b->family || a->rows != b->rows || a->weight != b->weight ||
        a->act != b->act || a->kv != b->kv)
        return false;
    return a->family == LR_FAMILY_MOE ? same_experts(&a->u.moe, &b->u.moe)
                                      : memcmp(&a->u, &b->u, shape_size[a->family]) == 0;
}

/* Merges equal operators of different blocks, so that the cost of an estimate does not grow with the depth of the
 * model. */
void lr_emit(struct lr_emitter *c, struct lr_op op)
{
    for (size_t i = 0; i < c->out->op_count; i++) {
        if (same(&c->out->op[i], &op)) {
            c->out->op[i].count += op.count;
            return;
        }
    }
    if (c->out->op_count == LR_OPS_MAX) {
        c->overflow = true;
        return;
    }
    c->out->op[c->out->op_count++] = op;
}

/* Zeroes the whole union, because emitters set only the fields that they need and same() compares all of it. */
struct lr_op lr_emit_blank(enum lr_role role, enum lr_family family, double count)
{
    struct lr_op op;
    memset(&op, 0, sizeof op);
    op.name = lr_role_name(role);
    op.role = role;
    op.family = family;
    op.count = count;
    op.weight = LR_DTYPE_NONE;
    op.act = LR_BF16;
    op.kv = LR_DTYPE_NONE;
    return op;
}

enum lr_dtype lr_emit_activation(enum lr_dtype weight)
{
    return lr_dtype_weight_only(weight) || lr_dtype_bytes(weight) >= 2 ? LR_BF16 : weight;
}

void lr_emit_gemm(struct lr_emitter *c, enum lr_role role, double count, enum lr_dtype weight, double n, double k)
{
    struct lr_op op = lr_emit_blank(role, LR_FAMILY_GEMM, count);
    op.weight = weight;
    op.act = lr_emit_activation(weight);
    op.u.gemm = (struct lr_gemm){.n = n, .k = k};
    lr_emit(c, op);
}

void lr_emit_bmm(struct lr_emitter *c, enum lr_role role, double count, double heads, double n, double k)
{
    struct lr_op op = lr_emit_blank(role, LR_FAMILY_BMM, count);
    op.weight = LR_BF16; /* engines keep the absorbed projections in 16 bits */
    op.u.bmm = (struct lr_bmm){.heads = heads, .n = n, .k = k};
    lr_emit(c, op);
}

void lr_emit_elementwise(struct lr_emitter *c, enum lr_role role, double count, double elements, double kv_bytes)
{
    struct lr_op op = lr_emit_blank(role, LR_FAMILY_ELEMENTWISE, count);
    op.u.elementwise.bytes_per_row = elements * LR_ACT_BYTES;
    op.u.elementwise.kv_bytes_per_row = kv_bytes;
    lr_emit(c, op);
}

void lr_emit_collective(struct lr_emitter *c, enum lr_role role, enum lr_family family, double count, double ranks,
                        double bytes_per_row)
{
    if (ranks <= 1)
        return;
    struct lr_op op = lr_emit_blank(role, family, count);
    op.u.collective.ranks = ranks;
    op.u.collective.nodes = c->domain >= 1 ? ceil(ranks / c->domain) : ranks;
    op.u.collective.bytes_per_row = bytes_per_row;
    lr_emit(c, op);
}

/* Fused residual add and RMS norm: reads the branch and the residual, writes both. */
void lr_emit_norm(struct lr_emitter *c, enum lr_role role, double count)
{
    lr_emit_elementwise(c, role, count, 4 * c->m->hidden, 0);
}
