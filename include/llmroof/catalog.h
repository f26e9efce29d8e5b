/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue: where profiles are found, by name, and how they become structs. */
#ifndef LLMROOF_CATALOG_H
#define LLMROOF_CATALOG_H

#include "diag.h"
#include "figure.h"
#include "hardware.h"
#include "model.h"
#include "runtime.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Kinds of profiles: id, one of them in messages, the folder that they live in. */
#define LR_PROFILES(X)                                                                                                 \
    X(HARDWARE, "hardware", "hardware")                                                                                \
    X(MODEL, "model", "models")                                                                                        \
    X(KERNELS, "kernel set", "kernels")                                                                                \
    X(RUNTIME, "runtime", "runtimes")                                                                                  \
    X(CLAIM, "claim", "claims")                                                                                        \
    X(ARCHITECTURE, "architecture", "architectures")

enum lr_profile {
#define X(id, name, folder) LR_PROFILE_##id,
    LR_PROFILES(X)
#undef X
        LR_PROFILE_COUNT
};
const char *lr_profile_name(enum lr_profile p);   /* "kernel set" */
const char *lr_profile_folder(enum lr_profile p); /* "kernels" */

/* A search path of folders, each with hardware/, models/, ... inside. Holds no profile: every look-up reads. May be
 * shared between threads. */
struct lr_catalog;

/* dirs in the order of the search; a name in an earlier one hides the same name in a later one. Folders that do not
 * exist are skipped. The texts are copied. NULL when memory runs out. */
struct lr_catalog *lr_catalog_open(const char *const *dirs, size_t count);
void lr_catalog_free(struct lr_catalog *c);

/* The usual search path: extra (from --config, in order), then $XDG_CONFIG_HOME/llmroof or else $HOME/.config/llmroof,
 * then builtin (may be NULL). */
struct lr_catalog *lr_catalog_open_default(const char *const *extra, size_t count, const char *builtin);

struct lr_catalog_entry {
    const char *name;  /* the file's, without .yaml */
    const char *title; /* or NULL when the file has none that can be read */
    const char *path;
    const char *dir; /* the one of the search path that it came from */
};

/* All profiles of a kind, sorted by name; hidden ones left out. Free with lr_catalog_entries_free. NULL with *count = 0
 * when there are none, or when memory runs out (an error in ds). */
struct lr_catalog_entry *lr_catalog_list(const struct lr_catalog *c, enum lr_profile kind, size_t *count,
                                         struct lr_diags *ds);
void lr_catalog_entries_free(struct lr_catalog_entry *entries);

/* The file of a profile: by file name, then by the name and aliases inside the files (case, '_', '-' and ' ' do not
 * count). A name with a '/', or that ends in .yaml, .yml or .json, is taken as a path. To free(); NULL with an error
 * that suggests the nearest name. */
char *lr_catalog_find(const struct lr_catalog *c, enum lr_profile kind, const char *name, struct lr_diags *ds);

/* What kind of profile a file is, by the keys at its top: the kind that knows most of them; a Hugging Face config.json
 * is a model. LR_PROFILE_HARDWARE where no kind knows any, and for a file that cannot be read, which loading it tells.
 */
enum lr_profile lr_profile_like(const char *path);

/* One field overridden for this run: path "memory.bandwidth", value "4.8 TB/s". */
struct lr_override {
    const char *path, *value;
};

/* Loads, checks, and resolves 'base'. NULL with at least one error in ds; warnings may come with a profile. The profile
 * owns its texts; free it with the function of its kind (NULL is fine). */
struct lr_hardware *lr_catalog_hardware(const struct lr_catalog *c, const char *name, const struct lr_override *sets,
                                        size_t count, struct lr_diags *ds);
void lr_hardware_free(struct lr_hardware *hw);

/* Also takes the path of a Hugging Face config.json. Whether the parameter count agrees with the published one is not
 * checked here. */
struct lr_model *lr_catalog_model(const struct lr_catalog *c, const char *name, const struct lr_override *sets,
                                  size_t count, struct lr_diags *ds);
void lr_model_free(struct lr_model *m);

struct lr_runtime *lr_catalog_runtime(const struct lr_catalog *c, const char *name, const struct lr_override *sets,
                                      size_t count, struct lr_diags *ds);
void lr_runtime_free(struct lr_runtime *rt);

struct lr_architecture *lr_catalog_architecture(const struct lr_catalog *c, const char *name, struct lr_diags *ds);
void lr_architecture_free(struct lr_architecture *a);

/* A kernel set (kernels.h) by name. */
struct lr_kernels;
struct lr_kernels *lr_catalog_kernels(const struct lr_catalog *c, const char *name, struct lr_diags *ds);
void lr_kernels_free(struct lr_kernels *k);

/* The kernel set that prices operators on hw: the chip's own, or else its architecture's, or else "generic".
 * kernel_class is that of a runtime (lr_runtime.kernels, for example "vllm") or NULL; where the catalogue has a variant
 * for it ("hopper-vllm"), that variant. The profile is the caller's: free it with lr_kernels_free. NULL with an error:
 * the architecture or the set cannot be read, memory runs out. */
struct lr_kernels *lr_catalog_kernels_for(const struct lr_catalog *c, const struct lr_hardware *hw,
                                          const char *kernel_class, struct lr_diags *ds);

/* Each value of a profile that came from lr_catalog_*, in the order of the schema. */
void lr_hardware_figures(const struct lr_hardware *hw, lr_figure_fn *fn, void *user);
void lr_model_figures(const struct lr_model *m, lr_figure_fn *fn, void *user);
void lr_runtime_figures(const struct lr_runtime *rt, lr_figure_fn *fn, void *user);
void lr_architecture_figures(const struct lr_architecture *a, lr_figure_fn *fn, void *user);

/* The file that a profile was read from. */
const char *lr_hardware_path(const struct lr_hardware *hw);
const char *lr_model_path(const struct lr_model *m);
const char *lr_runtime_path(const struct lr_runtime *rt);
const char *lr_architecture_path(const struct lr_architecture *a);

/* The model as a profile in YAML, to free(). Loading it gives the same model. NULL with an error in ds when memory runs
 * out. ds may be NULL. */
char *lr_model_text(const struct lr_model *m, struct lr_diags *ds);

/* Hardware, models, runtimes and architectures; nothing for the other kinds. */
void lr_catalog_fields(enum lr_profile kind, lr_field_fn *fn, void *user);

#ifdef __cplusplus
}
#endif

#endif
