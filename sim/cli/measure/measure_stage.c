/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/measure/measure_stage.h"

#include "cli/measure/measure.h"
#include "cli/session/interrupt.h"
#include "output/output.h"

#include <llmroof/calibrate.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Below the staging folder, and below the user's. %s is the name; tables have places of their own. */
static const char *const KERNELS = "kernels/%s.yaml", *const HARDWARE = "hardware/%s.yaml";
static const char *const folders[] = {"measured", "kernels", "hardware"};

enum { FOLDERS = sizeof folders / sizeof *folders };

/* The first --config, else the user's own folder. */
static bool find_home(struct lr_stage *g)
{
    const char *const xdg = getenv("XDG_CONFIG_HOME"), *const user = getenv("HOME");
    if (g->s->options.config.count)
        lr_text_add(&g->home, g->s->options.config.name[0]);
    else if (xdg && *xdg == '/')
        lr_text_addf(&g->home, "%s/llmroof", xdg);
    else if (user && *user == '/')
        lr_text_addf(&g->home, "%s/.config/llmroof", user);
    if (g->home.length == 0)
        lr_diag(&g->s->diags, LR_ERROR, LR_NO_POSITION, "--write", "there is no home folder, expected --config DIR");
    return g->home.length > 0;
}

static void place(const struct lr_text *dir, const char *pattern, const char *name, struct lr_text *out)
{
    const char *const at = strstr(pattern, "%s");
    lr_text_cut(out, 0);
    lr_text_addf(out, "%s/", lr_text_str(dir));
    lr_text_add_bytes(out, pattern, (size_t)(at - pattern));
    lr_text_addf(out, "%s%s", name, at + 2);
}

static bool make(struct lr_stage *g)
{
    struct lr_text sub = {0};
    bool ok = lr_output_folder(lr_text_str(&g->home), &g->s->diags);
    lr_text_addf(&g->dir, "%s/.measure-XXXXXX", lr_text_str(&g->home));
    if (ok && !g->dir.out_of_memory && !mkdtemp(g->dir.at)) {
        lr_diag(&g->s->diags, LR_ERROR, (struct lr_pos){lr_text_str(&g->dir), 0, 0}, NULL, "cannot be made: %s",
                strerror(errno));
        ok = false;
    }
    g->made = ok;
    for (size_t i = 0; ok && i < FOLDERS; i++) {
        lr_text_cut(&sub, 0);
        lr_text_addf(&sub, "%s/%s", lr_text_str(&g->dir), folders[i]);
        ok = lr_output_folder(lr_text_str(&sub), &g->s->diags);
    }
    lr_text_free(&sub);
    return ok;
}

bool lr_stage_open(struct lr_stage *g, struct lr_session *s, const char *const *tables, size_t count)
{
    *g = (struct lr_stage){.s = s, .count = count + 2};
    for (size_t i = 0; i < count; i++)
        g->place[i] = tables[i];
    g->place[count] = KERNELS;
    g->place[count + 1] = HARDWARE;
    return find_home(g) && make(g);
}

void lr_stage_close(struct lr_stage *g)
{
    struct lr_text path = {0};
    for (size_t i = 0; g->made && i < g->count; i++) {
        place(&g->dir, g->place[i], g->s->options.write, &path);
        unlink(lr_text_str(&path));
    }
    for (size_t i = 0; g->made && i < FOLDERS; i++) {
        lr_text_cut(&path, 0);
        lr_text_addf(&path, "%s/%s", lr_text_str(&g->dir), folders[i]);
        rmdir(lr_text_str(&path));
    }
    if (g->made)
        rmdir(lr_text_str(&g->dir));
    lr_text_free(&path);
    lr_text_free(&g->dir);
    lr_text_free(&g->home);
}

static bool stage(struct lr_stage *g, size_t file, const struct lr_text *text)
{
    struct lr_text path = {0};
    place(&g->dir, g->place[file], g->s->options.write, &path);
    const bool ok = lr_output_write(lr_text_str(&path), text, &g->s->diags);
    lr_text_free(&path);
    return ok;
}

bool lr_stage_table(struct lr_stage *g, size_t table, const struct lr_text *text)
{
    return stage(g, table, text);
}

bool lr_stage_profile(struct lr_stage *g, const struct lr_text *text)
{
    return stage(g, g->count - 1, text);
}

