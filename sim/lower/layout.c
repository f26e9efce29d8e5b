/* SPDX-License-Identifier: Apache-2.0 */
/* Completes a deployment and checks it against the model. */
#include "lower/lowering.h"

#include <math.h>

static const struct lr_pos COMMAND_LINE = {0};

struct lr_deployment lr_deployment_of(double gpus)
{
    return (struct lr_deployment){.gpus = gpus, .weights = LR_DTYPE_NONE, .kv = LR_DTYPE_NONE};
}

static bool whole(double v)
{
    return v >= 1 && v <= 1e6 && v == floor(v);
}

static bool divides(double part, double all)
{
    return part > 0 && fmod(all, part) == 0;
}

/* Fills in fields that are 0: tp takes the GPUs that are left, up to a scale-up domain; dp takes the rest. */
static void fill(struct lr_deployment *d, double domain)
{
    if (d->pp == 0)
        d->pp = 1;
    if (d->gpus == 0)
        d->gpus = (d->tp > 0 ? d->tp : 1) * d->pp * (d->dp > 0 ? d->dp : 1);
    if (d->tp == 0) {
        const double left = floor(d->gpus / (d->pp * (d->dp > 0 ? d->dp : 1)));
        d->tp = d->dp > 0 || left <= domain || domain < 1 ? left : domain;
    }
    if (d->dp == 0)
        d->dp = floor(d->gpus / (d->tp * d->pp));
    if (d->ep == 0)
        d->ep = 1;
}

static void check_state(const struct lr_attention *a, double tp, struct lr_diags *ds)
{
    const double heads = a->kind == LR_ATTENTION_DELTA    ? a->key_heads
                         : a->kind == LR_ATTENTION_MAMBA1 ? a->inner
                                                          : a->heads;
    if (!divides(tp, heads) || (a->kind == LR_ATTENTION_DELTA && !divides(tp, a->value_heads)))
        lr_diag(ds, LR_ERROR, COMMAND_LINE, "tp", "%.0f does not divide the %.0f %s of the model's recurrent layers",
                tp, heads, a->kind == LR_ATTENTION_MAMBA1 ? "channels" : "heads");
    else if (a->kind == LR_ATTENTION_MAMBA2 && !divides(tp, a->groups) && !divides(a->groups, tp))
        lr_diag(ds, LR_ERROR, COMMAND_LINE, "tp",
                "%.0f neither divides nor is a multiple of the %.0f groups of the model's Mamba layers", tp, a->groups);
}

static void check_attention(const struct lr_attention *a, double tp, struct lr_diags *ds)
{
    if (a->kind == LR_ATTENTION_NONE)
        return;
    if (lr_attention_has_state(a)) {
        check_state(a, tp, ds);
        return;
    }
    if (!divides(tp, a->heads)) {
        lr_diag(ds, LR_ERROR, COMMAND_LINE, "tp", "%.0f does not divide the model's %.0f attention heads", tp,
                a->heads);
        lr_hint(ds, "a larger --dp keeps tp small");
        return;
    }
    if (a->kind == LR_ATTENTION_GQA && !divides(tp, a->kv_heads) && !divides(a->kv_heads, tp))
        lr_diag(ds, LR_ERROR, COMMAND_LINE, "tp", "%.0f neither divides nor is a multiple of the model's %.0f KV heads",
                tp, a->kv_heads);
}

static void check_ffn(const struct lr_ffn *f, const struct lr_deployment *d, struct lr_diags *ds)
{
    if ((f->kind == LR_FFN_GATED || f->kind == LR_FFN_PLAIN) && !divides(d->tp, f->intermediate))
        lr_diag(ds, LR_ERROR, COMMAND_LINE, "tp", "%.0f does not divide the MLP's intermediate size %.0f", d->tp,
                f->intermediate);
    if (f->kind != LR_FFN_MOE)
        return;
    if (!divides(d->ep, f->experts + d->redundant)) {
        lr_diag(ds, LR_ERROR, COMMAND_LINE, "ep", "%.0f does not divide the model's %.0f experts", d->ep,
                f->experts + d->redundant);
        lr_hint(ds, "add copies of experts, as engines do: --redundant %.0f",
                d->ep * ceil(f->experts / d->ep) - f->experts);
    }
    const double split = d->tp * d->dp / d->ep;
    if (!divides(split, f->intermediate))
        lr_diag(ds, LR_ERROR, COMMAND_LINE, "ep",
                "%.0f splits each expert %.0f ways, expected a divisor of its intermediate size %.0f", d->ep, split,
                f->intermediate);
}

