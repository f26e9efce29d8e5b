/* SPDX-License-Identifier: Apache-2.0 */
/* What pricing knows of a chip: its rates for one operator, and how well the constants of a kernel set describe it. */
#ifndef LLMROOF_PRICE_CHIP_H
#define LLMROOF_PRICE_CHIP_H

#include "core/operator.h"
#include <llmroof/estimate.h>
#include <llmroof/hardware.h>
#include <llmroof/kernels.h>

/* What a formula may know of a chip, for one operator. */
struct lr_chip {
    double peak_flop_per_s; /* of the rate that computes this operator; 0 only when it needs none */
    double bandwidth_bytes_per_s;
    double units;                          /* LR_REFERENCE_UNITS where the profile gives none */
    double time_scale;                     /* on the time constants of the kernel set */
    bool eager;                            /* kernels are launched one by one, not as a graph */
    double launch_hidden;                  /* share of fixed times that a graph hides, none across links */
    double query_group;                    /* query heads that decoding attention takes together; 0: any */
    bool whole_context;                    /* decoding attention does not split a context over units */
    double up_bytes_per_s, up_latency_s;   /* link inside a scale-up domain */
    bool host_path;                        /* ranks of a domain share the host's PCIe */
    double out_bytes_per_s, out_latency_s; /* link between them */
};

/* The rate that computes an operator on a chip with these peaks. */
enum lr_rate lr_rate_of(const struct lr_op *op, const double peak[LR_RATE_COUNT]);

/* The chip as an operator of this rate sees it. The runtime's fields are 0. */
struct lr_chip lr_chip_of(const struct lr_hardware *hw, const struct lr_kernels *set, enum lr_rate rate);

/* Share of a GPU's scale-up bandwidth that an operator can use. In a full mesh a GPU has one link to each of the
 * others: n ranks use n - 1 of them. 1 for every other topology. */
double lr_mesh_share(const struct lr_hardware *hw, const struct lr_op *op);

/* The slot of a kernel set that prices an operator. */
enum lr_dtype lr_kernel_slot(const struct lr_op *op);

/* How the constants of a kernel bear on a chip. */
enum lr_evidence lr_evidence_of(const struct lr_kernel *k, const struct lr_kernels *set, const struct lr_hardware *hw);

/* Log ratios measured/predicted that bracket 80 % of the rows: low <= 0 <= high. The spread that the fit left; on a
 * chip that the fit never saw, with the spread between chips added. */
void lr_spread_of(const struct lr_kernel *k, enum lr_evidence e, double *low, double *high);

#endif
