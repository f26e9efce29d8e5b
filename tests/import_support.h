/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the tests of config.json files: small configurations, and checks of the result. */
#ifndef LLMROOF_TESTS_IMPORT_SUPPORT_H
#define LLMROOF_TESTS_IMPORT_SUPPORT_H

#include "core/arena.h"
#include "document/document.h"

#include "import/import.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZES                                                                                                          \
    "hidden_size: 64\nnum_hidden_layers: 4\nnum_attention_heads: 8\nvocab_size: 1000\nmax_position_embeddings: 4096\n"
#define DENSE SIZES "num_key_value_heads: 2\nintermediate_size: 256\n"
#define LLAMA "model_type: llama\n" DENSE
#define QWEN3 "model_type: qwen3\n" DENSE
#define MOE_SIZES DENSE "num_experts_per_tok: 2\nmoe_intermediate_size: 32\n"
#define QWEN_MOE "model_type: qwen3_moe\nnum_experts: 8\n" MOE_SIZES
#define MLA                                                                                                            \
    "model_type: deepseek_v3\nn_routed_experts: 8\n" MOE_SIZES                                                         \
    "q_lora_rank: 24\nkv_lora_rank: 16\nqk_nope_head_dim: 8\nqk_rope_head_dim: 4\nv_head_dim: 8\n"
#define Q "quantization_config: "
#define V3 MLA "first_k_dense_replace: 1\nn_shared_experts: 1\n"

struct imported {
    struct lr_document *doc;
    struct lr_arena arena;
    struct lr_diags ds;
    struct lr_model m;
    bool ok;
};

static inline struct imported import_named(const char *name, const char *text, const char *quantization)
{
    struct imported in = {0};
    struct lr_document *quantization_doc = NULL;
    in.doc = lr_document_parse(name, text, strlen(text), &in.ds);
    ck_assert_msg(in.doc, "%s: %s", text, in.ds.count ? in.ds.item[0].message : "");
    if (quantization) {
        quantization_doc = lr_document_parse("hf_quant_config.json", quantization, strlen(quantization), &in.ds);
        ck_assert_ptr_nonnull(quantization_doc);
    }
    in.ok = lr_import_quantized(in.doc, quantization_doc, &in.m, &in.arena, &in.ds);
    ck_assert_int_eq(in.ok, in.ds.errors == 0);
    lr_document_free(quantization_doc);
    return in;
}

static inline void forget(struct imported *in)
{
    lr_arena_free(&in->arena);
    lr_document_free(in->doc);
    lr_diags_free(&in->ds);
}

static inline struct imported read_text(const char *text)
{
    struct imported in = import_named("config.json", text, NULL);
    char message[512] = "";
    if (in.ds.count)
        lr_diag_format(&in.ds.item[0], message, sizeof message);
    ck_assert_msg(in.ok, "%s", message);
    return in;
}

/* The first message, with its hint. */
static inline void expect_first(const struct imported *in, const char *message)
{
    char buf[1024] = "";
    ck_assert_uint_gt(in->ds.count, 0);
    lr_diag_format(&in->ds.item[0], buf, sizeof buf);
    ck_assert_str_eq(buf, message);
}

static inline void expect_refused(const char *text, const char *message)
{
    struct imported in = import_named("config.json", text, NULL);
    ck_assert_msg(!in.ok, "was read: %s", text);
    expect_first(&in, message);
    forget(&in);
}

/* Expects a refusal whose first error is about field. */
static inline void expect_refused_for(const char *text, const char *field)
{
    struct imported in = import_named("config.json", text, NULL);
    ck_assert_msg(!in.ok, "was read: %s", text);
    for (size_t i = 0; i < in.ds.count; i++) {
        if (in.ds.item[i].severity == LR_ERROR) {
            ck_assert_str_eq(in.ds.item[i].field, field);
            break;
        }
    }
    forget(&in);
}

#endif
