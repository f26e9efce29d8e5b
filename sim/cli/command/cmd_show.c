/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command/command.h"
#include "cli/view/listing.h"

#include <stdlib.h>
#include <string.h>

static void show_kind(struct lr_session *s, enum lr_profile kind, const char *name, struct lr_listing *t)
{
    if (kind == LR_PROFILE_HARDWARE) {
        const struct lr_hardware *hw = lr_session_hardware(s, name);
        if (hw)
            lr_hardware_figures(hw, lr_listing_add, t);
    } else if (kind == LR_PROFILE_MODEL) {
        s->model = lr_catalog_model(s->catalog, name, s->options.override, s->options.override_count, &s->diags);
        if (s->model)
            lr_model_figures(s->model, lr_listing_add, t);
    } else if (kind == LR_PROFILE_RUNTIME) {
        s->runtime = lr_catalog_runtime(s->catalog, name, s->options.override, s->options.override_count, &s->diags);
        if (s->runtime)
            lr_runtime_figures(s->runtime, lr_listing_add, t);
    } else {
        struct lr_architecture *a = lr_catalog_architecture(s->catalog, name, &s->diags);
        if (a)
            lr_architecture_figures(a, lr_listing_add, t);
        lr_architecture_free(a);
    }
}

/* The first kind that has a profile of this name; hardware before models before the rest. A file is what its keys say.
 */
static bool show(struct lr_session *s, const char *name, struct lr_listing *t)
{
    static const enum lr_profile order[] = {LR_PROFILE_HARDWARE, LR_PROFILE_MODEL, LR_PROFILE_RUNTIME,
                                            LR_PROFILE_ARCHITECTURE};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        struct lr_diags quiet = {0};
        char *path = lr_catalog_find(s->catalog, order[i], name, &quiet);
        const bool unsure = quiet.out_of_memory;
        lr_diags_free(&quiet);
        if (unsure)
            lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
        if (unsure)
            return true;
        if (!path)
            continue;
        const bool file = strcmp(path, name) == 0;
        free(path);
        show_kind(s, file ? lr_profile_like(name) : order[i], name, t);
        return true;
    }
    return false;
}

enum lr_exit lr_command_show(struct lr_session *s, struct lr_text *out)
{
    struct lr_listing l;
    lr_listing_open(&l, s->format);
    if (s->options.operand.count != 1)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "expected one name; 'llmroof list' shows all");
    else if (!show(s, s->options.operand.name[0], &l))
        free(lr_catalog_find(s->catalog, LR_PROFILE_HARDWARE, s->options.operand.name[0], &s->diags));
    lr_listing_render(&l, s->format, out);
    lr_listing_free(&l);
    return s->diags.errors ? LR_EXIT_BAD : LR_EXIT_YES;
}