/* The staging folder first, then all that the session sees. */
static struct lr_catalog *staged_catalog(struct lr_stage *g)
{
    const struct lr_names *const own = &g->s->options.config;
    const char **const dirs = calloc(own->count + 1, sizeof *dirs);
    struct lr_text shipped = {0};
    struct lr_catalog *c = NULL;
    lr_text_addf(&shipped, "%s/configs", lr_text_str(&g->s->share));
    if (dirs && !shipped.out_of_memory) {
        dirs[0] = lr_text_str(&g->dir);
        for (size_t i = 0; i < own->count; i++)
            dirs[i + 1] = own->name[i];
        c = lr_catalog_open_default(dirs, own->count + 1, lr_text_str(&shipped));
    }
    if (!c)
        lr_diag(&g->s->diags, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
    lr_text_free(&shipped);
    free(dirs);
    return c;
}

/* Constants that stay at the base's value are no news to the user. */
static void fit(struct lr_stage *g, struct lr_catalog *catalog, const char *base, struct lr_text *out)
{
    const char *const name = g->s->options.write;
    const struct lr_calibration c = {
        .name = name, .title = "measured here", .base = base, .hardware = &name, .hardware_count = 1};
    struct lr_measured *owned[LR_STAGE_TABLES_MAX] = {NULL};
    const struct lr_measured *files[LR_STAGE_TABLES_MAX];
    struct lr_diags quiet = {0};
    struct lr_kernels *prior = lr_catalog_kernels(catalog, base, &g->s->diags);
    struct lr_kernels *k = calloc(1, sizeof *k);
    struct lr_fitted *fitted = calloc(LR_FITTED_MAX, sizeof *fitted);
    struct lr_text path = {0};
    const size_t tables = g->count - 2;
    for (size_t i = 0; i < tables; i++) {
        place(&g->dir, g->place[i], name, &path);
        files[i] = owned[i] = lr_measured_load(lr_text_str(&path), catalog, &g->s->diags);
    }
    if (prior && k && fitted && g->s->diags.errors == 0) {
        const size_t n = lr_calibrate(&c, files, tables, prior, k, fitted, &quiet);
        char *const text = n > 0 ? lr_calibration_text(&c, files, tables, k, fitted, n, &g->s->diags) : NULL;
        lr_text_add(out, text ? text : "");
        free(text);
    }
    if (out->length == 0)
        lr_diag(&g->s->diags, LR_ERROR, LR_NO_POSITION, NULL, "no kernel set could be fitted on what was measured");
    for (size_t i = 0; i < tables; i++)
        lr_measured_free(owned[i]);
    free(fitted);
    free(k);
    lr_kernels_free(prior);
    lr_diags_free(&quiet);
    lr_text_free(&path);
}

bool lr_stage_fit(struct lr_stage *g, const char *base)
{
    struct lr_text text = {0};
    struct lr_catalog *const catalog = staged_catalog(g);
    if (catalog)
        fit(g, catalog, base, &text);
    const bool ok = catalog && g->s->diags.errors == 0 && stage(g, g->count - 2, &text);
    lr_catalog_free(catalog);
    lr_text_free(&text);
    return ok;
}

/* The profile comes last: whoever finds it finds the rest. */
bool lr_stage_publish(struct lr_stage *g)
{
    struct lr_text from = {0}, to = {0};
    bool ok = !lr_interrupted();
    if (!ok)
        lr_diag(&g->s->diags, LR_ERROR, LR_NO_POSITION, NULL, "interrupted, nothing was written");
    for (size_t i = 0; ok && i < FOLDERS; i++) {
        lr_text_cut(&to, 0);
        lr_text_addf(&to, "%s/%s", lr_text_str(&g->home), folders[i]);
        ok = lr_output_folder(lr_text_str(&to), &g->s->diags);
    }
    for (size_t i = 0; ok && i < g->count; i++) {
        place(&g->dir, g->place[i], g->s->options.write, &from);
        place(&g->home, g->place[i], g->s->options.write, &to);
        ok = rename(lr_text_str(&from), lr_text_str(&to)) == 0;
        if (!ok)
            lr_diag(&g->s->diags, LR_ERROR, (struct lr_pos){lr_text_str(&to), 0, 0}, NULL, "cannot be written: %s",
                    strerror(errno));
        else if (!g->s->options.quiet)
            fprintf(stderr, "wrote %s\n", lr_text_str(&to));
    }
    lr_text_free(&from);
    lr_text_free(&to);
    return ok;
}

bool lr_stage_name(struct lr_session *s)
{
    const char *const name = s->options.write;
    struct lr_diags quiet = {0};
    char *path = NULL;
    if (!lr_session_name(s, "--write", name))
        return false;
    path = lr_catalog_find(s->catalog, LR_PROFILE_HARDWARE, name, &quiet);
    struct lr_hardware *hw = path ? lr_catalog_hardware(s->catalog, name, NULL, 0, &quiet) : NULL;
    const bool other = hw && (!hw->kernels || strcmp(hw->kernels, name) != 0 || strcmp(hw->name, name) != 0);
    if (other) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--write", "'%s' is a profile that was not measured here", name);
        lr_hint(&s->diags, "%s", path);
    }
    lr_hardware_free(hw);
    free(path);
    lr_diags_free(&quiet);
    return !other;
}

void lr_stage_quantity(struct lr_text *out, const char *format, double value, enum lr_dimension d)
{
    char text[LR_QUANTITY_SIZE], short_form[32];
    double rounded = value;
    char error[LR_QUANTITY_ERROR];
    snprintf(short_form, sizeof short_form, "%.4g", value); /* as many digits as there are */
    if (!lr_quantity_parse(short_form, LR_DIMENSION_NUMBER, &rounded, error, sizeof error))
        rounded = value;
    lr_quantity_format(rounded, d, text, sizeof text);
    const char *const at = strstr(format, "%s");
    lr_text_add_bytes(out, format, (size_t)(at - format));
    lr_text_add(out, text);
    lr_text_add(out, at + 2);
}

const char *lr_stage_date(char out[LR_DATE_SIZE])
{
    const time_t now = time(NULL);
    struct tm day;
    out[0] = '\0';
    if (gmtime_r(&now, &day))
        strftime(out, LR_DATE_SIZE, "%Y-%m-%d", &day);
    return out;
}
