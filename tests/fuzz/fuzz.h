/* SPDX-License-Identifier: Apache-2.0 */
/* What the fuzzers share: bytes as a file, a small catalogue, and what must hold of every answer. */
#ifndef LLMROOF_TESTS_FUZZ_H
#define LLMROOF_TESTS_FUZZ_H

#include <llmroof/catalog.h>
#include <llmroof/estimate.h>

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file that holds the bytes until the next call. */
static inline const char *fuzz_file(const uint8_t *data, size_t size)
{
    static char name[] = "/tmp/llmroof-fuzz-XXXXXX", path[32];
    static int fd = -1;
    if (fd < 0) {
        fd = mkstemp(name);
        unlink(name);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        abort();
    return path;
}

/* A handful of the shipped profiles: a name that none of them has costs one look at each. */
static inline struct lr_catalog *fuzz_catalog(void)
{
    static const char *const dirs[] = {FUZZ_CONFIGS};
    struct lr_catalog *c = lr_catalog_open(dirs, 1);
    if (!c)
        abort();
    return c;
}

/* Renders every diagnostic; there is one for every failure, and none is empty. */
static inline void fuzz_diags(struct lr_diags *ds, bool ok)
{
    if (ok == (ds->errors > 0))
        abort();
    for (size_t i = 0; i < ds->count; i++) {
        char text[256];
        if (lr_diag_format(&ds->item[i], text, sizeof text) == 0)
            abort();
    }
    lr_diags_free(ds);
}

static inline void fuzz_finite(const struct lr_estimate *e)
{
    const double all[] = {e->tpot_s,         e->tpot_low_s,   e->tpot_high_s,          e->floor_tpot_s,
                          e->host_s,         e->tokens_per_s, e->tokens_per_s_per_gpu, e->tokens_per_s_per_user,
                          e->flop,           e->bytes,        e->link_bytes,           e->memory.weights_bytes,
                          e->memory.kv_bytes};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!isfinite(all[i]) || all[i] < 0)
            abort();
}

/* Plans and estimates at the edges and in the middle. */
static inline void fuzz_estimate(const struct lr_hardware *hw, const struct lr_model *m, const struct lr_runtime *rt,
                                 const struct lr_kernels *k, double gpus)
{
    static const double batch[] = {1, 64, 1e7}, context[] = {0, 4096, 1e7};
    const struct lr_deployment d = {.gpus = gpus, .weights = LR_DTYPE_NONE, .kv = LR_DTYPE_NONE};
    struct lr_diags ds = {0};
    struct lr_plan *p = lr_plan_new(hw, m, rt, k, &d, &ds);
    for (size_t i = 0; p && i < 9; i++) {
        const struct lr_workload w = {batch[i / 3], context[i % 3], 1};
        struct lr_estimate e;
        lr_plan_estimate(p, &w, &e);
        fuzz_finite(&e);
    }
    lr_plan_free(p);
    fuzz_diags(&ds, p != NULL);
}

#endif
