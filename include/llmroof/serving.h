/* SPDX-License-Identifier: Apache-2.0 */
/* Serving in the steady state: requests come and go, and prefills share the machine with decoding. */
#ifndef LLMROOF_SERVING_H
#define LLMROOF_SERVING_H

#include "estimate.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the users send. input, output: tokens of a request, >= 1. concurrency: requests in flight on the whole replica.
 * prefix_hit: share of the input whose keys and values are already there, [0, 1). chunk: tokens of a prompt that are
 * prefilled in one step, 0: all of them. */
struct lr_traffic {
    double input, output, concurrency, prefix_hit, chunk;
    struct lr_speculation speculation; /* draft 0: none */
};

/* A replica in the steady state. */
struct lr_served {
    double tpot_s, tpot_low_s, tpot_high_s; /* mean time between tokens, prefills of others included; 80 % interval */
    double floor_tpot_s;                    /* of the decode step alone */
    double ttft_s;                          /* own prefill, and half of another's that is under way */
    double step_s, prefill_s;               /* one decode step alone, a token; one prompt on each attention group */
    double batch;                           /* requests that decode, on average */
    double tokens_per_s, tokens_per_s_per_gpu, tokens_per_s_per_user; /* output tokens; 0 when it does not fit */
    double requests_per_s;
    enum lr_bound bound; /* of the decode step */
    enum lr_evidence evidence;
    bool fits;
    struct lr_memory memory; /* at concurrency requests of full length */
};

/* One engine does prefill and decode. Pure, allocation-free. While a request decodes, each of the others starts once:
 *   tpot = step(batch, input + output/2) + exposed prefill(input) (batch/groups - 1)/output,
 *   batch = concurrency x output tpot/(output tpot + ttft)          (Little's law over the two phases),
 * with the runtime's share of a prefill that decoding waits for. Requests without room for their caches, half grown,
 * wait for a place, and that is in ttft_s. */
void lr_plan_serve(const struct lr_plan *p, const struct lr_traffic *t, struct lr_served *out);

/* Prefills run on other GPUs, so TPOT is that of the decode step. prefill is the plan of the machine that does them;
 * transfer_bytes_per_s is the rate at which each of its GPUs sends keys and values to the decoding GPUs; 0: the
 * transfer takes no time. Pure, allocation-free. */
void lr_plan_serve_apart(const struct lr_plan *prefill, const struct lr_plan *decode, const struct lr_traffic *t,
                         double transfer_bytes_per_s, struct lr_served *out);

/* Seconds of a prefill: one prompt on each attention group, with tokens >= 1 new tokens after cached >= 0 ones. Pure,
 * allocation-free. */
double lr_plan_prefill(const struct lr_plan *p, double tokens, double cached);

#ifdef __cplusplus
}
#endif

#endif
