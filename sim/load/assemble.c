/* SPDX-License-Identifier: Apache-2.0 */
/* Loads a profile by name: reads the file, merges its bases, applies overrides, binds it to a struct and checks it. */
#include "core/arena.h"
#include "core/text.h"
#include "import/import.h"
#include "load/catalog_document.h"
#include "load/profile.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BASES_MAX = 8 };

/* The chain of profiles being loaded, from a profile to its base. A base that is in the chain is an error. */
struct base_chain {
    const struct lr_catalog *catalog;
    enum lr_profile kind;
    const char *path[BASES_MAX];
    size_t count;
};

static struct lr_document *load_with_bases(struct base_chain *d, const char *path, struct lr_diags *ds);

static bool is_in_chain(const struct base_chain *d, const char *path)
{
    for (size_t i = 0; i < d->count; i++)
        if (strcmp(d->path[i], path) == 0)
            return true;
    return false;
}

/* A profile may have its own name as base. The base is then the profile of that name that it hides. */
static bool merge_base(struct base_chain *d, struct lr_document *doc, struct lr_diags *ds)
{
    const struct lr_node *base = lr_node_get(doc->root, "base");
    if (!base)
        return true;
    if (base->kind != LR_NODE_SCALAR || lr_node_is_null(base) || lr_catalog_is_path(base->text)) {
        lr_diag(ds, LR_ERROR, base->pos, "base", "'%.80s' is not a profile name, expected one such as 'h100'",
                base->text ? base->text : lr_node_kind_name(base->kind));
        return false;
    }
    char what[256];
    char *path = lr_catalog_search(d->catalog, d->kind, base->text, doc->name, what, sizeof what);
    if (!path) {
        lr_diag(ds, LR_ERROR, base->pos, "base", "%s", what);
        return false;
    }
    bool merged = false;
    if (is_in_chain(d, path)) {
        lr_diag(ds, LR_ERROR, base->pos, "base", "'%.80s' inherits from this profile, expected a profile that does not",
                base->text);
    } else if (d->count == BASES_MAX) {
        lr_diag(ds, LR_ERROR, base->pos, "base", "has too many levels of bases, expected at most %d profiles",
                BASES_MAX);
    } else {
        struct lr_document *under = load_with_bases(d, path, ds);
        static const char *const own[] = {"name", "title", "aliases", "base"};
        for (size_t i = 0; under && i < sizeof own / sizeof own[0]; i++)
            lr_node_remove(under->root, own[i]);
        merged = under && lr_document_merge(doc, under, ds);
    }
    free(path);
    return merged;
}

static struct lr_document *load_with_bases(struct base_chain *d, const char *path, struct lr_diags *ds)
{
    struct lr_document *doc = lr_document_load(path, ds);
    if (!doc)
        return NULL;
    d->path[d->count++] = doc->name;
    const bool merged = merge_base(d, doc, ds);
    d->count--;
    if (!merged) {
        lr_document_free(doc);
        return NULL;
    }
    return doc;
}

/* The catalogue finds profiles by the names of their files, so the name inside must be the same. */
static void check_file_name(const struct lr_document *doc, struct lr_diags *ds)
{
    const struct lr_node *name = lr_node_get(doc->own, "name");
    const char *slash = strrchr(doc->name, '/');
    const char *file = slash ? slash + 1 : doc->name;
    const size_t length = strlen(file) - (sizeof ".yaml" - 1);
    if (!name || name->kind != LR_NODE_SCALAR || (strncmp(file, name->text, length) == 0 && !name->text[length]))
        return; /* the schema reports a missing name */
    lr_diag(ds, LR_ERROR, name->pos, "name", "'%.80s' is not the name of the file, expected '%.*s'", name->text,
            (int)length, file);
}

struct lr_document *lr_catalog_document(const struct lr_catalog *c, enum lr_profile kind, const char *name,
                                        const struct lr_override *sets, size_t count, struct lr_diags *ds)
{
    char *path = lr_catalog_find(c, kind, name, ds);
    if (!path)
        return NULL;
    struct base_chain d = {.catalog = c, .kind = kind};
    struct lr_document *doc = load_with_bases(&d, path, ds);
    free(path);
    if (!doc)
        return NULL;
    if (!lr_catalog_is_path(name))
        check_file_name(doc, ds);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(sets[i].path, "base") == 0 || strcmp(sets[i].path, "name") == 0) {
            lr_diag(ds, LR_ERROR, LR_NO_POSITION, "--set", "'%s' cannot be overridden, expected a figure",
                    sets[i].path);
            continue;
        }
        lr_document_set(doc, sets[i].path, sets[i].value, ds);
    }
    return doc;
}

/* Each public struct is the first member of one that also owns its document. */
struct hardware {
    struct lr_hardware public;
    struct lr_document *doc;
};
struct architecture {
    struct lr_architecture public;
    struct lr_document *doc;
};
struct model {
    struct lr_model public;
    struct lr_document *doc;
};
struct runtime {
    struct lr_runtime public;
    struct lr_document *doc;
};

