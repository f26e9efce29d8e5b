/* SPDX-License-Identifier: Apache-2.0 */
#include "host/timing_rows.h"

/* Linear layers (n, k) of Llama 3.2 1B and 3B, Qwen2.5 1.5B and 3B, Qwen3 1.7B, Gemma 2 2B, and a slice of an LM
 * head. */
static const struct {
    size_t n, k;
} products[] = {{1536, 1536},  {2048, 1536},  {2048, 2048}, {3072, 2048},  {3072, 3072},  {5120, 3072},
                {4096, 2304},  {2560, 2048},  {1536, 8960}, {2048, 8192},  {2048, 11008}, {17920, 1536},
                {16384, 2048}, {12288, 2048}, {3072, 8192}, {16384, 3072}, {32768, 2048}};
static const size_t tokens[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64};

static const struct {
    size_t heads, kv_heads, dim;
} caches[] = {{32, 8, 64}, {12, 2, 128}, {16, 2, 128}, {24, 8, 128}, {16, 8, 128}};
static const size_t batches[] = {1, 2, 4, 8, 16}, contexts[] = {256, 512, 1024, 2048, 4096};

static const struct {
    enum lr_timing_pass pass;
    size_t n;
    double bytes; /* per element: 2 for each access, as the lowering counts them */
} passes[] = {{LR_TIMING_PASS_NORM, 1536, 8},  {LR_TIMING_PASS_NORM, 2048, 8},    {LR_TIMING_PASS_NORM, 3072, 8},
              {LR_TIMING_PASS_SILU, 8192, 6},  {LR_TIMING_PASS_SILU, 8960, 6},    {LR_TIMING_PASS_SILU, 11008, 6},
              {LR_TIMING_PASS_EMBED, 2048, 6}, {LR_TIMING_PASS_SAMPLE, 32768, 4}, {LR_TIMING_PASS_SAMPLE, 128256, 4}};

const char *lr_timing_pass_name(enum lr_timing_pass p)
{
    static const char *const names[] = {NULL,
#define X(id, name) name,
                                        LR_TIMING_PASSES(X)
#undef X
    };
    return names[p];
}

#define COUNT(a) (sizeof(a) / sizeof *(a))

static size_t list_products(struct lr_timing_row *row)
{
    size_t n = 0;
    for (size_t i = 0; i < COUNT(products); i++)
        for (size_t j = 0; j < COUNT(tokens); j++) {
            const double weights = (double)products[i].n * (double)products[i].k;
            row[n++] = (struct lr_timing_row){.kind = LR_TIMING_GEMM,
                                              .m = tokens[j],
                                              .n = products[i].n,
                                              .k = products[i].k,
                                              .flop = 2 * (double)tokens[j] * weights,
                                              .bytes = weights * sizeof(float)};
        }
    return n;
}

static size_t list_caches(struct lr_timing_row *row)
{
    size_t n = 0;
    for (size_t i = 0; i < COUNT(caches); i++)
        for (size_t b = 0; b < COUNT(batches); b++)
            for (size_t c = 0; c < COUNT(contexts); c++) {
                const size_t floats = 2 * batches[b] * contexts[c] * caches[i].kv_heads * caches[i].dim;
                if (floats > LR_TIMING_CACHE_FLOATS_MAX)
                    continue;
                row[n++] = (struct lr_timing_row){.kind = LR_TIMING_ATTENTION,
                                                  .m = batches[b],
                                                  .context = contexts[c],
                                                  .heads = caches[i].heads,
                                                  .kv_heads = caches[i].kv_heads,
                                                  .dim = caches[i].dim,
                                                  .flop = 4 * (double)(batches[b] * contexts[c]) *
                                                          (double)(caches[i].heads * caches[i].dim),
                                                  .bytes = (double)floats * sizeof(float)};
            }
    return n;
}

static size_t list_passes(struct lr_timing_row *row)
{
    size_t n = 0;
    for (size_t b = 0; b < COUNT(batches); b++) {
        for (size_t i = 0; i < COUNT(passes); i++)
            row[n++] = (struct lr_timing_row){.kind = LR_TIMING_ELEMENTWISE,
                                              .pass = passes[i].pass,
                                              .m = batches[b],
                                              .n = passes[i].n,
                                              .bytes = passes[i].bytes * (double)(batches[b] * passes[i].n)};
        for (size_t i = 0; i < COUNT(caches); i++) {
            const size_t q = caches[i].heads * caches[i].dim, kv = caches[i].kv_heads * caches[i].dim;
            row[n++] = (struct lr_timing_row){.kind = LR_TIMING_ELEMENTWISE,
                                              .pass = LR_TIMING_PASS_ROPE,
                                              .m = batches[b],
                                              .n = q + 2 * kv,
                                              .heads = caches[i].heads,
                                              .kv_heads = caches[i].kv_heads,
                                              .dim = caches[i].dim,
                                              .bytes = (double)batches[b] * (double)(4 * q + 4 * kv + 8 * kv)};
        }
    }
    return n;
}

size_t lr_timing_list(struct lr_timing_row *row)
{
    size_t n = list_products(row);
    n += list_caches(row + n);
    return n + list_passes(row + n);
}

/* The next floats of the pool. They have left the caches when they are next used. */
static float *next(struct lr_timing *b, size_t floats)
{
    if (b->at + floats > b->floats)
        b->at = 0;
    float *const from = b->pool + b->at;
    b->at += (floats + 15) / 16 * 16;
    return from;
}

static struct lr_cache cache_of(struct lr_timing *b, const struct lr_timing_row *row, size_t capacity)
{
    const size_t floats = row->m * row->kv_heads * capacity * row->dim;
    struct lr_cache c = {.kv_heads = row->kv_heads, .dim = row->dim, .capacity = capacity};
    c.keys = next(b, floats);
    c.values = next(b, floats);
    return c;
}

static void pass(struct lr_timing *b, const struct lr_timing_row *row)
{
    switch (row->pass) {
    case LR_TIMING_PASS_NONE:
        break;
    case LR_TIMING_PASS_NORM:
        lr_loop_norm(b->e, row->m, row->n, b->x, b->y, b->pool, b->z);
        break;
    case LR_TIMING_PASS_SILU:
        lr_loop_silu(b->e, row->m, row->n, b->x, b->y);
        break;
    case LR_TIMING_PASS_ROPE: {
        const struct lr_cache c = cache_of(b, row, 64);
        lr_loop_rope(b->e, row->m, row->heads, b->y, b->pool, NULL, NULL, &c, 63);
        break;
    }
    case LR_TIMING_PASS_SAMPLE:
        lr_loop_sample(b->e, row->m, row->n, b->y, b->token);
        break;
    case LR_TIMING_PASS_EMBED:
        for (size_t i = 0; i < row->m; i++)
            b->token[i] = (b->at / row->n + 977 * i) % (b->floats / row->n);
        b->at = (b->at + 131 * row->n) % (b->floats / 2);
        lr_loop_embed(b->e, row->m, row->n, b->pool, b->token, b->x);
        break;
    }
}

void lr_timing_row_run(struct lr_timing *b, const struct lr_timing_row *row)
{
    if (row->kind == LR_TIMING_GEMM) {
        lr_loop_gemm(b->e, b->x, row->m, next(b, row->n * row->k), row->n, row->k, NULL, b->y);
    } else if (row->kind == LR_TIMING_ATTENTION) {
        const struct lr_cache c = cache_of(b, row, row->context);
        lr_loop_attention(b->e, row->m, row->heads, b->x, row->heads * row->dim, &c, row->context, b->y);
    } else {
        pass(b, row);
    }
}
