/* SPDX-License-Identifier: Apache-2.0 */
#include "price/chip.h"

#include "core/formulas.h"
#include "core/normal.h"

#include <math.h>
#include <string.h>

enum lr_evidence lr_evidence_of(const struct lr_kernel *k, const struct lr_kernels *set, const struct lr_hardware *hw)
{
    if (k->fit.rows <= 0)
        return LR_EVIDENCE_ASSUMED;
    if (lr_chip_list_has(&k->fit.chips, hw->name))
        return LR_EVIDENCE_MEASURED;
    if (set->architecture && strcmp(set->architecture, hw->architecture) == 0)
        return LR_EVIDENCE_ARCHITECTURE;
    return LR_EVIDENCE_ASSUMED;
}

/* Least spread between chips if the fit has not seen the architecture: the errors of H100's constants on other
 * architectures, for GEMM, GQA and experts (scripts/transfer). */
static const double UNSEEN_ARCHITECTURE = 0.2;

void lr_spread_of(const struct lr_kernel *k, enum lr_evidence e, double *low, double *high)
{
    const bool far = e == LR_EVIDENCE_ASSUMED && k->fit.rows > 0;
    const double spread = far ? fmax(k->fit.transfer, UNSEEN_ARCHITECTURE) : k->fit.transfer;
    const double extra = e == LR_EVIDENCE_MEASURED ? 0 : LR_NORMAL_Q90 * spread;
    *low = -sqrt(k->fit.low * k->fit.low + extra * extra);
    *high = sqrt(k->fit.high * k->fit.high + extra * extra);
}

enum lr_dtype lr_kernel_slot(const struct lr_op *op)
{
    if (op->family == LR_FAMILY_ATTENTION || op->family == LR_FAMILY_MLA || op->family == LR_FAMILY_INDEX)
        return op->kv;
    return op->family == LR_FAMILY_ELEMENTWISE || op->family == LR_FAMILY_STATE || lr_family_is_link(op->family)
               ? LR_DTYPE_NONE
               : op->weight;
}

enum lr_rate lr_rate_of(const struct lr_op *op, const double peak[LR_RATE_COUNT])
{
    const enum lr_dtype by = op->weight != LR_DTYPE_NONE ? op->weight : op->kv != LR_DTYPE_NONE ? op->kv : LR_BF16;
    return lr_rate_on(by, peak);
}

struct lr_chip lr_chip_of(const struct lr_hardware *hw, const struct lr_kernels *set, enum lr_rate rate)
{
    const bool foreign = !set->architecture || strcmp(set->architecture, hw->architecture) != 0;
    const bool scaled = foreign && set->reference_clock_hz > 0 && hw->compute.clock_hz > 0;
    /* without a scale-up link, peers use the host's PCIe */
    const bool linked = hw->scale_up.topology != LR_TOPOLOGY_NONE && hw->scale_up.bandwidth_bytes_per_s > 0;
    const double up = linked ? hw->scale_up.bandwidth_bytes_per_s : hw->host_link_bytes_per_s;
    const bool out = hw->scale_out.bandwidth_bytes_per_s > 0;
    return (struct lr_chip){
        .peak_flop_per_s = hw->compute.peak[rate],
        .bandwidth_bytes_per_s = hw->memory.bandwidth_bytes_per_s,
        .units = hw->compute.units > 0 ? hw->compute.units : LR_REFERENCE_UNITS,
        .time_scale = scaled ? set->reference_clock_hz / hw->compute.clock_hz : 1,
        .up_bytes_per_s = up,
        .up_latency_s = linked ? hw->scale_up.latency_s : 0,
        .host_path = hw->scale_up.topology == LR_TOPOLOGY_NONE,
        .out_bytes_per_s = out ? hw->scale_out.bandwidth_bytes_per_s : up,
        .out_latency_s = out ? hw->scale_out.latency_s : 0,
    };
}

double lr_mesh_share(const struct lr_hardware *hw, const struct lr_op *op)
{
    const double links = hw->scale_up.domain - 1;
    const double peers = op->family == LR_FAMILY_SEND ? 1 : op->u.collective.ranks / op->u.collective.nodes - 1;
    return hw->scale_up.topology == LR_TOPOLOGY_MESH && links > 1 ? fmin(1, fmax(1, peers) / links) : 1;
}
