/* SPDX-License-Identifier: Apache-2.0 */
/* A CSV file as each kind of table. Rows that are taken have finite times, measured, predicted and of the floor. */
#include "fuzz.h"

#include "document/csv.h"

#include "rows/measured.h"
#include <llmroof/benchmark.h>
#include <llmroof/kernels.h>
#include <llmroof/validate.h>

static struct lr_catalog *catalog;
static struct lr_kernels *kernels;
static struct lr_runtime *ideal;

static const struct lr_kernels *set_for(void *user, const struct lr_hardware *hw, const char *engine)
{
    (void)user, (void)hw, (void)engine;
    return kernels;
}

static void validate(const struct lr_measured *m)
{
    struct lr_validation v;
    struct lr_diags ds = {0};
    lr_validate(&m, 1, set_for, NULL, true, &v, &ds);
    for (size_t i = 0; i < v.points; i++)
        if (!isfinite(v.point[i].measured_s) || !isfinite(v.point[i].predicted_s) || !isfinite(v.point[i].floor_s))
            abort();
    lr_validation_free(&v);
    lr_diags_free(&ds);
}

static void forecast(const struct lr_benchmark *b)
{
    for (size_t i = 0; i < b->count; i++) {
        const struct lr_benchmark_row *r = &b->row[i];
        if (r->skip)
            continue;
        struct lr_diags ds = {0};
        struct lr_plan *p = lr_plan_new(r->hardware, r->model, ideal, kernels, &r->deployment, &ds);
        if (p) {
            const struct lr_forecast f = lr_benchmark_forecast(r, p);
            if (!isfinite(f.measured_s) || !isfinite(f.predicted_s) || !isfinite(f.low_s) || !isfinite(f.high_s))
                abort();
        }
        lr_plan_free(p);
        fuzz_diags(&ds, p != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lr_diags ds = {0};
    if (!catalog) {
        catalog = fuzz_catalog();
        kernels = lr_catalog_kernels(catalog, "hopper", NULL);
        ideal = lr_catalog_runtime(catalog, "ideal", NULL, 0, NULL);
    }
    if (!kernels || !ideal)
        abort();
    const char *path = fuzz_file(data, size);
    struct lr_csv *csv = lr_csv_load(path, &ds);
    for (size_t i = 0; csv && i < csv->count; i++)
        for (size_t c = 0; c < csv->columns; c++)
            if (!csv->row[i].cell[c])
                abort();
    lr_csv_free(csv);
    fuzz_diags(&ds, csv != NULL);
    struct lr_measured *m = lr_measured_load(path, catalog, &ds);
    if (m)
        validate(m);
    lr_measured_free(m);
    fuzz_diags(&ds, m != NULL);
    struct lr_benchmark *b = lr_benchmark_load(path, catalog, &ds);
    if (b)
        forecast(b);
    lr_benchmark_free(b);
    fuzz_diags(&ds, b != NULL);
    return 0;
}
