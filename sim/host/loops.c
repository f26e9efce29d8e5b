/* SPDX-License-Identifier: Apache-2.0 */
#include "host/loops.h"

#include "host/engine.h"

#include <math.h>
#include <string.h>

static const float EPSILON = 1e-5F;

/* Rows of w per block. 32 rows of some thousand columns stay in the second-level cache while all rows of x use them. A
 * matrix product packs its own blocks. */
enum { VECTOR_ROWS_MAX = 4, VECTOR_BLOCK = 32 };

struct gemm {
    struct lr_engine *e;
    const float *x, *w, *bias;
    float *y;
    size_t m, n, k;
};

static void by_vectors(const struct gemm *g, size_t from, size_t rows)
{
    const int n = (int)rows, k = (int)g->k;
    for (size_t i = 0; i < g->m; i++)
        g->e->blas.sgemv(LR_BLAS_ROWS, LR_BLAS_AS_IS, n, k, 1, g->w + from * g->k, k, g->x + i * g->k, 1, 0,
                         g->y + i * g->n + from, 1);
}

/* The result is [rows][m], which OpenBLAS computes twice as fast as [m][rows] if x has few rows. */
static void by_matrix(const struct gemm *g, size_t from, size_t rows, float *scratch)
{
    const int n = (int)rows, k = (int)g->k, m = (int)g->m;
    g->e->blas.sgemm(LR_BLAS_ROWS, LR_BLAS_AS_IS, LR_BLAS_TRANSPOSED, n, m, k, 1, g->w + from * g->k, k, g->x, k, 0,
                     scratch, m);
    for (size_t i = 0; i < g->m; i++)
        for (size_t r = 0; r < rows; r++)
            g->y[i * g->n + from + r] = scratch[r * g->m + i];
}

static void gemm_part(void *context, size_t part, size_t parts)
{
    const struct gemm *g = context;
    struct lr_count *count = &g->e->thread[part].count;
    const bool vectors = g->m <= VECTOR_ROWS_MAX;
    const size_t block = g->m == 1 ? g->n : vectors ? VECTOR_BLOCK : LR_ENGINE_BLOCK;
    size_t from, to;
    lr_pool_share(g->n, 8, part, parts, &from, &to);
    for (size_t at = from; at < to; at += block) {
        const size_t rows = to - at < block ? to - at : block;
        if (vectors)
            by_vectors(g, at, rows);
        else
            by_matrix(g, at, rows, g->e->thread[part].scratch);
        for (size_t i = 0; g->bias && i < g->m; i++)
            for (size_t r = 0; r < rows; r++)
                g->y[i * g->n + at + r] += g->bias[at + r];
        count->flop += 2.0 * (double)g->m * (double)rows * (double)g->k;
        count->weight_bytes += (double)rows * (double)g->k * sizeof(float);
        count->act_elements += (double)g->m * (double)rows;
    }
    if (part == 0)
        count->act_elements += (double)g->m * (double)g->k; /* x, once for all blocks */
}

void lr_loop_gemm(struct lr_engine *e, const float *x, size_t m, const float *w, size_t n, size_t k, const float *bias,
                  float *y)
{
    struct gemm g = {e, x, w, bias, y, m, n, k};
    lr_pool_run(e->pool, gemm_part, &g);
}

struct rows {
    struct lr_engine *e;
    size_t rows, n;
    float *a, *b;
    const float *c, *d;
    size_t *token;
    const size_t *from_token;
};

static float mean_square(const float *x, size_t n)
{
    float lane[16] = {0}, sum = 0;
    size_t i = 0;
    for (; i + 16 <= n; i += 16)
        for (size_t j = 0; j < 16; j++)
            lane[j] += x[i + j] * x[i + j];
    for (; i < n; i++)
        sum += x[i] * x[i];
    for (size_t j = 0; j < 16; j++)
        sum += lane[j];
    return sum / (float)n;
}

