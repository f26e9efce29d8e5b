/* SPDX-License-Identifier: Apache-2.0 */
/* Lowering compared with closed forms derived by hand, and every shipped model with its published counts. */
#include "lower/emit.h"
#include "suite.h"

#include "lower/lowering.h"

#include <math.h>
#include <string.h>

static const double KV_LAYERS_ALL = -1;

static struct lr_model *load(const char *name)
{
    struct lr_catalog *c = suite_catalog();
    struct lr_diags ds = {0};
    struct lr_model *m = lr_catalog_model(c, name, NULL, 0, &ds);
    suite_no_errors(&ds);
    lr_diags_free(&ds);
    lr_catalog_free(c);
    return m;
}

static void lower(const struct lr_model *m, struct lr_deployment d, struct lr_lowering *l)
{
    struct lr_diags ds = {0};
    ck_assert(lr_deployment_complete(&d, m, 8, &ds));
    ck_assert(lr_lower(m, &d, m->weights, m->kv, 8, l, &ds));
    lr_diags_free(&ds);
}

static struct lr_work total(const struct lr_lowering *l, const struct lr_step *s)
{
    struct lr_work sum = {0};
    for (size_t i = 0; i < l->op_count; i++) {
        const struct lr_work w = lr_op_work(&l->op[i], s);
        const double n = l->op[i].count;
        sum.flop += n * w.flop;
        sum.weight_bytes += n * w.weight_bytes;
        sum.kv_bytes += n * w.kv_bytes;
        sum.link_bytes += n * w.link_bytes;
    }
    return sum;
}

START_TEST(shipped_models_have_their_published_size)
{
    struct lr_catalog *c = suite_catalog();
    struct lr_diags ds = {0};
    size_t count;
    struct lr_catalog_entry *entry = lr_catalog_list(c, LR_PROFILE_MODEL, &count, &ds);
    ck_assert_uint_ge(count, 40);
    for (size_t i = 0; i < count; i++) {
        struct lr_model *m = lr_catalog_model(c, entry[i].name, NULL, 0, &ds);
        suite_no_errors(&ds);
        struct lr_parameters p;
        lr_model_parameters(m, &p);
        ck_assert_msg(m->published.total > 0, "%s: no published count", m->name);
        ck_assert_msg(fabs(p.total / m->published.total - 1) <= m->published.tolerance,
                      "%s: %g parameters, published %g", m->name, p.total, m->published.total);
        const double active = p.active + (m->published.active_with_embedding ? m->vocab * m->hidden : 0) +
                              (m->published.active_with_head ? m->vocab * m->hidden : 0);
        if (m->published.active > 0)
            ck_assert_msg(fabs(active / m->published.active - 1) <= m->published.tolerance,
                          "%s: %g active, published %g", m->name, active, m->published.active);
        if (m->published.kv_bytes_per_token > 0)
            ck_assert_msg(lr_model_kv_bytes(m, LR_BF16, KV_LAYERS_ALL) == m->published.kv_bytes_per_token, "%s: KV",
                          m->name);
        lr_model_free(m);
    }
    lr_catalog_entries_free(entry);
    lr_catalog_free(c);
}
END_TEST

/* The three figures of the ISCA 2025 DeepSeek-V3 paper, table 1. */
START_TEST(kv_bytes_are_those_published)
{
    static const struct {
        const char *model;
        double bytes;
    } row[] = {{"deepseek-v3", 70272}, {"llama-3.1-405b", 516096}, {"qwen2.5-72b", 327680}};
    for (size_t i = 0; i < 3; i++) {
        struct lr_model *m = load(row[i].model);
        ck_assert_double_eq(lr_model_kv_bytes(m, LR_BF16, KV_LAYERS_ALL), row[i].bytes);
        lr_model_free(m);
    }
}
END_TEST

