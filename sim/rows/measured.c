/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of measured kernels. A row of kinds[] describes a kind of table: its columns, and the function that turns a
 * line into an operator. */
#include "rows/measured.h"

#include "core/hash.h"
#include "core/number.h"
#include "core/text.h"
#include "document/csv.h"
#include "load/catalog_document.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHIPS_MAX = 64, ROW_ERRORS_MAX = 10 };

struct owner {
    struct lr_measured public;
    struct lr_csv *csv;
    struct lr_hardware *chip[CHIPS_MAX];
    const char *chip_name[CHIPS_MAX];
    size_t chips;
};

/* One line being read. */
struct line {
    const struct lr_csv *csv;
    size_t row;
    struct lr_diags *ds;
    bool failed;
};

static struct lr_pos place(const struct line *l, const char *column)
{
    const size_t i = lr_csv_column(l->csv, column);
    return (struct lr_pos){l->csv->name, l->csv->row[l->row].line, i < l->csv->columns ? (int)i + 1 : 0};
}

static const char *text(const struct line *l, const char *column)
{
    return lr_csv_cell(l->csv, l->row, column);
}

/* A size: at least 1. */
static double size(struct line *l, const char *column)
{
    double v = 0;
    if (lr_number_parse(text(l, column), &v) && v >= 1 && v <= 1e12)
        return v;
    lr_diag(l->ds, LR_ERROR, place(l, column), column, "'%s', expected a number of at least 1", text(l, column));
    l->failed = true;
    return 1;
}

static enum lr_dtype format(struct line *l, const char *column)
{
    const enum lr_dtype d = lr_dtype_parse(text(l, column));
    if (d == LR_DTYPE_NONE) {
        lr_diag(l->ds, LR_ERROR, place(l, column), column, "unknown format '%s', expected one such as 'bf16'",
                text(l, column));
        l->failed = true;
    }
    return d;
}

static enum lr_dtype activations(enum lr_dtype weight)
{
    return weight == LR_DTYPE_NONE || lr_dtype_weight_only(weight) || lr_dtype_bytes(weight) >= 2 ? LR_BF16 : weight;
}

/* An error if a size is above another. */
static void at_most(struct line *l, const char *column, double v, double most, const char *what)
{
    if (v <= most)
        return;
    lr_diag(l->ds, LR_ERROR, place(l, column), column, "%g, expected at most the %g %s", v, most, what);
    l->failed = true;
}

static void tokens(struct lr_measured_row *r, double m)
{
    r->step.tokens = m;
    r->step.sequences = m;
}

static void gemm_line(struct line *l, struct lr_measured_row *r)
{
    r->op.family = LR_FAMILY_GEMM;
    r->op.weight = format(l, "dtype");
    r->op.act = activations(r->op.weight);
    r->op.u.gemm = (struct lr_gemm){.n = size(l, "n"), .k = size(l, "k")};
    tokens(r, size(l, "m"));
}

static void cache_line(struct line *l, struct lr_measured_row *r)
{
    r->op.kv = format(l, "kv_dtype");
    tokens(r, size(l, "batch"));
    r->step.context = size(l, "kv_len");
}

static void attention_line(struct line *l, struct lr_measured_row *r)
{
    r->op.family = LR_FAMILY_ATTENTION;
    cache_line(l, r);
    at_most(l, "kv_heads", size(l, "kv_heads"), size(l, "heads"), "heads");
    r->op.u.gqa = (struct lr_gqa){size(l, "heads"), size(l, "kv_heads"), size(l, "head_dim"), 0};
}

static void mla_line(struct line *l, struct lr_measured_row *r)
{
    r->op.family = LR_FAMILY_MLA;
    cache_line(l, r);
    /* the sizes of every model with MLA */
    r->op.u.mla = (struct lr_mla){.heads = size(l, "heads"), .latent = 512, .rope = 64, .nope = 128, .v = 128};
}

