/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a kernel set. It has a mapping for each family, which has a mapping for each number format, which has the
 * constants of the family's formula and a record of their fit. The tables of constants (core/formulas.h) define the
 * keys. */
#include "load/kernels_bind.h"

#include "core/chip_list.h"
#include "core/quantity.h"
#include "core/text.h"
#include "load/profile.h"

#include <stdio.h>
#include <string.h>

static const enum lr_dimension dimension_of[] = {
    [LR_UNIT_SECONDS] = LR_DIMENSION_SECONDS, [LR_UNIT_RATIO] = LR_DIMENSION_RATIO,
    [LR_UNIT_NUMBER] = LR_DIMENSION_NUMBER,   [LR_UNIT_PER_SECOND] = LR_DIMENSION_NUMBER,
    [LR_UNIT_CHOICE] = LR_DIMENSION_NUMBER,   [LR_UNIT_VECTORS] = LR_DIMENSION_NUMBER,
};

enum { PATH = 96 };

struct place {
    struct lr_diags *ds;
    struct lr_arena *arena;
    char path[PATH]; /* "gemm.bf16" */
};

static bool read_number(const struct place *at, const struct lr_node *n, enum lr_dimension d, double least,
                        double greatest, double *out)
{
    char field[2 * PATH], error[LR_QUANTITY_ERROR];
    snprintf(field, sizeof field, "%s.%s", at->path, n->key);
    if (n->kind != LR_NODE_SCALAR) {
        lr_diag(at->ds, LR_ERROR, n->pos, field, "is a %s, expected %s", lr_node_kind_name(n->kind),
                lr_dimension_name(d));
        return false;
    }
    if (!lr_quantity_parse(n->text, d, out, error, sizeof error)) {
        lr_diag(at->ds, LR_ERROR, n->pos, field, "%s", error);
        return false;
    }
    if (*out < least || *out > greatest) {
        lr_diag(at->ds, LR_ERROR, n->pos, field, "'%s' is out of range, expected %g to %g", n->text, least, greatest);
        return false;
    }
    return true;
}

static void read_fit(struct place *at, const struct lr_node *map, struct lr_kernel *k)
{
    const struct {
        const char *key;
        double *to, least, greatest;
    } field[] = {
        {"rows", &k->fit.rows, 0, 1e9}, {"median", &k->fit.median, 0, 1e3}, {"p90", &k->fit.p90, 0, 1e3},
        {"low", &k->fit.low, -10, 0},   {"high", &k->fit.high, 0, 10},      {"transfer", &k->fit.transfer, 0, 10},
    };
    const size_t length = strlen(at->path);
    snprintf(at->path + length, sizeof at->path - length, ".fit");
    for (const struct lr_node *n = map->first; n; n = n->next) {
        bool known = strcmp(n->key, "chip") == 0 || strcmp(n->key, "data") == 0;
        if (strcmp(n->key, "chip") == 0 && n->kind == LR_NODE_SCALAR &&
            !lr_chip_list_split(at->arena, n->text, &k->fit.chips))
            lr_diag(at->ds, LR_ERROR, n->pos, at->path, "out of memory");
        for (size_t i = 0; i < sizeof field / sizeof *field; i++)
            if (strcmp(n->key, field[i].key) == 0) {
                known = true;
                read_number(at, n, LR_DIMENSION_NUMBER, field[i].least, field[i].greatest, field[i].to);
            }
        if (!known)
            lr_diag(at->ds, LR_ERROR, n->key_pos, at->path,
                    "unknown key '%s', expected a field of the fit such as 'median'", n->key);
    }
    at->path[length] = '\0';
}