static void *new_profile(size_t size, struct lr_document *doc, struct lr_diags *ds)
{
    void *p = doc ? calloc(1, size) : NULL;
    if (doc && !p) {
        lr_diag(ds, LR_ERROR, (struct lr_pos){.file = doc->name}, NULL, "out of memory");
        lr_document_free(doc);
    }
    return p;
}

static void free_profile(void *p, struct lr_document *doc)
{
    lr_document_free(doc);
    free(p);
}

/* The diagnostics of one load: the caller's list or, when that is NULL, an own list; and the number of errors before.
 */
struct report {
    struct lr_diags own, *to;
    size_t before;
};

static void begin(struct report *r, struct lr_diags *ds)
{
    *r = (struct report){.to = ds};
    r->to = ds ? ds : &r->own;
    r->before = r->to->errors;
}

/* True if there were no errors. */
static bool end(struct report *r)
{
    const bool clean = r->to->errors == r->before && !r->to->out_of_memory;
    lr_diags_free(&r->own);
    return clean;
}

struct lr_architecture *lr_catalog_architecture(const struct lr_catalog *c, const char *name, struct lr_diags *ds)
{
    struct report r;
    begin(&r, ds);
    struct lr_document *doc = lr_catalog_document(c, LR_PROFILE_ARCHITECTURE, name, NULL, 0, r.to);
    struct architecture *a = new_profile(sizeof *a, doc, r.to);
    if (a) {
        a->doc = doc;
        lr_architecture_bind(doc, &a->public, r.to);
    }
    if (!end(&r) && a) {
        lr_architecture_free(&a->public);
        a = NULL;
    }
    return a ? &a->public : NULL;
}

/* Checks the peaks against the limits of the architecture. An unknown architecture is an error. */
static void check_architecture(const struct lr_catalog *c, struct hardware *hw, struct lr_diags *ds)
{
    char what[256] = "is a path, expected the name of an architecture";
    const char *name = hw->public.architecture;
    char *path =
        lr_catalog_is_path(name) ? NULL : lr_catalog_search(c, LR_PROFILE_ARCHITECTURE, name, NULL, what, sizeof what);
    if (!path) {
        lr_schema_report(hw->doc, ds, LR_ERROR, "architecture", "%s", what);
        return;
    }
    free(path);
    struct lr_architecture *a = lr_catalog_architecture(c, name, ds);
    if (a) {
        lr_hardware_guard(hw->doc, &hw->public, a, ds);
        hw->public.packed_weights = a->packed_weights;
        hw->public.packed_kv = a->packed_kv;
    }
    lr_architecture_free(a);
}

struct lr_hardware *lr_catalog_hardware(const struct lr_catalog *c, const char *name, const struct lr_override *sets,
                                        size_t count, struct lr_diags *ds)
{
    struct report r;
    begin(&r, ds);
    struct lr_document *doc = lr_catalog_document(c, LR_PROFILE_HARDWARE, name, sets, count, r.to);
    struct hardware *hw = new_profile(sizeof *hw, doc, r.to);
    if (hw) {
        hw->doc = doc;
        lr_hardware_bind(doc, &hw->public, r.to);
        if (hw->public.architecture)
            check_architecture(c, hw, r.to);
    }
    if (!end(&r) && hw) {
        lr_hardware_free(&hw->public);
        hw = NULL;
    }
    return hw ? &hw->public : NULL;
}

static bool ends_with(const char *text, const char *suffix)
{
    const size_t n = strlen(text), m = strlen(suffix);
    return n >= m && strcmp(text + n - m, suffix) == 0;
}

/* Loads the hf_quant_config.json in the folder of a config.json. NULL when there is none. */
static struct lr_document *load_quantization(const char *config, struct lr_diags *ds)
{
    struct lr_text path = {0};
    const char *slash = strrchr(config, '/');
    lr_text_add_bytes(&path, config, slash ? (size_t)(slash + 1 - config) : 0);
    lr_text_add(&path, "hf_quant_config.json");
    if (path.out_of_memory)
        lr_diag(ds, LR_ERROR, (struct lr_pos){.file = config}, NULL, "out of memory");
    const bool exists = !path.out_of_memory && access(path.at, F_OK) == 0;
    struct lr_document *doc = exists ? lr_document_load(path.at, ds) : NULL;
    lr_text_free(&path);
    return doc;
}

/* Removes line numbers from positions: they would be those of a generated profile that the user cannot see. */
static void remove_lines(struct lr_node *n)
{
    for (; n; n = n->next) {
        n->pos.line = n->pos.col = n->key_pos.line = n->key_pos.col = 0;
        remove_lines(n->first);
    }
}

/* The document of a profile of the model. */
static struct lr_document *as_profile(const char *name, const struct lr_model *m, struct lr_diags *ds)
{
    char *const yaml = lr_model_text(m, ds);
    struct lr_document *const doc = yaml ? lr_document_parse(name, yaml, strlen(yaml), ds) : NULL;
    free(yaml);
    if (doc)
        remove_lines(doc->root);
    return doc;
}