/* Llama-3.1-8B on one GPU, batch b at context s, BF16.
 * A layer: q and o 2 x 4096 x 4096, k and v 2 x 4096 x 1024, MLP 3 x 4096 x 14336: 218,103,808 parameters; times 32,
 * and the head 128256 x 4096: 7,504,658,432 that multiply. Weights read once: twice as many bytes, and an embedding row
 * of 8192 bytes per sequence. FLOP: 2 b each of these, and 4 b s 32 x 128 x 32 for attention. KV read: b s 131072
 * bytes; written: b 131072. */
START_TEST(llama_closed_forms)
{
    struct lr_model *m = load("llama-3.1-8b");
    struct lr_lowering l;
    lower(m, (struct lr_deployment){.gpus = 1, .weights = LR_DTYPE_NONE, .kv = LR_DTYPE_NONE}, &l);
    const double linear = 7504658432.0;
    static const double batch[] = {1, 32, 128}, context[] = {1, 4096, 100000};
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 3; j++) {
            const double b = batch[i], s = context[j];
            const struct lr_step step = {.sequences = b, .q_len = 1, .tokens = b, .context = s};
            const struct lr_work w = total(&l, &step);
            ck_assert_double_eq(w.weight_bytes, 2 * linear + b * 8192);
            ck_assert_double_eq(w.flop, 2 * b * linear + 4 * b * s * 32 * 128 * 32);
            ck_assert_double_eq(w.kv_bytes, b * (s + 1) * 131072);
            ck_assert_double_eq(w.link_bytes, 0);
        }
    /* memory: all parameters, norms included, in two bytes each: 8,030,261,248 */
    ck_assert_double_eq(l.weights_bytes, 2 * 8030261248.0);
    ck_assert_double_eq(lr_lowering_kv_bytes(&l, 1000, 1), 1000 * 131072.0);
    ck_assert_double_eq(lr_lowering_kv_bytes(&l, 1000, 16), 1008 * 131072.0);
    lr_model_free(m);
}
END_TEST

/* Absorbed MLA of DeepSeek-V3 (61 layers, 128 heads, latent 512 + rope 64): a token attends with 2 x 128 x (2 x 512 +
 * 64) FLOP per position and layer; the cache is 576 elements of two bytes per position and layer, whatever tp. The
 * intensity of the core is 2 x 128 x 1088 / 1152 = 241.8 FLOP per byte. */
START_TEST(mla_is_absorbed_and_never_split)
{
    struct lr_model *m = load("deepseek-v3");
    static const double tps[] = {1, 2, 8, 16};
    for (size_t t = 0; t < 4; t++) {
        struct lr_lowering l;
        lower(m, (struct lr_deployment){.gpus = tps[t], .tp = tps[t], .weights = LR_DTYPE_NONE, .kv = LR_DTYPE_NONE},
              &l);
        const struct lr_step step = {.sequences = 4, .q_len = 1, .tokens = 4, .context = 1000};
        for (size_t i = 0; i < l.op_count; i++) {
            if (l.op[i].family != LR_FAMILY_MLA)
                continue;
            const struct lr_work w = lr_op_work(&l.op[i], &step);
            ck_assert_double_eq(l.op[i].count, 61);
            ck_assert_double_eq(w.flop, 2.0 * 4 * 1000 * 128 / tps[t] * 1088);
            ck_assert_double_eq(w.kv_bytes, 4 * 1000 * 576 * 2);
        }
        ck_assert_double_eq(lr_lowering_kv_bytes(&l, 1, 1), 70272);
    }
    lr_model_free(m);
}
END_TEST

/* With 8 KV heads, 16 GPUs hold one each, twice over: a GPU's cache stops shrinking at tp 8. */
START_TEST(kv_heads_are_replicated)
{
    struct lr_model *m = load("llama-3.1-70b");
    static const double tps[] = {1, 2, 4, 8, 16, 32}, bytes[] = {327680, 163840, 81920, 40960, 40960, 40960};
    for (size_t t = 0; t < 6; t++) {
        struct lr_lowering l;
        lower(m, (struct lr_deployment){.gpus = tps[t], .tp = tps[t], .weights = LR_DTYPE_NONE, .kv = LR_DTYPE_NONE},
              &l);
        ck_assert_double_eq(lr_lowering_kv_bytes(&l, 1, 1), bytes[t]);
    }
    lr_model_free(m);
}
END_TEST

