/* SPDX-License-Identifier: Apache-2.0 */
/* What `measure host` leaves behind under --write's name. */
#include "cli/measure/measure.h"
#include "cli/measure/measure_stage.h"
#include "core/quote.h"

#include <stdio.h>
#include <string.h>

enum { TABLES = LR_TIMING_KINDS };

static const char *const tables[TABLES] = {"measured/%s-gemm.csv", "measured/%s-attention.csv",
                                           "measured/%s-elementwise.csv"};

static void profile(const struct lr_session *s, const struct lr_machine *m, const struct lr_timing *b,
                    struct lr_text *out)
{
    const struct lr_measure_peaks p = lr_measure_peaks(b);
    const size_t threads = lr_pool_threads(b->e->pool);
    char date[LR_DATE_SIZE];
    struct lr_text text = {0};
    lr_stage_date(date);
    lr_text_add(out, "# Written by llmroof measure host; run it again rather than edit this.\n");
    lr_quote_name(out, "name", s->options.write);
    lr_text_addf(&text, "%s, %zu thread%s", m->name, threads, threads > 1 ? "s" : "");
    lr_quote_text(out, "title", lr_text_str(&text));
    lr_text_add(out, "architecture: cpu\n");
    lr_text_cut(&text, 0);
    lr_text_addf(&text, "measured here, %s, %zu thread%s", date, threads, threads > 1 ? "s" : "");
    lr_quote_text(out, "source", lr_text_str(&text));
    out->out_of_memory = out->out_of_memory || text.out_of_memory;
    lr_text_free(&text);
    lr_text_add(out, "memory:\n  type: DRAM\n");
    lr_stage_quantity(out, "  capacity: {value: %s, source: \"operating system\"}\n", m->memory_bytes,
                      LR_DIMENSION_BYTES);
    lr_stage_quantity(out, "  bandwidth: {value: %s, note: \"the most that any loop read\"}\n", p.bandwidth_bytes_per_s,
                      LR_DIMENSION_BYTES_PER_S);
    if (m->cache_bytes > 0)
        lr_stage_quantity(out, "  cache: {value: %s, source: \"operating system\"}\n", m->cache_bytes,
                          LR_DIMENSION_BYTES);
    lr_text_addf(out, "compute:\n  units: %zu\n", threads);
    if (m->clock_hz > 0)
        lr_stage_quantity(out, "  clock: {value: %s, source: \"operating system\"}\n", m->clock_hz, LR_DIMENSION_HERTZ);
    lr_stage_quantity(out, "  peak:\n    fp32: {value: %s, note: \"the most that any product reached\"}\n",
                      p.flop_per_s, LR_DIMENSION_FLOP_PER_S);
    lr_quote_name(out, "kernels", s->options.write);
}

/* "OpenBLAS 0.3.21 NO_LAPACKE ..." */
static void version_of(const char *config, char out[32])
{
    const char *const space = strchr(config, ' ');
    snprintf(out, 32, "%.*s", space ? (int)strcspn(space + 1, " ,") : 0, space ? space + 1 : "");
}

/* Shorter times are those of the clock and of starting threads. */
static const double TIME_LEAST_S = 1e-6;

static void table(const struct lr_session *s, const struct lr_timing *b, enum lr_timing_kind kind, struct lr_text *out)
{
    static const char *const header[LR_TIMING_KINDS] = {
        "gpu,fw,ver,dtype,m,n,k,flag,latency_us,spread\n",
        "gpu,fw,ver,batch,kv_len,heads,kv_heads,head_dim,kv_dtype,flag,latency_us,spread\n",
        "gpu,fw,ver,op,rows,bytes_per_row,flag,latency_us,spread\n"};
    char version[32];
    version_of(b->e->blas.config, version);
    lr_text_add(out, header[kind]);
    for (size_t i = 0; i < b->rows; i++) {
        const struct lr_timing_row *r = &b->row[i];
        double seconds;
        const char *const flag = lr_measure_row(r, &seconds) ? "" : "busy";
        if (r->kind != kind || seconds < TIME_LEAST_S)
            continue;
        lr_text_addf(out, "%s,openblas,%s,", s->options.write, version);
        if (kind == LR_TIMING_GEMM)
            lr_text_addf(out, "fp32,%zu,%zu,%zu", r->m, r->n, r->k);
        else if (kind == LR_TIMING_ATTENTION)
            lr_text_addf(out, "%zu,%zu,%zu,%zu,%zu,fp32", r->m, r->context, r->heads, r->kv_heads, r->dim);
        else
            lr_text_addf(out, "%s,%zu,%.17g", lr_timing_pass_name(r->pass), r->m, r->bytes / (double)r->m);
        lr_text_addf(out, ",%s,%.3f,%.3f\n", flag, 1e6 * seconds, lr_samples_summary(&r->samples).spread);
    }
}

bool lr_measure_write(struct lr_session *s, const struct lr_machine *m, const struct lr_timing *b)
{
    struct lr_stage g;
    struct lr_text text = {0};
    bool ok = lr_stage_open(&g, s, tables, TABLES);
    for (size_t i = 0; ok && i < TABLES; i++) {
        lr_text_cut(&text, 0);
        table(s, b, (enum lr_timing_kind)i, &text);
        ok = lr_stage_table(&g, i, &text);
    }
    lr_text_cut(&text, 0);
    profile(s, m, b, &text);
    ok = ok && lr_stage_profile(&g, &text) && lr_stage_fit(&g, "generic") && lr_stage_publish(&g);
    lr_stage_close(&g);
    lr_text_free(&text);
    return ok;
}
