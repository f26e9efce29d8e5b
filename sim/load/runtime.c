/* SPDX-License-Identifier: Apache-2.0 */
#include "load/profile.h"

#define AT(m) offsetof(struct lr_runtime, m)
#define TEXT LR_TEXT_ROW
#define FIGURE(k, m, dim, lo, hi, d) LR_FIGURE_ROW(k, AT(m), dim, lo, hi, false, d)

static const struct lr_field runtime_fields[] = {
    TEXT("name", AT(name), true, "name of the file, without .yaml"),
    TEXT("title", AT(title), false, "title in output; default: the name"),
    {.key = "aliases", .type = LR_FIELD_TEXTS, .offset = LR_NO_MEMBER, .doc = "other names for this profile"},
    TEXT("base", LR_NO_MEMBER, false, "profile to inherit from"),
    TEXT("source", AT(source), false, "source of each figure that does not have its own"),
    TEXT("kernels", AT(kernels), false, "class of kernels to prefer; default: the kernel set of the architecture"),
    FIGURE("step_host", step_host_s, SECONDS, 0, 1, "host time per step that does not overlap with kernels"),
    FIGURE("request_host", request_host_s, SECONDS, 0, 1, "additional host time per running request"),
    FIGURE("launch", launch_s, SECONDS, 0, 1, "host time to launch a kernel without CUDA graphs"),
    FIGURE("layer_overhead", layer_overhead_s, SECONDS, 0, 1, "idle time of the accelerator per layer"),
    FIGURE("mixer_overhead", mixer_overhead_s, SECONDS, 0, 1,
           "additional time per layer with a state or an indexer, for its small kernels"),
    FIGURE("launch_hidden", launch_hidden, RATIO, 0, 1,
           "share of a kernel's fixed time that overlaps with the kernel before it"),
    FIGURE("prefill_exposed", prefill_exposed, RATIO, 0, 1, "share of a prefill for which decoding waits; default: 1"),
    FIGURE("memory_fraction", memory_fraction, RATIO, 0.01, 1,
           "share of the memory capacity that the engine may use; default: 1"),
    FIGURE("reserve", reserve_bytes, BYTES, 0, 1e12, "context, graphs and library buffers, per accelerator"),
    FIGURE("spread_low", spread_low, NUMBER, -10, 0, "10 % quantile of log(measured/estimated) of served runs"),
    FIGURE("spread_high", spread_high, NUMBER, 0, 10, "90 % quantile of log(measured/estimated) of served runs"),
    FIGURE("transfer", transfer, NUMBER, 0, 10,
           "spread of that log ratio between the chips of the fit; used for other chips"),
    FIGURE("pair_spread", pair_spread, RATIO, 0.05, 1,
           "spread of the difference of two chips' errors, relative to independent errors; default 1"),
    {.key = "chips",
     .type = LR_FIELD_CHIPS,
     .offset = AT(chips),
     .doc = "chips of the served runs on which it was fitted"},
    FIGURE("kv_block", kv_block, COUNT, 1, 65536, "tokens per block (page) of the KV cache; default: 1"),
    FIGURE("query_group", query_group, COUNT, 1, 1024,
           "group size that decode attention supports; other groups are computed head by head; default: any"),
    {.key = "whole_context",
     .type = LR_FIELD_BOOL,
     .offset = AT(whole_context),
     .doc = "decode attention does not split the context of a KV head over units of the chip"},
    {.key = "widens",
     .type = LR_FIELD_BOOL,
     .offset = AT(widens),
     .doc = "stores formats that the chip cannot multiply in the next wider one instead of packed"},
    {.key = "two_batch_overlap",
     .type = LR_FIELD_BOOL,
     .offset = AT(two_batch_overlap),
     .doc = "one half of the batch computes while the other communicates"},
    {.key = "shared_overlap",
     .type = LR_FIELD_BOOL,
     .offset = AT(shared_overlap),
     .doc = "the shared expert runs during the exchange"},
};
const struct lr_schema lr_runtime_schema = LR_SCHEMA(lr_runtime, runtime_fields, .sourced = false);

bool lr_runtime_bind(struct lr_document *doc, struct lr_runtime *out, struct lr_diags *ds)
{
    *out = (struct lr_runtime){.prefill_exposed = 1, .memory_fraction = 1, .kv_block = 1};
    const bool clean = lr_schema_bind(&lr_runtime_schema, doc, out, ds);
    const size_t before = ds->errors;
    if (out->name) {
        lr_profile_check_name(doc, "name", out->name, ds);
        out->title = out->title ? out->title : out->name;
    }
    if (clean && !(out->memory_fraction > 0))
        lr_schema_report(doc, ds, LR_ERROR, "memory_fraction", "is 0, expected more than 0, for example '0.9'");
    lr_profile_check_name(doc, "kernels", out->kernels, ds);
    lr_schema_require_source(&lr_runtime_schema, doc, ds);
    return clean && ds->errors == before;
}