/* Gemma-3-27B: 52 layers see 1024 tokens, 10 see all; 16 KV heads of 128, two bytes: 8192 bytes per layer and token. */
START_TEST(windows_bound_the_cache)
{
    struct lr_model *m = load("gemma-3-27b");
    struct lr_lowering l;
    lower(m, (struct lr_deployment){.gpus = 1, .weights = LR_DTYPE_NONE, .kv = LR_DTYPE_NONE}, &l);
    ck_assert_double_eq(lr_lowering_kv_bytes(&l, 512, 1), 62 * 512 * 8192.0);
    ck_assert_double_eq(lr_lowering_kv_bytes(&l, 10000, 1), (52 * 1024 + 10 * 10000.0) * 8192);
    lr_model_free(m);
}
END_TEST

static struct lr_lowering lowered(const struct lr_model *m, double tp)
{
    struct lr_lowering l;
    lower(m, (struct lr_deployment){.gpus = tp, .tp = tp, .weights = LR_DTYPE_NONE, .kv = LR_DTYPE_NONE}, &l);
    return l;
}

static const struct lr_op *find_op(const struct lr_lowering *l, enum lr_role role)
{
    for (size_t i = 0; i < l->op_count; i++)
        if (l->op[i].role == role)
            return &l->op[i];
    ck_abort_msg("no operator '%s'", lr_role_name(role));
    return NULL;
}

/* Layers x (elements of state x 4 bytes + channels x 3 x 2 bytes):
 * Qwen3-Next       36 x (32 x 128 x 128 x 4 + 8192 x 6), 8192 = 2 x 16 x 128 + 32 x 128
 * Qwen3.5-397B     45 x (64 x 128 x 128 x 4 + 12288 x 6)
 * MiniMax-Text-01  70 x 64 x 128 x 128 x 4, no convolution
 * Nemotron-H-56B   54 x (256 x 64 x 256 x 4 + 20480 x 6), 20480 = 256 x 64 + 2 x 8 x 256
 * Jamba-1.5-Large  63 x (16384 x 16 x 4 + 16384 x 6)
 * Half of it on each of two GPUs. */
START_TEST(states_are_counted_once_per_sequence)
{
    static const struct {
        const char *model;
        double bytes;
    } row[] = {{"qwen3-next-80b-a3b", 77266944}, {"qwen3.5-397b-a17b", 192061440}, {"minimax-text-01", 293601280},
               {"nemotron-h-56b", 912605184},    {"jamba-1.5-large", 72253440},    {"llama-3.1-8b", 0}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct lr_model *m = load(row[i].model);
        const struct lr_lowering one = lowered(m, 1), two = lowered(m, 2);
        ck_assert_double_eq(lr_model_state_bytes(m), row[i].bytes);
        ck_assert_double_eq(one.state_bytes_per_sequence, row[i].bytes);
        ck_assert_double_eq(two.state_bytes_per_sequence, row[i].bytes / 2);
        ck_assert_double_eq(lr_lowering_kv_bytes(&one, 0, 1), row[i].bytes);
        ck_assert_double_eq(lr_lowering_kv_bytes(&one, 1000, 1),
                            row[i].bytes + 1000 * lr_model_kv_bytes(m, m->kv, KV_LAYERS_ALL));
        lr_model_free(m);
    }
}
END_TEST

/* Nemotron-H-56B on 16 GPUs: 16 of 256 heads each, and one of 8 groups, which two GPUs share. Channels: 16 x 64 + 2 x
 * 256 = 1536. Columns of the projection: 2 x 1024 + 512 + 16. */
