/* SPDX-License-Identifier: Apache-2.0 */
#include <llmroof/claim.h>

#include "load/catalog_document.h"
#include "load/profile.h"

#include <stdio.h>
#include <stdlib.h>

#define ROW(t, k, ty, m, req, d)                                                                                       \
    {                                                                                                                  \
        .key = k, .type = ty, .offset = offsetof(struct t, m), .required = req, .doc = d                               \
    }
#define TEXT(t, m, req, d) ROW(t, #m, LR_FIELD_TEXT, m, req, d)
#define COUNT(t, m, req, d)                                                                                            \
    {                                                                                                                  \
        .key = #m, .type = LR_FIELD_QUANTITY, .offset = offsetof(struct t, m), .required = req,                        \
        .dimension = LR_DIMENSION_COUNT, .min = 1, .max = 1e6, .doc = d                                                \
    }
#define NUMBER(t, m, req, d)                                                                                           \
    {                                                                                                                  \
        .key = #m, .type = LR_FIELD_QUANTITY, .offset = offsetof(struct t, m), .required = req,                        \
        .dimension = LR_DIMENSION_NUMBER, .min = 0, .max = 1e9, .doc = d                                               \
    }
#define LIST(k, m, n, most, sub, req, d)                                                                               \
    {                                                                                                                  \
        .key = k, .type = LR_FIELD_LIST, .offset = offsetof(struct lr_claim, m),                                       \
        .count_offset = offsetof(struct lr_claim, n), .cap = most, .schema = &(sub), .required = req, .doc = d         \
    }

static const struct lr_field case_fields[] = {
    TEXT(lr_claim_case, model, true, "a model profile"),
    COUNT(lr_claim_case, gpus, false, "accelerators"),
    COUNT(lr_claim_case, tp, false, "tensor parallelism"),
    COUNT(lr_claim_case, pp, false, "pipeline stages"),
    COUNT(lr_claim_case, ep, false, "expert parallelism"),
    COUNT(lr_claim_case, dp, false, "attention data parallelism"),
};
static const struct lr_schema case_schema = LR_SCHEMA(lr_claim_case, case_fields, .sourced = false);

static const char *const kind_names[] = {
#define X(id, name) name,
    LR_CLAIM_KINDS(X)
#undef X
        NULL};

const char *lr_claim_kind_name(enum lr_claim_kind k)
{
    return k < LR_CLAIM_KIND_COUNT ? kind_names[k] : "unknown";
}

static const struct lr_field statement_fields[] = {
    TEXT(lr_claim_statement, says, true, "the statement in words"),
    {.key = "kind",
     .type = LR_FIELD_WORD,
     .offset = offsetof(struct lr_claim_statement, kind),
     .words = kind_names,
     .doc = "kind of statement; default: faster"},
    TEXT(lr_claim_statement, left, true, "the chip that is claimed to be faster; kv_ratio: the model"),
    TEXT(lr_claim_statement, right, false, "the chip or model to compare with"),
    NUMBER(lr_claim_statement, factor, false, "claimed speedup; kv_ratio: claimed ratio of the KV caches"),
    NUMBER(lr_claim_statement, tolerance, false, "kv_ratio: relative tolerance of the ratio"),
    NUMBER(lr_claim_statement, left_kv_bits, false, "kv_ratio: bits per element of the KV cache of 'left'"),
};
static const struct lr_schema statement_schema = LR_SCHEMA(lr_claim_statement, statement_fields, .sourced = false);

static const char *const figure_names[] = {
#define X(id, name) name,
    LR_CLAIM_FIGURES(X)
#undef X
        NULL};

const char *lr_claim_figure_name(enum lr_claim_figure f)
{
    return f < LR_CLAIM_FIGURE_COUNT ? figure_names[f] : "unknown";
}

