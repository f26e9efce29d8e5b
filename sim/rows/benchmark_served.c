/* SPDX-License-Identifier: Apache-2.0 */
/* Served runs in the format of the aiconfigurator data: one engine for both phases, or separate decode workers. */
#include "rows/benchmark_row.h"

#include <math.h>
#include <string.h>

static enum lr_dtype format_of(const char *gemm, const char *moe)
{
    return lr_dtype_parse(*moe ? moe : gemm);
}

static const char *runtime_of(const char *backend)
{
    static const char *const known[] = {"trtllm", "vllm", "sglang"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(backend, known[i]) == 0)
            return known[i];
    return NULL;
}

static void read_layout(struct lr_benchmark_line *l, bool apart, struct lr_deployment *d)
{
    d->tp = lr_benchmark_number(l, apart ? "decode_tp_size" : "tp_size");
    d->dp = fmax(1, lr_benchmark_number(l, apart ? "decode_attention_dp_size" : "attention_dp_size"));
    d->pp = apart ? 1 : fmax(1, lr_benchmark_number(l, "pp_size"));
    d->ep = fmax(1, lr_benchmark_number(l, apart ? "decode_moe_ep_size" : "moe_ep_size"));
    /* some tables state "tp 8, ep 8" on eight GPUs as a product: experts are split 8 x 8 ways over 64. If equal splits
     * fill a layout exactly, it is such a product, and its GPUs are counted once. */
    const double split = lr_benchmark_number(l, apart ? "decode_moe_tp_size" : "moe_tp_size");
    if (split > 1 && split == d->ep && d->tp * d->dp == split * d->ep)
        *(d->dp >= split ? &d->dp : &d->tp) /= split;
    /* if tp includes the attention groups, each group has its share of it */
    if (d->dp > 1 && d->tp >= d->dp && fmod(d->tp, d->dp) == 0 && d->ep > d->tp)
        d->tp /= d->dp;
}

static void read_served(struct lr_benchmark_line *l, struct lr_benchmark_row *r)
{
    const bool apart = strcmp(lr_benchmark_cell(l, "mode"), "disagg") == 0;
    r->runtime = runtime_of(lr_benchmark_cell(l, "backend"));
    if (!r->runtime) {
        r->skip = "the engine is not in the catalogue";
        return;
    }
    read_layout(l, apart, &r->deployment);
    r->deployment.weights = lr_benchmark_weights(
        r->model, format_of(lr_benchmark_cell(l, "gemm_quant_mode"), lr_benchmark_cell(l, "moe_quant_mode")));
    r->deployment.kv = lr_benchmark_kv(r->runtime, r->deployment.weights);
    r->traffic.input = lr_benchmark_number(l, "isl");
    r->traffic.output = lr_benchmark_number(l, "osl");
    r->traffic.concurrency = r->deployment.dp * lr_benchmark_number(l, apart ? "decode_batch_size" : "batch_size");
    r->metric = apart ? LR_METRIC_STEP : LR_METRIC_TPOT;
    r->value = 1e-3 * lr_benchmark_number(l, "silicon_tpot_ms");
    if (!(r->traffic.input >= 1) || !(r->traffic.output >= 1))
        r->skip = "no prompt or output length";
    else if (1e-3 * lr_benchmark_number(l, "silicon_ttft_ms") > r->traffic.output * r->value)
        r->skip = "most users waited in the queue, so their number is not the batch";
}

const struct lr_benchmark_kind lr_benchmark_served = {
    .required = {"backend", "model_path", "system", "mode", "isl", "osl", "silicon_tpot_ms"},
    .setting = {"model_path", "system", "isl", "osl", "batch_size", "decode_batch_size", "tp_size", "decode_tp_size",
                "attention_dp_size", "moe_ep_size", "gemm_quant_mode"},
    .hardware = "system",
    .model = "model_path",
    .read = read_served,
};
