/* What `measure host` leaves behind: a hardware profile, tables of measured rows, and a kernel set fitted on them. All
 * is made in a folder of its own first, where the catalogue can read it; then the files are moved to their places. */
#include "cli/measure.h"
#include "core/quantity.h"
#include "render/output.h"

#include <llmroof/calibrate.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const struct lr_pos NOWHERE = {0};

enum { TABLES = 3, FILES = TABLES + 2 };

/* Below the staging folder, and below the user's. %s is the name. */
static const char *const places[FILES] = {"measured/%s-gemm.csv", "measured/%s-attention.csv",
                                          "measured/%s-elementwise.csv", "kernels/%s.yaml", "hardware/%s.yaml"};
static const char *const folders[] = {"measured", "kernels", "hardware"};

struct staging {
    struct lr_session *s;
    struct lr_text home, dir; /* the user's folder; the staging folder in it */
    bool made;
};

/* The first --config, else the user's own folder. */
static bool find_home(struct staging *g)
{
    const char *const xdg = getenv("XDG_CONFIG_HOME"), *const user = getenv("HOME");
    if (g->s->options.config.count)
        lr_text_add(&g->home, g->s->options.config.name[0]);
    else if (xdg && *xdg == '/')
        lr_text_addf(&g->home, "%s/llmroof", xdg);
    else if (user && *user == '/')
        lr_text_addf(&g->home, "%s/.config/llmroof", user);
    if (g->home.length == 0)
        lr_diag(&g->s->diags, LR_ERROR, NOWHERE, "--write", "there is no home folder, expected --config DIR");
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

static bool open_staging(struct staging *g)
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
    for (size_t i = 0; ok && i < sizeof folders / sizeof *folders; i++) {
        lr_text_cut(&sub, 0);
        lr_text_addf(&sub, "%s/%s", lr_text_str(&g->dir), folders[i]);
        ok = lr_output_folder(lr_text_str(&sub), &g->s->diags);
    }
    lr_text_free(&sub);
    return ok;
}