static void bmm_line(struct line *l, struct lr_measured_row *r)
{
    const bool before = strcmp(text(l, "which"), "mla_gen_pre") == 0;
    r->op.family = LR_FAMILY_BMM;
    r->op.weight = format(l, "dtype");
    r->op.u.bmm = (struct lr_bmm){size(l, "heads"), before ? 512 : 128, before ? 128 : 512};
    tokens(r, size(l, "tokens"));
    if (!before && strcmp(text(l, "which"), "mla_gen_post") != 0) {
        lr_diag(l->ds, LR_ERROR, place(l, "which"), "which", "'%s', expected 'mla_gen_pre' or 'mla_gen_post'",
                text(l, "which"));
        l->failed = true;
    }
}

/* From the name of the distribution of tokens over experts. */
static enum lr_routing routing_of(const char *dist)
{
    return strcmp(dist, "balanced") == 0 || !*dist ? LR_ROUTING_EVEN : LR_ROUTING_SKEWED;
}

static void moe_line(struct line *l, struct lr_measured_row *r)
{
    const double ep = size(l, "ep");
    at_most(l, "topk", size(l, "topk"), size(l, "experts"), "experts");
    at_most(l, "ep", ep, size(l, "experts"), "experts");
    r->op.family = LR_FAMILY_MOE;
    r->op.weight = format(l, "dtype");
    r->op.act = activations(r->op.weight);
    r->op.u.moe = (struct lr_moe){
        .hidden = size(l, "hidden"),
        .inter = size(l, "inter") / size(l, "tp"),
        .matrices = strstr(text(l, "kernel"), "nongated") ? 2 : 3,
        .experts = size(l, "experts"),
        .topk = size(l, "topk"),
        .local = size(l, "experts") / ep,
        .groups = 1,
        .routing = routing_of(text(l, "dist")),
    };
    tokens(r, size(l, "tokens"));
}

/* One of the two grouped GEMMs. Every expert of the rank has the same number of rows. */
static void grouped_line(struct line *l, struct lr_measured_row *r)
{
    const double local = size(l, "local_experts"), rows = size(l, "tokens_per_expert");
    r->op.family = LR_FAMILY_MOE;
    r->op.weight = LR_FP8_BLOCK;
    r->op.act = LR_FP8;
    r->op.u.moe = (struct lr_moe){
        .hidden = size(l, "hidden"),
        .inter = size(l, "inter"),
        .matrices = strcmp(text(l, "which"), "down") == 0 ? 1 : 2,
        .experts = local,
        .topk = local, /* every token goes to all experts, so that an expert has as many rows as there are tokens */
        .local = local,
        .groups = 1,
        .routing = LR_ROUTING_EVEN,
    };
    tokens(r, rows);
}

static void collective_line(struct line *l, struct lr_measured_row *r)
{
    static const struct {
        const char *name;
        enum lr_family family;
    } kinds[] = {{"all_reduce", LR_FAMILY_ALL_REDUCE},
                 {"all_gather", LR_FAMILY_ALL_GATHER},
                 {"reduce_scatter", LR_FAMILY_REDUCE_SCATTER},
                 {"alltoall", LR_FAMILY_DISPATCH}};
    size_t i = 0;
    while (i < 4 && strcmp(text(l, "coll"), kinds[i].name) != 0)
        i++;
    if (i == 4) {
        lr_diag(l->ds, LR_ERROR, place(l, "coll"), "coll", "unknown collective '%s', expected 'all_reduce'",
                text(l, "coll"));
        l->failed = true;
        return;
    }
    r->op.family = kinds[i].family;
    r->op.u.collective.ranks = size(l, "ranks");
    r->op.u.collective.nodes = 1;
    /* all-gather and reduce-scatter are listed by the whole message, of which each rank contributes a part */
    const bool part = r->op.family == LR_FAMILY_ALL_GATHER || r->op.family == LR_FAMILY_REDUCE_SCATTER;
    r->op.u.collective.bytes_per_row = size(l, "bytes") / (part ? r->op.u.collective.ranks : 1);
    tokens(r, 1);
}