static const struct lr_field fact_fields[] = {
    TEXT(lr_claim_fact, says, true, "the figure in words"),
    {.key = "figure",
     .type = LR_FIELD_WORD,
     .offset = offsetof(struct lr_claim_fact, figure),
     .required = true,
     .words = figure_names,
     .doc = "a figure of hardware profiles"},
    TEXT(lr_claim_fact, of, true, "the chip"),
    TEXT(lr_claim_fact, over, false, "the figure is divided by that of this chip"),
    NUMBER(lr_claim_fact, article, false, "the value in the article: a ratio, or GB, GB/s, TFLOP/s"),
    NUMBER(lr_claim_fact, tolerance, false, "relative tolerance of the value in the article"),
};
static const struct lr_schema fact_schema = LR_SCHEMA(lr_claim_fact, fact_fields, .sourced = false);

static void bind_range(struct lr_binder *b, const struct lr_node *n, double *out, size_t *count)
{
    char error[LR_QUANTITY_ERROR];
    if (n->kind != LR_NODE_SCALAR)
        lr_bind_error(b, n->pos, "is a %s, expected a range such as '1-256*2'", lr_node_kind_name(n->kind));
    else if (!lr_range_parse(n->text, out, LR_CLAIM_POINTS_MAX, count, error, sizeof error))
        lr_bind_error(b, n->pos, "%s", error);
    for (size_t i = 0; i < *count; i++)
        if (out[i] < 1) {
            lr_bind_error(b, n->pos, "'%s' contains 0, expected counts of at least 1", n->text);
            return;
        }
}

static void bind_batch(struct lr_binder *b, const struct lr_node *n, void *out)
{
    struct lr_claim *c = out;
    bind_range(b, n, c->batch, &c->batch_count);
}

static void bind_context(struct lr_binder *b, const struct lr_node *n, void *out)
{
    struct lr_claim *c = out;
    bind_range(b, n, c->context, &c->context_count);
}

static const struct lr_field claim_fields[] = {
    TEXT(lr_claim, name, true, "name of the file, without .yaml"),
    TEXT(lr_claim, title, true, "title in output"),
    TEXT(lr_claim, source, false, "source of the figures"),
    TEXT(lr_claim, article, true, "author, title and date of the article"),
    TEXT(lr_claim, says, true, "the claim, paraphrased"),
    TEXT(lr_claim, finding, false, "conclusion of the check"),
    TEXT(lr_claim, runtime, false, "engine for both chips; default: " LR_DEFAULT_RUNTIME),
    TEXT(lr_claim, kernels, false, "class of kernels, for each chip whose architecture has it"),
    {.key = "batch", .type = LR_FIELD_CUSTOM, .offset = 0, .bind = bind_batch, .doc = "a range"},
    {.key = "context", .type = LR_FIELD_CUSTOM, .offset = 0, .bind = bind_context, .doc = "a range"},
    LIST("cases", item, item_count, LR_CLAIM_CASES_MAX, case_schema, false, "models and their layouts"),
    LIST("statements", statement, statement_count, LR_CLAIM_STATEMENTS_MAX, statement_schema, true,
         "the statements to check"),
    LIST("facts", fact, fact_count, LR_CLAIM_FACTS_MAX, fact_schema, false,
         "figures of hardware profiles to compare with the article"),
};
static const struct lr_schema claim_schema = LR_SCHEMA(lr_claim, claim_fields, .sourced = false);

/* The claim and the document that owns its texts. */
struct owner {
    struct lr_claim public;
    struct lr_document *doc;
};

/* Reports a name that is not in the catalogue, with its position in the file. NULL is not an error. */
static void check_name(const struct lr_catalog *c, enum lr_profile kind, const struct lr_document *doc,
                       const char *name, const char *field, size_t index, const char *key, struct lr_diags *ds)
{
    char what[256], path[64];
    const bool is_path = name && lr_catalog_is_path(name);
    char *found = name && !is_path ? lr_catalog_search(c, kind, name, NULL, what, sizeof what) : NULL;
    if (is_path)
        snprintf(what, sizeof what, "'%.80s' is a path, expected a profile name", name);
    snprintf(path, sizeof path, "%s.%zu.%s", field, index, key);
    if (name && !found)
        lr_schema_report(doc, ds, LR_ERROR, path, "%s", what);
    free(found);
}

