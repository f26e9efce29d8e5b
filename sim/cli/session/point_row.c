/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session/point_row.h"

#include <math.h>

#define COMPARE_BOTH(column) column,
#define COMPARE_COMPARE(column) column,
#define COMPARE_SEARCH(column)
#define SEARCH_BOTH(column) column,
#define SEARCH_COMPARE(column)
#define SEARCH_SEARCH(column) column,

const struct lr_column lr_compare_columns[LR_COMPARE_COLUMNS] = {
#define X(in, member, kind, compare, search) COMPARE_##in(LR_COLUMN(lr_point_row, member, compare, kind))
    LR_POINT_COLUMNS(X)
#undef X
};

const struct lr_column lr_search_columns[LR_SEARCH_COLUMNS] = {
#define X(in, member, kind, compare, search) SEARCH_##in(LR_COLUMN(lr_point_row, member, search, kind))
    LR_POINT_COLUMNS(X)
#undef X
};

static double given(double count)
{
    return count > 0 ? count : NAN;
}

static const char *format_name(enum lr_dtype d)
{
    return d == LR_DTYPE_NONE ? NULL : lr_dtype_name(d);
}

struct lr_point_row lr_point_row(const struct lr_model *m, const struct lr_hardware *hw, const struct lr_deployment *d,
                                 double batch, double context, const struct lr_estimate *e)
{
    const bool fits = e && e->fits;
    return (struct lr_point_row){
        .model = m->name,
        .hardware = hw->name,
        .gpus = given(d->gpus),
        .tp = given(d->tp),
        .pp = given(d->pp),
        .ep = given(d->ep),
        .dp = given(d->dp),
        .batch = batch,
        .context = context,
        .weights = format_name(d->weights),
        .kv = format_name(d->kv),
        .tpot_s = fits ? e->tpot_s : NAN,
        .tpot_low_s = fits ? e->tpot_low_s : NAN,
        .tpot_high_s = fits ? e->tpot_high_s : NAN,
        .floor_tpot_s = e ? e->floor_tpot_s : NAN,
        .tokens_per_s = fits ? e->tokens_per_s : NAN,
        .tokens_per_s_per_gpu = fits ? e->tokens_per_s_per_gpu : NAN,
        .tokens_per_s_per_user = fits ? e->tokens_per_s_per_user : NAN,
        .bound = fits ? lr_bound_name(e->bound) : NULL,
        .fits = fits,
        .ratio = NAN,
        .probability_faster = NAN,
        .evidence = e ? lr_evidence_name(e->evidence) : NULL,
        .usd_per_million_tokens = NAN,
        .joule_per_token = NAN,
    };
}