static void exchange_line(struct line *l, struct lr_measured_row *r)
{
    const bool out = strstr(text(l, "which"), "combine") != NULL;
    const double element = out ? 2 : 1;
    r->op.family = out ? LR_FAMILY_COMBINE : LR_FAMILY_DISPATCH;
    r->op.u.collective = (struct lr_collective){
        .ranks = size(l, "ranks"),
        .nodes = size(l, "nodes"),
        .bytes_per_row = size(l, "hidden") * size(l, "topk") * element,
        .topk = size(l, "topk"),
        .experts = size(l, "experts"),
        .hidden = size(l, "hidden"),
    };
    tokens(r, size(l, "tokens"));
}

static void elementwise_line(struct line *l, struct lr_measured_row *r)
{
    r->op.family = LR_FAMILY_ELEMENTWISE;
    r->op.u.elementwise.bytes_per_row = size(l, "bytes_per_row");
    tokens(r, size(l, "rows"));
}

/* The most specific kinds come first: a table is of the first kind of which it has all columns. */
static const struct kind {
    const char *column[8];
    void (*read)(struct line *l, struct lr_measured_row *r);
} kinds[] = {
    {{"m", "n", "k", "dtype"}, gemm_line},
    {{"batch", "kv_len", "heads", "kv_heads", "head_dim", "kv_dtype"}, attention_line},
    {{"batch", "kv_len", "heads", "kv_dtype"}, mla_line},
    {{"tokens", "hidden", "inter", "topk", "experts", "tp", "ep", "dtype"}, moe_line},
    {{"which", "local_experts", "tokens_per_expert", "hidden", "inter"}, grouped_line},
    {{"which", "ranks", "nodes", "tokens", "hidden", "topk", "experts"}, exchange_line},
    {{"which", "tokens", "heads", "dtype"}, bmm_line},
    {{"coll", "ranks", "bytes"}, collective_line},
    {{"op", "rows", "bytes_per_row"}, elementwise_line},
};

/* Columns that every table may have, and that are not part of the shape. */
static const char *const about[] = {"gpu",    "fw",    "ver",      "flag",       "latency_us", "backend",
                                    "kernel", "dtype", "kv_dtype", "batch_note", "spread"};

static bool is_about(const char *column)
{
    for (size_t i = 0; i < sizeof about / sizeof *about; i++)
        if (strcmp(column, about[i]) == 0)
            return true;
    return false;
}

static bool has_columns(const struct lr_csv *csv, const struct kind *k)
{
    for (size_t i = 0; i < 8 && k->column[i]; i++)
        if (lr_csv_column(csv, k->column[i]) == LR_CSV_COLUMNS_MAX)
            return false;
    return lr_csv_column(csv, "gpu") != LR_CSV_COLUMNS_MAX && lr_csv_column(csv, "latency_us") != LR_CSV_COLUMNS_MAX;
}

/* Refuses unknown columns: one may be a misspelt column that changes the rows, such as flag. */
static bool known_columns(const struct lr_csv *csv, const struct kind *k, struct lr_diags *ds)
{
    static const char *const read[] = {"topk", "experts", "dist", "batch"};
    const size_t before = ds->errors;
    for (size_t i = 0; i < csv->columns; i++) {
        struct lr_nearest near = {0};
        bool known = is_about(csv->column[i]);
        for (size_t j = 0; j < sizeof read / sizeof *read; j++)
            known = known || strcmp(csv->column[i], read[j]) == 0;
        for (size_t j = 0; j < sizeof about / sizeof *about; j++)
            lr_nearest_offer(&near, csv->column[i], about[j]);
        for (size_t j = 0; j < 8 && k->column[j]; j++) {
            known = known || strcmp(csv->column[i], k->column[j]) == 0;
            lr_nearest_offer(&near, csv->column[i], k->column[j]);
        }
        if (known)
            continue;
        lr_diag(ds, LR_ERROR, (struct lr_pos){csv->name, 1, (int)i + 1}, csv->column[i], "unknown column");
        if (lr_nearest_name(&near, csv->column[i]))
            lr_hint(ds, "did you mean '%s'?", lr_nearest_name(&near, csv->column[i]));
    }
    return ds->errors == before;
}