bool lr_deployment_complete(struct lr_deployment *d, const struct lr_model *m, double domain, struct lr_diags *ds)
{
    if (!ds) {
        struct lr_diags discarded = {0};
        const bool made = lr_deployment_complete(d, m, domain, &discarded);
        lr_diags_free(&discarded);
        return made;
    }
    const size_t before = ds->errors;
    bool moe = false;
    for (size_t i = 0; i < m->block_count; i++)
        moe = moe || m->block[i].ffn.kind == LR_FFN_MOE;
    const double asked = fmax(1, d->tp) * fmax(1, d->pp) * fmax(1, d->dp);
    if (d->gpus > 0 && asked > d->gpus) {
        lr_diag(ds, LR_ERROR, COMMAND_LINE, "gpus", "tp %.0f x pp %.0f x dp %.0f is %.0f, expected at most %.0f",
                fmax(1, d->tp), fmax(1, d->pp), fmax(1, d->dp), asked, d->gpus);
        return false;
    }
    fill(d, domain);
    const struct {
        const char *name;
        double value;
    } field[] = {{"gpus", d->gpus}, {"tp", d->tp}, {"pp", d->pp}, {"ep", d->ep}, {"dp", d->dp}};
    for (size_t i = 0; i < sizeof field / sizeof *field; i++)
        if (!whole(field[i].value))
            lr_diag(ds, LR_ERROR, COMMAND_LINE, field[i].name,
                    "%g is not a count, expected a whole number from 1 to 1000000", field[i].value);
    if (ds->errors != before)
        return false;
    if (d->tp * d->pp * d->dp != d->gpus)
        lr_diag(ds, LR_ERROR, COMMAND_LINE, "gpus", "tp %.0f x pp %.0f x dp %.0f is %.0f, expected %.0f", d->tp, d->pp,
                d->dp, d->tp * d->pp * d->dp, d->gpus);
    if (!moe && d->redundant > 0)
        lr_diag(ds, LR_ERROR, COMMAND_LINE, "redundant", "the model has no experts, expected 0");
    if (d->skew != 0 && !(d->skew >= 1 && d->skew <= 1000))
        lr_diag(ds, LR_ERROR, COMMAND_LINE, "skew", "%g is out of range, expected 1 to 1000", d->skew);
    if (d->identical_routing && d->skew > 1)
        lr_diag(ds, LR_ERROR, COMMAND_LINE, "skew",
                "has no effect if all tokens choose the same experts, expected none");
    if (!moe && d->ep != 1)
        lr_diag(ds, LR_ERROR, COMMAND_LINE, "ep", "the model has no experts, expected 1");
    if (moe && !divides(d->ep, d->tp * d->dp))
        lr_diag(ds, LR_ERROR, COMMAND_LINE, "ep", "%.0f does not divide tp x dp = %.0f", d->ep, d->tp * d->dp);
    double layers = 0;
    for (size_t i = 0; i < m->block_count && ds->errors == before; i++) {
        check_attention(&m->block[i].attention, d->tp, ds);
        check_ffn(&m->block[i].ffn, d, ds);
        layers += m->block[i].layers;
    }
    if (ds->errors == before && d->pp > layers)
        lr_diag(ds, LR_ERROR, COMMAND_LINE, "pp", "%.0f stages for %.0f layers, expected at most one stage per layer",
                d->pp, layers);
    return ds->errors == before;
}
