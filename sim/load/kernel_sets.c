/* SPDX-License-Identifier: Apache-2.0 */
#include "load/kernel_sets.h"

#include "core/text.h"

#include <stdlib.h>
#include <string.h>

static void out_of_memory(struct lr_diags *ds)
{
    lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
}

/* True if the catalogue has a kernel set with this name. */
static bool exists(const struct lr_catalog *c, const char *name, struct lr_diags *ds)
{
    struct lr_diags discarded = {0};
    char *path = lr_catalog_find(c, LR_PROFILE_KERNELS, name, &discarded);
    const bool found = path != NULL;
    free(path);
    if (discarded.out_of_memory)
        out_of_memory(ds);
    lr_diags_free(&discarded);
    return found;
}

/* The class of runtimes that take the fastest kernel of every set of the architecture. */
static const char BEST[] = "best";

static bool is_best(const char *kernel_class)
{
    return kernel_class && strcmp(kernel_class, BEST) == 0;
}

/* The plain set of a chip: its own, or its architecture's. To free(); NULL after an error. */
static char *plain_name(const struct lr_catalog *c, const struct lr_hardware *hw, struct lr_diags *ds)
{
    struct lr_architecture *a = hw->kernels ? NULL : lr_catalog_architecture(c, hw->architecture, ds);
    if (!hw->kernels && !a)
        return NULL;
    char *const name = lr_text_copy(hw->kernels ? hw->kernels : a->kernels ? a->kernels : "generic");
    lr_architecture_free(a);
    if (!name)
        out_of_memory(ds);
    return name;
}

char *lr_catalog_kernels_name(const struct lr_catalog *c, const struct lr_hardware *hw, const char *kernel_class,
                              struct lr_diags *ds)
{
    char *const plain = plain_name(c, hw, ds);
    if (!plain || !kernel_class)
        return plain;
    struct lr_text name = {0};
    lr_text_addf(&name, "%s-%s", plain, kernel_class);
    if (!is_best(kernel_class) && !exists(c, lr_text_str(&name), ds)) {
        lr_text_cut(&name, 0);
        lr_text_add(&name, plain);
    }
    free(plain);
    char *const text = name.out_of_memory ? NULL : lr_text_copy(lr_text_str(&name));
    lr_text_free(&name);
    if (!text)
        out_of_memory(ds);
    return text;
}

/* The plain set with all "plain-..." behind it. */
static struct lr_kernels *open_best(const struct lr_catalog *c, const char *plain, struct lr_diags *ds)
{
    const size_t length = strlen(plain), before = ds->errors;
    size_t count = 0;
    struct lr_kernels *const first = lr_catalog_kernels(c, plain, ds);
    struct lr_kernels **end = first ? &first->next : NULL;
    struct lr_catalog_entry *entry = first ? lr_catalog_list(c, LR_PROFILE_KERNELS, &count, ds) : NULL;
    for (size_t i = 0; i < count; i++)
        if (strncmp(entry[i].name, plain, length) == 0 && entry[i].name[length] == '-') {
            *end = lr_catalog_kernels(c, entry[i].name, ds);
            end = *end ? &(*end)->next : end;
        }
    lr_catalog_entries_free(entry);
    if (ds->errors == before)
        return first;
    lr_kernels_free(first);
    return NULL;
}

/* A set by its name; "plain-best" stands for the fastest of all. */
static struct lr_kernels *open_set(const struct lr_catalog *c, const char *name, struct lr_diags *ds)
{
    const size_t length = strlen(name), best = sizeof BEST - 1;
    if (length <= best + 1 || strcmp(name + length - best, BEST) != 0 || name[length - best - 1] != '-')
        return lr_catalog_kernels(c, name, ds);
    struct lr_text plain = {0};
    lr_text_add_bytes(&plain, name, length - best - 1);
    if (plain.out_of_memory)
        out_of_memory(ds);
    struct lr_kernels *const k = plain.out_of_memory ? NULL : open_best(c, lr_text_str(&plain), ds);
    lr_text_free(&plain);
    return k;
}

struct lr_kernels *lr_catalog_kernels_for(const struct lr_catalog *c, const struct lr_hardware *hw,
                                          const char *kernel_class, struct lr_diags *ds)
{
    struct lr_diags own = {0};
    struct lr_diags *const to = ds ? ds : &own;
    char *const name = lr_catalog_kernels_name(c, hw, kernel_class, to);
    struct lr_kernels *const k = name ? open_set(c, name, to) : NULL;
    free(name);
    lr_diags_free(&own);
    return k;
}

/* Makes space for one more set. */
static bool grow(struct lr_kernel_sets *sets)
{
    if (sets->count < sets->capacity)
        return true;
    const size_t capacity = sets->capacity ? 2 * sets->capacity : 8;
    struct lr_kernels **set = realloc(sets->set, capacity * sizeof *set);
    if (set)
        sets->set = set;
    char **name = realloc(sets->name, capacity * sizeof *name);
    if (name)
        sets->name = name;
    if (!set || !name)
        return false;
    sets->capacity = capacity;
    return true;
}

struct lr_kernels *lr_kernel_sets_open(struct lr_kernel_sets *sets, const struct lr_catalog *c, const char *name,
                                       const struct lr_hardware *hw, const char *kernel_class, struct lr_diags *ds)
{
    char *const key = name ? lr_text_copy(name) : lr_catalog_kernels_name(c, hw, kernel_class, ds);
    if (!key) {
        if (name)
            out_of_memory(ds);
        return NULL;
    }
    for (size_t i = 0; i < sets->count; i++)
        if (strcmp(sets->name[i], key) == 0) {
            free(key);
            return sets->set[i];
        }
    struct lr_kernels *const k = open_set(c, key, ds);
    if (k && grow(sets)) {
        sets->set[sets->count] = k;
        sets->name[sets->count++] = key;
        return k;
    }
    if (k)
        out_of_memory(ds);
    lr_kernels_free(k);
    free(key);
    return NULL;
}

void lr_kernel_sets_free(struct lr_kernel_sets *sets)
{
    for (size_t i = 0; i < sets->count; i++) {
        lr_kernels_free(sets->set[i]);
        free(sets->name[i]);
    }
    free(sets->set);
    free(sets->name);
    *sets = (struct lr_kernel_sets){0};
}
