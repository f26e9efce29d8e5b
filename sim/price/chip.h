/* SPDX-License-Identifier: Apache-2.0 */
/* A chip as the price formulas see it: its rates for one operator, and how well a kernel set describes it. */
#ifndef LLMROOF_PRICE_CHIP_H
#define LLMROOF_PRICE_CHIP_H

#include "core/operator.h"
#include <llmroof/estimate.h>
#include <llmroof/hardware.h>
#include <llmroof/kernels.h>

/* The properties of a chip that a formula uses, for one operator. */
struct lr_chip {
    double peak_flop_per_s; /* of the format that computes this operator; 0 only if it has no FLOP */
    double bandwidth_bytes_per_s;
    double units;                          /* LR_REFERENCE_UNITS if the profile gives none */
    double time_scale;                     /* factor on the time constants of the kernel set */
    bool eager;                            /* kernels are launched one by one, without a graph */
    double launch_hidden;                  /* share of fixed times that a graph hides; 0 for collectives */
    double query_group;                    /* decode attention takes query heads in groups of this size; 0: any */
    bool whole_context;                    /* decode attention does not split a context over units */
    double up_bytes_per_s, up_latency_s;   /* link inside a scale-up domain */
    bool host_path;                        /* ranks of a domain share the host's PCIe */
    double out_bytes_per_s, out_latency_s; /* link between domains */
};

/* The rate at which a chip with these peaks computes an operator. */
enum lr_rate lr_rate_of(const struct lr_op *op, const double peak[LR_RATE_COUNT]);

/* The chip for operators of this rate. The fields that a runtime sets are 0. */
struct lr_chip lr_chip_of(const struct lr_hardware *hw, const struct lr_kernels *set, enum lr_rate rate);

/* Share of a GPU's scale-up bandwidth that an operator can use. In a full mesh a GPU has one link to every other GPU,
 * and n ranks use n - 1 of these links. 1 for every other topology. */
double lr_mesh_share(const struct lr_hardware *hw, const struct lr_op *op);

/* The number format that selects the constants of an operator in a kernel set. LR_DTYPE_NONE for families whose
 * constants do not depend on a format. */
enum lr_dtype lr_kernel_slot(const struct lr_op *op);

/* Whether the constants of a kernel were fitted on this chip, on its architecture, or on neither. */
enum lr_evidence lr_evidence_of(const struct lr_kernel *k, const struct lr_kernels *set, const struct lr_hardware *hw);

/* Log ratios measured/predicted that bracket 80 % of the rows: low <= 0 <= high. They are the spread that the fit
 * found. On a chip that the fit has not seen, the spread between chips is added in squares. */
void lr_spread_of(const struct lr_kernel *k, enum lr_evidence e, double *low, double *high);

#endif
