/* SPDX-License-Identifier: Apache-2.0 */
/* The bad profiles in tests/bad, each with the messages that it must give, and the content of good ones. With
 * LLMROOF_UPDATE=1 in the environment the messages are written again: read the difference before you commit it. */
#include "suite.h"

#include <llmroof/catalog.h>

#include "core/text.h"
#include "document/document.h"
#include "load/profile.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BAD TEST_SOURCE_DIR "/tests/bad"

static struct lr_catalog *open_catalog(void)
{
    static const char *const dirs[] = {BAD, TEST_SOURCE_DIR "/configs"};
    struct lr_catalog *c = lr_catalog_open(dirs, 2);
    ck_assert_ptr_nonnull(c);
    return c;
}

/* Messages, one per line, without the folder of the files. */
static void render(const struct lr_diags *ds, struct lr_text *out)
{
    for (size_t i = 0; i < ds->count; i++) {
        char buf[2048];
        lr_diag_format(&ds->item[i], buf, sizeof buf);
        const char *text = strncmp(buf, BAD "/", sizeof BAD) == 0 ? buf + sizeof BAD : buf;
        lr_text_addf(out, "%s\n", text);
    }
}

static void read_text(const char *path, struct lr_text *out)
{
    FILE *f = fopen(path, "r");
    char buf[4096];
    size_t n;
    ck_assert_msg(f, "%s is missing", path);
    while ((n = fread(buf, 1, sizeof buf, f)))
        lr_text_add_bytes(out, buf, n);
    fclose(f);
}

/* stem: the path without its suffix. ds: the diagnostics from loading it. */
static void compare(const char *stem, struct lr_diags *ds)
{
    struct lr_text got = {0}, want = {0}, path = {0};
    lr_text_addf(&path, "%s.txt", stem);
    ck_assert_msg(ds->errors > 0, "%s was loaded", stem);
    render(ds, &got);
    if (getenv("LLMROOF_UPDATE")) {
        FILE *f = fopen(path.at, "w");
        ck_assert_ptr_nonnull(f);
        fputs(lr_text_str(&got), f);
        fclose(f);
    }
    read_text(path.at, &want);
    ck_assert_str_eq(lr_text_str(&got), lr_text_str(&want));
    lr_text_free(&got);
    lr_text_free(&want);
    lr_text_free(&path);
    lr_diags_free(ds);
}

static void *load(const struct lr_catalog *c, enum lr_profile kind, const char *name, struct lr_diags *ds)
{
    switch (kind) {
    case LR_PROFILE_HARDWARE:
        return lr_catalog_hardware(c, name, NULL, 0, ds);
    case LR_PROFILE_MODEL:
        return lr_catalog_model(c, name, NULL, 0, ds);
    case LR_PROFILE_RUNTIME:
        return lr_catalog_runtime(c, name, NULL, 0, ds);
    default:
        return lr_catalog_architecture(c, name, ds);
    }
}

START_TEST(bad_profiles_give_their_messages)
{
    static const enum lr_profile kinds[] = {LR_PROFILE_HARDWARE, LR_PROFILE_MODEL, LR_PROFILE_RUNTIME,
                                            LR_PROFILE_ARCHITECTURE};
    static const char *const only_bad[] = {BAD};
    const enum lr_profile kind = kinds[_i];
    struct lr_catalog *c = open_catalog(), *bad = lr_catalog_open(only_bad, 1);
    size_t count;
    struct lr_catalog_entry *entries = lr_catalog_list(bad, kind, &count, NULL);
    ck_assert_uint_gt(count, 0);
    for (size_t i = 0; i < count; i++) {
        char stem[1024];
        struct lr_diags ds = {0};
        ck_assert_msg(!load(c, kind, entries[i].name, &ds), "%s was loaded", entries[i].path);
        snprintf(stem, sizeof stem, "%s/%s/%s", BAD, lr_profile_folder(kind), entries[i].name);
        compare(stem, &ds);
        ck_assert_ptr_null(load(c, kind, entries[i].name, NULL));
    }
    lr_catalog_entries_free(entries);
    lr_catalog_free(bad);
    lr_catalog_free(c);
}
END_TEST

START_TEST(bad_documents_give_their_messages)
{
    DIR *d = opendir(BAD "/documents");
    ck_assert_ptr_nonnull(d);
    int count = 0;
    for (const struct dirent *e = readdir(d); e; e = readdir(d)) {
        const char *dot = strrchr(e->d_name, '.');
        if (*e->d_name == '.' || !dot || strcmp(dot, ".txt") == 0)
            continue;
        char path[1024];
        struct lr_diags ds = {0};
        snprintf(path, sizeof path, "%s/documents/%s", BAD, e->d_name);
        struct lr_document *doc = lr_document_load(path, &ds);
        ck_assert_msg(!doc || strstr(path, "twice"), "%s was read",
                      path); /* duplicate keys leave a document, which a schema checks too */
        lr_document_free(doc);
        *strrchr(path, '.') = '\0';
        compare(path, &ds);
        count++;
    }
    closedir(d);
    ck_assert_int_ge(count, 8);
}
END_TEST

