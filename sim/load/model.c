/* SPDX-License-Identifier: Apache-2.0 */
#include "load/profile.h"

#include "core/operator.h"

#include <math.h>
#include <stdio.h>

#define TEXT LR_TEXT_ROW
#define FIGURE LR_FIGURE_ROW
#define SIZE(k, m, req, d) FIGURE(k, m, COUNT, 1, 1e7, req, d)
#define SWITCH(k, m, d)                                                                                                \
    {                                                                                                                  \
        .key = k, .type = LR_FIELD_BOOL, .offset = m, .doc = d                                                         \
    }

#define AT(m) offsetof(struct lr_attention, m)
static const char *const attention_words[] = {"none", "gqa", "mla", "delta", "mamba2", "mamba1", "lightning", NULL};
_Static_assert(sizeof attention_words / sizeof attention_words[0] == LR_ATTENTION_KIND_COUNT + 1, "a word each");

static const struct lr_field gqa_fields[] = {
    SIZE("heads", AT(heads), true, "query heads"),
    SIZE("kv_heads", AT(kv_heads), true, "key and value heads, a divisor of heads"),
    SIZE("head_dim", AT(head_dim), true, "size of a head of q, k and v"),
    FIGURE("window", AT(window), COUNT, 0, 1e9, false, "tokens that a query attends to; 0 or missing: all"),
    FIGURE("chunk", AT(chunk), COUNT, 0, 1e9, false,
           "tokens per chunk; a query attends to its own chunk; 0 or missing: no chunks"),
    SWITCH("qkv_bias", AT(qkv_bias), "biases on the q, k and v projections"),
    SWITCH("out_bias", AT(out_bias), "bias on the output projection"),
    SWITCH("qk_norm", AT(qk_norm), "norms of q and k, each with head_dim weights"),
    SWITCH("sinks", AT(sinks), "a learned attention sink for each head"),
    SWITCH("output_gate", AT(output_gate), "the query projection also computes a gate for the output"),
};
static const struct lr_field mla_fields[] = {
    SIZE("heads", AT(heads), true, "query heads"),
    FIGURE("q_lora_rank", AT(q_lora_rank), COUNT, 0, 1e7, false, "rank of the compressed queries; 0: not compressed"),
    SIZE("kv_lora_rank", AT(kv_lora_rank), true, "rank of the latent in the KV cache"),
    SIZE("qk_nope_dim", AT(qk_nope_dim), true, "size of the part of a head without rotary positions"),
    SIZE("qk_rope_dim", AT(qk_rope_dim), true,
         "size of the part of a head with rotary positions; cached once for all heads"),
    SIZE("v_dim", AT(v_dim), true, "size of a value head"),
    FIGURE("index_topk", AT(index_topk), COUNT, 0, 1e7, false, "tokens that attention reads; 0 or missing: all"),
    FIGURE("index_heads", AT(index_heads), COUNT, 0, 1e7, false,
           "heads of the indexer that selects them; 0: uses the selection of the layer before"),
    FIGURE("index_dim", AT(index_dim), COUNT, 0, 1e7, false, "size of an index key"),
};
#define STATE_FORMAT                                                                                                   \
    {                                                                                                                  \
        .key = "state_format", .type = LR_FIELD_DTYPE, .offset = AT(state_format),                                     \
        .doc = "number format of the recurrent state; default: fp32"                                                   \
    }
#define CONVOLUTION                                                                                                    \
    SIZE("conv", AT(conv), true, "taps of the short convolution"),                                                     \
        SWITCH("conv_bias", AT(conv_bias), "bias on the convolution"), STATE_FORMAT

