/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a model as a YAML profile, which model.c can read. */
#include "core/number.h"
#include "core/operator.h"
#include "core/quote.h"
#include "core/text.h"

#include <llmroof/catalog.h>

#include <string.h>

static void add_number(struct lr_text *t, const char *before, double value)
{
    char buf[LR_DOUBLE_SIZE];
    lr_format_double(value, buf, sizeof buf);
    lr_text_addf(t, "%s%s", before, buf);
}

/* Omits zero, which is the default of the loader. */
static void add_count(struct lr_text *t, const char *before, double value)
{
    if (value > 0)
        add_number(t, before, value);
}

static void add_switch(struct lr_text *t, const char *before, bool on)
{
    if (on)
        lr_text_addf(t, "%strue", before);
}

static bool one_format(const struct lr_model *m)
{
    const enum lr_dtype d = m->weights[LR_PART_ATTENTION];
    return m->weights[LR_PART_MLP] == d && m->weights[LR_PART_EXPERTS] == d && m->weights[LR_PART_SHARED] == d &&
           m->weights[LR_PART_EMBEDDING] == LR_BF16 && m->weights[LR_PART_HEAD] == LR_BF16;
}

static void add_weights(struct lr_text *t, const struct lr_model *m)
{
    if (one_format(m)) {
        lr_text_addf(t, "weights: %s\n", lr_dtype_name(m->weights[LR_PART_ATTENTION]));
        return;
    }
    lr_text_add(t, "weights: {");
    for (int p = 0; p < LR_PART_COUNT; p++)
        lr_text_addf(t, "%s%s: %s", p ? ", " : "", lr_part_name((enum lr_part)p), lr_dtype_name(m->weights[p]));
    lr_text_add(t, "}\n");
}

static void add_state(struct lr_text *t, const struct lr_attention *a)
{
    const struct {
        const char *before;
        double value;
    } count[] = {
        {", heads: ", a->heads},
        {", head_dim: ", a->head_dim},
        {", key_heads: ", a->key_heads},
        {", key_dim: ", a->key_dim},
        {", value_heads: ", a->value_heads},
        {", value_dim: ", a->value_dim},
        {", inner: ", a->inner},
        {", state: ", a->state},
        {", groups: ", a->groups},
        {", dt_rank: ", a->dt_rank},
        {", conv: ", a->conv},
    };
    for (size_t i = 0; i < sizeof count / sizeof *count; i++)
        add_count(t, count[i].before, count[i].value);
    add_switch(t, ", conv_bias: ", a->conv_bias);
    add_switch(t, ", inner_norms: ", a->inner_norms);
    if (a->state_format != LR_FP32)
        lr_text_addf(t, ", state_format: %s", lr_dtype_name(a->state_format));
}

static void add_latent(struct lr_text *t, const struct lr_attention *a)
{
    add_count(t, ", q_lora_rank: ", a->q_lora_rank);
    add_count(t, ", kv_lora_rank: ", a->kv_lora_rank);
    add_count(t, ", qk_nope_dim: ", a->qk_nope_dim);
    add_count(t, ", qk_rope_dim: ", a->qk_rope_dim);
    add_count(t, ", v_dim: ", a->v_dim);
    add_count(t, ", index_heads: ", a->index_heads);
    add_count(t, ", index_dim: ", a->index_dim);
    add_count(t, ", index_topk: ", a->index_topk);
}

static void add_grouped(struct lr_text *t, const struct lr_attention *a)
{
    add_count(t, ", kv_heads: ", a->kv_heads);
    add_count(t, ", head_dim: ", a->head_dim);
    add_count(t, ", window: ", a->window);
    add_count(t, ", chunk: ", a->chunk);
    add_switch(t, ", qkv_bias: ", a->qkv_bias);
    add_switch(t, ", out_bias: ", a->out_bias);
    add_switch(t, ", qk_norm: ", a->qk_norm);
    add_switch(t, ", sinks: ", a->sinks);
    add_switch(t, ", output_gate: ", a->output_gate);
}

