/* SPDX-License-Identifier: Apache-2.0 */
/* llmroof measure host: what this machine can do, and a profile of it. */
#include "cli/measure/measure.h"
#include "cli/measure/measure_stage.h"
#include "cli/session/interrupt.h"
#include "render/json.h"

#include <math.h>
#include <stdlib.h>

/* A minute or so: bandwidth and clock change within seconds, and the middle of a short while is that of its moment. */
enum { REPEAT = 27, TRIES = 4 };

/* Above this the quartiles of a typical row are so far apart that a fit would follow the noise. */
static const double SPREAD_MOST = 0.2;

static bool is_calm(const struct lr_timing *b)
{
    const struct lr_timing_calm calm = lr_timing_calmness(b);
    if (b->row[0].samples.count < LR_MEASURE_JUDGED) /* asked for so few that nothing can be said of the machine */
        return true;
    return calm.spread <= SPREAD_MOST && calm.share >= LR_MEASURE_CALM_LEAST;
}

/* A row whose own quartiles are further apart is written with a flag, and no fit uses it. */
static const double ROW_SPREAD_MOST = 0.4;

bool lr_measure_row(const struct lr_timing_row *r, double *seconds)
{
    const struct lr_summary y = lr_samples_summary(&r->samples);
    *seconds = y.median;
    return y.used > 0 && y.spread <= ROW_SPREAD_MOST;
}

struct lr_measure_peaks lr_measure_peaks(const struct lr_timing *b)
{
    struct lr_measure_peaks p = {0, lr_timing_best(&b->sgemm)};
    for (size_t i = 0; i < b->rates; i++)
        p.bandwidth_bytes_per_s = fmax(p.bandwidth_bytes_per_s, lr_timing_best(&b->read[i]));
    for (size_t i = 0; i < b->rows; i++) {
        const struct lr_timing_row *r = &b->row[i];
        double seconds;
        if (r->kind == LR_TIMING_ELEMENTWISE || !lr_measure_row(r, &seconds))
            continue;
        /* what is no larger than the cache may come from it, so it says nothing of memory */
        if (r->kind == LR_TIMING_ATTENTION || r->bytes > 64e6)
            p.bandwidth_bytes_per_s = fmax(p.bandwidth_bytes_per_s, r->bytes / seconds);
        p.flop_per_s = fmax(p.flop_per_s, r->flop / seconds);
    }
    return p;
}

struct watch {
    const struct lr_session *s;
};

static bool go_on(void *user, double share)
{
    const struct watch *w = user;
    lr_measure_progress(w->s, "measuring", share);
    return !lr_interrupted();
}

/* Measures anew while the machine is busy, a few times. */
static bool measure(struct lr_session *s, struct lr_timing *b)
{
    struct watch w = {s};
    const size_t rounds = s->options.repeat >= 1 ? (size_t)fmin(s->options.repeat, 100) : REPEAT;
    bool ok = lr_timing_run(b, rounds, go_on, &w);
    for (int i = 1; ok && i < TRIES && !is_calm(b); i++) {
        lr_timing_forget(b);
        ok = lr_timing_run(b, rounds, go_on, &w);
    }
    lr_measure_progress(s, "", -1);
    if (!ok)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "interrupted, nothing was written");
    return ok;
}

static const char *const kinds[LR_TIMING_KINDS] = {"gemm", "attention", "elementwise"};

struct timing_row {
    const char *kind, *op;
    double m, n, k, context, heads, kv_heads, head_dim;
    double median_s, best_s, spread, samples, calm, bytes_per_s, flop_per_s;
};

