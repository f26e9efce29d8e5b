/* SPDX-License-Identifier: Apache-2.0 */
/* Opens a plan: completes the layout, lowers the model, and selects constants and rates, once per deployment. */
#include "estimate/plan.h"
#include "core/constants.h"
#include "core/normal.h"
#include "lower/lowering.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

LR_PRINTF(2, 3) static void note(struct lr_plan *p, const char *format, ...)
{
    if (p->note_count == LR_PLAN_NOTES_MAX)
        return;
    va_list ap;
    va_start(ap, format);
    vsnprintf(p->note[p->note_count++], LR_PLAN_NOTE_SIZE, format, ap);
    va_end(ap);
}

/* The format in which the engine stores a part on the chip: the one asked for, if the chip multiplies it, or if the
 * engine's kernels can keep it packed. Otherwise the next wider format, with a note, or an error if there is none. */
static enum lr_dtype store(struct lr_plan *p, const struct lr_hardware *hw, const char *what, unsigned packed,
                           enum lr_dtype asked, struct lr_diags *ds)
{
    const char *const chip = hw->title ? hw->title : hw->name;
    const enum lr_dtype held = lr_dtype_on(asked, hw->compute.peak);
    if (held == asked)
        return asked;
    if (held == LR_DTYPE_NONE) {
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, what, "'%s' has no peak for %s or a wider format", hw->name,
                lr_dtype_name(asked));
    } else if (asked < LR_DTYPE_COUNT && (packed >> asked & 1) && !p->rt.widens) {
        note(p, "%s has no %s arithmetic: %s stored in %s, computed in 16 bits", chip, lr_dtype_name(asked), what,
             lr_dtype_name(asked));
        return asked;
    } else {
        note(p, "%s has no %s: %s stored and computed in %s", chip, lr_dtype_name(asked), what, lr_dtype_name(held));
    }
    return held;
}

/* A format for the whole model is that of its linear layers. Embedding, head, routers and norms keep theirs. */
static void store_weights(struct lr_plan *p, const struct lr_hardware *hw, const struct lr_model *m,
                          enum lr_dtype out[LR_PART_COUNT], struct lr_diags *ds)
{
    enum lr_dtype stored[LR_DTYPE_COUNT];
    bool known[LR_DTYPE_COUNT] = {false};
    for (int i = 0; i < LR_PART_COUNT; i++) {
        enum lr_dtype asked = m->weights[i];
        if (p->d.weights != LR_DTYPE_NONE && i != LR_PART_EMBEDDING && i != LR_PART_HEAD)
            asked = p->d.weights;
        if (!known[asked])
            stored[asked] = store(p, hw, "weights", hw->packed_weights, asked, ds);
        known[asked] = true;
        out[i] = stored[asked];
    }
    p->d.weights = out[LR_PART_ATTENTION];
    for (int i = 0; i < LR_PART_EMBEDDING; i++) /* the deployment is named after the format of most bytes */
        if (i == LR_PART_EXPERTS && m->block_count > 0 && m->block[m->block_count - 1].ffn.kind == LR_FFN_MOE)
            p->d.weights = out[i];
    p->d.kv = store(p, hw, "KV cache", hw->packed_kv, p->d.kv == LR_DTYPE_NONE ? m->kv : p->d.kv, ds);
}

/* The spread of the runtime, as shares of the time. */
static void spread_runtime(struct lr_plan *p, const struct lr_runtime *rt, const char *chip)
{
    const double extra = lr_chip_list_has(&rt->chips, chip) ? 0 : LR_NORMAL_Q90 * rt->transfer;
    p->shrink = -expm1(-sqrt(rt->spread_low * rt->spread_low + extra * extra));
    p->grow = expm1(sqrt(rt->spread_high * rt->spread_high + extra * extra));
}

/* Selects what pricing needs to know about operator i from a set. false if the set has no constants for it. */
static bool look_up(const struct lr_plan *p, size_t i, const struct lr_hardware *hw, const struct lr_kernels *set,
                    struct lr_planned *out)
{
    const struct lr_op *op = &p->l.op[i];
    out->kernel = lr_kernels_find(set, op->family, lr_kernel_slot(op));
    if (!out->kernel)
        return false;
    out->rate = lr_rate_of(op, hw->compute.peak);
    out->chip = lr_chip_of(hw, set, out->rate);
    out->chip.query_group = p->rt.query_group;
    out->chip.whole_context = p->rt.whole_context;
    if (lr_family_is_link(op->family))
        out->chip.up_bytes_per_s *= lr_mesh_share(hw, op);
    out->evidence = lr_kernels_borrowed(set, op->family) ? LR_EVIDENCE_ASSUMED : lr_evidence_of(out->kernel, set, hw);
    lr_spread_of(out->kernel, out->evidence, &out->low, &out->high);
    out->shrink = -expm1(out->low);
    out->grow = expm1(out->high);
    return true;
}

