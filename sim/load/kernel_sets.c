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

char *lr_catalog_kernels_name(const struct lr_catalog *c, const struct lr_hardware *hw, const char *kernel_class,
                              struct lr_diags *ds)
{
    struct lr_architecture *a = hw->kernels ? NULL : lr_catalog_architecture(c, hw->architecture, ds);
    if (!hw->kernels && !a)
        return NULL;
    const char *const plain = hw->kernels ? hw->kernels : a->kernels ? a->kernels : "generic";
    struct lr_text name = {0};
    lr_text_addf(&name, "%s-%s", plain, kernel_class ? kernel_class : "");
    if (!kernel_class || !exists(c, lr_text_str(&name), ds)) {
        lr_text_cut(&name, 0);
        lr_text_add(&name, plain);
    }
    lr_architecture_free(a);
    char *const text = name.out_of_memory ? NULL : lr_text_copy(lr_text_str(&name));
    lr_text_free(&name);
    if (!text)
        out_of_memory(ds);
    return text;
}

struct lr_kernels *lr_catalog_kernels_for(const struct lr_catalog *c, const struct lr_hardware *hw,
                                          const char *kernel_class, struct lr_diags *ds)
{
    char *const name = lr_catalog_kernels_name(c, hw, kernel_class, ds);
    struct lr_kernels *const k = name ? lr_catalog_kernels(c, name, ds) : NULL;
    free(name);
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
    struct lr_kernels *const k = lr_catalog_kernels(c, key, ds);
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
