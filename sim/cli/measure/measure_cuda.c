/* SPDX-License-Identifier: Apache-2.0 */
/* llmroof measure cuda: products of decode shapes on the GPU at hand, as rows that `calibrate` reads, and a profile. */
#include "cli/measure/measure.h"
#include "cli/measure/measure_stage.h"
#include "cli/session/interrupt.h"
#include "core/quote.h"
#include "host/cuda.h"
#include "render/json.h"

#include <math.h>
#include <stdlib.h>

enum { REPEAT = 9, ROWS_MAX = 256 };

/* Many times the last-level cache of any GPU. */
static const double POOL_BYTES = 4e9;

/* Linear layers of Llama 3.1 8B and 70B, Qwen2.5 7B and 32B on one to eight GPUs. */
static const struct {
    size_t n, k;
} shapes[] = {{4096, 4096},  {6144, 4096},  {28672, 4096}, {4096, 14336}, {3584, 3584}, {37888, 3584},
              {3584, 18944}, {10240, 8192}, {8192, 8192},  {8192, 3584},  {7168, 8192}, {5120, 27648}};
static const size_t tokens[] = {1, 2, 4, 8, 16, 32, 64, 128, 256};

static const enum lr_dtype dtypes[LR_CUDA_FORMATS] = {LR_BF16, LR_FP8};

struct row {
    enum lr_cuda_format format;
    size_t m, n, k;
    struct lr_samples samples;
};

struct bench {
    struct row row[ROWS_MAX];
    size_t rows;
    struct lr_samples copy, peer, step;
    double copy_bytes, peer_bytes;
};

static void add(struct lr_samples *to, size_t round, double seconds)
{
    if (round > 0 && seconds > 0) /* the first round loads kernels and is not counted */
        lr_samples_add(to, seconds, true);
}

static bool measure(struct lr_session *s, struct lr_cuda *c, struct bench *b)
{
    const size_t rounds = s->options.repeat >= 1 ? (size_t)fmin(s->options.repeat, 100) : REPEAT;
    for (int f = 0; f < LR_CUDA_FORMATS; f++)
        for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
            for (size_t j = 0; j < sizeof tokens / sizeof *tokens && b->rows < ROWS_MAX; j++)
                b->row[b->rows++] =
                    (struct row){.format = (enum lr_cuda_format)f, .m = tokens[j], .n = shapes[i].n, .k = shapes[i].k};
    for (size_t n = 0; n < rounds + 1; n++) {
        add(&b->copy, n, lr_cuda_copy(c, &b->copy_bytes));
        add(&b->peer, n, lr_cuda_peer(c, &b->peer_bytes));
        add(&b->step, n, lr_cuda_step(c));
        for (size_t i = 0; i < b->rows; i++) {
            struct row *r = &b->row[i];
            lr_measure_progress(s, "measuring", (double)(n * b->rows + i) / (double)((rounds + 1) * b->rows));
            if (lr_interrupted()) {
                lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "interrupted, nothing was written");
                return false;
            }
            add(&r->samples, n, lr_cuda_gemm(c, r->format, r->m, r->n, r->k));
        }
    }
    lr_measure_progress(s, "", -1);
    return true;
}

/* The form of measured GEMM rows. */
static void as_csv(const char *gpu, const struct bench *b, struct lr_text *out)
{
    lr_text_add(out, "gpu,fw,ver,dtype,m,n,k,flag,latency_us,spread\n");
    for (size_t i = 0; i < b->rows; i++) {
        const struct row *r = &b->row[i];
        const struct lr_summary y = lr_samples_summary(&r->samples);
        if (y.used > 0)
            lr_text_addf(out, "%s,cublaslt,,%s,%zu,%zu,%zu,,%.3f,%.3f\n", gpu, lr_dtype_name(dtypes[r->format]), r->m,
                         r->n, r->k, 1e6 * y.median, y.spread);
    }
}

struct product_row {
    const char *dtype;
    double m, n, k, median_s, best_s, spread, gbyte_per_s, tflop_per_s;
};