static void read_kernel(struct place *at, const struct lr_node *map, enum lr_family f, struct lr_kernel *k)
{
    size_t count;
    const struct lr_constant *row = lr_constants(f, &count);
    bool seen[LR_CONSTANTS_MAX] = {false};
    for (const struct lr_node *n = map->first; n; n = n->next) {
        size_t i = 0;
        while (i < count && strcmp(n->key, row[i].key) != 0)
            i++;
        if (i < count) {
            seen[i] = true;
            read_number(at, n, dimension_of[row[i].unit], row[i].least, row[i].greatest, &k->value[i]);
        } else if (strcmp(n->key, "fit") == 0 && n->kind == LR_NODE_MAP) {
            read_fit(at, n, k);
        } else {
            struct lr_nearest near = {0};
            for (size_t j = 0; j < count; j++)
                lr_nearest_offer(&near, n->key, row[j].key);
            lr_diag(at->ds, LR_ERROR, n->key_pos, at->path, "unknown key '%s', expected a constant of family '%s'",
                    n->key, lr_family_name(f));
            if (lr_nearest_name(&near, n->key))
                lr_hint(at->ds, "did you mean '%s'?", lr_nearest_name(&near, n->key));
        }
    }
    for (size_t i = 0; i < count; i++)
        if (!seen[i] && row[i].unit != LR_UNIT_VECTORS)
            lr_diag(at->ds, LR_ERROR, map->pos, at->path, "'%s' is missing, expected %s", row[i].key, row[i].meaning);
    k->present = true;
}

static void read_family(struct place at, const struct lr_node *map, enum lr_family f, struct lr_kernels *out)
{
    for (const struct lr_node *n = map->first; n; n = n->next) {
        const enum lr_dtype d = strcmp(n->key, "any") == 0 ? LR_DTYPE_NONE : lr_dtype_parse(n->key);
        snprintf(at.path, sizeof at.path, "%s.%s", map->key, n->key);
        if (d == LR_DTYPE_NONE && strcmp(n->key, "any") != 0)
            lr_diag(at.ds, LR_ERROR, n->key_pos, map->key,
                    "unknown number format '%s', expected one such as 'bf16', or 'any'", n->key);
        else if (n->kind != LR_NODE_MAP)
            lr_diag(at.ds, LR_ERROR, n->pos, at.path, "is a %s, expected a mapping of constants",
                    lr_node_kind_name(n->kind));
        else
            read_kernel(&at, n, f, &out->kernel[f][d]);
    }
}

static bool read_text(const struct lr_node *n, struct lr_kernels *out, struct lr_diags *ds)
{
    const struct {
        const char *key;
        const char **to;
    } field[] = {
        {"name", &out->name}, {"title", &out->title}, {"source", &out->source}, {"architecture", &out->architecture}};
    for (size_t i = 0; i < sizeof field / sizeof *field; i++) {
        if (strcmp(n->key, field[i].key) != 0)
            continue;
        if (n->kind == LR_NODE_SCALAR)
            *field[i].to = n->text;
        else
            lr_diag(ds, LR_ERROR, n->pos, n->key, "is a %s, expected text", lr_node_kind_name(n->kind));
        return true;
    }
    return false;
}

void lr_kernels_bind(struct lr_document *doc, struct lr_kernels *out, struct lr_diags *ds)
{
    const struct lr_node *const root = doc->root;
    struct place top = {.ds = ds, .arena = &doc->arena, .path = "kernels"};
    for (const struct lr_node *n = root->first; n; n = n->next) {
        enum lr_family f = 0;
        while (f < LR_FAMILY_COUNT && strcmp(n->key, lr_family_name(f)) != 0)
            f++;
        if (f < LR_FAMILY_COUNT && n->kind == LR_NODE_MAP)
            read_family(top, n, f, out);
        else if (strcmp(n->key, "reference_clock") == 0)
            read_number(&top, n, LR_DIMENSION_HERTZ, 1e6, 1e11, &out->reference_clock_hz);
        else if (strcmp(n->key, "data") != 0 && strcmp(n->key, "base") != 0 && !read_text(n, out, ds))
            lr_diag(ds, LR_ERROR, n->key_pos, NULL, "unknown key '%s', expected a family such as 'gemm'", n->key);
    }
    const struct lr_node *const name = lr_node_get(root, "name");
    if (!name)
        lr_diag(ds, LR_ERROR, root->pos, "name", "is missing, expected text");
    else if (out->name && !lr_profile_name_ok(out->name))
        lr_diag(ds, LR_ERROR, name->pos, "name",
                "'%.80s' is not a valid profile name, expected lower case letters, digits, '.' and '-'", out->name);
}