static const struct lr_field delta_fields[] = {
    SIZE("key_heads", AT(key_heads), true, "heads of q and k, a divisor of value_heads"),
    SIZE("value_heads", AT(value_heads), true, "heads of v, each with a state"),
    SIZE("key_dim", AT(key_dim), true, "size of a head of q and k"),
    SIZE("value_dim", AT(value_dim), true, "size of a head of v"),
    CONVOLUTION,
};
static const struct lr_field mamba2_fields[] = {
    SIZE("heads", AT(heads), true, "heads, each with a decay"),
    SIZE("head_dim", AT(head_dim), true, "channels per head"),
    SIZE("state", AT(state), true, "elements of state per channel"),
    SIZE("groups", AT(groups), true, "groups of heads that share B and C, a divisor of heads"),
    CONVOLUTION,
};
static const struct lr_field mamba1_fields[] = {
    SIZE("inner", AT(inner), true, "channels"),
    SIZE("state", AT(state), true, "elements of state per channel"),
    SIZE("dt_rank", AT(dt_rank), true, "rank of the time steps"),
    SWITCH("inner_norms", AT(inner_norms), "norms of time steps, B and C"),
    CONVOLUTION,
};
static const struct lr_field lightning_fields[] = {
    SIZE("heads", AT(heads), true, "heads, each with a state"),
    SIZE("head_dim", AT(head_dim), true, "size of a head of q, k and v"),
    STATE_FORMAT,
};
static const struct lr_schema no_attention = {.name = "none"};
static const struct lr_schema gqa_schema = LR_SCHEMA(lr_attention, gqa_fields, .sourced = true);
static const struct lr_schema mla_schema = LR_SCHEMA(lr_attention, mla_fields, .sourced = true);
static const struct lr_schema delta_schema = LR_SCHEMA(lr_attention, delta_fields, .sourced = true);
static const struct lr_schema mamba2_schema = LR_SCHEMA(lr_attention, mamba2_fields, .sourced = true);
static const struct lr_schema mamba1_schema = LR_SCHEMA(lr_attention, mamba1_fields, .sourced = true);
static const struct lr_schema lightning_schema = LR_SCHEMA(lr_attention, lightning_fields, .sourced = true);
static const struct lr_schema *const attention_variants[] = {
    &no_attention, &gqa_schema, &mla_schema, &delta_schema, &mamba2_schema, &mamba1_schema, &lightning_schema};

#undef AT
#define AT(m) offsetof(struct lr_ffn, m)
static const char *const ffn_words[] = {"none", "plain", "gated", "moe", NULL};
_Static_assert(sizeof ffn_words / sizeof ffn_words[0] == LR_FFN_KIND_COUNT + 1, "a word each");

static const struct lr_field mlp_fields[] = {
    SIZE("intermediate", AT(intermediate), true, "intermediate size"),
    SWITCH("bias", AT(bias), "biases on the matrices"),
};
static const struct lr_field moe_fields[] = {
    SIZE("experts", AT(experts), true, "routed experts"),
    SIZE("topk", AT(topk), true, "experts per token"),
    SIZE("intermediate", AT(intermediate), true, "intermediate size of one expert"),
    FIGURE("shared_intermediate", AT(shared_intermediate), COUNT, 0, 1e7, false,
           "intermediate size of all shared experts together"),
    FIGURE("latent", AT(latent), COUNT, 0, 1e7, false, "size of the input of routed experts; 0 or missing: hidden"),
    SWITCH("expert_plain", AT(expert_plain), "an expert has two matrices instead of three"),
    SWITCH("bias", AT(bias), "biases on the experts' matrices"),
    SWITCH("router_bias", AT(router_bias), "the router has a bias for each expert"),
    SWITCH("shared_gate", AT(shared_gate), "a gate on the output of the shared experts"),
};
static const struct lr_schema no_ffn = {.name = "none"};
static const struct lr_schema mlp_schema = LR_SCHEMA(lr_ffn, mlp_fields, .sourced = true);
static const struct lr_schema moe_schema = LR_SCHEMA(lr_ffn, moe_fields, .sourced = true);
static const struct lr_schema *const ffn_variants[] = {&no_ffn, &mlp_schema, &mlp_schema, &moe_schema};

#undef AT
#define AT(m) offsetof(struct lr_block, m)
static const struct lr_block block_defaults = {.norms = 2};
static const struct lr_field block_fields[] = {
    FIGURE("layers", AT(layers), COUNT, 1, 1e5, true, "identical layers in the block"),
    FIGURE("norms", AT(norms), COUNT, 0, 16, false, "vectors of hidden parameters per layer, for norms; default: 2"),
    {.key = "attention",
     .type = LR_FIELD_VARIANT,
     .offset = AT(attention),
     .count_offset = AT(attention.kind),
     .words = attention_words,
     .variants = attention_variants,
     .doc = "attention of the layers; default: as in the block before"},
    {.key = "ffn",
     .type = LR_FIELD_VARIANT,
     .offset = AT(ffn),
     .count_offset = AT(ffn.kind),
     .words = ffn_words,
     .variants = ffn_variants,
     .doc = "MLP or experts of the layers; default: as in the block before"},
};
static const struct lr_schema block_schema = LR_SCHEMA(lr_block, block_fields, .defaults = &block_defaults);

