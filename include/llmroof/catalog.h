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

/* Kinds of profiles: identifier, name in messages, folder. */
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
/* The name of a kind in messages, for example "kernel set". "unknown" for a number that is no kind. */
const char *lr_profile_name(enum lr_profile p);

/* The folder of a kind below a folder of the search path, for example "kernels". "unknown" as above. */
const char *lr_profile_folder(enum lr_profile p);

/* A search path of folders, each with hardware/, models/ and so on inside. It keeps no profile: every look-up reads
 * files. May be shared between threads. */
struct lr_catalog;

/* Opens a search path of count folders, in the order of the search: a name in an earlier folder hides the same name in
 * a later one. Folders that do not exist are skipped. The texts are copied. NULL when memory runs out. Free with
 * lr_catalog_free. */
struct lr_catalog *lr_catalog_open(const char *const *dirs, size_t count);
/* Frees the search path. Profiles that came from it stay valid. c may be NULL. */
void lr_catalog_free(struct lr_catalog *c);

/* Opens the search path of the program: the count folders of extra (from --config, in order), then
 * $XDG_CONFIG_HOME/llmroof or else $HOME/.config/llmroof, then builtin, which may be NULL. NULL when memory runs out.
 * Reads the environment. Free with lr_catalog_free. */
struct lr_catalog *lr_catalog_open_default(const char *const *extra, size_t count, const char *builtin);

/* A profile that there is. */
struct lr_catalog_entry {
    const char *name;  /* the file's, without .yaml */
    const char *title; /* NULL where the file has none, or cannot be read */
    const char *path;
    const char *dir; /* the folder of the search path that it came from */
};

/* All profiles of a kind, sorted by name, *count of them; a profile that another one hides is left out. Free with
 * lr_catalog_entries_free. NULL with *count = 0 when there are none, or when memory runs out (an error in ds). */
struct lr_catalog_entry *lr_catalog_list(const struct lr_catalog *c, enum lr_profile kind, size_t *count,
                                         struct lr_diags *ds);
/* Frees the list and its texts. entries may be NULL. */
void lr_catalog_entries_free(struct lr_catalog_entry *entries);

/* The path of a profile, to free(). It is found by the name of the file, then by the name and the aliases inside the
 * files; case, '_', '-' and ' ' do not count. A name with a '/', or that ends in .yaml, .yml or .json, is taken as a
 * path. NULL with an error that suggests the nearest name, or when memory runs out. */
char *lr_catalog_find(const struct lr_catalog *c, enum lr_profile kind, const char *name, struct lr_diags *ds);

/* The kind of profile that a file is: the kind that knows most of the keys at its top. A Hugging Face config.json is a
 * model. LR_PROFILE_HARDWARE where no kind knows any key, and where the file cannot be read. */
enum lr_profile lr_profile_like(const char *path);

/* A field of a profile with another value: path "memory.bandwidth", value "4.8 TB/s". */
struct lr_override {
    const char *path, *value;
};

/* Loads a hardware profile with its bases, with count overrides in sets, and checks it. sets may be NULL with count 0.
 * NULL with at least one error in ds: no such profile (the error suggests the nearest name), an unknown key, a figure
 * without a unit or out of range, memory runs out. Warnings and notes may come with a profile. The profile owns its
 * texts. Free with lr_hardware_free. */
struct lr_hardware *lr_catalog_hardware(const struct lr_catalog *c, const char *name, const struct lr_override *sets,
                                        size_t count, struct lr_diags *ds);
/* Frees a profile of lr_catalog_hardware. hw may be NULL. */
void lr_hardware_free(struct lr_hardware *hw);

/* Loads a model, as lr_catalog_hardware loads hardware; name may also be the path of a Hugging Face config.json. The
 * parameter count is not compared with the published one. Free with lr_model_free. */
struct lr_model *lr_catalog_model(const struct lr_catalog *c, const char *name, const struct lr_override *sets,
                                  size_t count, struct lr_diags *ds);
/* Frees a profile of lr_catalog_model. m may be NULL. */
void lr_model_free(struct lr_model *m);

/* Loads a runtime, as lr_catalog_hardware loads hardware. Free with lr_runtime_free. */
struct lr_runtime *lr_catalog_runtime(const struct lr_catalog *c, const char *name, const struct lr_override *sets,
                                      size_t count, struct lr_diags *ds);
/* Frees a profile of lr_catalog_runtime. rt may be NULL. */
void lr_runtime_free(struct lr_runtime *rt);

/* Loads an architecture, as lr_catalog_hardware loads hardware, without overrides. Free with lr_architecture_free. */
struct lr_architecture *lr_catalog_architecture(const struct lr_catalog *c, const char *name, struct lr_diags *ds);
/* Frees a profile of lr_catalog_architecture. a may be NULL. */
void lr_architecture_free(struct lr_architecture *a);

struct lr_kernels; /* kernels.h */

/* Loads a kernel set, as lr_catalog_hardware loads hardware, without overrides. Free with lr_kernels_free. */
struct lr_kernels *lr_catalog_kernels(const struct lr_catalog *c, const char *name, struct lr_diags *ds);
/* Frees a set of lr_catalog_kernels or lr_catalog_kernels_for. k may be NULL. */
void lr_kernels_free(struct lr_kernels *k);

/* The kernel set that prices operators on hw: the chip's own, or else its architecture's, or else "generic".
 * kernel_class is that of a runtime (lr_runtime.kernels, for example "vllm") or NULL; where the catalogue has a variant
 * for it ("hopper-vllm"), that variant. The profile is the caller's: free it with lr_kernels_free. NULL with an error:
 * the architecture or the set cannot be read, memory runs out. */
struct lr_kernels *lr_catalog_kernels_for(const struct lr_catalog *c, const struct lr_hardware *hw,
                                          const char *kernel_class, struct lr_diags *ds);

/* Calls fn with user for each value of a profile of lr_catalog_hardware, with its source, in the order of the schema.
 */
void lr_hardware_figures(const struct lr_hardware *hw, lr_figure_fn *fn, void *user);

/* The same for a profile of lr_catalog_model. */
void lr_model_figures(const struct lr_model *m, lr_figure_fn *fn, void *user);

/* The same for a profile of lr_catalog_runtime. */
void lr_runtime_figures(const struct lr_runtime *rt, lr_figure_fn *fn, void *user);

/* The same for a profile of lr_catalog_architecture. */
void lr_architecture_figures(const struct lr_architecture *a, lr_figure_fn *fn, void *user);

/* The path of the file that a profile of lr_catalog_hardware was read from. Owned by the profile. */
const char *lr_hardware_path(const struct lr_hardware *hw);

/* The same for a profile of lr_catalog_model. */
const char *lr_model_path(const struct lr_model *m);

/* The same for a profile of lr_catalog_runtime. */
const char *lr_runtime_path(const struct lr_runtime *rt);

/* The same for a profile of lr_catalog_architecture. */
const char *lr_architecture_path(const struct lr_architecture *a);

/* The model as a profile in YAML, to free(). Loading it gives the same model. NULL with an error in ds when memory runs
 * out. ds may be NULL. */
char *lr_model_text(const struct lr_model *m, struct lr_diags *ds);

/* Calls fn with user for each field that profiles of a kind may have, in the order of the schema. Kernel sets and
 * claims have no list of fields: fn is not called. */
void lr_catalog_fields(enum lr_profile kind, lr_field_fn *fn, void *user);

#ifdef __cplusplus
}
#endif

#endif