START_TEST(seven_errors_give_seven_messages)
{
    static const struct {
        int line;
        const char *field;
    } row[] = {
        {6, "memory.bandwidth"}, {8, "memory.bandwith"},   {9, "memory.cache"},       {11, "compute.units"},
        {12, "compute.clock"},   {15, "compute.peak.fp8"}, {16, "scale_up.topology"},
    };
    struct lr_catalog *c = open_catalog();
    struct lr_diags ds = {0};
    ck_assert_ptr_null(lr_catalog_hardware(c, "seven", NULL, 0, &ds));
    ck_assert_uint_eq(ds.count, 7);
    for (size_t i = 0; i < 7; i++) {
        size_t hits = 0;
        for (size_t j = 0; j < ds.count; j++)
            hits += ds.item[j].pos.line == row[i].line && strcmp(ds.item[j].field, row[i].field) == 0;
        ck_assert_msg(hits == 1, "%s", row[i].field);
    }
    lr_diags_free(&ds);
    lr_catalog_free(c);
}
END_TEST

static struct lr_document *parsed(const char *text)
{
    struct lr_diags ds = {0};
    struct lr_document *doc = lr_document_parse("t", text, strlen(text), &ds);
    ck_assert_msg(doc, "%s", ds.count ? ds.item[0].message : "");
    lr_diags_free(&ds);
    return doc;
}

static const char small_chip[] = "name: small\narchitecture: hopper\nsource: sheet\n"
                                 "memory: {type: HBM3, capacity: 96 GiB, bandwidth: 4.0 TB/s}\n"
                                 "compute:\n  units: 78\n  clock: 1.98 GHz\n"
                                 "  peak: {bf16: 148 TFLOP/s, fp8: {value: 296 TFLOP/s, source: blog, note: dense}}\n"
                                 "scale_up: {technology: NVLink, bandwidth: 450 GB/s, domain: 8, topology: switch}\n"
                                 "host_link: 63 GB/s\nassumptions: [One., Two.]\n";

START_TEST(hardware_is_in_si_units)
{
    struct lr_document *doc = parsed(small_chip);
    struct lr_diags ds = {0};
    struct lr_hardware hw;
    ck_assert(lr_hardware_bind(doc, &hw, &ds));
    ck_assert_uint_eq(ds.count, 0);
    ck_assert_str_eq(hw.name, "small");
    ck_assert_str_eq(hw.title, "small");
    ck_assert_str_eq(hw.vendor, "");
    ck_assert_ptr_null(hw.kernels);
    ck_assert_double_eq(hw.memory.capacity_bytes, 96.0 * 1073741824.0);
    ck_assert_double_eq(hw.memory.bandwidth_bytes_per_s, 4e12);
    ck_assert_double_eq(hw.memory.cache_bytes, 0);
    ck_assert_double_eq(hw.compute.units, 78);
    ck_assert_double_eq(hw.compute.clock_hz, 1.98e9);
    ck_assert_double_eq(hw.compute.peak[LR_RATE_BF16], 148e12);
    ck_assert_double_eq(hw.compute.peak[LR_RATE_FP8], 296e12);
    ck_assert_double_eq(hw.compute.peak[LR_RATE_FP4], 0);
    ck_assert_int_eq(hw.scale_up.topology, LR_TOPOLOGY_SWITCH);
    ck_assert_double_eq(hw.scale_up.domain, 8);
    ck_assert_double_eq(hw.host_link_bytes_per_s, 63e9);
    ck_assert_uint_eq(hw.assumption_count, 2);
    ck_assert_str_eq(hw.assumption[1], "Two.");
    lr_document_free(doc);
}
END_TEST

START_TEST(slow_fp8_is_a_warning)
{
    struct lr_document *doc = parsed(small_chip);
    struct lr_diags ds = {0};
    struct lr_hardware hw;
    ck_assert(lr_document_set(doc, "compute.peak.fp8", "100 TFLOP/s", &ds));
    ck_assert(lr_hardware_bind(doc, &hw, &ds));
    ck_assert_uint_eq(ds.count, 1);
    ck_assert_int_eq(ds.item[0].severity, LR_WARNING);
    lr_diags_free(&ds);
    lr_document_free(doc);
}
END_TEST

struct seen {
    int count, sourced, assumed;
    char fp8[128], set[128];
};

