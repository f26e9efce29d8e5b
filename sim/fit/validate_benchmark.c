/* SPDX-License-Identifier: Apache-2.0 */
/* Validation of whole deployments: predicted against measured times. */
#include "fit/validation.h"

#include <stdlib.h>
#include <string.h>

static void leave_out(struct lr_validation *v, const char *why)
{
    size_t i = 0;
    while (i < v->reasons && strcmp(v->reason[i].why, why) != 0)
        i++;
    if (i == v->reasons && i < LR_REASONS_MAX)
        v->reason[v->reasons++].why = why;
    if (i < v->reasons)
        v->reason[i].rows++;
}

static struct lr_entry entry_of(const struct lr_benchmark_row *r, const struct lr_plan *p)
{
    const struct lr_forecast f = lr_benchmark_forecast(r, p);
    return (struct lr_entry){
        .key = {.model = r->model,
                .metric = r->metric,
                .hardware = r->hardware,
                .dtype = lr_plan_deployment(p)->weights,
                .engine = r->runtime,
                .set = lr_plan_kernels(p),
                .evidence = f.evidence},
        .point = {.line = r->line,
                  .measured_s = f.measured_s,
                  .predicted_s = f.predicted_s,
                  .low_s = f.low_s,
                  .high_s = f.high_s,
                  .floor_s = f.floor_s,
                  .traffic = r->traffic,
                  .gpus = lr_plan_deployment(p)->gpus,
                  .step_s = f.step_s,
                  .prefill_s = f.prefill_s},
    };
}

bool lr_validate_benchmarks(const struct lr_benchmark *const *files, size_t count, lr_plan_for *plan_for, void *user,
                            bool include_fitted, struct lr_validation *out, struct lr_diags *ds)
{
    size_t total = 1, n = 0;
    *out = (struct lr_validation){0};
    for (size_t i = 0; i < count; i++)
        total += files[i]->count;
    struct lr_entry *entry = malloc(total * sizeof *entry);
    for (size_t i = 0; entry && i < count; i++)
        for (size_t k = 0; k < files[i]->count; k++) {
            const struct lr_benchmark_row *r = &files[i]->row[k];
            const char *why = r->skip;
            const struct lr_plan *p = NULL;
            if (!why && !r->held_out && !include_fitted)
                out->left_out++;
            else if (!why)
                p = plan_for(user, r, &why);
            if (p)
                entry[n++] = entry_of(r, p);
            else if (why)
                leave_out(out, why);
        }
    const bool ok = entry && lr_validation_sum(entry, n, out);
    if (!ok)
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
    free(entry);
    return ok;
}
