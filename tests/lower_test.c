/* Lowering against closed forms derived by hand, and every shipped model against its published counts. */
#include "suite.h"

#include <llmroof/operator.h>

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
 * of 8192 bytes a sequence. FLOP: 2 b each of these, and 4 b s 32 x 128 x 32 for attention. KV read: b s 131072 bytes;
 * written: b 131072. */
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
 * 64) FLOP a position and layer; the cache is 576 elements of two bytes a position and layer, whatever tp. The
 * intensity of the core is 2 x 128 x 1088 / 1152 = 241.8 FLOP a byte. */
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

/* Gemma-3-27B: 52 layers see 1024 tokens, 10 see all; 16 KV heads of 128, two bytes: 8192 bytes a layer and token. */
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

/* 8 of 256 experts: one token touches 8; very many touch all; two touch 256 (1 - (248/256)^2) = 15.75. */
START_TEST(expected_experts)
{
    ck_assert_double_eq_tol(lr_expected_experts(256, 256, 8, 1), 8, 1e-12);
    ck_assert_double_eq_tol(lr_expected_experts(256, 256, 8, 2), 15.75, 1e-12);
    ck_assert_double_eq_tol(lr_expected_experts(256, 256, 8, 1e6), 256, 1e-9);
    ck_assert_double_eq_tol(lr_expected_experts(32, 256, 8, 2), 15.75 / 8, 1e-12);
    ck_assert_double_eq(lr_expected_experts(8, 8, 8, 1), 8);
}
END_TEST

/* The parts of the weights over all GPUs add up to the model, but for what every rank holds. */
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

/* Every refusal names its field. */
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

int main(void)
{
    const TTest *const tests[] = {shipped_models_have_their_published_size,
                                  kv_bytes_are_those_published,
                                  llama_closed_forms,
                                  mla_is_absorbed_and_never_split,
                                  kv_heads_are_replicated,
                                  windows_bound_the_cache,
                                  expected_experts,
                                  weights_are_split,
                                  impossible_layouts_are_refused,
                                  layouts_are_completed};
    return suite_run("lower", tests, sizeof tests / sizeof *tests, 1);
}