START_TEST(mamba_groups_are_replicated)
{
    struct lr_model *m = load("nemotron-h-56b");
    const struct lr_lowering l = lowered(m, 16);
    ck_assert_double_eq(l.state_bytes_per_sequence, 54 * (16 * 64 * 256 * 4 + 1536 * 6));
    ck_assert_double_eq(find_op(&l, LR_ROLE_ATTN_IN)->u.gemm.n, 2576);
    ck_assert_double_eq(find_op(&l, LR_ROLE_ATTN_IN)->u.gemm.k, 8192);
    lr_model_free(m);
}
END_TEST

/* Qwen3-Next: the update of 32 states of 128 x 128 takes 7 FLOP an element and token; it reads and writes 2,097,152
 * bytes per sequence, whatever the context. The convolution: 8192 channels of 4 taps, 49,152 bytes of inputs. */
START_TEST(delta_closed_forms)
{
    struct lr_model *m = load("qwen3-next-80b-a3b");
    const struct lr_lowering l = lowered(m, 1);
    static const double context[] = {1, 4096, 262144};
    for (size_t i = 0; i < 3; i++) {
        const struct lr_step s = {.sequences = 5, .q_len = 2, .tokens = 10, .context = context[i]};
        const struct lr_work update = lr_op_work(find_op(&l, LR_ROLE_ATTN_STATE), &s);
        const struct lr_work conv = lr_op_work(find_op(&l, LR_ROLE_ATTN_CONV), &s);
        ck_assert_double_eq(find_op(&l, LR_ROLE_ATTN_STATE)->count, 36);
        ck_assert_double_eq(update.flop, 10 * 7 * 524288.0);
        ck_assert_double_eq(update.kv_bytes, 5 * 2 * 2097152.0);
        ck_assert_double_eq(conv.flop, 10 * 2 * 8192 * 4);
        ck_assert_double_eq(conv.kv_bytes, 5 * 2 * 49152.0);
        ck_assert_double_eq(conv.weight_bytes, 8192 * 4 * 2);
    }
    ck_assert_double_eq(find_op(&l, LR_ROLE_ATTN_IN)->u.gemm.n, 2 * 2048 + 2 * 4096 + 64);
    lr_model_free(m);
}
END_TEST

/* DeepSeek-V3.2: 64 heads of 128 score each token (64 x 129 products) over keys of 132 bytes on every GPU; attention
 * then reads 2048 latents, or all of a shorter context. */
START_TEST(sparse_attention_reads_the_selected_tokens)
{
    struct lr_model *m = load("deepseek-v3.2");
    const struct lr_lowering l = lowered(m, 8);
    static const double context[] = {1000, 2048, 100000}, read[] = {1000, 2048, 2048};
    for (size_t i = 0; i < 3; i++) {
        const struct lr_step s = {.sequences = 4, .q_len = 1, .tokens = 4, .context = context[i]};
        const struct lr_work core = lr_op_work(find_op(&l, LR_ROLE_ATTN_CORE_SPARSE), &s);
        const struct lr_work index = lr_op_work(find_op(&l, LR_ROLE_ATTN_INDEX), &s);
        ck_assert_double_eq(core.flop, 2.0 * 4 * read[i] * 16 * 1088);
        ck_assert_double_eq(core.kv_bytes, 4 * read[i] * 576 * 2);
        ck_assert_double_eq(index.flop, 2.0 * 4 * context[i] * 64 * 129);
        ck_assert_double_eq(index.kv_bytes, 4 * context[i] * 132);
    }
    /* two new tokens choose for themselves */
    const struct lr_step two = {.sequences = 4, .q_len = 2, .tokens = 8, .context = 100000};
    ck_assert_double_eq(lr_op_work(find_op(&l, LR_ROLE_ATTN_CORE_SPARSE), &two).kv_bytes, 4 * 4096 * 576 * 2);
    ck_assert_double_eq(lr_lowering_kv_bytes(&l, 1, 1), 61 * (576 * 2 + 132));
    lr_model_free(m);
}
END_TEST