/* Statements about chips need cases, batches, contexts, and a second chip. */
static void check_statement(const struct lr_catalog *c, const struct lr_document *doc, const struct lr_claim *o,
                            size_t i, struct lr_diags *ds)
{
    const struct lr_claim_statement *s = &o->statement[i];
    const bool models = s->kind == LR_CLAIM_KV_RATIO;
    const enum lr_profile profile = models ? LR_PROFILE_MODEL : LR_PROFILE_HARDWARE;
    char path[64];
    check_name(c, profile, doc, s->left, "statements", i, "left", ds);
    check_name(c, profile, doc, s->right, "statements", i, "right", ds);
    snprintf(path, sizeof path, "statements.%zu.%s", i, models ? "factor" : "right");
    if (!models && !s->right)
        lr_schema_report(doc, ds, LR_ERROR, path, "is missing, expected the chip to compare with");
    if (models && s->factor <= 0)
        lr_schema_report(doc, ds, LR_ERROR, path, "is missing, expected the claimed ratio");
    if (!models && (o->item_count == 0 || o->batch_count == 0 || o->context_count == 0))
        lr_schema_report(doc, ds, LR_ERROR,
                         o->item_count == 0    ? "cases"
                         : o->batch_count == 0 ? "batch"
                                               : "context",
                         "is missing, expected because a statement compares chips");
}

/* 'article' and 'tolerance' need each other. */
static void check_fact(const struct lr_catalog *c, const struct lr_document *doc, const struct lr_claim_fact *f,
                       size_t i, struct lr_diags *ds)
{
    char path[64];
    check_name(c, LR_PROFILE_HARDWARE, doc, f->of, "facts", i, "of", ds);
    check_name(c, LR_PROFILE_HARDWARE, doc, f->over, "facts", i, "over", ds);
    if ((f->article > 0) == (f->tolerance > 0))
        return;
    snprintf(path, sizeof path, "facts.%zu.%s", i, f->article > 0 ? "tolerance" : "article");
    lr_schema_report(doc, ds, LR_ERROR, path, "is missing, expected both 'article' and 'tolerance', or neither");
}

static void check_references(const struct lr_catalog *c, const struct lr_document *doc, const struct lr_claim *o,
                             struct lr_diags *ds)
{
    for (size_t i = 0; i < o->item_count; i++)
        check_name(c, LR_PROFILE_MODEL, doc, o->item[i].model, "cases", i, "model", ds);
    for (size_t i = 0; i < o->statement_count; i++)
        check_statement(c, doc, o, i, ds);
    for (size_t i = 0; i < o->fact_count; i++)
        check_fact(c, doc, &o->fact[i], i, ds);
}

struct lr_claim *lr_catalog_claim(const struct lr_catalog *c, const char *name, struct lr_diags *ds)
{
    struct lr_diags own = {0}, *const to = ds ? ds : &own;
    const size_t before = to->errors;
    struct lr_document *doc = lr_catalog_document(c, LR_PROFILE_CLAIM, name, NULL, 0, to);
    struct owner *o = doc ? lr_arena_alloc(&doc->arena, sizeof *o) : NULL;
    if (o && lr_schema_bind(&claim_schema, doc, &o->public, to))
        check_references(c, doc, &o->public, to);
    if (doc && !o)
        lr_diag(to, LR_ERROR, (struct lr_pos){.file = doc->name}, NULL, "out of memory");
    const bool clean = o && to->errors == before;
    lr_diags_free(&own);
    if (!clean) {
        lr_document_free(doc);
        return NULL;
    }
    o->doc = doc;
    return &o->public;
}

void lr_claim_free(struct lr_claim *c)
{
    if (c)
        lr_document_free(((struct owner *)c)->doc);
}
