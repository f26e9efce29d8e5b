/* SPDX-License-Identifier: Apache-2.0 */
#include "load/profile.h"

#include <stdio.h>
#include <string.h>

#define AT(m) offsetof(struct lr_hardware, m)
#define TEXT LR_TEXT_ROW
#define FIGURE LR_FIGURE_ROW

/* The ranges are wide, to accept future chips. They catch a wrong prefix or exponent. */
static const struct lr_field memory_fields[] = {
    TEXT("type", AT(memory.type), false, "technology, for example HBM3"),
    FIGURE("capacity", AT(memory.capacity_bytes), BYTES, 1e6, 1e15, true,
           "memory that a process can allocate; if unknown, the marketed size"),
    FIGURE("bandwidth", AT(memory.bandwidth_bytes_per_s), BYTES_PER_S, 1e9, 1e15, true, "bandwidth in the datasheet"),
    FIGURE("cache", AT(memory.cache_bytes), BYTES, 1e3, 1e12, false, "last-level cache"),
};
static const struct lr_schema memory_schema = LR_SCHEMA(lr_hardware, memory_fields, .sourced = true);

#define PEAK(id, name)                                                                                                 \
    FIGURE(name, AT(compute.peak[LR_RATE_##id]), FLOP_PER_S, 1e9, 1e18, false, "dense peak; missing: not supported"),
static const struct lr_field peak_fields[] = {LR_RATES(PEAK)};
static const struct lr_schema peak_schema = LR_SCHEMA(lr_hardware, peak_fields, .sourced = true);

static const struct lr_field compute_fields[] = {
    FIGURE("units", AT(compute.units), COUNT, 1, 1e7, false,
           "number of streaming multiprocessors, compute units or cores"),
    FIGURE("clock", AT(compute.clock_hz), HERTZ, 1e6, 1e11, false, "clock at which the chip reaches the peaks"),
    {.key = "peak", .type = LR_FIELD_MAP, .required = true, .schema = &peak_schema, .doc = "dense peaks"},
    {.key = "serial_launches",
     .type = LR_FIELD_BOOL,
     .offset = AT(compute.serial_launches),
     .doc = "true: CUDA graphs do not hide the launch of kernels"},
};
static const struct lr_schema compute_schema = LR_SCHEMA(lr_hardware, compute_fields, .sourced = true);

static const char *const topologies[] = {"none", "switch", "mesh", "torus", NULL};
_Static_assert(sizeof topologies / sizeof topologies[0] == LR_TOPOLOGY_COUNT + 1, "a word for each topology");

#define LINK(side, bw, d)                                                                                              \
    TEXT("technology", AT(side.technology), false, "for example NVLink 4 + NVSwitch"),                                 \
        FIGURE(bw, AT(side.bandwidth_bytes_per_s), BYTES_PER_S, 1e6, 1e14, false, d),                                  \
        FIGURE("latency", AT(side.latency_s), SECONDS, 1e-9, 1, false, "latency of one hop, one way")

static const struct lr_field scale_up_fields[] = {
    LINK(scale_up, "bandwidth", "per accelerator and direction"),
    FIGURE("domain", AT(scale_up.domain), COUNT, 1, 1e6, false, "number of accelerators that the link connects"),
    {.key = "topology",
     .type = LR_FIELD_WORD,
     .offset = AT(scale_up.topology),
     .words = topologies,
     .doc = "switch: each pair at full rate; mesh: the peers share the rate; none: peers use PCIe"},
};
static const struct lr_schema scale_up_schema = LR_SCHEMA(lr_hardware, scale_up_fields, .sourced = true);

static const struct lr_field scale_out_fields[] = {LINK(scale_out, "bandwidth", "per accelerator and direction")};
static const struct lr_schema scale_out_schema = LR_SCHEMA(lr_hardware, scale_out_fields, .sourced = true);

static const struct lr_field power_fields[] = {
    FIGURE("tdp", AT(power.tdp_w), WATTS, 1, 1e5, false, "board power limit"),
    FIGURE("idle", AT(power.idle_w), WATTS, 0.1, 1e4, false, "power with a CUDA context but no work"),
};
static const struct lr_schema power_schema = LR_SCHEMA(lr_hardware, power_fields, .sourced = true);

static const struct lr_field price_fields[] = {
    FIGURE("usd_per_hour", AT(price.usd_per_hour), USD_PER_HOUR, 0.001, 1e4, true, "rent of one accelerator per hour"),
    TEXT("date", AT(price.date), true, "date of the price"),
};
static const struct lr_schema price_schema = LR_SCHEMA(lr_hardware, price_fields, .sourced = true);

#define SECTION(k, s, req, d)                                                                                          \
    {                                                                                                                  \
        .key = k, .type = LR_FIELD_MAP, .required = req, .schema = s, .doc = d                                         \
    }
static const struct lr_field hardware_fields[] = {
    TEXT("name", AT(name), true, "name of the file, without .yaml"),
    TEXT("title", AT(title), false, "title in output; default: the name"),
    {.key = "aliases", .type = LR_FIELD_TEXTS, .offset = LR_NO_MEMBER, .doc = "other names for this profile"},
    TEXT("base", LR_NO_MEMBER, false, "profile to inherit from"),
    TEXT("vendor", AT(vendor), false, "manufacturer"),
    TEXT("architecture", AT(architecture), true, "name of a file in architectures/"),
    TEXT("form_factor", AT(form_factor), false, "SXM5, PCIe, OAM"),
    TEXT("released", AT(released), false, "date of the announcement"),
    TEXT("source", AT(source), false, "source of each figure that does not have its own"),
    SECTION("memory", &memory_schema, true, "device memory"),
    SECTION("compute", &compute_schema, true, "units and peaks"),
    SECTION("scale_up", &scale_up_schema, false, "link inside a domain"),
    SECTION("scale_out", &scale_out_schema, false, "link between domains"),
    FIGURE("host_link", AT(host_link_bytes_per_s), BYTES_PER_S, 1e6, 1e14, false, "PCIe, one direction"),
    SECTION("power", &power_schema, false, "power"),
    SECTION("price", &price_schema, false, "rent"),
    TEXT("kernels", AT(kernels), false, "kernel set that was fitted on this chip"),
    {.key = "assumptions",
     .type = LR_FIELD_TEXTS,
     .offset = AT(assumption),
     .count_offset = AT(assumption_count),
     .doc = "sentences that are printed with every estimate"},
};
const struct lr_schema lr_hardware_schema = LR_SCHEMA(lr_hardware, hardware_fields, .sourced = false);

static void check_peaks(const struct lr_document *doc, const struct lr_hardware *hw, struct lr_diags *ds)
{
    const double *peak = hw->compute.peak;
    bool any = false;
    for (int r = 0; r < LR_RATE_COUNT; r++)
        any |= peak[r] > 0;
    if (!any && lr_node_find(doc->root, "compute.peak", NULL)) {
        lr_schema_report(doc, ds, LR_ERROR, "compute.peak",
                         "has no peaks, expected at least one, for example 'bf16: 989.4 TFLOP/s'");
    }
    if (peak[LR_RATE_FP8] > 0 && peak[LR_RATE_FP8] < peak[LR_RATE_BF16])
        lr_schema_report(doc, ds, LR_WARNING, "compute.peak.fp8",
                         "is below the peak of bf16, expected at least the same");
}

static void check_scale_up(const struct lr_document *doc, const struct lr_hardware *hw, struct lr_diags *ds)
{
    const struct lr_link *up = &hw->scale_up;
    const bool has_rate = up->bandwidth_bytes_per_s > 0;
    if (has_rate && !lr_node_find(doc->root, "scale_up.topology", NULL)) {
        lr_schema_report(doc, ds, LR_ERROR, "scale_up.topology",
                         "is missing, expected one of 'switch', 'mesh', 'torus'");
    }
    if (has_rate && !lr_node_find(doc->root, "scale_up.domain", NULL))
        lr_schema_report(doc, ds, LR_ERROR, "scale_up.domain", "is missing, expected a whole number, for example '8'");
    if (!has_rate && up->topology != LR_TOPOLOGY_NONE) {
        lr_schema_report(doc, ds, LR_ERROR, "scale_up.bandwidth",
                         "is missing, expected bytes/s with a unit, for example '450 GB/s'");
    }
}

bool lr_hardware_bind(struct lr_document *doc, struct lr_hardware *out, struct lr_diags *ds)
{
    *out = (struct lr_hardware){0};
    const bool clean = lr_schema_bind(&lr_hardware_schema, doc, out, ds);
    const size_t before = ds->errors;
    if (out->name) {
        lr_profile_check_name(doc, "name", out->name, ds);
        out->title = out->title ? out->title : out->name;
    }
    out->vendor = out->vendor ? out->vendor : "";
    if (clean) {
        check_peaks(doc, out, ds);
        check_scale_up(doc, out, ds);
    }
    lr_profile_check_name(doc, "kernels", out->kernels, ds);
    lr_schema_require_source(&lr_hardware_schema, doc, ds);
    return clean && ds->errors == before;
}

bool lr_hardware_guard(const struct lr_document *doc, const struct lr_hardware *hw, const struct lr_architecture *a,
                       struct lr_diags *ds)
{
    const double limit_per_clock[LR_RATE_COUNT] = {
        [LR_RATE_TF32] = a->bf16_flop_per_clock / 2, [LR_RATE_FP16] = a->bf16_flop_per_clock,
        [LR_RATE_BF16] = a->bf16_flop_per_clock,     [LR_RATE_FP8] = a->fp8_flop_per_clock,
        [LR_RATE_INT8] = a->fp8_flop_per_clock,      [LR_RATE_FP4] = a->fp4_flop_per_clock,
    };
    const double rounding = 1.02; /* datasheets round peaks and clocks */
    const size_t before = ds->errors;
    for (int r = 0; r < LR_RATE_COUNT; r++) {
        const double limit = limit_per_clock[r] * hw->compute.units * hw->compute.clock_hz;
        if (limit <= 0 || hw->compute.peak[r] <= limit * rounding)
            continue;
        char path[64], peak[LR_QUANTITY_SIZE];
        snprintf(path, sizeof path, "compute.peak.%s", lr_rate_name((enum lr_rate)r));
        lr_quantity_format(hw->compute.peak[r], LR_DIMENSION_FLOP_PER_S, peak, sizeof peak);
        lr_schema_report(doc, ds, LR_ERROR, path,
                         "'%s' is above the limit of %.0f units of '%s' at %.4g GHz, expected at most %.4g TFLOP/s",
                         peak, hw->compute.units, a->name, hw->compute.clock_hz / 1e9, limit / 1e12);
        const double ratio = hw->compute.peak[r] / limit;
        if (ratio > 1.9 && ratio < 2.1)
            lr_hint(ds, "this may be the peak with sparsity; the dense peak is half of it");
        else
            lr_hint(ds, "compute.peak must have dense peaks at compute.clock");
    }
    return ds->errors == before;
}

#undef AT
#define AT(m) offsetof(struct lr_architecture, m)
static const struct lr_field architecture_fields[] = {
    TEXT("name", AT(name), true, "name of the file, without .yaml"),
    TEXT("title", AT(title), false, "title in output; default: the name"),
    {.key = "aliases", .type = LR_FIELD_TEXTS, .offset = LR_NO_MEMBER, .doc = "other names for this profile"},
    TEXT("base", LR_NO_MEMBER, false, "profile to inherit from"),
    TEXT("vendor", AT(vendor), false, "manufacturer"),
    TEXT("source", AT(source), false, "source of the figures"),
    TEXT("kernels", AT(kernels), true, "kernel set for chips that do not have their own"),
    TEXT("packed_weights", AT(packed_weights_list), false,
         "weight formats that engines keep packed although the chip cannot multiply them: fp8, nvfp4"),
    TEXT("packed_kv", AT(packed_kv_list), false, "the same for the KV cache"),
    FIGURE("bf16_flop_per_clock", AT(bf16_flop_per_clock), COUNT, 1, 1e9, false,
           "dense BF16 FLOP per clock and unit, the limit of BF16 peaks"),
    FIGURE("fp8_flop_per_clock", AT(fp8_flop_per_clock), COUNT, 1, 1e9, false,
           "the same for FP8 and INT8; default: twice BF16"),
    FIGURE("fp4_flop_per_clock", AT(fp4_flop_per_clock), COUNT, 1, 1e9, false,
           "the same for FP4; default: four times BF16"),
};
const struct lr_schema lr_architecture_schema = LR_SCHEMA(lr_architecture, architecture_fields, .sourced = false);

/* "fp8, nvfp4" as bits. */
static unsigned formats_of(const struct lr_document *doc, const char *field, const char *list, struct lr_diags *ds)
{
    unsigned bits = 0;
    for (const char *at = list; at && *at;) {
        char name[32] = "";
        const size_t n = strcspn(at, ", ");
        snprintf(name, sizeof name, "%.*s", (int)n, at);
        const enum lr_dtype d = lr_dtype_parse(name);
        if (d == LR_DTYPE_NONE)
            lr_schema_report(doc, ds, LR_ERROR, field, "unknown format '%s', expected a list such as 'fp8, nvfp4'",
                             name);
        else
            bits |= 1U << d;
        at += n;
        at += strspn(at, ", ");
    }
    return bits;
}

bool lr_architecture_bind(struct lr_document *doc, struct lr_architecture *out, struct lr_diags *ds)
{
    *out = (struct lr_architecture){0};
    const bool clean = lr_schema_bind(&lr_architecture_schema, doc, out, ds);
    const size_t before = ds->errors;
    if (out->name) {
        lr_profile_check_name(doc, "name", out->name, ds);
        out->title = out->title ? out->title : out->name;
    }
    out->vendor = out->vendor ? out->vendor : "";
    out->packed_weights = formats_of(doc, "packed_weights", out->packed_weights_list, ds);
    out->packed_kv = formats_of(doc, "packed_kv", out->packed_kv_list, ds);
    out->fp8_flop_per_clock = out->fp8_flop_per_clock > 0 ? out->fp8_flop_per_clock : 2 * out->bf16_flop_per_clock;
    out->fp4_flop_per_clock = out->fp4_flop_per_clock > 0 ? out->fp4_flop_per_clock : 4 * out->bf16_flop_per_clock;
    lr_profile_check_name(doc, "kernels", out->kernels, ds);
    lr_schema_require_source(&lr_architecture_schema, doc, ds);
    return clean && ds->errors == before;
}