/* Indexers are on every rank: 61 x (1536 x 64 x 128 + 7168 x (128 + 64)) = 851,509,248 matrices' elements. */
START_TEST(indexers_are_on_every_rank)
{
    struct lr_model *sparse = load("deepseek-v3.2"), *dense = load("deepseek-v3");
    const struct lr_lowering a = lowered(sparse, 8), b = lowered(dense, 8);
    const double norms = 61 * 2 * 128 * 2;
    ck_assert_double_eq_tol(a.weights_bytes - b.weights_bytes, 851509248 * lr_dtype_bytes(LR_FP8_BLOCK) + norms, 1);
    lr_model_free(sparse);
    lr_model_free(dense);
}
END_TEST

/* Llama-4: 36 layers keep at most 8192 tokens, of which a query sees 4096 on average over a long context; 12 keep and
 * see all. 8 KV heads of 128 in two bytes: 4096 bytes per layer and token. */
START_TEST(chunks_bound_cache_and_attention)
{
    struct lr_model *m = load("llama-4-maverick");
    const struct lr_lowering l = lowered(m, 1);
    const struct lr_step s = {.sequences = 1, .q_len = 1, .tokens = 1, .context = 100000};
    ck_assert_double_eq(lr_lowering_kv_bytes(&l, 100000, 1), (36 * 8192 + 12 * 100000.0) * 4096);
    ck_assert_double_eq(lr_lowering_kv_bytes(&l, 5000, 1), 48 * 5000.0 * 4096);
    ck_assert_double_eq(find_op(&l, LR_ROLE_ATTN_CORE_CHUNK)->count, 36);
    ck_assert_double_eq(lr_op_work(find_op(&l, LR_ROLE_ATTN_CORE_CHUNK), &s).kv_bytes, 4096 * 4096.0);
    ck_assert_double_eq(lr_op_work(find_op(&l, LR_ROLE_ATTN_CORE), &s).kv_bytes, 100000 * 4096.0);
    lr_model_free(m);
}
END_TEST

/* Experts of width 8 between projections of 64 to 8 and back: 4 x 2 x 8 x 16 and 2 x 64 x 8 parameters. */
START_TEST(latent_experts)
{
    struct lr_model m = {.hidden = 64, .vocab = 100, .kv = LR_BF16, .block_count = 1};
    for (int i = 0; i < LR_PART_COUNT; i++)
        m.weights[i] = LR_BF16;
    m.block[0] = (struct lr_block){
        .layers = 1,
        .ffn = {.kind = LR_FFN_MOE, .experts = 4, .topk = 2, .intermediate = 16, .expert_plain = true, .latent = 8}};
    struct lr_parameters p;
    lr_model_parameters(&m, &p);
    ck_assert_double_eq(p.part[LR_PART_EXPERTS], 4 * 2 * 8 * 16);
    ck_assert_double_eq(p.part[LR_PART_SHARED], 2 * 64 * 8);
    const struct lr_lowering l = lowered(&m, 2);
    ck_assert_double_eq(find_op(&l, LR_ROLE_MOE_EXPERTS)->u.moe.hidden, 8);
    ck_assert_double_eq(find_op(&l, LR_ROLE_MOE_LATENT_DOWN)->u.gemm.n, 8);
    ck_assert_double_eq(find_op(&l, LR_ROLE_MOE_LATENT_UP)->u.gemm.n, 64);
    /* projections, router and final norm whole; experts, embedding and head in halves */
    ck_assert_double_eq(l.weights_bytes, 2 * (1024 + 4 * 64 + 64 + (1024 + 2 * 6400) / 2.0));
}
END_TEST

/* 8 of 256 experts: one token touches 8; very many touch all; two touch 256 (1 - (248/256)^2) = 15.75. */
/* DeepSeek-V3 on two domains of eight: the eight copies of a decoded token go out; of a prefilled one, one to each
 * domain with any of its experts, 2 (1 - 1/2^8) on average. Inside one domain of eight GPUs 8 (1 - (7/8)^8). */
