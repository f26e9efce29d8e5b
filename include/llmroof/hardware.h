/* SPDX-License-Identifier: Apache-2.0 */
/* A hardware profile: what the datasheet of one accelerator says, in SI units. Filled by lr_catalog_hardware. */
#ifndef LLMROOF_HARDWARE_H
#define LLMROOF_HARDWARE_H

#include "dtype.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum lr_topology {
    LR_TOPOLOGY_NONE,   /* no scale-up link: peers talk over PCIe */
    LR_TOPOLOGY_SWITCH, /* any pair at full rate (NVSwitch, UB) */
    LR_TOPOLOGY_MESH,   /* full mesh of equal links: a pair has 1/(domain - 1) of the rate */
    LR_TOPOLOGY_TORUS,
    LR_TOPOLOGY_COUNT
};

/* Rates are per accelerator and per direction. 0 where the profile gives none. */
struct lr_link {
    const char *technology; /* or NULL */
    double bandwidth_bytes_per_s;
    double latency_s; /* one hop, one way */
    double domain;    /* accelerators that reach each other over it; scale_up only */
    enum lr_topology topology;
};

struct lr_hardware {
    const char *name, *title, *vendor;
    const char *architecture; /* names a file in configs/architectures */
    const char *form_factor;  /* or NULL */
    const char *released;     /* ISO date or NULL */
    const char *kernels;      /* a kernel set fitted on this very chip, or NULL for the architecture's */
    const char *source;       /* of every figure that names none of its own */
    struct {
        const char *type;
        double capacity_bytes; /* what a process can allocate, > 0 */
        double bandwidth_bytes_per_s;
        double cache_bytes; /* last-level cache, 0 when not given */
    } memory;
    struct {
        double units;               /* SMs, CUs, cores; 0 when not given */
        double clock_hz;            /* at which the peaks hold; 0 when not given */
        double peak[LR_RATE_COUNT]; /* dense FLOP/s, 0 where the chip has none */
        bool serial_launches;       /* a graph hides nothing of a kernel's launch */
    } compute;
    /* Formats, one bit 1 << enum lr_dtype each, that today's engines keep packed though the architecture cannot
     * multiply them: kernels widen them in registers. Filled from the architecture. */
    unsigned packed_weights, packed_kv;
    struct lr_link scale_up, scale_out;
    double host_link_bytes_per_s; /* PCIe, one direction; 0 when not given */
    struct {
        double tdp_w, idle_w; /* 0 when not given */
    } power;
    struct {
        double usd_per_hour; /* 0 when not given */
        const char *date;
    } price;
    const char **assumption; /* sentences that every estimate on this chip repeats */
    size_t assumption_count;
};

/* What chips of one generation share. Filled by lr_catalog_architecture. */
struct lr_architecture {
    const char *name, *title, *vendor, *source;
    const char *kernels;                              /* the kernel set of chips that have none of their own */
    const char *packed_weights_list, *packed_kv_list; /* names of formats as in the file, or NULL */
    /* Dense FLOP a clock and unit, which no peak may exceed: that keeps figures with sparsity out. 0: not known. */
    double bf16_flop_per_clock;         /* fp16 too; tf32 has half of it */
    double fp8_flop_per_clock;          /* int8 too; twice bf16 unless said */
    double fp4_flop_per_clock;          /* four times bf16 unless said */
    unsigned packed_weights, packed_kv; /* as in lr_hardware */
};

#ifdef __cplusplus
}
#endif

#endif