static const struct lr_column columns[] = {
    LR_COLUMN(product_row, dtype, "format", TEXT),
    LR_COLUMN(product_row, m, "m", COUNT),
    LR_COLUMN(product_row, n, "n", COUNT),
    LR_COLUMN(product_row, k, "k", COUNT),
    LR_COLUMN(product_row, median_s, "median", SECONDS),
    LR_COLUMN(product_row, best_s, "best", SECONDS),
    LR_COLUMN(product_row, spread, "spread", PERCENT),
    LR_COLUMN(product_row, gbyte_per_s, "GB/s of weights", NUMBER),
    LR_COLUMN(product_row, tflop_per_s, "TFLOP/s", NUMBER),
};

static void add_rows(const struct bench *b, struct lr_table *t)
{
    lr_table_init(t, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < b->rows; i++) {
        const struct row *r = &b->row[i];
        const struct lr_summary y = lr_samples_summary(&r->samples);
        const double weights = (double)r->n * (double)r->k, bytes = weights * lr_dtype_bytes(dtypes[r->format]);
        if (y.used == 0)
            continue;
        const struct product_row row = {
            .dtype = lr_dtype_name(dtypes[r->format]),
            .m = (double)r->m,
            .n = (double)r->n,
            .k = (double)r->k,
            .median_s = y.median,
            .best_s = y.best,
            .spread = y.spread,
            .gbyte_per_s = 1e-9 * bytes / y.median,
            .tflop_per_s = 2e-12 * (double)r->m * weights / y.median,
        };
        lr_table_add(t, &row);
    }
}

/* NAN where it was not measured. */
static double rate(double bytes, const struct lr_samples *samples)
{
    return samples->count ? bytes / lr_samples_summary(samples).median : NAN;
}

static void as_json(const struct lr_cuda *c, const struct bench *b, struct lr_text *out)
{
    struct lr_json j = {.out = out};
    struct lr_table t;
    add_rows(b, &t);
    lr_json_open(&j, NULL, '{');
    lr_json_text(&j, "schema", "llmroof/measure-cuda/1");
    lr_json_text(&j, "gpu", lr_cuda_device(c)->name);
    lr_json_number(&j, "copy_bytes_per_s", rate(b->copy_bytes, &b->copy));
    lr_json_number(&j, "peer_bytes_per_s", rate(b->peer_bytes, &b->peer));
    lr_json_number(&j, "graph_step_s", b->step.count ? lr_samples_summary(&b->step).median : NAN);
    lr_json_open(&j, "rows", '[');
    for (size_t i = 0; i < t.rows; i++)
        lr_table_json_row(&t, i, &j, NULL);
    lr_json_close(&j, ']');
    lr_json_close(&j, '}');
    out->out_of_memory = out->out_of_memory || t.out_of_memory;
    lr_table_free(&t);
}

static void as_text(const struct lr_cuda *c, const struct bench *b, enum lr_format format, struct lr_text *out)
{
    struct lr_table t;
    const struct lr_summary copy = lr_samples_summary(&b->copy), peer = lr_samples_summary(&b->peer);
    lr_text_addf(out, "%s\ncopy within its memory: %.1f GB/s read and written (best %.1f)\n", lr_cuda_device(c)->name,
                 1e-9 * b->copy_bytes / copy.median, 1e-9 * b->copy_bytes / copy.best);
    if (peer.used > 0)
        lr_text_addf(out, "to the next of %d GPUs: %.1f GB/s (best %.1f)\n", lr_cuda_device(c)->count,
                     1e-9 * b->peer_bytes / peer.median, 1e-9 * b->peer_bytes / peer.best);
    if (b->step.count > 0)
        lr_text_addf(out, "one minimal product in a graph: %.2f us\n", 1e6 * lr_samples_summary(&b->step).median);
    lr_text_add(out, "\n");
    add_rows(b, &t);
    lr_table_render(&t, format, "", out);
    lr_table_free(&t);
}