static const struct lr_column columns[] = {
    LR_COLUMN(timing_row, kind, "kind", TEXT),
    LR_COLUMN(timing_row, op, "op", TEXT),
    LR_COLUMN(timing_row, m, "m", COUNT),
    LR_COLUMN(timing_row, n, "n", COUNT),
    LR_COLUMN(timing_row, k, "k", COUNT),
    LR_COLUMN(timing_row, context, "context", COUNT),
    LR_COLUMN(timing_row, heads, "heads", COUNT),
    LR_COLUMN(timing_row, kv_heads, "KV heads", COUNT),
    LR_COLUMN(timing_row, head_dim, "head dim", COUNT),
    LR_COLUMN(timing_row, median_s, "median", SECONDS),
    LR_COLUMN(timing_row, best_s, "best", SECONDS),
    LR_COLUMN(timing_row, spread, "spread", PERCENT),
    LR_COLUMN(timing_row, samples, "samples", COUNT),
    LR_COLUMN(timing_row, calm, "calm", COUNT),
    LR_COLUMN(timing_row, bytes_per_s, "B/s", RATE),
    LR_COLUMN(timing_row, flop_per_s, "FLOP/s", RATE),
};

/* Sizes that an operator does not have are 0. */
static double given(size_t size)
{
    return size > 0 ? (double)size : NAN;
}

static void add_row(const struct lr_timing_row *r, struct lr_table *t)
{
    const struct lr_summary y = lr_samples_summary(&r->samples);
    const struct timing_row row = {
        .kind = kinds[r->kind],
        .op = lr_timing_pass_name(r->pass),
        .m = given(r->m),
        .n = given(r->n),
        .k = given(r->k),
        .context = given(r->context),
        .heads = given(r->heads),
        .kv_heads = given(r->kv_heads),
        .head_dim = given(r->dim),
        .median_s = y.median,
        .best_s = y.best,
        .spread = y.spread,
        .samples = (double)y.count,
        .calm = (double)y.calm,
        .bytes_per_s = r->bytes / y.median,
        .flop_per_s = r->flop / y.median,
    };
    lr_table_add(t, &row);
}

static void all_rows(const struct lr_timing *b, enum lr_format format, struct lr_text *out)
{
    struct lr_table t;
    lr_table_init(&t, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < b->rows; i++)
        add_row(&b->row[i], &t);
    lr_table_render(&t, format, "llmroof/measure-host-rows/1", out);
    lr_table_free(&t);
}

struct tokens_row {
    double m, shapes, gbyte_per_s, gflop_per_s, spread;
};

static const struct lr_column tokens_columns[] = {
    LR_COLUMN(tokens_row, m, "m", COUNT),
    LR_COLUMN(tokens_row, shapes, "shapes", COUNT),
    LR_COLUMN(tokens_row, gbyte_per_s, "GB/s of weights", NUMBER),
    LR_COLUMN(tokens_row, gflop_per_s, "GFLOP/s", NUMBER),
    LR_COLUMN(tokens_row, spread, "spread", PERCENT),
};

/* Products by the number of rows: what decoding with that batch gets from memory and from the units. */
static void by_tokens(const struct lr_timing *b, enum lr_format format, struct lr_text *out)
{
    struct lr_table t;
    lr_table_init(&t, tokens_columns, sizeof tokens_columns / sizeof *tokens_columns);
    for (size_t m = 1; m <= 256; m++) {
        double bytes[LR_TIMING_ROWS_MAX], flop[LR_TIMING_ROWS_MAX], spread[LR_TIMING_ROWS_MAX];
        size_t n = 0;
        for (size_t i = 0; i < b->rows; i++) {
            const struct lr_timing_row *r = &b->row[i];
            const struct lr_summary y = lr_samples_summary(&r->samples);
            if (r->kind != LR_TIMING_GEMM || r->m != m)
                continue;
            bytes[n] = r->bytes / y.median * 1e-9;
            flop[n] = r->flop / y.median * 1e-9;
            spread[n++] = y.spread;
        }
        if (n == 0)
            continue;
        const struct tokens_row row = {
            .m = (double)m,
            .shapes = (double)n,
            .gbyte_per_s = lr_median(bytes, n),
            .gflop_per_s = lr_median(flop, n),
            .spread = lr_median(spread, n),
        };
        lr_table_add(&t, &row);
    }
    lr_table_render(&t, format, "", out);
    lr_table_free(&t);
}

