/* SPDX-License-Identifier: Apache-2.0 */
/* How a model is laid out over GPUs, and the work that one step does. */
#ifndef LLMROOF_DEPLOYMENT_H
#define LLMROOF_DEPLOYMENT_H

#include "dtype.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* gpus = tp x pp x dp. The experts are spread over tp x dp GPUs: ep groups of whole experts, each expert's matrices
 * split tp x dp / ep ways. LR_DTYPE_NONE: as the model was published. */
struct lr_deployment {
    double gpus, tp, pp, ep, dp;
    enum lr_dtype weights, kv;
    double redundant;       /* copies of busy experts beyond one of each; tokens choose among copies evenly */
    double skew;            /* busiest expert group over what chance makes of it, >= 1; 0: 1 */
    bool identical_routing; /* all tokens choose the same experts, as with a router of random weights */
};

/* One replica on gpus accelerators, with the formats as published. The layout is left to be filled in: tensor
 * parallelism inside a scale-up domain, attention data parallelism beyond it. Where fields are set afterwards, gpus may
 * be 0: as many as the layout has. */
struct lr_deployment lr_deployment_of(double gpus);

/* One step over a whole replica. batch: sequences (dp splits it). context: tokens already in the KV cache of each.
 * q_len: new tokens a sequence, 1 in plain decoding. */
struct lr_workload {
    double batch, context, q_len;
};

#ifdef __cplusplus
}
#endif

#endif
