/* SPDX-License-Identifier: Apache-2.0 */
#include "load/profile.h"

#define AT(m) offsetof(struct lr_runtime, m)
#define TEXT LR_TEXT_ROW
#define FIGURE(k, m, dim, lo, hi, d) LR_FIGURE_ROW(k, AT(m), dim, lo, hi, false, d)

static const struct lr_field runtime_fields[] = {
    TEXT("name", AT(name), true, "that of the file, without .yaml"),
    TEXT("title", AT(title), false, "for people; the name when absent"),
    {.key = "aliases", .type = LR_FIELD_TEXTS, .offset = LR_NO_MEMBER, .doc = "other names that find it"},
    TEXT("base", LR_NO_MEMBER, false, "a profile to inherit from"),
    TEXT("source", AT(source), false, "of every figure that names none of its own"),
    TEXT("kernels", AT(kernels), false, "class of kernels that it prefers; the architecture's plain set when absent"),
    FIGURE("step_host", step_host_s, SECONDS, 0, 1, "host time a step that no kernel hides"),
    FIGURE("request_host", request_host_s, SECONDS, 0, 1, "the same for each running request"),
    FIGURE("launch", launch_s, SECONDS, 0, 1, "host time of a kernel's launch where no graph replays them"),
    FIGURE("layer_overhead", layer_overhead_s, SECONDS, 0, 1, "idle time of the accelerator a layer"),
    FIGURE("mixer_overhead", mixer_overhead_s, SECONDS, 0, 1,
           "the same on top for a layer that keeps a state or an index, whose small kernels no table measures"),
    FIGURE("launch_hidden", launch_hidden, RATIO, 0, 1,
           "share of a kernel's fixed time that the end of the one before hides"),
    FIGURE("prefill_exposed", prefill_exposed, RATIO, 0, 1,
           "share of a prefill that decoding waits for; 1 unless said"),
    FIGURE("memory_fraction", memory_fraction, RATIO, 0.01, 1, "share of the capacity that it may use; 1 unless said"),
    FIGURE("reserve", reserve_bytes, BYTES, 0, 1e12, "context, graphs and buffers of the libraries, per accelerator"),
    FIGURE("spread_low", spread_low, NUMBER, -10, 0, "log ratio below which a tenth of the served runs is"),
    FIGURE("spread_high", spread_high, NUMBER, 0, 10, "log ratio above which a tenth of the served runs is"),
    FIGURE("transfer", transfer, NUMBER, 0, 10,
           "spread of the log ratio between the chips of its fit, for other chips"),
    {.key = "chips",
     .type = LR_FIELD_CHIPS,
     .offset = AT(chips),
     .doc = "profiles of the served runs that it was fitted on"},
    FIGURE("kv_block", kv_block, COUNT, 1, 65536, "tokens a page of the KV cache; 1 unless said"),
    FIGURE("query_group", query_group, COUNT, 1, 1024,
           "query heads of a KV head that its decode attention takes together, others go one by one; any unless said"),
    {.key = "whole_context",
     .type = LR_FIELD_BOOL,
     .offset = AT(whole_context),
     .doc = "its decode attention leaves the context of a head to one unit of the chip"},
    {.key = "two_batch_overlap",
     .type = LR_FIELD_BOOL,
     .offset = AT(two_batch_overlap),
     .doc = "one half of the batch computes while the other exchanges"},
    {.key = "shared_overlap",
     .type = LR_FIELD_BOOL,
     .offset = AT(shared_overlap),
     .doc = "the shared expert runs beside the exchange"},
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
    if (clean && !(out->memory_fraction > 0)) {
        lr_schema_report(doc, ds, LR_ERROR, "memory_fraction",
                         "leaves no memory, expected more than 0, for example '0.9'");
    }
    lr_profile_check_name(doc, "kernels", out->kernels, ds);
    lr_schema_require_source(&lr_runtime_schema, doc, ds);
    return clean && ds->errors == before;
}