static bool plan_operator(struct lr_plan *p, size_t i, const struct lr_hardware *hw, const struct lr_kernels *set,
                          struct lr_diags *ds)
{
    const struct lr_op *op = &p->l.op[i];
    if (!look_up(p, i, hw, set, &p->op[i])) {
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, "kernels", "kernel set '%s' has no constants for %s", set->name,
                lr_family_name(op->family));
        return false;
    }
    if (lr_family_is_link(op->family) && p->op[i].chip.up_bytes_per_s <= 0) {
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, "scale_up", "'%s' has no link between GPUs", hw->name);
        lr_hint(ds, "add scale_up.bandwidth or host_link to the profile, or use one GPU");
        return false;
    }
    const struct lr_kernels *other = set->next;
    for (size_t n = 0; n < p->alternatives; n++, other = other->next)
        look_up(p, i, hw, other, &p->other[n * LR_OPS_MAX + i]);
    if (op->family == LR_FAMILY_INDEX || (op->family == LR_FAMILY_STATE && op->u.state.weight_bytes <= 0))
        p->mixer_layers += op->count;
    p->launches_s += op->count * p->rt.launch_s;
    if (op->family == LR_FAMILY_ATTENTION || op->family == LR_FAMILY_MLA || op->family == LR_FAMILY_INDEX)
        p->growing[p->growing_count++] = (unsigned char)i;
    else
        p->steady[p->steady_count++] = (unsigned char)i;
    return true;
}

/* A graph hides no launch of a collective, since that waits for other GPUs. */
void lr_plan_hide_launches(struct lr_plan *p)
{
    const double hidden = p->serial_launches ? 0 : p->rt.launch_hidden;
    for (size_t i = 0; i < p->l.op_count; i++) {
        const double share = lr_family_is_link(p->l.op[i].family) ? 0 : hidden;
        p->op[i].chip.launch_hidden = share;
        for (size_t n = 0; n < p->alternatives; n++)
            p->other[n * LR_OPS_MAX + i].chip.launch_hidden = share;
    }
}

static size_t size_of(size_t alternatives)
{
    return sizeof(struct lr_plan) + alternatives * LR_OPS_MAX * sizeof(struct lr_planned);
}

struct lr_plan *lr_plan_copy(const struct lr_plan *p)
{
    struct lr_plan *const copy = malloc(size_of(p->alternatives));
    if (copy)
        lr_plan_restore(copy, p);
    return copy;
}

void lr_plan_restore(struct lr_plan *copy, const struct lr_plan *p)
{
    memcpy(copy, p, size_of(p->alternatives));
}

struct lr_plan *lr_plan_new(const struct lr_hardware *hw, const struct lr_model *m, const struct lr_runtime *rt,
                            const struct lr_kernels *k, const struct lr_deployment *d, struct lr_diags *ds)
{
    if (!ds) {
        struct lr_diags discarded = {0};
        struct lr_plan *const made = lr_plan_new(hw, m, rt, k, d, &discarded);
        lr_diags_free(&discarded);
        return made;
    }
    size_t alternatives = 0;
    for (const struct lr_kernels *other = k->next; other; other = other->next)
        alternatives++;
    struct lr_plan *p = calloc(1, size_of(alternatives));
    if (!p) {
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
        return NULL;
    }
    const size_t before = ds->errors;
    const double domain = hw->scale_up.domain > 0 ? hw->scale_up.domain : 1;
    enum lr_dtype weights[LR_PART_COUNT];
    p->alternatives = alternatives;
    p->d = *d;
    p->rt = *rt;
    p->serial_launches = hw->compute.serial_launches;
    spread_runtime(p, rt, hw->name);
    p->kernels = k->name;
    p->capacity_bytes = hw->memory.capacity_bytes;
    if (lr_deployment_complete(&p->d, m, domain, ds)) {
        store_weights(p, hw, m, weights, ds);
        if (ds->errors == before && lr_lower(m, &p->d, weights, p->d.kv, domain, &p->l, ds))
            for (size_t i = 0; i < p->l.op_count && ds->errors == before; i++)
                plan_operator(p, i, hw, k, ds);
        lr_plan_hide_launches(p);
    }
    if (ds->errors != before) {
        lr_plan_free(p);
        return NULL;
    }
    return p;
}

void lr_plan_free(struct lr_plan *p)
{
    free(p);
}

const struct lr_deployment *lr_plan_deployment(const struct lr_plan *p)
{
    return &p->d;
}

const struct lr_lowering *lr_plan_lowering(const struct lr_plan *p)
{
    return &p->l;
}

size_t lr_plan_note_count(const struct lr_plan *p)
{
    return p->note_count;
}

const char *lr_plan_note(const struct lr_plan *p, size_t i)
{
    return i < p->note_count ? p->note[i] : "";
}

const char *lr_plan_kernels(const struct lr_plan *p)
{
    return p->kernels;
}
