/* SPDX-License-Identifier: Apache-2.0 */
/* What a serving engine adds to the kernels it launches, and what it keeps for itself. */
#ifndef LLMROOF_RUNTIME_H
#define LLMROOF_RUNTIME_H

#include "chip_list.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The profile of the engine that most people run: what a deployment gets that names none. */
#define LR_DEFAULT_RUNTIME "vllm"

struct lr_runtime {
    const char *name, *title, *source;
    const char
        *kernels; /* kernel class that it prefers ("trtllm", "vllm", ...), or NULL: the architecture's plain set */
    double step_host_s;             /* host time a step that no kernel hides */
    double request_host_s;          /* the same per running request */
    double launch_s;                /* host time of a kernel's launch, one after the other; 0: a graph replays them */
    double layer_overhead_s;        /* GPU idle time a layer */
    double mixer_overhead_s;        /* the same on top for a layer with a state or an index: small kernels of its own */
    double launch_hidden;           /* share of a kernel's fixed time that the end of the one before hides */
    double prefill_exposed;         /* share of a prefill that decoding waits for */
    double memory_fraction;         /* of the capacity that it may use, 0 < f <= 1 */
    double reserve_bytes;           /* context, graphs, buffers of the libraries: per GPU */
    double kv_block;                /* tokens a page of the KV cache */
    double query_group;             /* query heads of a KV head that decoding attention takes together; 0: any */
    double spread_low, spread_high; /* log ratios measured/predicted that bracket 80 % of the served runs of its fit */
    double transfer;                /* spread between the chips of its fit, for chips that are not among them */
    double pair_spread;        /* standard deviation of the difference of two log errors of its runs on two chips, over
                                * that of independent errors, (0, 1]; 0: not known, which counts as 1 */
    struct lr_chip_list chips; /* of these runs */
    bool widens;               /* keeps no format packed that the chip cannot multiply: weights and caches of such
                                * formats are stored in the next wider one */
    bool two_batch_overlap;    /* one half of the batch computes while the other exchanges */
    bool shared_overlap;       /* the shared expert runs beside the exchange */
    bool whole_context;        /* decoding attention does not split a context over units */
};

#ifdef __cplusplus
}
#endif

#endif