static const struct kind *kind_of(const struct lr_csv *csv)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (has_columns(csv, &kinds[i]))
            return &kinds[i];
    return NULL;
}

/* Whether the hash of the shape's cells, joined by commas, is odd. It is of their text, so that anyone can reproduce
 * it. */
static bool odd_hash(const struct lr_csv *csv, size_t row)
{
    uint32_t hash = LR_HASH_START;
    bool first = true;
    for (size_t i = 0; i < csv->columns; i++) {
        if (is_about(csv->column[i]))
            continue;
        if (!first)
            hash = lr_hash(hash, ",", 1);
        first = false;
        hash = lr_hash(hash, csv->row[row].cell[i], strlen(csv->row[row].cell[i]));
    }
    return (hash ^ hash >> 16) & 1; /* the lowest bit alone is the parity of the odd characters */
}

static const struct lr_hardware *chip_of(struct owner *o, struct lr_catalog *catalog, struct line *l)
{
    const char *name = text(l, "gpu");
    for (size_t i = 0; i < o->chips; i++)
        if (strcmp(o->chip_name[i], name) == 0)
            return o->chip[i];
    struct lr_hardware *hw = NULL;
    if (o->chips < CHIPS_MAX && !lr_catalog_is_path(name))
        hw = lr_catalog_hardware(catalog, name, NULL, 0, l->ds);
    if (!hw) {
        lr_diag(l->ds, LR_ERROR, place(l, "gpu"), "gpu", "'%s', expected a hardware profile's name or alias", name);
        l->failed = true;
        return NULL;
    }
    o->chip_name[o->chips] = name;
    o->chip[o->chips++] = hw;
    return hw;
}

/* Bounds of plausible times. No launch is faster than the least, no kernel slower than the most, and no kernel faster
 * than this share of its floor, even with all data in caches. A time beyond them is in another unit. */
static const double TIME_LEAST_US = 0.5, TIME_MOST_US = 1e8, FLOOR_SHARE = 0.02;

static void read_time(struct line *l, struct lr_measured_row *r)
{
    const char *const column = "latency_us";
    double us = 0;
    if (!lr_number_parse(text(l, column), &us) || us <= 0) {
        lr_diag(l->ds, LR_ERROR, place(l, column), column, "'%s', expected a time above 0 in microseconds",
                text(l, column));
        l->failed = true;
        return;
    }
    r->seconds = us * 1e-6;
    const double floor_us = l->failed ? 0 : lr_row_floor(r) * 1e6;
    if (us >= fmax(TIME_LEAST_US, FLOOR_SHARE * floor_us) && us <= TIME_MOST_US)
        return;
    lr_diag(l->ds, LR_ERROR, place(l, column), column,
            "'%s' is not plausible in microseconds, the floor of this kernel on '%s' is %.3g us", text(l, column),
            r->hardware ? r->hardware->name : "this chip", floor_us);
    lr_hint(l->ds, "are these milliseconds or seconds?");
    l->failed = true;
}

/* The column is optional, and cells may be empty. */
static void read_spread(struct line *l, struct lr_measured_row *r)
{
    const char *const column = "spread", *const cell = text(l, column);
    if (*cell == '\0' || (lr_number_parse(cell, &r->spread) && r->spread >= 0))
        return;
    lr_diag(l->ds, LR_ERROR, place(l, column), column,
            "'%s', expected the distance between the quartiles over the median, 0 or more", cell);
    l->failed = true;
}

