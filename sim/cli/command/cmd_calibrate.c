/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command/command.h"
#include "cli/session/benchmarks.h"
#include "cli/session/measured_files.h"
#include "load/catalog_document.h"
#include "output/output.h"

#include <llmroof/calibrate.h>
#include <llmroof/calibrate_runtime.h>

#include <stdlib.h>
#include <string.h>

enum { ENGINES_MAX = 16 };

/* Splits "trtllm,vllm" in place of a copy that the caller frees. */
static size_t split(char *text, const char *part[ENGINES_MAX])
{
    size_t n = 0;
    for (char *at = text; at && n < ENGINES_MAX;) {
        char *const comma = strchr(at, ',');
        if (comma)
            *comma = '\0';
        part[n++] = at;
        at = comma ? comma + 1 : NULL;
    }
    return n;
}

/* Names of profiles, not the aliases that people typed. */
static size_t chip_names(struct lr_session *s, const char *name[LR_NAMES_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < s->options.hardware.count; i++) {
        const struct lr_hardware *hw = lr_session_hardware(s, s->options.hardware.name[i]);
        if (hw)
            name[n++] = hw->name;
    }
    return n;
}

static void run(struct lr_session *s, const struct lr_measured_files *files, struct lr_calibration *c,
                const struct lr_kernels *prior, struct lr_text *out)
{
    struct lr_fitted *fitted = calloc(LR_FITTED_MAX, sizeof *fitted);
    struct lr_kernels *k = calloc(1, sizeof *k);
    if (!fitted || !k) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
    } else {
        const size_t n = lr_calibrate(c, files->file, files->count, prior, k, fitted, &s->diags);
        char *const text = n > 0 ? lr_calibration_text(c, files->file, files->count, k, fitted, n, &s->diags) : NULL;
        lr_text_add(out, text ? text : "");
        free(text);
    }
    free(fitted);
    free(k);
}

/* Why runs of a result do not count: there are few, and people can mend it. */
static void report_skipped(struct lr_session *s, const struct lr_benchmarks *b)
{
    for (size_t i = 0; i < b->count; i++)
        for (size_t k = 0; k < b->file[i]->count; k++) {
            const struct lr_benchmark_row *r = &b->file[i]->row[k];
            if (r->skip)
                lr_diag(&s->diags, LR_WARNING, (struct lr_pos){b->file[i]->file, r->line, 0}, NULL, "left out: %s",
                        r->skip);
        }
}

static size_t fit_runtime(struct lr_session *s, struct lr_benchmarks *b, struct lr_runtime *fitted,
                          double error[LR_RUNTIME_CONSTANTS], const char *chip[LR_CHIP_LIST_MAX])
{
    if (!s->options.from)
        return lr_calibrate_runtime(b->file, b->count, lr_benchmarks_plan, b, fitted, error, chip, &s->diags);
    report_skipped(s, b);
    return lr_adjust_runtime(b->file, b->count, lr_benchmarks_plan, b, fitted, error, chip, &s->diags);
}

/* What is written must load: it is called name, and its base is found by name. */
static bool names_fit(struct lr_session *s, const char *option, const char *name)
{
    const char *const base = s->options.base;
    const bool path = base && lr_catalog_is_path(base);
    if (path)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--base", "'%.80s' is a path, expected the name of a profile",
                base);
    return lr_session_name(s, option, name) && !path;
}

/* Served runs fix what a runtime adds to its kernels. */
static void run_runtime(struct lr_session *s, struct lr_text *out)
{
    const char *chip[LR_CHIP_LIST_MAX];
    double error[LR_RUNTIME_CONSTANTS];
    const char *const name = s->options.runtime, *const usual = s->options.from ? s->options.from : "bare";
    const char *const base = s->options.base ? s->options.base : usual;
    struct lr_benchmarks b = {.fits = name};
    s->options.runtime = base; /* rows are planned with the base, whatever the file of the runtime says */
    if (!name)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--runtime",
                "is missing, expected the runtime that served runs are to fit");
    else if (strcmp(name, base) == 0)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--runtime",
                "'%s' is what it starts from, expected a name of its own, or another --base", name);
    else if (names_fit(s, "--runtime", name) && lr_benchmarks_open(&b, s)) {
        struct lr_runtime *rt = lr_catalog_runtime(s->catalog, base, NULL, 0, &s->diags);
        if (rt) {
            struct lr_runtime fitted = *rt;
            fitted.name = name;
            fitted.title = s->options.title ? s->options.title : name;
            const size_t rows = fit_runtime(s, &b, &fitted, error, chip);
            char *const text =
                rows > 0 ? lr_runtime_text(&fitted, base, b.file, b.count, rows, error, &s->diags) : NULL;
            lr_text_add(out, text ? text : "");
            free(text);
        }
        lr_runtime_free(rt);
    }
    lr_benchmarks_close(&b);
}

/* The folder of --write may be the first in one's own configs. */
static bool make_folder(struct lr_session *s)
{
    const char *const slash = s->file ? strrchr(s->file, '/') : NULL;
    struct lr_text folder = {0};
    if (slash)
        lr_text_add_bytes(&folder, s->file, (size_t)(slash - s->file));
    const bool made = !slash || lr_output_folder(lr_text_str(&folder), &s->diags);
    lr_text_free(&folder);
    return made;
}

static void run_kernels(struct lr_session *s, const struct lr_measured_files *files, struct lr_text *out)
{
    const struct lr_options *o = &s->options;
    const char *engine[ENGINES_MAX], *chip[LR_NAMES_MAX];
    char *const engines = o->engine ? lr_text_copy(o->engine) : NULL;
    struct lr_calibration c = {
        .name = o->kernel_set ? o->kernel_set : "calibrated",
        .title = o->title,
        .base = o->base,
        .architecture = o->architecture,
        .hardware = chip,
        .hardware_count = chip_names(s, chip),
        .engine = engine,
        .engine_count = engines ? split(engines, engine) : 0,
        .family = o->families,
    };
    const bool fit = names_fit(s, "--kernel-set", c.name);
    struct lr_kernels *prior = fit && o->base ? lr_catalog_kernels(s->catalog, o->base, &s->diags) : NULL;
    if (s->diags.errors == 0)
        run(s, files, &c, prior, out);
    lr_kernels_free(prior);
    free(engines);
}

enum lr_exit lr_command_calibrate(struct lr_session *s, struct lr_text *out)
{
    struct lr_measured_files files = {0};
    s->file = s->options.write;
    if (!lr_benchmarks_options(s, true))
        return LR_EXIT_BAD;
    if (lr_benchmarks_named(s))
        run_runtime(s, out);
    else if (lr_measured_files_open(&files, s))
        run_kernels(s, &files, out);
    lr_measured_files_close(&files);
    return s->diags.errors == 0 && make_folder(s) ? LR_EXIT_YES : LR_EXIT_BAD;
}
