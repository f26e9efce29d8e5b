/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a kernel set. The same rows give the same text. */
#include <llmroof/calibrate.h>

#include "core/chip_list.h"
#include "core/quantity.h"
#include "core/quote.h"
#include "core/text.h"
#include "rows/measured.h"

#include <math.h>
#include <string.h>

static void number(struct lr_text *out, double v)
{
    lr_text_addf(out, "%.4g", v); /* values are rounded to four digits */
}

static void constants(const struct lr_kernel *k, const struct lr_fitted *f, struct lr_text *out)
{
    size_t count;
    const struct lr_constant *c = lr_constants(f->family, &count);
    for (size_t i = 0; i < count; i++) {
        char value[LR_QUANTITY_SIZE];
        if (c[i].unit == LR_UNIT_VECTORS && f->slot != LR_FP32)
            continue;
        lr_text_addf(out, "    %s: ", c[i].key);
        if (c[i].unit == LR_UNIT_SECONDS) {
            lr_quantity_format(k->value[i], LR_DIMENSION_SECONDS, value, sizeof value);
            lr_text_add(out, value);
        } else {
            number(out, k->value[i]);
        }
        if (c[i].unit != LR_UNIT_CHOICE && (k->value[i] <= c[i].least || k->value[i] >= c[i].greatest))
            lr_text_add(out, " # at its bound");
        else if (c[i].unit != LR_UNIT_CHOICE && isinf(f->error[i]))
            lr_text_add(out, " # not fixed by the rows");
        else if (c[i].unit != LR_UNIT_CHOICE)
            lr_text_addf(out, " # +- %.0f %%", 100 * fmin(f->error[i], 9.99));
        lr_text_add(out, "\n");
    }
}

static void record(const struct lr_kernel *k, const struct lr_fitted *f, struct lr_text *out)
{
    const struct {
        const char *key;
        double value;
    } field[] = {{"rows", k->fit.rows}, {"median", k->fit.median}, {"p90", k->fit.p90},
                 {"low", k->fit.low},   {"high", k->fit.high},     {"transfer", k->fit.transfer}};
    struct lr_text data = {0}, chips = {0};
    lr_chip_list_add(&chips, &k->fit.chips);
    lr_text_addf(&data, "%s rows, %zu to fit, %zu to test", f->engine ? f->engine : "all engines'", f->train, f->test);
    lr_text_add(out, "    fit: {chip: ");
    lr_quote(out, lr_text_str(&chips));
    lr_text_add(out, ", data: ");
    lr_quote(out, lr_text_str(&data));
    out->out_of_memory = out->out_of_memory || data.out_of_memory || chips.out_of_memory;
    lr_text_free(&data);
    lr_text_free(&chips);
    for (size_t i = 0; i < sizeof field / sizeof *field; i++) {
        lr_text_addf(out, ", %s: ", field[i].key);
        number(out, field[i].value);
    }
    lr_text_add(out, "}\n");
}

static void header(const struct lr_calibration *c, const struct lr_measured *const *files, size_t count,
                   double clock_hz, struct lr_text *out)
{
    lr_text_add(out, "# Written by llmroof calibrate; run it again rather than edit this.\n");
    lr_quote_name(out, "base", c->base);
    lr_quote_name(out, "name", c->name);
    lr_quote_text(out, "title", c->title);
    lr_quote_text(out, "source", "fitted on measured rows, see data; errors are those of rows that no fit used");
    lr_quote_name(out, "architecture", c->architecture);
    if (clock_hz > 0) {
        char value[LR_QUANTITY_SIZE];
        lr_quantity_format(clock_hz, LR_DIMENSION_HERTZ, value, sizeof value);
        lr_text_addf(out, "reference_clock: %s\n", value);
    }
    lr_text_add(out, "data:\n");
    for (size_t i = 0; i < count; i++) {
        const char *slash = strrchr(files[i]->file, '/');
        lr_text_add(out, "  - {file: ");
        lr_quote_if_needed(out, slash ? slash + 1 : files[i]->file);
        lr_text_addf(out, ", rows: %zu, fnv1a: \"%08x\"}\n", files[i]->count, files[i]->hash);
    }
}

char *lr_calibration_text(const struct lr_calibration *c, const struct lr_measured *const *files, size_t count,
                          const struct lr_kernels *k, const struct lr_fitted *fitted, size_t fitted_count,
                          struct lr_diags *ds)
{
    struct lr_text text = {0}, *const out = &text;
    header(c, files, count, k->reference_clock_hz, out);
    for (size_t i = 0; i < fitted_count; i++) {
        const struct lr_fitted *f = &fitted[i];
        const struct lr_kernel *kernel = &k->kernel[f->family][f->slot];
        if (i == 0 || fitted[i - 1].family != f->family)
            lr_text_addf(out, "%s:\n", lr_family_name(f->family));
        lr_text_addf(out, "  %s:\n", f->slot == LR_DTYPE_NONE ? "any" : lr_dtype_name(f->slot));
        constants(kernel, f, out);
        record(kernel, f, out);
    }
    return lr_text_take(&text, ds);
}