static void look(const struct lr_figure *f, void *user)
{
    struct seen *s = user;
    s->count++;
    s->sourced += f->source && strcmp(f->source, "sheet") == 0;
    s->assumed += f->assumed;
    if (strcmp(f->path, "compute.peak.fp8") == 0)
        snprintf(s->fp8, sizeof s->fp8, "%s|%s|%s|%d", f->value, f->source, f->note, f->pos.line);
    if (strcmp(f->path, "memory.bandwidth") == 0)
        snprintf(s->set, sizeof s->set, "%s|%s|%s", f->value, f->source ? f->source : "none", f->pos.file);
}

START_TEST(figures_have_sources)
{
    struct lr_document *doc = parsed(small_chip);
    struct seen s = {0};
    ck_assert(lr_document_set(doc, "memory.bandwidth", "4800 GB/s", NULL));
    lr_schema_figures(&lr_hardware_schema, doc, look, &s);
    ck_assert_int_eq(s.count, 17);
    ck_assert_int_eq(s.sourced, 7);
    ck_assert_str_eq(s.fp8, "296 TFLOP/s|blog|dense|8");
    ck_assert_str_eq(s.set, "4.8 TB/s|none|--set memory.bandwidth");
    lr_document_free(doc);
}
END_TEST

START_TEST(an_inherited_figure_keeps_the_source_of_its_file)
{
    static const char base[] = "source: old sheet\nmemory: {capacity: 80 GiB, bandwidth: 3 TB/s}\n"
                               "compute: {peak: {fp8: {value: 1 PFLOP/s, source: old blog}}}\n";
    static const char derived[] = "name: d\narchitecture: hopper\nsource: sheet\nmemory: {bandwidth: 4 TB/s}\n"
                                  "compute: {peak: {fp8: {value: 2 PFLOP/s, note: new}}}\n";
    struct lr_document *doc = parsed(derived), *under = lr_document_parse("b", base, sizeof base - 1, NULL);
    struct seen s = {0};
    ck_assert(lr_document_merge(doc, under, NULL));
    lr_schema_figures(&lr_hardware_schema, doc, look, &s);
    ck_assert_int_eq(s.sourced, 2);
    ck_assert_str_eq(s.fp8, "2 PFLOP/s|sheet|new|5");
    ck_assert_str_eq(s.set, "4 TB/s|sheet|t");
    lr_document_free(doc);
}
END_TEST

START_TEST(none_removes_an_inherited_rate)
{
    struct lr_document *doc = parsed("name: d\ncompute: {peak: {fp8: none}}\n");
    struct lr_diags ds = {0};
    struct lr_hardware hw;
    ck_assert(lr_document_merge(doc, parsed(small_chip), NULL));
    ck_assert(lr_hardware_bind(doc, &hw, &ds));
    ck_assert_double_eq(hw.compute.peak[LR_RATE_FP8], 0);
    ck_assert_double_eq(hw.compute.peak[LR_RATE_BF16], 148e12);
    lr_document_free(doc);
}
END_TEST

START_TEST(guard_distinguishes_dense_from_sparse_peaks)
{
    const struct lr_architecture hopper = {
        .name = "hopper", .bf16_flop_per_clock = 4096, .fp8_flop_per_clock = 8192, .fp4_flop_per_clock = 16384};
    const struct lr_architecture unknown = {.name = "unknown"};
    struct lr_hardware hw = {.compute = {.units = 132, .clock_hz = 1.83e9}};
    struct lr_document *doc = parsed(small_chip);
    struct lr_diags ds = {0};
    hw.compute.peak[LR_RATE_BF16] = 1000e12; /* rounded up: within 2 % */
    hw.compute.peak[LR_RATE_FP8] = 1979e12;
    hw.compute.peak[LR_RATE_FP32] = 1e18; /* no warning about it */
    ck_assert(lr_hardware_guard(doc, &hw, &hopper, &ds));
    hw.compute.peak[LR_RATE_FP8] = 3958e12;
    ck_assert(lr_hardware_guard(doc, &hw, &unknown, &ds));
    ck_assert(!lr_hardware_guard(doc, &hw, &hopper, &ds));
    ck_assert_uint_eq(ds.count, 1);
    ck_assert_ptr_nonnull(strstr(ds.item[0].hint, "sparsity"));
    hw.compute.clock_hz = 0;
    ck_assert(lr_hardware_guard(doc, &hw, &hopper, &ds));
    lr_diags_free(&ds);
    lr_document_free(doc);
}
END_TEST