static bool read_line(struct owner *o, const struct kind *k, struct lr_catalog *catalog, struct line *l,
                      struct lr_measured_row *r)
{
    memset(r, 0, sizeof *r);
    r->op.name = "measured";
    r->op.count = 1;
    r->op.weight = LR_DTYPE_NONE;
    r->op.act = LR_BF16;
    r->op.kv = LR_DTYPE_NONE;
    r->step.q_len = 1;
    r->line = l->csv->row[l->row].line;
    k->read(l, r);
    /* files of InferSim name no engine: the kernels are DeepGEMM, FlashInfer and FlashMLA, attention without graphs */
    const bool named = lr_csv_column(l->csv, "fw") != LR_CSV_COLUMNS_MAX;
    r->engine = named ? text(l, "fw") : "deepseek";
    r->eager = !named && (r->op.family == LR_FAMILY_ATTENTION || r->op.family == LR_FAMILY_MLA);
    r->flagged = *text(l, "flag") != '\0' || strstr(text(l, "backend"), "_eager") != NULL ||
                 strstr(text(l, "kernel"), "min_latency") != NULL;
    r->held_out = odd_hash(l->csv, l->row);
    r->hardware = chip_of(o, catalog, l);
    read_time(l, r);
    read_spread(l, r);
    return !l->failed;
}

static bool read_all(struct owner *o, struct lr_catalog *catalog, struct lr_diags *ds)
{
    const struct kind *k = kind_of(o->csv);
    if (!k) {
        lr_diag(ds, LR_ERROR, (struct lr_pos){o->csv->name, 1, 0}, NULL,
                "not a table of measured kernels, expected the columns gpu, latency_us and those of a kernel such as "
                "m,n,k,dtype");
        return false;
    }
    if (!known_columns(o->csv, k, ds))
        return false;
    if (o->csv->count == 0) {
        lr_diag(ds, LR_ERROR, (struct lr_pos){o->csv->name, 1, 0}, NULL, "no rows below the header");
        return false;
    }
    size_t failed = 0;
    for (size_t i = 0; i < o->csv->count && failed < ROW_ERRORS_MAX; i++) {
        struct line l = {o->csv, i, ds, false};
        if (read_line(o, k, catalog, &l, &o->public.row[o->public.count]))
            o->public.count++;
        else
            failed++;
    }
    return failed == 0;
}

struct lr_measured *lr_measured_load(const char *path, struct lr_catalog *catalog, struct lr_diags *ds)
{
    if (!ds) { /* the caller wants no messages */
        struct lr_diags discarded = {0};
        struct lr_measured *const made = lr_measured_load(path, catalog, &discarded);
        lr_diags_free(&discarded);
        return made;
    }
    struct owner *o = calloc(1, sizeof *o);
    if (o && (o->csv = lr_csv_load(path, ds)) != NULL) {
        o->public.file = o->csv->name;
        o->public.hash = o->csv->hash;
        o->public.row = calloc(o->csv->count + 1, sizeof *o->public.row);
        if (!o->public.row)
            lr_diag(ds, LR_ERROR, (struct lr_pos){path, 0, 0}, NULL, "out of memory");
        else if (read_all(o, catalog, ds))
            return &o->public;
    } else if (!o) {
        lr_diag(ds, LR_ERROR, (struct lr_pos){path, 0, 0}, NULL, "out of memory");
    }
    lr_measured_free(o ? &o->public : NULL);
    return NULL;
}

void lr_measured_free(struct lr_measured *m)
{
    struct owner *o = (struct owner *)m;
    if (!o)
        return;
    for (size_t i = 0; i < o->chips; i++)
        lr_hardware_free(o->chip[i]);
    free(o->public.row);
    lr_csv_free(o->csv);
    free(o);
}
