/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session/space.h"
#include "core/hash.h"

#include <string.h>

static void add(uint32_t *hash, const void *bytes, size_t size)
{
    *hash = lr_hash(*hash, bytes, size);
}

/* With its end, so that "ab", "c" and "a", "bc" differ. */
static void add_text(uint32_t *hash, const char *text)
{
    add(hash, text, strlen(text) + 1);
}

static void add_number(uint32_t *hash, double v)
{
    add(hash, &v, sizeof v);
}

static void add_figure(const struct lr_figure *f, void *user)
{
    add_text(user, f->path);
    add_text(user, f->value);
}

static void add_chips(uint32_t *hash, const struct lr_chip_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        add_text(hash, l->name[i]);
    add_text(hash, "");
}

/* What prices and intervals are made of. */
static void add_kernels(uint32_t *hash, const struct lr_kernels *k)
{
    add_text(hash, k->name);
    add_text(hash, k->architecture ? k->architecture : "");
    add_number(hash, k->reference_clock_hz);
    for (int f = 0; f < LR_FAMILY_COUNT; f++)
        for (int d = 0; d <= LR_DTYPE_COUNT; d++) {
            const struct lr_kernel *one = &k->kernel[f][d];
            add_number(hash, one->present);
            for (int i = 0; i < LR_CONSTANTS_MAX; i++)
                add_number(hash, one->value[i]);
            add_number(hash, one->fit.low);
            add_number(hash, one->fit.high);
            add_number(hash, one->fit.transfer);
            add_chips(hash, &one->fit.chips);
        }
}

uint32_t lr_space_hash(const struct lr_space *p, bool json)
{
    const struct lr_sweep *w = p->sweep;
    uint32_t hash = LR_HASH_START;
    add_text(&hash, LLMROOF_VERSION);
    add_number(&hash, json);
    for (size_t i = 0; i < w->models; i++)
        lr_model_figures(w->model[i], add_figure, &hash);
    for (size_t i = 0; i < w->chips; i++) {
        lr_hardware_figures(w->hardware[i], add_figure, &hash);
        add_number(&hash, w->hardware[i]->price.usd_per_hour);
    }
    for (size_t i = 0; i < w->runtimes; i++)
        lr_runtime_figures(w->runtime[i], add_figure, &hash);
    for (size_t i = 0; i < w->chips * w->runtimes; i++)
        add_kernels(&hash, w->kernels[i]);
    for (int a = 0; a < LR_SWEEP_AXES; a++) {
        add_number(&hash, (double)w->axis[a].count);
        for (size_t i = 0; i < w->axis[a].count; i++)
            add_number(&hash, w->axis[a].value[i]);
    }
    for (size_t i = 0; i < w->weight_formats; i++)
        add_text(&hash, lr_dtype_name(w->weights[i]));
    add_text(&hash, "kv");
    for (size_t i = 0; i < w->kv_formats; i++)
        add_text(&hash, lr_dtype_name(w->kv[i]));
    return hash;
}
