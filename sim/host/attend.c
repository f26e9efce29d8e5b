/* SPDX-License-Identifier: Apache-2.0 */
/* Attention of one step over a cache, and the rotary embedding that writes it. Threads divide the pairs of sequence and
 * KV head among them. */
#include "host/engine.h"

#include <math.h>

/* Tokens of a block, whose keys and values stay in a cache while all heads of a group use them. */
enum { BLOCK = 256 };

static float dot(const float *restrict a, const float *restrict b, size_t n)
{
    float lane[16] = {0}, sum = 0;
    size_t i = 0;
    for (; i + 16 <= n; i += 16)
        for (size_t j = 0; j < 16; j++)
            lane[j] += a[i + j] * b[i + j];
    for (; i < n; i++)
        sum += a[i] * b[i];
    for (size_t j = 0; j < 16; j++)
        sum += lane[j];
    return sum;
}

/* The running softmax of one query head (Milakov and Gimelshein, arXiv 1805.02867). */
struct running {
    float most, sum;
};

/* Turns scores into weights, and scales the sums so far to the new greatest score. */
static void softmax_block(struct running *r, float *restrict score, size_t n, float *restrict out, size_t dim)
{
    float most = r->most, sum = 0;
    for (size_t t = 0; t < n; t++)
        most = score[t] > most ? score[t] : most;
    for (size_t t = 0; t < n; t++)
        score[t] = lr_exp(score[t] - most);
    for (size_t t = 0; t < n; t++)
        sum += score[t];
    const float keep = r->sum > 0 ? lr_exp(r->most - most) : 0;
    for (size_t i = 0; i < dim; i++)
        out[i] *= keep;
    r->sum = r->sum * keep + sum;
    r->most = most;
}

struct attention {
    struct lr_engine *e;
    size_t rows, heads, stride, length;
    const float *q;
    const struct lr_cache *cache;
    float *out;
};

static void attend(const struct attention *a, size_t row, size_t kv_head, float *score, struct lr_count *count)
{
    const struct lr_cache *c = a->cache;
    const size_t group = a->heads / c->kv_heads, dim = c->dim;
    const size_t base = (row * c->kv_heads + kv_head) * c->capacity * dim;
    const float *const q = a->q + row * a->stride + kv_head * group * dim;
    float *const out = a->out + (row * a->heads + kv_head * group) * dim;
    const float scale = 1 / sqrtf((float)dim);
    lr_sgemv *const sgemv = a->e->blas.sgemv;
    struct running running[LR_LOOP_GROUP_MAX];
    for (size_t h = 0; h < group; h++)
        running[h] = (struct running){-INFINITY, 0};
    memset(out, 0, group * dim * sizeof *out);
    for (size_t at = 0; at < a->length; at += BLOCK) {
        const size_t n = a->length - at < BLOCK ? a->length - at : BLOCK;
        const float *const keys = c->keys + base + at * dim, *const values = c->values + base + at * dim;
        for (size_t h = 0; h < group; h++) {
            sgemv(LR_BLAS_ROWS, LR_BLAS_AS_IS, (int)n, (int)dim, scale, keys, (int)dim, q + h * dim, 1, 0, score, 1);
            softmax_block(&running[h], score, n, out + h * dim, dim);
            sgemv(LR_BLAS_ROWS, LR_BLAS_TRANSPOSED, (int)n, (int)dim, 1, values, (int)dim, score, 1, 1, out + h * dim,
                  1);
        }
        count->flop += 4.0 * (double)n * (double)(group * dim);
        count->kv_bytes += 2.0 * (double)(n * dim) * sizeof(float);
    }
    for (size_t h = 0; h < group; h++)
        for (size_t i = 0; i < dim; i++)
            out[h * dim + i] /= running[h].sum;
    count->act_elements += 2.0 * (double)(group * dim);
}

static void attention_part(void *context, size_t part, size_t parts)
{
    const struct attention *a = context;
    const size_t heads = a->cache->kv_heads;
    size_t from, to;
    lr_pool_share(a->rows * heads, 1, part, parts, &from, &to);
    for (size_t i = from; i < to; i++)
        attend(a, i / heads, i % heads, a->e->thread[part].scratch, &a->e->thread[part].count);
}

void lr_loop_attention(struct lr_engine *e, size_t rows, size_t heads, const float *q, size_t stride,
                       const struct lr_cache *cache, size_t length, float *out)
{
    struct attention a = {e, rows, heads, stride, length, q, cache, out};
    lr_pool_run(e->pool, attention_part, &a);
}

struct rope {
    struct lr_engine *e;
    size_t rows, heads, at;
    float *qkv;
    const float *angles, *q_gain, *k_gain;
    const struct lr_cache *cache;
};

/* Rotary embedding (Su et al., arXiv 2104.09864) of the pairs (i, i + dim/2), after a norm if there is a gain. */
static void rotate(const float *x, size_t dim, const float *angles, const float *gain, float *y)
{
    const size_t half = dim / 2;
    const float scale = gain ? 1 / sqrtf(dot(x, x, dim) / (float)dim + 1e-5F) : 1;
    for (size_t i = 0; i < half; i++) {
        const float a = x[i] * scale * (gain ? gain[i] : 1);
        const float b = x[i + half] * scale * (gain ? gain[i + half] : 1);
        y[i] = a * angles[2 * i] - b * angles[2 * i + 1];
        y[i + half] = b * angles[2 * i] + a * angles[2 * i + 1];
    }
}

static void rope_part(void *context, size_t part, size_t parts)
{
    const struct rope *r = context;
    const struct lr_cache *c = r->cache;
    const size_t dim = c->dim, q = r->heads * dim, kv = c->kv_heads * dim;
    struct lr_count *count = &r->e->thread[part].count;
    size_t from, to;
    lr_pool_share(r->rows, 1, part, parts, &from, &to);
    for (size_t i = from; i < to; i++) {
        float *const row = r->qkv + i * (q + 2 * kv);
        for (size_t h = 0; h < r->heads; h++)
            rotate(row + h * dim, dim, r->angles, r->q_gain, row + h * dim);
        for (size_t h = 0; h < c->kv_heads; h++) {
            const size_t to_at = ((i * c->kv_heads + h) * c->capacity + r->at) * dim;
            rotate(row + q + h * dim, dim, r->angles, r->k_gain, c->keys + to_at);
            memcpy(c->values + to_at, row + q + kv + h * dim, dim * sizeof *row);
            count->kv_bytes += 2.0 * (double)dim * sizeof *row;
            count->act_elements += 2.0 * (double)dim;
        }
        count->act_elements += 2.0 * (double)q;
    }
}

void lr_loop_rope(struct lr_engine *e, size_t rows, size_t heads, float *qkv, const float *angles, const float *q_gain,
                  const float *k_gain, const struct lr_cache *cache, size_t at)
{
    struct rope r = {e, rows, heads, at, qkv, angles, q_gain, k_gain, cache};
    lr_pool_run(e->pool, rope_part, &r);
}