/* By compute capability; NULL: none that we know. */
static const char *architecture_of(const struct lr_cuda_device *d)
{
    static const struct {
        int major, minor;
        const char *name;
    } known[] = {{8, 0, "ampere"},     {8, 9, "ada"},        {9, 0, "hopper"},
                 {10, 0, "blackwell"}, {10, 3, "blackwell"}, {12, 0, "blackwell-geforce"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].major == d->major && known[i].minor == d->minor)
            return known[i].name;
    return NULL;
}

/* What the driver says, and the most that was seen, so that no measured time is below a floor. */
static void own_figures(const struct lr_cuda_device *d, const struct bench *b, struct lr_text *out)
{
    static const char *const driver = "{value: %s, source: \"driver\"}\n";
    double peak[LR_CUDA_FORMATS] = {0}, bandwidth = b->copy_bytes / lr_samples_summary(&b->copy).best;
    struct lr_text format = {0};
    for (size_t i = 0; i < b->rows; i++) {
        const struct row *r = &b->row[i];
        const struct lr_summary y = lr_samples_summary(&r->samples);
        const double weights = (double)r->n * (double)r->k;
        if (y.used == 0)
            continue;
        bandwidth = fmax(bandwidth, weights * lr_dtype_bytes(dtypes[r->format]) / y.best);
        peak[r->format] = fmax(peak[r->format], 2 * (double)r->m * weights / y.best);
    }
    lr_text_add(out, "memory:\n");
    lr_text_addf(&format, "  capacity: %s", driver);
    lr_stage_quantity(out, lr_text_str(&format), d->memory_bytes, LR_DIMENSION_BYTES);
    lr_stage_quantity(out, "  bandwidth: {value: %s, note: \"the most that any copy or product moved\"}\n", bandwidth,
                      LR_DIMENSION_BYTES_PER_S);
    lr_text_cut(&format, 0);
    lr_text_addf(&format, "  cache: %s", driver);
    if (d->cache_bytes > 0)
        lr_stage_quantity(out, lr_text_str(&format), d->cache_bytes, LR_DIMENSION_BYTES);
    lr_text_addf(out, "compute:\n  units: %.0f\n", d->units);
    lr_text_cut(&format, 0);
    lr_text_addf(&format, "  clock: %s", driver);
    lr_stage_quantity(out, lr_text_str(&format), d->clock_hz, LR_DIMENSION_HERTZ);
    lr_text_add(out, "  peak:\n");
    for (int f = 0; f < LR_CUDA_FORMATS; f++) {
        lr_text_cut(&format, 0);
        lr_text_addf(&format, "    %s: {value: %%s, note: \"the most that any product reached\"}\n",
                     lr_dtype_name(dtypes[f]));
        if (peak[f] > 0)
            lr_stage_quantity(out, lr_text_str(&format), peak[f], LR_DIMENSION_FLOP_PER_S);
    }
    out->out_of_memory = out->out_of_memory || format.out_of_memory;
    lr_text_free(&format);
}

/* A variant of --hw's profile, whose datasheet stands; without it a profile of what was seen. */
static void profile(const struct lr_session *s, const struct lr_cuda *c, const struct bench *b, struct lr_text *out)
{
    const struct lr_cuda_device *const d = lr_cuda_device(c);
    const struct lr_hardware *const base = s->hardware_count ? s->hardware[0] : NULL;
    char date[LR_DATE_SIZE];
    struct lr_text title = {0};
    lr_text_add(out, "# Written by llmroof measure cuda; run it again rather than edit this.\n");
    lr_quote_name(out, "name", s->options.write);
    lr_text_addf(&title, "%s, measured here", d->name);
    lr_quote_text(out, "title", lr_text_str(&title));
    lr_text_addf(out, "source: \"measured here, %s\"\n", lr_stage_date(date));
    lr_quote_name(out, base ? "base" : "architecture", base ? base->name : architecture_of(d));
    if (!base)
        own_figures(d, b, out);
    lr_quote_name(out, "kernels", s->options.write);
    out->out_of_memory = out->out_of_memory || title.out_of_memory;
    lr_text_free(&title);
}