static void add_attention(struct lr_text *t, const struct lr_attention *a)
{
    static const char *const kinds[LR_ATTENTION_KIND_COUNT] = {"none",   "gqa",    "mla",      "delta",
                                                               "mamba2", "mamba1", "lightning"};
    lr_text_addf(t, "{kind: %s", kinds[a->kind]);
    if (lr_attention_has_state(a)) {
        add_state(t, a);
    } else if (a->kind == LR_ATTENTION_MLA) {
        add_count(t, ", heads: ", a->heads);
        add_latent(t, a);
    } else if (a->kind == LR_ATTENTION_GQA) {
        add_count(t, ", heads: ", a->heads);
        add_grouped(t, a);
    }
    lr_text_add(t, "}");
}

static void add_ffn(struct lr_text *t, const struct lr_ffn *f)
{
    static const char *const kinds[LR_FFN_KIND_COUNT] = {"none", "plain", "gated", "moe"};
    lr_text_addf(t, "{kind: %s", kinds[f->kind]);
    if (f->kind == LR_FFN_MOE) {
        add_count(t, ", experts: ", f->experts);
        add_count(t, ", topk: ", f->topk);
    }
    if (f->kind != LR_FFN_NONE) {
        add_count(t, ", intermediate: ", f->intermediate);
        add_switch(t, ", bias: ", f->bias);
    }
    if (f->kind == LR_FFN_MOE) {
        add_count(t, ", shared_intermediate: ", f->shared_intermediate);
        add_count(t, ", latent: ", f->latent);
        add_switch(t, ", expert_plain: ", f->expert_plain);
        add_switch(t, ", router_bias: ", f->router_bias);
        add_switch(t, ", shared_gate: ", f->shared_gate);
    }
    lr_text_add(t, "}");
}

static void add_published(struct lr_text *t, const struct lr_model *m)
{
    if (m->published.total <= 0)
        return;
    add_number(t, "published: {parameters: ", m->published.total);
    add_count(t, ", active: ", m->published.active);
    add_number(t, ", tolerance: ", m->published.tolerance);
    add_count(t, ", kv_bytes_per_token: ", m->published.kv_bytes_per_token);
    add_switch(t, ", active_with_embedding: ", m->published.active_with_embedding);
    add_switch(t, ", active_with_head: ", m->published.active_with_head);
    if (m->published.note) {
        lr_text_add(t, ", note: ");
        lr_quote(t, m->published.note);
    }
    lr_text_add(t, "}\n");
}

static void add_blocks(struct lr_text *t, const struct lr_model *m)
{
    lr_text_add(t, "blocks:\n");
    for (size_t i = 0; i < m->block_count; i++) {
        const struct lr_block *b = &m->block[i];
        add_number(t, "  - layers: ", b->layers);
        if (b->norms != 2)
            add_number(t, "\n    norms: ", b->norms);
        lr_text_add(t, "\n    attention: ");
        add_attention(t, &b->attention);
        lr_text_add(t, "\n    ffn: ");
        add_ffn(t, &b->ffn);
        lr_text_add(t, "\n");
    }
}

char *lr_model_text(const struct lr_model *m, struct lr_diags *ds)
{
    struct lr_text t = {0};
    lr_quote_text(&t, "name", m->name);
    lr_quote_text(&t, "title", m->title);
    lr_quote_text(&t, "source", m->source);
    lr_quote_text(&t, "hugging_face", m->hugging_face);
    add_published(&t, m);
    add_number(&t, "hidden: ", m->hidden);
    add_number(&t, "\nvocab: ", m->vocab);
    add_count(&t, "\nmax_context: ", m->max_context);
    add_switch(&t, "\ntied_embeddings: ", m->tied_embeddings);
    add_switch(&t, "\nhead_bias: ", m->head_bias);
    lr_text_add(&t, "\n");
    add_weights(&t, m);
    lr_text_addf(&t, "kv: %s\n", lr_dtype_name(m->kv));
    add_blocks(&t, m);
    return lr_text_take(&t, ds);
}