enum lr_profile lr_profile_like(const char *path)
{
    static const struct {
        enum lr_profile kind;
        const struct lr_schema *schema;
    } row[] = {{LR_PROFILE_HARDWARE, &lr_hardware_schema},
               {LR_PROFILE_MODEL, &lr_model_schema},
               {LR_PROFILE_RUNTIME, &lr_runtime_schema},
               {LR_PROFILE_ARCHITECTURE, &lr_architecture_schema}};
    enum lr_profile like = LR_PROFILE_HARDWARE;
    size_t most = 0;
    struct lr_document *doc = lr_document_load(path, NULL);
    for (size_t i = 0; doc && i < sizeof row / sizeof row[0]; i++) {
        size_t known = 0;
        for (size_t f = 0; f < row[i].schema->count; f++)
            known += lr_node_get(doc->root, row[i].schema->field[f].key) != NULL;
        if (known > most) {
            most = known;
            like = row[i].kind;
        }
    }
    if (doc && (lr_node_get(doc->root, "model_type") || lr_node_get(doc->root, "architectures")))
        like = LR_PROFILE_MODEL;
    lr_document_free(doc);
    return like;
}

/* Converts a config.json to the profile that 'llmroof import' writes, so that overrides and figures work for it too. */
static struct lr_document *load_config(const char *path, const struct lr_override *sets, size_t count,
                                       struct lr_diags *ds)
{
    struct lr_document *config = lr_document_load(path, ds), *doc = NULL;
    if (!config)
        return NULL;
    struct lr_document *quantization = load_quantization(path, ds);
    struct lr_arena arena = {0};
    struct lr_model m;
    if (lr_import_quantized(config, quantization, &m, &arena, ds))
        doc = as_profile(path, &m, ds);
    for (size_t i = 0; doc && i < count; i++)
        lr_document_set(doc, sets[i].path, sets[i].value, ds);
    lr_arena_free(&arena);
    lr_document_free(quantization);
    lr_document_free(config);
    return doc;
}

struct lr_model *lr_catalog_model(const struct lr_catalog *c, const char *name, const struct lr_override *sets,
                                  size_t count, struct lr_diags *ds)
{
    struct report r;
    begin(&r, ds);
    struct lr_document *doc = ends_with(name, ".json")
                                  ? load_config(name, sets, count, r.to)
                                  : lr_catalog_document(c, LR_PROFILE_MODEL, name, sets, count, r.to);
    struct model *m = new_profile(sizeof *m, doc, r.to);
    if (m) {
        m->doc = doc;
        lr_model_bind(doc, &m->public, r.to);
    }
    if (!end(&r) && m) {
        lr_model_free(&m->public);
        m = NULL;
    }
    return m ? &m->public : NULL;
}

struct lr_runtime *lr_catalog_runtime(const struct lr_catalog *c, const char *name, const struct lr_override *sets,
                                      size_t count, struct lr_diags *ds)
{
    struct report r;
    begin(&r, ds);
    struct lr_document *doc = lr_catalog_document(c, LR_PROFILE_RUNTIME, name, sets, count, r.to);
    struct runtime *rt = new_profile(sizeof *rt, doc, r.to);
    if (rt) {
        rt->doc = doc;
        lr_runtime_bind(doc, &rt->public, r.to);
    }
    if (!end(&r) && rt) {
        lr_runtime_free(&rt->public);
        rt = NULL;
    }
    return rt ? &rt->public : NULL;
}

/* The functions that each of the four kinds of profiles has. */
#define PROFILE(kind)                                                                                                  \
    void lr_##kind##_free(struct lr_##kind *p)                                                                         \
    {                                                                                                                  \
        if (p)                                                                                                         \
            free_profile(p, ((struct kind *)p)->doc);                                                                  \
    }                                                                                                                  \
    void lr_##kind##_figures(const struct lr_##kind *p, lr_figure_fn *fn, void *user)                                  \
    {                                                                                                                  \
        lr_schema_figures(&lr_##kind##_schema, ((const struct kind *)p)->doc, fn, user);                               \
    }                                                                                                                  \
    const char *lr_##kind##_path(const struct lr_##kind *p)                                                            \
    {                                                                                                                  \
        return ((const struct kind *)p)->doc->name;                                                                    \
    }

PROFILE(hardware)
PROFILE(architecture)
PROFILE(model)
PROFILE(runtime)

void lr_catalog_fields(enum lr_profile kind, lr_field_fn *fn, void *user)
{
    static const struct lr_schema *const schema[LR_PROFILE_COUNT] = {
        [LR_PROFILE_HARDWARE] = &lr_hardware_schema,
        [LR_PROFILE_MODEL] = &lr_model_schema,
        [LR_PROFILE_RUNTIME] = &lr_runtime_schema,
        [LR_PROFILE_ARCHITECTURE] = &lr_architecture_schema,
    };
    if (schema[kind])
        lr_schema_fields(schema[kind], fn, user);
}