static void norm_part(void *context, size_t part, size_t parts)
{
    const struct rows *t = context;
    size_t from, to;
    lr_pool_share(t->rows, 1, part, parts, &from, &to);
    for (size_t i = from; i < to; i++) {
        float *restrict residual = t->a + i * t->n, *restrict normed = t->b + i * t->n;
        const float *restrict branch = t->c + i * t->n, *restrict gain = t->d;
        for (size_t j = 0; j < t->n; j++)
            residual[j] += branch[j];
        const float scale = 1 / sqrtf(mean_square(residual, t->n) + EPSILON);
        for (size_t j = 0; j < t->n; j++)
            normed[j] = residual[j] * scale * gain[j];
        t->e->thread[part].count.act_elements += 4 * (double)t->n;
    }
}

void lr_loop_norm(struct lr_engine *e, size_t rows, size_t n, float *residual, const float *branch, const float *gain,
                  float *normed)
{
    struct rows t = {.e = e, .rows = rows, .n = n, .a = residual, .b = normed, .c = branch, .d = gain};
    lr_pool_run(e->pool, norm_part, &t);
}

static void silu_part(void *context, size_t part, size_t parts)
{
    const struct rows *t = context;
    const size_t grain = 256;
    size_t from, to;
    /* split by columns, so that one row is work for all threads */
    lr_pool_share(t->n, grain, part, parts, &from, &to);
    for (size_t i = 0; i < t->rows; i++) {
        const float *restrict gate = t->c + i * 2 * t->n, *restrict up = gate + t->n;
        float *restrict y = t->a + i * t->n;
        for (size_t j = from; j < to; j++)
            y[j] = gate[j] / (1 + lr_exp(-gate[j])) * up[j];
        t->e->thread[part].count.act_elements += 3 * (double)(to - from);
    }
}

void lr_loop_silu(struct lr_engine *e, size_t rows, size_t n, const float *up, float *y)
{
    struct rows t = {.e = e, .rows = rows, .n = n, .a = y, .c = up};
    lr_pool_run(e->pool, silu_part, &t);
}

static void embed_part(void *context, size_t part, size_t parts)
{
    const struct rows *t = context;
    size_t from, to;
    lr_pool_share(t->rows, 1, part, parts, &from, &to);
    for (size_t i = from; i < to; i++) {
        memcpy(t->a + i * t->n, t->c + t->from_token[i] * t->n, t->n * sizeof *t->a);
        t->e->thread[part].count.weight_bytes += (double)t->n * sizeof *t->c;
        t->e->thread[part].count.act_elements += (double)t->n;
    }
}

void lr_loop_embed(struct lr_engine *e, size_t rows, size_t n, const float *table, const size_t *token, float *residual)
{
    struct rows t = {.e = e, .rows = rows, .n = n, .a = residual, .c = table, .from_token = token};
    lr_pool_run(e->pool, embed_part, &t);
}

static float greatest(const float *x, size_t n)
{
    float lane[16], most = x[0];
    size_t i = 0;
    for (size_t j = 0; j < 16; j++)
        lane[j] = x[0];
    for (; i + 16 <= n; i += 16)
        for (size_t j = 0; j < 16; j++)
            lane[j] = x[i + j] > lane[j] ? x[i + j] : lane[j];
    for (; i < n; i++)
        most = x[i] > most ? x[i] : most;
    for (size_t j = 0; j < 16; j++)
        most = lane[j] > most ? lane[j] : most;
    return most;
}

static void sample_part(void *context, size_t part, size_t parts)
{
    const struct rows *t = context;
    size_t from, to;
    lr_pool_share(t->rows, 1, part, parts, &from, &to);
    for (size_t i = from; i < to; i++) {
        const float *x = t->c + i * t->n;
        const float most = greatest(x, t->n);
        size_t place = t->n;
        for (size_t j = t->n; j-- > 0;)
            place = x[j] == most ? j : place;
        t->token[i] = place < t->n ? place : 0;
        t->e->thread[part].count.act_elements += 2 * (double)t->n;
    }
}

void lr_loop_sample(struct lr_engine *e, size_t rows, size_t n, const float *logits, size_t *token)
{
    struct rows t = {.e = e, .rows = rows, .n = n, .c = logits, .token = token};
    lr_pool_run(e->pool, sample_part, &t);
}