START_TEST(exchanges_send_a_copy_per_expert_or_domain)
{
    struct lr_model *m = load("deepseek-v3");
    static const struct {
        double gpus, copies;
    } row[] = {{16, 2 * (1 - 1.0 / 256)}, {8, 5.251128673553467}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const struct lr_deployment d = {
            .tp = 1, .pp = 1, .dp = row[i].gpus, .ep = row[i].gpus, .weights = LR_DTYPE_NONE, .kv = LR_DTYPE_NONE};
        struct lr_lowering l;
        size_t at = 0;
        lower(m, d, &l);
        while (l.op[at].family != LR_FAMILY_DISPATCH)
            at++;
        double one = 0, before = 0;
        for (double q = 1; q <= 65536; q *= 2) {
            const struct lr_workload w = {row[i].gpus, 0, q};
            const struct lr_step s = lr_step_of(&w, &d);
            const double sent = lr_op_work(&l.op[at], &s).link_bytes;
            const double copies = q <= 128 ? 8 : fmax(row[i].copies, 8 * 128 / q);
            one = q == 1 ? sent / 8 : one;
            ck_assert_double_eq_tol(sent, q * one * copies, 1e-9 * sent);
            ck_assert_double_ge(sent, before);
            before = sent;
        }
    }
    lr_model_free(m);
}
END_TEST

START_TEST(expected_experts)
{
    ck_assert_double_eq_tol(lr_expected_experts(256, 256, 8, 1), 8, 1e-12);
    ck_assert_double_eq_tol(lr_expected_experts(256, 256, 8, 2), 15.75, 1e-12);
    ck_assert_double_eq_tol(lr_expected_experts(256, 256, 8, 1e6), 256, 1e-9);
    ck_assert_double_eq_tol(lr_expected_experts(32, 256, 8, 2), 15.75 / 8, 1e-12);
    ck_assert_double_eq(lr_expected_experts(8, 8, 8, 1), 8);
}
END_TEST

/* The weights of all GPUs add up to the model, except for what is replicated. */
START_TEST(weights_are_split)
{
    struct lr_model *m = load("llama-3.1-70b");
    struct lr_lowering one, four;
    lower(m, (struct lr_deployment){.gpus = 1, .weights = LR_DTYPE_NONE, .kv = LR_DTYPE_NONE}, &one);
    lower(m, (struct lr_deployment){.gpus = 4, .tp = 4, .weights = LR_DTYPE_NONE, .kv = LR_DTYPE_NONE}, &four);
    struct lr_parameters p;
    lr_model_parameters(m, &p);
    ck_assert_double_eq(one.weights_bytes, 2 * p.total);
    ck_assert_double_eq(four.weights_bytes, 2 * ((p.total - p.norm) / 4 + p.norm));
    lr_model_free(m);
}
END_TEST