/* The set that prices this GPU so far. */
static const char *prior_of(struct lr_session *s, const struct lr_cuda *c)
{
    static const char *const GENERIC = "generic";
    const struct lr_hardware none = {.architecture = architecture_of(lr_cuda_device(c))};
    const struct lr_kernels *const k = lr_session_kernels(s, s->hardware_count ? s->hardware[0] : &none, NULL);
    return k ? k->name : GENERIC;
}

static bool write_profile(struct lr_session *s, const struct lr_cuda *c, const struct bench *b)
{
    static const char *const tables[] = {"measured/%s-gemm.csv"};
    struct lr_stage g;
    struct lr_text text = {0};
    as_csv(s->options.write, b, &text);
    bool ok = lr_stage_open(&g, s, tables, 1) && lr_stage_table(&g, 0, &text);
    lr_text_cut(&text, 0);
    profile(s, c, b, &text);
    ok = ok && lr_stage_profile(&g, &text) && lr_stage_fit(&g, prior_of(s, c)) && lr_stage_publish(&g);
    lr_stage_close(&g);
    lr_text_free(&text);
    return ok;
}

/* The chip's name in the rows: the profile's, by --hw, or what the driver says. */
static const char *chip_of(struct lr_session *s, const struct lr_cuda *c)
{
    if (s->options.hardware.count == 0)
        return lr_cuda_device(c)->name;
    const struct lr_hardware *hw = lr_session_hardware(s, s->options.hardware.name[0]);
    return hw ? hw->name : NULL;
}

static enum lr_exit conclude(struct lr_session *s, const struct lr_cuda *c, const char *chip, const struct bench *b)
{
    struct lr_text out = {0};
    if (s->format == LR_FORMAT_CSV)
        as_csv(chip, b, &out);
    else if (s->format == LR_FORMAT_JSON)
        as_json(c, b, &out);
    else
        as_text(c, b, s->format, &out);
    enum lr_exit code = lr_session_answer(s, &out, LR_EXIT_YES);
    if (code == LR_EXIT_YES && s->options.write && !write_profile(s, c, b))
        code = LR_EXIT_BAD;
    lr_text_free(&out);
    return code;
}

static enum lr_exit run(struct lr_session *s, struct lr_cuda *c, struct bench *b)
{
    const struct lr_cuda_device *const d = lr_cuda_device(c);
    const char *const chip = chip_of(s, c);
    char error[160];
    if (!chip)
        return LR_EXIT_BAD;
    if (s->options.write && s->hardware_count == 0 && !architecture_of(d)) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--hw",
                "is missing; compute capability %d.%d belongs to no known architecture", d->major, d->minor);
        return LR_EXIT_BAD;
    }
    if (!lr_cuda_take(c, POOL_BYTES, error, sizeof error)) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "%s", error);
        return LR_EXIT_BAD;
    }
    if (!measure(s, c, b))
        return LR_EXIT_NO;
    if (b->copy.count > 0 && b->row[0].samples.count > 0)
        return conclude(s, c, chip, b);
    lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "no product ran on the GPU");
    return LR_EXIT_BAD;
}

enum lr_exit lr_measure_cuda(struct lr_session *s)
{
    char error[160] = "out of memory";
    enum lr_exit code = LR_EXIT_BAD;
    if (s->options.operand.count)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "'%s', expected no further argument",
                s->options.operand.name[0]);
    if (s->options.hardware.count > 1)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--hw", "several profiles, expected one");
    if (s->options.write)
        lr_stage_name(s);
    if (s->diags.errors)
        return LR_EXIT_BAD;
    struct bench *b = calloc(1, sizeof *b);
    struct lr_cuda *c = b ? lr_cuda_open(error, sizeof error) : NULL;
    if (c)
        code = run(s, c, b);
    else
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "%s", error);
    lr_cuda_close(c);
    free(b);
    return code;
}
