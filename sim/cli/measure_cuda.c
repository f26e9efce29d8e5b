/* llmroof measure cuda: products of decode shapes on the GPU at hand, as rows that `calibrate` reads. */
#include "cli/measure.h"
#include "host/cuda.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct lr_pos NOWHERE = {0};

enum { REPEAT = 9, ROWS_MAX = 128 };

/* Many times the last-level cache of any GPU. */
static const double POOL_BYTES = 4e9;

/* Linear layers of Llama 3.1 8B and 70B, Qwen2.5 7B and 32B on one to eight GPUs. */
static const struct {
    size_t n, k;
} shapes[] = {{4096, 4096},  {6144, 4096},  {28672, 4096}, {4096, 14336}, {3584, 3584}, {37888, 3584},
              {3584, 18944}, {10240, 8192}, {8192, 8192},  {8192, 3584},  {7168, 8192}, {5120, 27648}};
static const size_t tokens[] = {1, 2, 4, 8, 16, 32, 64, 128, 256};

struct row {
    size_t m, n, k;
    struct lr_samples samples;
};

struct bench {
    struct row row[ROWS_MAX];
    size_t rows;
    struct lr_samples copy;
    double copy_bytes;
};

static bool measure(struct lr_session *s, struct lr_cuda *c, struct bench *b)
{
    const size_t rounds = s->options.repeat >= 1 ? (size_t)fmin(s->options.repeat, 100) : REPEAT;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (size_t j = 0; j < sizeof tokens / sizeof *tokens && b->rows < ROWS_MAX; j++)
            b->row[b->rows++] = (struct row){.m = tokens[j], .n = shapes[i].n, .k = shapes[i].k};
    for (size_t n = 0; n < rounds + 1; n++) { /* the first round loads kernels and is not counted */
        const double copy_s = lr_cuda_copy(c, &b->copy_bytes);
        if (n > 0 && copy_s > 0)
            lr_samples_add(&b->copy, copy_s, true);
        for (size_t i = 0; i < b->rows; i++) {
            struct row *r = &b->row[i];
            lr_measure_progress(s, "measuring", (double)(n * b->rows + i) / (double)((rounds + 1) * b->rows));
            if (lr_measure_interrupted()) {
                lr_diag(&s->diags, LR_ERROR, NOWHERE, NULL, "interrupted, nothing was written");
                return false;
            }
            const double seconds = lr_cuda_gemm(c, r->m, r->n, r->k);
            if (n > 0 && seconds > 0)
                lr_samples_add(&r->samples, seconds, true);
        }
    }
    lr_measure_progress(s, "", -1);
    return true;
}

/* The form of measured GEMM rows. */
static void as_csv(const char *gpu, const struct bench *b, struct lr_text *out)
{
    lr_text_add(out, "gpu,fw,ver,dtype,m,n,k,flag,latency_us\n");
    for (size_t i = 0; i < b->rows; i++) {
        const struct row *r = &b->row[i];
        const struct lr_summary y = lr_samples_summary(&r->samples);
        if (y.used > 0)
            lr_text_addf(out, "%s,cublaslt,,bf16,%zu,%zu,%zu,,%.3f\n", gpu, r->m, r->n, r->k, 1e6 * y.median);
    }
}

static void as_table(const struct lr_cuda *c, const struct bench *b, enum lr_format format, struct lr_text *out)
{
    static const struct lr_column columns[] = {{"m", "m", LR_CELL_COUNT},
                                               {"n", "n", LR_CELL_COUNT},
                                               {"k", "k", LR_CELL_COUNT},
                                               {"median_s", "median", LR_CELL_SECONDS},
                                               {"best_s", "best", LR_CELL_SECONDS},
                                               {"spread", "spread", LR_CELL_PERCENT},
                                               {"gbyte_per_s", "GB/s of weights", LR_CELL_NUMBER},
                                               {"tflop_per_s", "TFLOP/s", LR_CELL_NUMBER}};
    struct lr_table t;
    const struct lr_summary copy = lr_samples_summary(&b->copy);
    if (format != LR_FORMAT_JSON)
        lr_text_addf(out, "%s\ncopy inside its memory: %.1f GB/s read and written (best %.1f)\n\n", lr_cuda_name(c),
                     1e-9 * b->copy_bytes / copy.median, 1e-9 * b->copy_bytes / copy.best);
    lr_table_init(&t, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < b->rows; i++) {
        const struct row *r = &b->row[i];
        const struct lr_summary y = lr_samples_summary(&r->samples);
        const double weights = (double)r->n * (double)r->k;
        const double number[] = {(double)r->m,
                                 (double)r->n,
                                 (double)r->k,
                                 y.median,
                                 y.best,
                                 y.spread,
                                 2e-9 * weights / y.median,
                                 2e-12 * (double)r->m * weights / y.median};
        if (y.used == 0)
            continue;
        lr_table_row(&t);
        for (size_t n = 0; n < sizeof number / sizeof *number; n++)
            lr_table_number(&t, n, number[n]);
    }
    lr_table_render(&t, format, "llmroof/measure-cuda/1", out);
    lr_table_free(&t);
}

/* The chip's name in the rows: the profile's, by --hw, or what the driver says. */
static const char *chip_of(struct lr_session *s, const struct lr_cuda *c)
{
    if (s->options.hardware.count == 0)
        return lr_cuda_name(c);
    const struct lr_hardware *hw = lr_session_hardware(s, s->options.hardware.name[0]);
    return hw ? hw->name : NULL;
}

int lr_measure_cuda(struct lr_session *s)
{
    char error[160] = "out of memory";
    struct lr_text out = {0};
    int code = LR_EXIT_BAD;
    if (s->options.operand.count)
        lr_diag(&s->diags, LR_ERROR, NOWHERE, NULL, "'%s', expected nothing behind 'cuda'", s->options.operand.name[0]);
    struct bench *b = s->diags.errors ? NULL : calloc(1, sizeof *b);
    struct lr_cuda *c = b ? lr_cuda_open(error, sizeof error) : NULL;
    const char *const chip = c ? chip_of(s, c) : NULL;
    if (s->diags.errors == 0 && (!c || !lr_cuda_take(c, POOL_BYTES, error, sizeof error))) {
        lr_diag(&s->diags, LR_ERROR, NOWHERE, NULL, "%s", error);
    } else if (chip && !measure(s, c, b)) {
        code = LR_EXIT_NO;
    } else if (chip && (b->copy.count == 0 || b->row[0].samples.count == 0)) {
        lr_diag(&s->diags, LR_ERROR, NOWHERE, NULL, "the GPU ran no product");
    } else if (chip) {
        if (s->format == LR_FORMAT_CSV)
            as_csv(chip, b, &out);
        else
            as_table(c, b, s->format, &out);
        code = lr_session_answer(s, &out, LR_EXIT_YES);
    }
    lr_text_free(&out);
    lr_cuda_close(c);
    free(b);
    return code;
}
