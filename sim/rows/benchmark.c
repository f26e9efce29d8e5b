/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of end-to-end measurements. */
#include <llmroof/benchmark.h>

#include "core/hash.h"
#include "core/number.h"
#include "document/csv.h"
#include "load/catalog_document.h"
#include "rows/benchmark_row.h"
#include "rows/results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OPENED_MAX = 128 };

/* A profile under its name in the file. profile NULL: it is not in the catalogue. */
struct opened {
    const char *name;
    void *profile;
};

struct owner {
    struct lr_benchmark public;
    struct lr_csv *csv;
    struct lr_document *results; /* NULL if the file is a CSV table */
    const struct lr_catalog *catalog;
    struct opened hardware[OPENED_MAX], model[OPENED_MAX];
    size_t hardware_count, model_count;
    bool out_of_memory; /* a profile that was not found may still exist */
};

const char *lr_metric_name(enum lr_metric m)
{
    static const char *const names[] = {
#define X(id, name) name,
        LR_METRICS(X)
#undef X
    };
    return m < LR_METRIC_COUNT ? names[m] : "unknown";
}

const char *lr_benchmark_cell(const struct lr_benchmark_line *l, const char *column)
{
    return lr_csv_cell(l->csv, l->row, column);
}

double lr_benchmark_number(struct lr_benchmark_line *l, const char *column)
{
    const char *const text = lr_benchmark_cell(l, column);
    double v = 0;
    if (!*text)
        return 0;
    if (lr_number_parse(text, &v) && v >= 0)
        return v;
    lr_diag(l->ds, LR_ERROR,
            (struct lr_pos){l->csv->name, l->csv->row[l->row].line, (int)lr_csv_column(l->csv, column) + 1}, column,
            "'%s', expected a number of at least 0", text);
    l->failed = true;
    return 0;
}

static struct opened *find(struct opened *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].name, name) == 0)
            return &list[i];
    return NULL;
}

static const struct lr_hardware *hardware_of(struct owner *o, const char *name)
{
    struct opened *found = find(o->hardware, o->hardware_count, name);
    if (!found && o->hardware_count < OPENED_MAX && *name && !lr_catalog_is_path(name)) {
        struct lr_diags discarded = {0};
        found = &o->hardware[o->hardware_count++];
        *found = (struct opened){name, lr_catalog_hardware(o->catalog, name, NULL, 0, &discarded)};
        o->out_of_memory = o->out_of_memory || discarded.out_of_memory;
        lr_diags_free(&discarded);
    }
    return found ? found->profile : NULL;
}

static const struct lr_model *model_of(struct owner *o, const char *name)
{
    struct opened *found = find(o->model, o->model_count, name);
    if (!found && o->model_count < OPENED_MAX && *name && !lr_catalog_is_path(name)) {
        struct lr_diags discarded = {0};
        found = &o->model[o->model_count++];
        *found = (struct opened){name, lr_catalog_model(o->catalog, name, NULL, 0, &discarded)};
        o->out_of_memory = o->out_of_memory || discarded.out_of_memory;
        lr_diags_free(&discarded);
    }
    return found ? found->profile : NULL;
}

/* A format with as many bits as that of the model means the published checkpoint. */
enum lr_dtype lr_benchmark_weights(const struct lr_model *m, enum lr_dtype asked)
{
    const struct lr_ffn *const last = m->block_count ? &m->block[m->block_count - 1].ffn : NULL;
    const enum lr_dtype own = m->weights[last && last->kind == LR_FFN_MOE ? LR_PART_EXPERTS : LR_PART_MLP];
    if (asked == LR_DTYPE_NONE || floor(2 * lr_dtype_bytes(asked)) == floor(2 * lr_dtype_bytes(own)))
        return LR_DTYPE_NONE;
    return asked;
}

enum lr_dtype lr_benchmark_kv(const char *runtime, enum lr_dtype weights)
{
    const bool quantised = weights == LR_FP8 || weights == LR_NVFP4;
    const bool trtllm = strncmp(runtime, "trtllm", 6) == 0 || strncmp(runtime, "nim", 3) == 0;
    return quantised && trtllm ? LR_FP8 : LR_DTYPE_NONE;
}

/* Whether the hash of the setting's cells is odd. */
static bool odd_hash(const struct lr_csv *csv, size_t row, const char *const *columns)
{
    uint32_t hash = LR_HASH_START;
    for (; *columns; columns++) {
        const char *const cell = lr_csv_cell(csv, row, *columns);
        hash = lr_hash(lr_hash(hash, cell, strlen(cell)), ",", 1);
    }
    return (hash ^ hash >> 16) & 1;
}

static const struct lr_benchmark_kind *kind_of(const struct lr_csv *csv)
{
    static const struct lr_benchmark_kind *const kinds[] = {&lr_benchmark_served, &lr_benchmark_published};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        size_t i = 0;
        while (kinds[k]->required[i] && lr_csv_column(csv, kinds[k]->required[i]) != LR_CSV_COLUMNS_MAX)
            i++;
        if (!kinds[k]->required[i])
            return kinds[k];
    }
    return NULL;
}