/* Every error names its field. */
START_TEST(impossible_layouts_are_refused)
{
    static const struct {
        const char *model;
        struct lr_deployment d;
        const char *field;
    } row[] = {
        {"llama-3.1-8b", {.gpus = 3, .tp = 3}, "tp"},
        {"llama-3.1-8b", {.gpus = 64, .tp = 64}, "tp"},
        {"llama-3.1-8b", {.gpus = 8, .tp = 4, .dp = 4}, "gpus"},
        {"llama-3.1-8b", {.gpus = 8, .tp = 8, .ep = 8}, "ep"},
        {"llama-3.1-8b", {.gpus = 1.5}, "gpus"},
        {"llama-3.1-8b", {.gpus = 64, .tp = 1, .pp = 64}, "pp"},
        {"qwen3-next-80b-a3b", {.gpus = 32, .tp = 32}, "tp"},
        {"nemotron-h-56b", {.gpus = 3, .tp = 3}, "tp"},
        {"deepseek-v3", {.gpus = 8, .tp = 8, .ep = 3}, "ep"},
        {"mixtral-8x7b", {.gpus = 16, .tp = 8, .dp = 2, .ep = 16}, "ep"},
        {"deepseek-v3", {.gpus = 1e7, .tp = 1}, "gpus"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct lr_model *m = load(row[i].model);
        struct lr_deployment d = row[i].d;
        struct lr_diags ds = {0};
        ck_assert_msg(!lr_deployment_complete(&d, m, 8, &ds), "row %zu", i);
        ck_assert_uint_ge(ds.errors, 1);
        ck_assert_str_eq(ds.item[0].field, row[i].field);
        lr_diags_free(&ds);
        lr_model_free(m);
    }
}
END_TEST

START_TEST(layouts_are_completed)
{
    struct lr_model *m = load("deepseek-v3");
    static const struct {
        struct lr_deployment in, out;
    } row[] = {
        {{.gpus = 8}, {.gpus = 8, .tp = 8, .pp = 1, .ep = 1, .dp = 1}},
        {{.gpus = 16}, {.gpus = 16, .tp = 8, .pp = 1, .ep = 1, .dp = 2}},
        {{.tp = 4}, {.gpus = 4, .tp = 4, .pp = 1, .ep = 1, .dp = 1}},
        {{.gpus = 16, .tp = 4, .pp = 2}, {.gpus = 16, .tp = 4, .pp = 2, .ep = 1, .dp = 2}},
        {{.gpus = 32, .dp = 32, .ep = 32}, {.gpus = 32, .tp = 1, .pp = 1, .ep = 32, .dp = 32}},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct lr_deployment d = row[i].in;
        struct lr_diags ds = {0};
        ck_assert(lr_deployment_complete(&d, m, 8, &ds));
        ck_assert_double_eq(d.gpus, row[i].out.gpus);
        ck_assert_double_eq(d.tp, row[i].out.tp);
        ck_assert_double_eq(d.pp, row[i].out.pp);
        ck_assert_double_eq(d.ep, row[i].out.ep);
        ck_assert_double_eq(d.dp, row[i].out.dp);
        lr_diags_free(&ds);
    }
    lr_model_free(m);
}
END_TEST

/* Names and padding do not make operators different. Every field of a shape does. */
START_TEST(equal_operators_merge)
{
    struct lr_lowering *l = calloc(1, sizeof *l);
    struct lr_emitter c = {.out = l};
    ck_assert_ptr_nonnull(l);
    struct lr_op a, b;
    memset(&a, 0x5a, sizeof a);
    memset(&b, 0xa5, sizeof b);
    a.name = "first";
    b.name = "second";
    a.role = b.role = LR_ROLE_MOE_EXPERTS;
    a.family = b.family = LR_FAMILY_MOE;
    a.rows = b.rows = LR_ROWS_TOKENS;
    a.weight = a.act = a.kv = b.weight = b.act = b.kv = LR_BF16;
    a.count = 3;
    b.count = 4;
    const struct lr_moe moe = {.hidden = 64,
                               .inter = 32,
                               .matrices = 3,
                               .experts = 8,
                               .topk = 2,
                               .local = 8,
                               .groups = 1,
                               .routing = LR_ROUTING_RANDOM,
                               .skew = 1};
    double *const to[] = {&a.u.moe.hidden, &a.u.moe.inter, &a.u.moe.matrices, &a.u.moe.experts,
                          &a.u.moe.topk,   &a.u.moe.local, &a.u.moe.groups,   &a.u.moe.skew};
    const double from[] = {moe.hidden, moe.inter, moe.matrices, moe.experts, moe.topk, moe.local, moe.groups, moe.skew};
    const size_t fields = sizeof to / sizeof *to;
    for (size_t i = 0; i < fields; i++)
        *to[i] = from[i];
    a.u.moe.routing = moe.routing;
    b.u.moe = moe;
    lr_emit(&c, a);
    lr_emit(&c, b);
    ck_assert_uint_eq(l->op_count, 1);
    ck_assert_double_eq(l->op[0].count, 7);
    for (size_t i = 0; i < fields; i++) {
        *to[i] += 1;
        lr_emit(&c, a);
        ck_assert_uint_eq(l->op_count, 2 + i);
        *to[i] -= 1;
    }
    a.u.moe.routing = LR_ROUTING_EVEN;
    lr_emit(&c, a);
    ck_assert_uint_eq(l->op_count, 2 + fields);
    free(l);
}
END_TEST

static bool same_work(const struct lr_op *a, const struct lr_op *b)
{
    const struct lr_step step = {.sequences = 8, .q_len = 1, .tokens = 8, .context = 1e6};
    const struct lr_work x = lr_op_work(a, &step), y = lr_op_work(b, &step);
    return a->role == b->role && a->family == b->family && a->weight == b->weight && a->act == b->act &&
           a->kv == b->kv && x.flop == y.flop && x.weight_bytes == y.weight_bytes && x.kv_bytes == y.kv_bytes &&
           x.act_bytes == y.act_bytes && x.link_bytes == y.link_bytes;
}

START_TEST(shipped_models_list_no_operator_twice)
{
    struct lr_catalog *c = suite_catalog();
    struct lr_diags ds = {0};
    struct lr_lowering l;
    size_t count;
    struct lr_catalog_entry *entry = lr_catalog_list(c, LR_PROFILE_MODEL, &count, &ds);
    for (size_t m = 0; m < count; m++) {
        struct lr_model *model = lr_catalog_model(c, entry[m].name, NULL, 0, &ds);
        suite_no_errors(&ds);
        lower(model, (struct lr_deployment){.gpus = 1}, &l);
        for (size_t i = 0; i < l.op_count; i++)
            for (size_t j = 0; j < i; j++)
                ck_assert_msg(!same_work(&l.op[i], &l.op[j]), "%s: %s stands twice", model->name, l.op[i].name);
        lr_model_free(model);
    }
    lr_catalog_entries_free(entry);
    lr_catalog_free(c);
}
END_TEST

/* Each role has a name and a place. The place follows from the first word of the name. */
START_TEST(roles_have_names_and_places)
{
    static const struct {
        const char *word;
        enum lr_place place;
    } words[] = {{"moe.shared_", LR_PLACE_SHARED}, {"moe.", LR_PLACE_EXPERTS},  {"attn.", LR_PLACE_ATTENTION},
                 {"mlp.", LR_PLACE_FFN},           {"ffn.", LR_PLACE_FFN},      {"pp.", LR_PLACE_STAGES},
                 {"head.", LR_PLACE_ENDS},         {"embedding", LR_PLACE_ENDS}};
    for (int r = LR_ROLE_NONE + 1; r < LR_ROLE_COUNT; r++) {
        const char *const name = lr_role_name((enum lr_role)r);
        size_t i = 0;
        while (strncmp(name, words[i].word, strlen(words[i].word)) != 0)
            ck_assert_uint_lt(++i, sizeof words / sizeof *words);
        ck_assert_int_eq(lr_role_place((enum lr_role)r), words[i].place);
        for (int other = 0; other < r; other++)
            ck_assert_str_ne(name, lr_role_name((enum lr_role)other));
    }
    ck_assert_str_eq(lr_role_name(LR_ROLE_NONE), "none");
    ck_assert_str_eq(lr_role_name(LR_ROLE_COUNT), "unknown");
    ck_assert_int_eq(lr_role_place(LR_ROLE_COUNT), LR_PLACE_NONE);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {roles_have_names_and_places,
                                  shipped_models_have_their_published_size,
                                  kv_bytes_are_those_published,
                                  llama_closed_forms,
                                  mla_is_absorbed_and_never_split,
                                  kv_heads_are_replicated,
                                  windows_bound_the_cache,
                                  states_are_counted_once_per_sequence,
                                  mamba_groups_are_replicated,
                                  delta_closed_forms,
                                  sparse_attention_reads_the_selected_tokens,
                                  indexers_are_on_every_rank,
                                  chunks_bound_cache_and_attention,
                                  latent_experts,
                                  exchanges_send_a_copy_per_expert_or_domain,
                                  expected_experts,
                                  weights_are_split,
                                  impossible_layouts_are_refused,
                                  layouts_are_completed,
                                  equal_operators_merge,
                                  shipped_models_list_no_operator_twice};
    return suite_run("lower", tests, sizeof tests / sizeof *tests, 1);
}