static void rates(const struct lr_timing *b, struct lr_text *out)
{
    for (size_t i = 0; i < b->rates; i++)
        lr_text_addf(out, "memory, %zu thread%s: read %.1f GB/s (best %.1f), triad %.1f (best %.1f)\n",
                     b->read[i].threads, b->read[i].threads > 1 ? "s" : "", 1e-9 * lr_timing_median(&b->read[i]),
                     1e-9 * lr_timing_best(&b->read[i]), 1e-9 * lr_timing_median(&b->triad[i]),
                     1e-9 * lr_timing_best(&b->triad[i]));
    lr_text_addf(out, "products in cache, %zu thread%s: sgemm %.1f GFLOP/s (best %.1f), dgemm %.1f (best %.1f)\n",
                 b->sgemm.threads, b->sgemm.threads > 1 ? "s" : "", 1e-9 * lr_timing_median(&b->sgemm),
                 1e-9 * lr_timing_best(&b->sgemm), 1e-9 * lr_timing_median(&b->dgemm),
                 1e-9 * lr_timing_best(&b->dgemm));
    lr_text_addf(out, "starting all threads: %.2f us\n", 1e6 * lr_samples_summary(&b->call.samples).median);
}

static void as_text(const struct lr_machine *m, const struct lr_timing *b, enum lr_format format, struct lr_text *out)
{
    const struct lr_timing_calm calm = lr_timing_calmness(b);
    char buf[2][LR_HUMAN_SIZE];
    lr_text_addf(out, "%s, %zu threads, last-level cache %s, memory %s, %s\n", m->name, m->threads,
                 lr_human(m->cache_bytes, LR_CELL_BYTES, buf[0]), lr_human(m->memory_bytes, LR_CELL_BYTES, buf[1]),
                 b->e->blas.config);
    rates(b, out);
    lr_text_add(out, "\nFP32 products of m rows with weights from memory, medians over shapes:\n");
    by_tokens(b, format, out);
    lr_text_addf(out,
                 "\n%zu rows, %zu samples each; median interquartile range %.1f %%; "
                 "%.0f %% of the samples ran without waiting for a core\n",
                 b->rows, b->row[0].samples.count, 100 * calm.spread, 100 * calm.share);
}

static void json_rates(struct lr_json *j, const char *key, const struct lr_timing_rate *r, size_t n)
{
    lr_json_open(j, key, '[');
    for (size_t i = 0; i < n; i++) {
        lr_json_open(j, NULL, '{');
        lr_json_number(j, "threads", (double)r[i].threads);
        lr_json_number(j, "median_per_s", lr_timing_median(&r[i]));
        lr_json_number(j, "best_per_s", lr_timing_best(&r[i]));
        lr_json_number(j, "spread", lr_samples_summary(&r[i].samples).spread);
        lr_json_close(j, '}');
    }
    lr_json_close(j, ']');
}