static void close_staging(struct staging *g)
{
    struct lr_text path = {0};
    for (size_t i = 0; g->made && i < FILES; i++) {
        place(&g->dir, places[i], g->s->options.write, &path);
        unlink(lr_text_str(&path));
    }
    for (size_t i = 0; g->made && i < sizeof folders / sizeof *folders; i++) {
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

static void quantity(struct lr_text *out, const char *format, double value, enum lr_dimension d)
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

static void profile(const struct lr_session *s, const struct lr_machine *m, const struct lr_bench *b,
                    struct lr_text *out)
{
    const struct lr_measure_peaks p = lr_measure_peaks(b);
    const size_t threads = lr_pool_threads(b->e->pool);
    const time_t now = time(NULL);
    struct tm day;
    char date[32] = "";
    if (gmtime_r(&now, &day))
        strftime(date, sizeof date, "%Y-%m-%d", &day);
    lr_text_addf(out, "# Written by llmroof measure host; run it again rather than edit this.\nname: %s\n",
                 s->options.write);
    lr_text_addf(out, "title: \"%s, %zu thread%s\"\n", m->name, threads, threads > 1 ? "s" : "");
    lr_text_addf(out, "architecture: cpu\nsource: \"measured here, %s, %zu thread%s\"\n", date, threads,
                 threads > 1 ? "s" : "");
    lr_text_add(out, "memory:\n  type: DRAM\n");
    quantity(out, "  capacity: {value: %s, source: \"operating system\"}\n", m->memory_bytes, LR_DIMENSION_BYTES);
    quantity(out, "  bandwidth: {value: %s, note: \"the most that any loop read\"}\n", p.bandwidth_bytes_per_s,
             LR_DIMENSION_BYTES_PER_S);
    if (m->cache_bytes > 0)
        quantity(out, "  cache: {value: %s, source: \"operating system\"}\n", m->cache_bytes, LR_DIMENSION_BYTES);
    lr_text_addf(out, "compute:\n  units: %zu\n", threads);
    if (m->clock_hz > 0)
        quantity(out, "  clock: {value: %s, source: \"operating system\"}\n", m->clock_hz, LR_DIMENSION_HERTZ);
    quantity(out, "  peak:\n    fp32: {value: %s, note: \"the most that any product reached\"}\n", p.flop_per_s,
             LR_DIMENSION_FLOP_PER_S);
    lr_text_addf(out, "kernels: %s\n", s->options.write);
}

/* "OpenBLAS 0.3.21 NO_LAPACKE ..." */
static void version_of(const char *config, char out[32])
{
    const char *const space = strchr(config, ' ');
    snprintf(out, 32, "%.*s", space ? (int)strcspn(space + 1, " ,") : 0, space ? space + 1 : "");
}

/* Shorter times are those of the clock and of starting threads. */
static const double TIME_LEAST_S = 1e-6;

static void table(const struct lr_session *s, const struct lr_bench *b, enum lr_bench_kind kind, struct lr_text *out)
{
    static const char *const header[LR_BENCH_KINDS] = {
        "gpu,fw,ver,dtype,m,n,k,flag,latency_us\n",
        "gpu,fw,ver,batch,kv_len,heads,kv_heads,head_dim,kv_dtype,flag,latency_us\n",
        "gpu,fw,ver,op,rows,bytes_per_row,flag,latency_us\n"};
    char version[32];
    version_of(b->e->blas.config, version);
    lr_text_add(out, header[kind]);
    for (size_t i = 0; i < b->rows; i++) {
        const struct lr_bench_row *r = &b->row[i];
        double seconds;
        const char *const flag = lr_measure_row(r, &seconds) ? "" : "busy";
        if (r->kind != kind || seconds < TIME_LEAST_S)
            continue;
        lr_text_addf(out, "%s,openblas,%s,", s->options.write, version);
        if (kind == LR_BENCH_GEMM)
            lr_text_addf(out, "fp32,%zu,%zu,%zu", r->m, r->n, r->k);
        else if (kind == LR_BENCH_ATTENTION)
            lr_text_addf(out, "%zu,%zu,%zu,%zu,%zu,fp32", r->m, r->context, r->heads, r->kv_heads, r->dim);
        else
            lr_text_addf(out, "%s,%zu,%.17g", r->op, r->m, r->bytes / (double)r->m);
        lr_text_addf(out, ",%s,%.3f\n", flag, 1e6 * seconds);
    }
}

static bool stage(struct staging *g, size_t file, const struct lr_text *text)
{
    struct lr_text path = {0};
    place(&g->dir, places[file], g->s->options.write, &path);
    const bool ok = lr_output_write(lr_text_str(&path), text, &g->s->diags);
    lr_text_free(&path);
    return ok;
}

/* The staging folder first, then what is shipped. */
static struct lr_catalog *staged_catalog(struct staging *g)
{
    char *shipped = lr_catalog_find(g->s->catalog, LR_PROFILE_ARCHITECTURE, "cpu", &g->s->diags);
    struct lr_catalog *c = NULL;
    for (int i = 0; shipped && i < 2; i++) /* off with architectures/cpu.yaml */
        if (strrchr(shipped, '/'))
            *strrchr(shipped, '/') = '\0';
    if (shipped) {
        const char *const dirs[] = {lr_text_str(&g->dir), shipped};
        c = lr_catalog_open(dirs, 2);
    }
    free(shipped);
    return c;
}

/* Fits every family on the staged tables. Constants that stay at the base's value are no news to the user. */
static bool fit(struct staging *g, struct lr_catalog *catalog, struct lr_text *out)
{
    const char *const name = g->s->options.write;
    const struct lr_calibration c = {.name = name,
                                     .title = "measured here",
                                     .base = "generic",
                                     .architecture = "cpu",
                                     .hardware = &name,
                                     .hardware_count = 1};
    struct lr_measured *owned[TABLES] = {NULL};
    struct lr_diags quiet = {0};
    struct lr_kernels *prior = lr_catalog_kernels(catalog, "generic", &g->s->diags);
    struct lr_kernels *k = calloc(1, sizeof *k);
    struct lr_fitted *fitted = calloc(LR_FITTED_MAX, sizeof *fitted);
    struct lr_text path = {0};
    for (size_t i = 0; i < TABLES; i++) {
        place(&g->dir, places[i], name, &path);
        owned[i] = lr_measured_load(lr_text_str(&path), catalog, &g->s->diags);
    }
    if (prior && k && fitted && g->s->diags.errors == 0) {
        const struct lr_measured *const files[TABLES] = {owned[0], owned[1], owned[2]};
        const size_t n = lr_calibrate(&c, files, TABLES, prior, k, fitted, &quiet);
        if (n > 0)
            lr_calibration_write(&c, files, TABLES, k, fitted, n, out);
    }
    if (out->length == 0)
        lr_diag(&g->s->diags, LR_ERROR, NOWHERE, NULL, "no kernel set could be fitted on what was measured");
    for (size_t i = 0; i < TABLES; i++)
        lr_measured_free(owned[i]);
    free(fitted);
    free(k);
    lr_kernels_free(prior);
    lr_diags_free(&quiet);
    lr_text_free(&path);
    return g->s->diags.errors == 0;
}

/* The profile comes last: whoever finds it finds the rest. */
static bool publish(struct staging *g)
{
    struct lr_text from = {0}, to = {0};
    bool ok = !lr_measure_interrupted();
    if (!ok)
        lr_diag(&g->s->diags, LR_ERROR, NOWHERE, NULL, "interrupted, nothing was written");
    for (size_t i = 0; ok && i < sizeof folders / sizeof *folders; i++) {
        lr_text_cut(&to, 0);
        lr_text_addf(&to, "%s/%s", lr_text_str(&g->home), folders[i]);
        ok = lr_output_folder(lr_text_str(&to), &g->s->diags);
    }
    for (size_t i = 0; ok && i < FILES; i++) {
        place(&g->dir, places[i], g->s->options.write, &from);
        place(&g->home, places[i], g->s->options.write, &to);
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

bool lr_measure_name(struct lr_session *s)
{
    const char *const name = s->options.write;
    struct lr_diags quiet = {0};
    char *path = NULL;
    if (!*name || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") != strlen(name) || name[0] == '.') {
        lr_diag(&s->diags, LR_ERROR, NOWHERE, "--write", "'%s', expected lower case letters, digits, '.' and '-'",
                name);
        return false;
    }
    path = lr_catalog_find(s->catalog, LR_PROFILE_HARDWARE, name, &quiet);
    struct lr_hardware *hw = path ? lr_catalog_hardware(s->catalog, name, NULL, 0, &quiet) : NULL;
    const bool other = hw && (!hw->kernels || strcmp(hw->kernels, name) != 0 || strcmp(hw->name, name) != 0);
    if (other) {
        lr_diag(&s->diags, LR_ERROR, NOWHERE, "--write", "'%s' is a profile that was not measured here", name);
        lr_hint(&s->diags, "%s", path);
    }
    lr_hardware_free(hw);
    free(path);
    lr_diags_free(&quiet);
    return !other;
}

bool lr_measure_write(struct lr_session *s, const struct lr_machine *m, const struct lr_bench *b)
{
    struct staging g = {.s = s};
    struct lr_text text = {0};
    struct lr_catalog *catalog = NULL;
    bool ok = find_home(&g) && open_staging(&g);
    for (size_t i = 0; ok && i < TABLES; i++) {
        lr_text_cut(&text, 0);
        table(s, b, (enum lr_bench_kind)i, &text);
        ok = stage(&g, i, &text);
    }
    lr_text_cut(&text, 0);
    profile(s, m, b, &text);
    ok = ok && stage(&g, FILES - 1, &text) && (catalog = staged_catalog(&g)) != NULL;
    lr_text_cut(&text, 0);
    ok = ok && fit(&g, catalog, &text) && stage(&g, TABLES, &text) && publish(&g);
    close_staging(&g);
    lr_catalog_free(catalog);
    lr_text_free(&text);
    return ok;
}