#undef AT
#define AT(m) offsetof(struct lr_model, m)
static const struct lr_field published_fields[] = {
    FIGURE("parameters", AT(published.total), COUNT, 1, 1e15, false, "published number of parameters"),
    FIGURE("active", AT(published.active), COUNT, 1, 1e15, false, "mixture of experts: published parameters per token"),
    FIGURE("tolerance", AT(published.tolerance), RATIO, 0, 0.2, false,
           "relative tolerance of the published figures; default: 0.01"),
    FIGURE("kv_bytes_per_token", AT(published.kv_bytes_per_token), COUNT, 1, 1e9, false,
           "published size of the KV cache in BF16"),
    SWITCH("active_with_embedding", AT(published.active_with_embedding), "'active' includes the embedding"),
    SWITCH("active_with_head", AT(published.active_with_head), "'active' includes the LM head"),
    TEXT("note", AT(published.note), false, "remark about these figures"),
    TEXT("source", LR_NO_MEMBER, false, "source of these figures"),
};
static const struct lr_schema published_schema = LR_SCHEMA(lr_model, published_fields, .sourced = false);

static void bind_weights(struct lr_binder *b, const struct lr_node *n, void *out);

static const struct lr_field model_fields[] = {
    TEXT("name", AT(name), true, "name of the file, without .yaml"),
    TEXT("title", AT(title), false, "title in output; default: the name"),
    {.key = "aliases", .type = LR_FIELD_TEXTS, .offset = LR_NO_MEMBER, .doc = "other names for this profile"},
    TEXT("base", LR_NO_MEMBER, false, "profile to inherit from"),
    TEXT("source", AT(source), false, "source of each figure that does not have its own"),
    TEXT("hugging_face", AT(hugging_face), false, "repository on Hugging Face"),
    {.key = "published",
     .type = LR_FIELD_MAP,
     .schema = &published_schema,
     .doc = "published figures, which the tests compare with the model"},
    SIZE("hidden", AT(hidden), true, "hidden size"),
    FIGURE("vocab", AT(vocab), COUNT, 1, 1e8, true, "rows of the embedding"),
    FIGURE("max_context", AT(max_context), COUNT, 1, 1e10, false, "longest supported context, in tokens"),
    SWITCH("tied_embeddings", AT(tied_embeddings), "the LM head uses the weights of the embedding"),
    SWITCH("head_bias", AT(head_bias), "bias on the LM head"),
    {.key = "weights",
     .type = LR_FIELD_CUSTOM,
     .required = true,
     .offset = AT(weights),
     .bind = bind_weights,
     .doc = "number format of the linear layers, or one for each of attention, mlp, experts, shared_experts, "
            "embedding, head"},
    {.key = "kv", .type = LR_FIELD_DTYPE, .offset = AT(kv), .doc = "number format of the KV cache; default: bf16"},
    {.key = "blocks",
     .type = LR_FIELD_LIST,
     .required = true,
     .offset = AT(block),
     .count_offset = AT(block_count),
     .cap = LR_MODEL_BLOCKS_MAX,
     .schema = &block_schema,
     .doc = "groups of identical layers"},
};
const struct lr_schema lr_model_schema = LR_SCHEMA(lr_model, model_fields, .sourced = false);

/* A single format applies to the linear layers. The formats of embedding and LM head change only if they are listed. */
static void bind_weights(struct lr_binder *b, const struct lr_node *n, void *out)
{
    enum lr_dtype *weights = ((struct lr_model *)out)->weights;
    struct lr_field part_fields[LR_PART_COUNT];
    if (n->kind == LR_NODE_SCALAR) {
        enum lr_dtype d = LR_BF16;
        lr_bind_dtype(b, n, &d);
        weights[LR_PART_ATTENTION] = weights[LR_PART_MLP] = weights[LR_PART_EXPERTS] = weights[LR_PART_SHARED] = d;
        return;
    }
    for (int p = 0; p < LR_PART_COUNT; p++) {
        part_fields[p] = (struct lr_field){
            .key = lr_part_name((enum lr_part)p), .type = LR_FIELD_DTYPE, .offset = (size_t)p * sizeof *weights};
    }
    const struct lr_schema parts = {.name = "weights", .field = part_fields, .count = LR_PART_COUNT};
    const struct lr_field map = {.key = NULL, .type = LR_FIELD_MAP, .schema = &parts};
    lr_bind_value(b, &map, n, weights);
}

static void inherit_blocks(const struct lr_document *doc, struct lr_model *m, struct lr_diags *ds)
{
    const struct lr_node *item = lr_node_get(doc->root, "blocks")->first;
    for (size_t i = 0; item; item = item->next, i++) {
        const bool has_attention = lr_node_get(item, "attention"), has_ffn = lr_node_get(item, "ffn");
        char path[32];
        if (i == 0 && (!has_attention || !has_ffn)) {
            snprintf(path, sizeof path, "blocks.0.%s", has_attention ? "ffn" : "attention");
            lr_schema_report(doc, ds, LR_ERROR, path, "is missing, expected a mapping in the first block");
        }
        if (i > 0 && !has_attention)
            m->block[i].attention = m->block[i - 1].attention;
        if (i > 0 && !has_ffn)
            m->block[i].ffn = m->block[i - 1].ffn;
    }
}

