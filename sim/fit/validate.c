/* SPDX-License-Identifier: Apache-2.0 */
/* Validation of kernels: predicted against measured times. */
#include "fit/validation.h"

#include "core/constants.h"
#include "fit/predict.h"
#include "price/chip.h"
#include "rows/measured.h"

#include <llmroof/calibrate.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct work {
    struct lr_validation *out;
    struct lr_entry *entry;
    size_t entries;
};

static bool add(struct work *w, const struct lr_measured_row *r, const struct lr_kernels *set, struct lr_diags *ds)
{
    const struct lr_kernel *k = lr_kernels_find(set, r->op.family, lr_kernel_slot(&r->op));
    double low, high;
    if (!k) {
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "kernel set '%s' has no constants for %s", set->name,
                lr_family_name(r->op.family));
        return false;
    }
    const enum lr_evidence evidence = lr_evidence_of(k, set, r->hardware);
    const double predicted_s = lr_predict(r, set, k);
    lr_spread_of(k, evidence, &low, &high);
    w->entry[w->entries++] = (struct lr_entry){
        .key = {.family = r->op.family,
                .hardware = r->hardware,
                .dtype = lr_kernel_slot(&r->op),
                .engine = r->engine,
                .set = set->name,
                .evidence = evidence},
        .point = {.line = r->line,
                  .measured_s = r->seconds,
                  .predicted_s = predicted_s,
                  .low_s = predicted_s * exp(low),
                  .high_s = predicted_s * exp(high),
                  .floor_s = lr_row_floor(r)},
    };
    return true;
}

static bool collect(struct work *w, const struct lr_measured *const *files, size_t count, lr_kernels_for *set_for,
                    void *user, bool include_fitted, struct lr_diags *ds)
{
    for (size_t i = 0; i < count; i++) {
        const struct lr_measured_row *last = NULL;
        const struct lr_kernels *set = NULL;
        for (size_t n = 0; n < files[i]->count; n++) {
            const struct lr_measured_row *r = &files[i]->row[n];
            if (r->flagged || (!r->held_out && !include_fitted)) {
                w->out->left_out++;
                continue;
            }
            if (!last || last->hardware != r->hardware || strcmp(last->engine, r->engine) != 0)
                set = set_for(user, r->hardware, r->engine);
            last = r;
            if (!set || !add(w, r, set, ds))
                return false;
        }
    }
    return true;
}

bool lr_validate(const struct lr_measured *const *files, size_t count, lr_kernels_for *set_for, void *user,
                 bool include_fitted, struct lr_validation *out, struct lr_diags *ds)
{
    size_t total = 1;
    *out = (struct lr_validation){0};
    for (size_t i = 0; i < count; i++)
        total += files[i]->count;
    struct work w = {.out = out, .entry = malloc(total * sizeof *w.entry)};
    bool ok = w.entry && collect(&w, files, count, set_for, user, include_fitted, ds);
    if (!w.entry || (ok && !lr_validation_sum(w.entry, w.entries, out))) {
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
        ok = false;
    }
    free(w.entry);
    return ok;
}