static bool read_row(struct owner *o, const struct lr_benchmark_kind *k, size_t i, struct lr_diags *ds)
{
    struct lr_benchmark_row *r = &o->public.row[o->public.count];
    struct lr_benchmark_line l = {o->csv, i, ds, false};
    *r = (struct lr_benchmark_row){.line = o->csv->row[i].line,
                                   .hardware = hardware_of(o, lr_benchmark_cell(&l, k->hardware)),
                                   .model = model_of(o, lr_benchmark_cell(&l, k->model)),
                                   .deployment = {.weights = LR_DTYPE_NONE, .kv = LR_DTYPE_NONE}};
    if (!r->hardware)
        r->skip = "the chip is not in the catalogue";
    else if (!r->model)
        r->skip = "the model is not in the catalogue";
    else
        k->read(&l, r);
    if (!r->skip && !(r->value > 0))
        r->skip = "no value";
    if (!r->skip && !(r->traffic.concurrency >= 1))
        r->skip = "no batch or concurrency";
    r->held_out = r->skip || (k->fits && !k->fits(r)) || odd_hash(o->csv, i, k->setting);
    o->public.count++;
    return !l.failed;
}

struct lr_benchmark *lr_benchmark_load(const char *path, const struct lr_catalog *catalog, struct lr_diags *ds)
{
    struct owner *o = calloc(1, sizeof *o);
    bool ok = o && (o->csv = lr_csv_load(path, ds)) != NULL;
    const struct lr_benchmark_kind *k = ok ? kind_of(o->csv) : NULL;
    if (ok && !k)
        lr_diag(ds, LR_ERROR, (struct lr_pos){o->csv->name, 1, 0}, NULL,
                "not a table of end-to-end measurements, expected the columns backend, model_path, system ... or gpu, "
                "model, engine, metric, value, unit ...");
    if (k) {
        o->catalog = catalog;
        o->public.file = o->csv->name;
        o->public.hash = o->csv->hash;
        o->public.row = calloc(o->csv->count + 1, sizeof *o->public.row);
        for (size_t i = 0; ok && o->public.row && i < o->csv->count; i++)
            ok = read_row(o, k, i, ds);
    }
    if (!o || (k && (!o->public.row || o->out_of_memory))) {
        lr_diag(ds, LR_ERROR, (struct lr_pos){path, 0, 0}, NULL, "out of memory");
        ok = false;
    }
    if (ok && k)
        return &o->public;
    lr_benchmark_free(o ? &o->public : NULL);
    return NULL;
}

/* Reads the runs of o->results. */
static bool read_runs(struct owner *o, const struct lr_benchmark_setting *setting, struct lr_diags *ds)
{
    const size_t before = ds->errors;
    const struct lr_node *const runs = lr_node_get(o->results->root, "runs");
    o->public.row = calloc(runs->count + 1, sizeof *o->public.row);
    for (const struct lr_node *run = runs->first; o->public.row && run; run = run->next) {
        struct lr_benchmark_row *const r = &o->public.row[o->public.count++];
        const char *const name = lr_benchmark_result_model(run);
        *r = (struct lr_benchmark_row){.hardware = setting->hardware,
                                       .model = setting->model ? setting->model : model_of(o, name ? name : ""),
                                       .runtime = setting->runtime,
                                       .deployment = setting->deployment,
                                       .line = run->pos.line,
                                       .held_out = setting->held_out};
        if (r->model)
            lr_benchmark_result_read(run, r, ds);
        else
            r->skip = name ? "the model is not in the catalogue" : "the result has no model_id, expected --model";
    }
    if (!o->public.row || o->out_of_memory)
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
    return ds->errors == before;
}

struct lr_benchmark *lr_benchmark_results(const char *path, const struct lr_catalog *catalog,
                                          const struct lr_benchmark_setting *setting, struct lr_diags *ds)
{
    if (!ds) { /* the caller wants no messages */
        struct lr_diags discarded = {0};
        struct lr_benchmark *const made = lr_benchmark_results(path, catalog, setting, &discarded);
        lr_diags_free(&discarded);
        return made;
    }
    struct owner *o = calloc(1, sizeof *o);
    if (!o) {
        lr_diag(ds, LR_ERROR, (struct lr_pos){path, 0, 0}, NULL, "out of memory");
        return NULL;
    }
    const size_t before = ds->errors;
    o->catalog = catalog;
    o->results = lr_results_load(path, &o->public.hash, ds);
    if (o->results) {
        o->public.file = o->results->name;
        if (read_runs(o, setting, ds) && ds->errors == before) /* a duplicate key is an error, but leaves a document */
            return &o->public;
    }
    lr_benchmark_free(&o->public);
    return NULL;
}

void lr_benchmark_free(struct lr_benchmark *b)
{
    struct owner *o = (struct owner *)b;
    if (!o)
        return;
    for (size_t i = 0; i < o->hardware_count; i++)
        lr_hardware_free(o->hardware[i].profile);
    for (size_t i = 0; i < o->model_count; i++)
        lr_model_free(o->model[i].profile);
    free(b->row);
    lr_csv_free(o->csv);
    lr_document_free(o->results);
    free(o);
}

bool lr_benchmark_is(const char *path)
{
    struct lr_diags discarded = {0};
    struct lr_csv *csv = lr_csv_load(path, &discarded);
    const bool is = csv && kind_of(csv);
    lr_csv_free(csv);
    lr_diags_free(&discarded);
    return is;
}