static const char small_model[] =
    "name: small\nsource: paper\nhidden: 7168\nvocab: 129280\nweights: fp8_block\n"
    "published: {parameters: 671.0e9, active: 37.0e9, kv_bytes_per_token: 70272, active_with_head: true}\n"
    "blocks:\n"
    "  - layers: 3\n"
    "    attention: {kind: mla, heads: 128, q_lora_rank: 1536, kv_lora_rank: 512, qk_nope_dim: 128, qk_rope_dim: 64,\n"
    "      v_dim: 128}\n"
    "    ffn: {kind: gated, intermediate: 18432}\n"
    "  - layers: 58\n    norms: 4\n"
    "    ffn: {kind: moe, experts: 256, topk: 8, intermediate: 2048, shared_intermediate: 2048, router_bias: true}\n";

START_TEST(models_have_blocks_that_inherit)
{
    struct lr_document *doc = parsed(small_model);
    struct lr_diags ds = {0};
    struct lr_model m;
    ck_assert(lr_model_bind(doc, &m, &ds));
    ck_assert_uint_eq(m.block_count, 2);
    ck_assert_int_eq(m.block[1].attention.kind, LR_ATTENTION_MLA);
    ck_assert_double_eq(m.block[1].attention.kv_lora_rank, 512);
    ck_assert_int_eq(m.block[0].ffn.kind, LR_FFN_GATED);
    ck_assert_double_eq(m.block[0].ffn.intermediate, 18432);
    ck_assert_int_eq(m.block[1].ffn.kind, LR_FFN_MOE);
    ck_assert(m.block[1].ffn.router_bias);
    ck_assert_double_eq(m.block[0].norms, 2);
    ck_assert_double_eq(m.block[1].norms, 4);
    ck_assert_double_eq(m.published.total, 671e9);
    ck_assert_double_eq(m.published.tolerance, 0.01);
    ck_assert(m.published.active_with_head && !m.published.active_with_embedding);
    ck_assert_int_eq(m.kv, LR_BF16);
    for (int p = 0; p < LR_PART_COUNT; p++)
        ck_assert_int_eq(m.weights[p], p == LR_PART_EMBEDDING || p == LR_PART_HEAD ? LR_BF16 : LR_FP8_BLOCK);
    lr_document_free(doc);
}
END_TEST

START_TEST(weights_have_a_format_per_part)
{
    struct lr_document *doc = parsed("name: d\nweights: {experts: mxfp4, head: fp8}\nkv: fp8\n");
    struct lr_diags ds = {0};
    struct lr_model m;
    ck_assert(lr_document_merge(doc, parsed(small_model), NULL));
    ck_assert(lr_model_bind(doc, &m, &ds));
    ck_assert_int_eq(m.weights[LR_PART_EXPERTS], LR_MXFP4);
    ck_assert_int_eq(m.weights[LR_PART_HEAD], LR_FP8);
    ck_assert_int_eq(m.weights[LR_PART_ATTENTION], LR_BF16);
    ck_assert_int_eq(m.kv, LR_FP8);
    lr_document_free(doc);
}
END_TEST

START_TEST(runtimes_have_defaults)
{
    struct lr_document *doc = parsed("name: ideal\nsource: definition\nstep_host: 0.3 ms\n");
    struct lr_diags ds = {0};
    struct lr_runtime rt;
    ck_assert(lr_runtime_bind(doc, &rt, &ds));
    ck_assert_double_eq(rt.step_host_s, 0.3e-3);
    ck_assert_double_eq(rt.memory_fraction, 1);
    ck_assert_double_eq(rt.kv_block, 1);
    ck_assert_double_eq(rt.reserve_bytes, 0);
    ck_assert(!rt.two_batch_overlap);
    lr_document_free(doc);
}
END_TEST

static void count_fields(const struct lr_field_doc *f, void *user)
{
    ck_assert_msg(*f->doc, "%s has no documentation", f->path);
    ck_assert_msg(*f->type, "%s has no type", f->path);
    *(int *)user += 1;
}

START_TEST(every_field_is_documented)
{
    int count = 0;
    for (int p = 0; p < LR_PROFILE_COUNT; p++)
        lr_catalog_fields((enum lr_profile)p, count_fields, &count);
    ck_assert_int_gt(count, 90);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {bad_documents_give_their_messages,
                                  seven_errors_give_seven_messages,
                                  hardware_is_in_si_units,
                                  slow_fp8_is_a_warning,
                                  figures_have_sources,
                                  an_inherited_figure_keeps_the_source_of_its_file,
                                  none_removes_an_inherited_rate,
                                  guard_distinguishes_dense_from_sparse_peaks,
                                  models_have_blocks_that_inherit,
                                  weights_have_a_format_per_part,
                                  runtimes_have_defaults,
                                  every_field_is_documented};
    const TTest *const looped[] = {bad_profiles_give_their_messages};
    int failed = suite_run("load", tests, sizeof tests / sizeof *tests, 1);
    failed |= suite_run("load, looped", looped, 1, 4);
    return failed;
}