static void check_attention(const struct lr_document *doc, const struct lr_attention *a, size_t i, struct lr_diags *ds)
{
    const struct {
        bool applies;
        const char *key;
        double part, whole;
        const char *of;
    } divisor[] = {
        {a->kind == LR_ATTENTION_GQA, "kv_heads", a->kv_heads, a->heads, "heads"},
        {a->kind == LR_ATTENTION_DELTA, "key_heads", a->key_heads, a->value_heads, "value heads"},
        {a->kind == LR_ATTENTION_MAMBA2, "groups", a->groups, a->heads, "heads"},
    };
    const struct {
        bool wrong;
        const char *key, *message;
    } rule[] = {
        {a->window > 0 && a->chunk > 0, "chunk", "cannot be combined with 'window', expected only one of them"},
        {a->index_heads > 0 && a->index_topk <= 0, "index_heads", "needs 'index_topk', expected both or neither"},
        {a->index_heads > 0 && a->index_dim <= 0, "index_heads", "needs 'index_dim', expected both or neither"},
        {a->index_heads > 0 && a->q_lora_rank <= 0, "index_heads", "needs 'q_lora_rank', expected both or neither"},
    };
    char path[64];
    for (size_t d = 0; d < sizeof divisor / sizeof *divisor; d++) {
        if (divisor[d].applies && fmod(divisor[d].whole, divisor[d].part) != 0) {
            snprintf(path, sizeof path, "blocks.%zu.attention.%s", i, divisor[d].key);
            lr_schema_report(doc, ds, LR_ERROR, path, "is %.0f, expected a divisor of %.0f, the number of %s",
                             divisor[d].part, divisor[d].whole, divisor[d].of);
        }
    }
    for (size_t r = 0; r < sizeof rule / sizeof *rule; r++) {
        if (rule[r].wrong) {
            snprintf(path, sizeof path, "blocks.%zu.attention.%s", i, rule[r].key);
            lr_schema_report(doc, ds, LR_ERROR, path, "%s", rule[r].message);
        }
    }
}

static void check_block(const struct lr_document *doc, const struct lr_model *m, size_t i, struct lr_diags *ds)
{
    const struct lr_attention *a = &m->block[i].attention;
    const struct lr_ffn *f = &m->block[i].ffn;
    char path[64];
    check_attention(doc, a, i, ds);
    if (f->kind == LR_FFN_MOE && f->topk > f->experts) {
        snprintf(path, sizeof path, "blocks.%zu.ffn.topk", i);
        lr_schema_report(doc, ds, LR_ERROR, path, "is %.0f, expected at most %.0f, the number of experts", f->topk,
                         f->experts);
    }
    if (f->kind == LR_FFN_MOE && f->shared_gate && f->shared_intermediate <= 0) {
        snprintf(path, sizeof path, "blocks.%zu.ffn.shared_gate", i);
        lr_schema_report(doc, ds, LR_ERROR, path, "needs 'shared_intermediate', expected both or only the latter");
    }
    if (a->kind == LR_ATTENTION_NONE && f->kind == LR_FFN_NONE) {
        snprintf(path, sizeof path, "blocks.%zu", i);
        lr_schema_report(doc, ds, LR_ERROR, path, "has neither 'attention' nor 'ffn', expected at least one of them");
    }
}

static void check_published(const struct lr_document *doc, const struct lr_model *m, struct lr_diags *ds)
{
    if (m->published.total > 0 && m->published.active > m->published.total) {
        lr_schema_report(doc, ds, LR_ERROR, "published.active",
                         "is %.0f, expected at most %.0f, the number of parameters", m->published.active,
                         m->published.total);
    }
}

bool lr_model_bind(struct lr_document *doc, struct lr_model *out, struct lr_diags *ds)
{
    *out = (struct lr_model){.kv = LR_BF16, .published = {.tolerance = 0.01}};
    for (int p = 0; p < LR_PART_COUNT; p++)
        out->weights[p] = LR_BF16;
    const bool clean = lr_schema_bind(&lr_model_schema, doc, out, ds);
    const size_t before = ds->errors;
    if (out->name) {
        lr_profile_check_name(doc, "name", out->name, ds);
        out->title = out->title ? out->title : out->name;
    }
    if (clean) {
        inherit_blocks(doc, out, ds);
        for (size_t i = 0; i < out->block_count && ds->errors == before; i++)
            check_block(doc, out, i, ds);
        check_published(doc, out, ds);
    }
    lr_schema_require_source(&lr_model_schema, doc, ds);
    return clean && ds->errors == before;
}