static void as_json(const struct lr_machine *m, const struct lr_timing *b, bool calm, struct lr_text *out)
{
    struct lr_json j = {.out = out};
    lr_json_open(&j, NULL, '{');
    lr_json_text(&j, "schema", "llmroof/measure-host/1");
    lr_json_text(&j, "machine", m->name);
    lr_json_number(&j, "threads", (double)lr_pool_threads(b->e->pool));
    lr_json_number(&j, "cache_bytes", m->cache_bytes);
    lr_json_number(&j, "memory_bytes", m->memory_bytes);
    lr_json_text(&j, "library", b->e->blas.config);
    lr_json_bool(&j, "calm", calm);
    lr_json_number(&j, "spread", lr_timing_calmness(b).spread);
    lr_json_number(&j, "call_s", lr_samples_summary(&b->call.samples).median);
    json_rates(&j, "read_bytes", b->read, b->rates);
    json_rates(&j, "triad_bytes", b->triad, b->rates);
    json_rates(&j, "sgemm_flop", &b->sgemm, 1);
    json_rates(&j, "dgemm_flop", &b->dgemm, 1);
    lr_json_open(&j, "rows", '[');
    for (size_t i = 0; i < b->rows; i++) {
        const struct lr_timing_row *r = &b->row[i];
        const struct lr_summary y = lr_samples_summary(&r->samples);
        lr_json_open(&j, NULL, '{');
        lr_json_text(&j, "kind", kinds[r->kind]);
        lr_json_text(&j, "op", lr_timing_pass_name(r->pass));
        lr_json_number(&j, "m", (double)r->m);
        lr_json_number(&j, "n", (double)r->n);
        lr_json_number(&j, "k", (double)r->k);
        lr_json_number(&j, "context", (double)r->context);
        lr_json_number(&j, "median_s", y.median);
        lr_json_number(&j, "best_s", y.best);
        lr_json_number(&j, "spread", y.spread);
        lr_json_close(&j, '}');
    }
    lr_json_close(&j, ']');
    lr_json_close(&j, '}');
}

static enum lr_exit conclude(struct lr_session *s, const struct lr_machine *m, const struct lr_timing *b)
{
    struct lr_text out = {0};
    const struct lr_timing_calm calm = lr_timing_calmness(b);
    const bool ok = is_calm(b);
    if (s->format == LR_FORMAT_JSON)
        as_json(m, b, ok, &out);
    else if (s->format == LR_FORMAT_CSV)
        all_rows(b, LR_FORMAT_CSV, &out);
    else
        as_text(m, b, s->format, &out);
    if (!ok)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL,
                "this machine is busy: the median interquartile range is %.0f %%, expected at most %.0f %%; "
                "%.0f %% of the samples ran without waiting for a core, expected %.0f %%; nothing is written",
                100 * calm.spread, 100 * SPREAD_MOST, 100 * calm.share, 100 * LR_MEASURE_CALM_LEAST);
    enum lr_exit code = lr_session_answer(s, &out, ok ? LR_EXIT_YES : LR_EXIT_NO);
    if (code == LR_EXIT_YES && s->options.write && !lr_measure_write(s, m, b))
        code = LR_EXIT_BAD;
    lr_text_free(&out);
    return code;
}

/* Many times the cache, and no more than a quarter of what there is. */
static double pool_bytes(const struct lr_machine *m)
{
    const double wanted = fmax(1e9, 16 * m->cache_bytes);
    return fmin(wanted, m->available_bytes / 4);
}

enum lr_exit lr_measure_host(struct lr_session *s)
{
    struct lr_machine m;
    const char *error = NULL;
    enum lr_exit code = LR_EXIT_BAD;
    lr_machine_read(&m);
    const size_t threads = lr_measure_threads(s, &m, 0);
    const double pool = pool_bytes(&m);
    if (s->options.operand.count)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "'%s', expected no further argument",
                s->options.operand.name[0]);
    if (pool < LR_TIMING_POOL_LEAST) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "%.1f GB of memory are free, expected at least %.1f GB",
                1e-9 * m.available_bytes, 4e-9 * LR_TIMING_POOL_LEAST);
        return LR_EXIT_NO;
    }
    if (threads == 0 || s->diags.errors || (s->options.write && !lr_stage_name(s)))
        return LR_EXIT_BAD;
    struct lr_engine *e = lr_engine_new(threads, &error);
    struct lr_timing *b = e ? lr_timing_new(e, pool) : NULL;
    if (!b)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "%s", error && !e ? error : "out of memory");
    else if (measure(s, b))
        code = conclude(s, &m, b);
    else
        code = LR_EXIT_NO;
    lr_timing_free(b);
    lr_engine_free(e);
    return code;
}
