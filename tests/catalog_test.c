/* SPDX-License-Identifier: Apache-2.0 */
#include <llmroof/catalog.h>
#include <llmroof/kernels.h>

#include "load/catalog_document.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONFIGS TEST_SOURCE_DIR "/configs"

static char root[64]; /* root of the search path of this test */

static void enter(void)
{
    snprintf(root, sizeof root, "/tmp/llmroof-catalog-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(root));
}

/* Writes a file below root, and creates its folders. */
static void put(const char *path, const char *text)
{
    char full[256];
    snprintf(full, sizeof full, "%s/%s", root, path);
    for (char *slash = strchr(full + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(full, 0700);
        *slash = '/';
    }
    FILE *f = fopen(full, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

static void leave(void)
{
    static const char *const paths[] = {"a/hardware", "b/hardware", "llmroof/hardware", ".config/llmroof/hardware"};
    static const char *const files[] = {"x.yaml",         "y.yaml",       "z.yaml",  "h100.yaml",
                                        "h100-fast.yaml", ".hidden.yaml", "UP.yaml", "notes.txt",
                                        "bad.yaml",       "config.json",  "sub.yaml"};
    char full[256];
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        for (size_t j = 0; j < sizeof files / sizeof files[0]; j++) {
            snprintf(full, sizeof full, "%s/%s/%s", root, paths[i], files[j]);
            remove(full);
        }
        snprintf(full, sizeof full, "%s/%s", root, paths[i]);
        for (char *slash = strrchr(full, '/'); slash && slash >= full + strlen(root); slash = strrchr(full, '/')) {
            rmdir(full);
            *slash = '\0';
        }
    }
    rmdir(root);
}

/* A catalogue over folders below root, then the shipped one. */
static struct lr_catalog *open_below(const char *first, const char *second)
{
    char a[128], b[128];
    snprintf(a, sizeof a, "%s/%s", root, first);
    snprintf(b, sizeof b, "%s/%s", root, second);
    const char *const dirs[] = {a, b, CONFIGS};
    struct lr_catalog *c = lr_catalog_open(dirs, 3);
    ck_assert_ptr_nonnull(c);
    return c;
}

static void expect_found(const struct lr_catalog *c, const char *name, const char *path)
{
    struct lr_diags ds = {0};
    char *found = lr_catalog_find(c, LR_PROFILE_HARDWARE, name, &ds);
    ck_assert_msg(found, "'%s': %s", name, ds.count ? ds.item[0].message : "");
    const size_t n = strlen(found), m = strlen(path);
    ck_assert_msg(n >= m && strcmp(found + n - m, path) == 0, "'%s' is %s", name, found);
    free(found);
}

static void expect_unknown(const struct lr_catalog *c, enum lr_profile kind, const char *name, const char *message)
{
    struct lr_diags ds = {0};
    ck_assert_ptr_null(lr_catalog_find(c, kind, name, &ds));
    ck_assert_uint_eq(ds.count, 1);
    ck_assert_str_eq(ds.item[0].message, message);
    lr_diags_free(&ds);
    ck_assert_ptr_null(lr_catalog_find(c, kind, name, NULL));
}

START_TEST(finds_by_name_and_alias)
{
    struct lr_catalog *c = open_below("a", "b");
    expect_found(c, "h100", "/configs/hardware/h100.yaml");
    expect_found(c, "H100", "/configs/hardware/h100.yaml");
    expect_found(c, "h100_sxm", "/configs/hardware/h100.yaml");
    expect_found(c, "H100-SXM5-80GB", "/configs/hardware/h100.yaml");
    expect_found(c, "h100 pcie", "/configs/hardware/h100-pcie.yaml");
    expect_found(c, "./x.yaml", "./x.yaml");
    lr_catalog_free(c);
}
END_TEST

START_TEST(suggests_the_nearest)
{
    struct lr_catalog *c = open_below("a", "b");
    expect_unknown(c, LR_PROFILE_HARDWARE, "h2O", "unknown hardware 'h2O'; did you mean 'h20'?");
    expect_unknown(c, LR_PROFILE_HARDWARE, "mi300", "unknown hardware 'mi300'; did you mean 'mi300x'?");
    expect_unknown(c, LR_PROFILE_HARDWARE, "abacus-of-brass", "unknown hardware 'abacus-of-brass'");
    expect_unknown(c, LR_PROFILE_ARCHITECTURE, "hoper", "unknown architecture 'hoper'; did you mean 'hopper'?");
    expect_unknown(c, LR_PROFILE_KERNELS, "", "unknown kernel set ''");
    lr_catalog_free(c);
}
END_TEST

START_TEST(names_never_leave_the_folder)
{
    static const char *const names[] = {"..", ".", ".hidden", "h100\\", "h100\n", "%s%n", "h1*"};
    struct lr_catalog *c = open_below("a", "b");
    put("a/hardware/.hidden.yaml", "name: .hidden\n");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct lr_diags ds = {0};
        ck_assert_ptr_null(lr_catalog_find(c, LR_PROFILE_HARDWARE, names[i], &ds));
        ck_assert_uint_eq(ds.errors, 1);
        lr_diags_free(&ds);
    }
    char longer[1000];
    memset(longer, 'h', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    ck_assert_ptr_null(lr_catalog_find(c, LR_PROFILE_HARDWARE, longer, NULL));
    lr_catalog_free(c);
}
END_TEST

START_TEST(earlier_folders_hide_later_ones)
{
    put("a/hardware/x.yaml", "name: x\ntitle: first\naliases: [ex]\n");
    put("b/hardware/x.yaml", "name: x\ntitle: second\naliases: [why]\n");
    put("b/hardware/y.yaml", "name: y\ntitle: other\n");
    put("b/hardware/notes.txt", "not a profile\n");
    put("b/hardware/UP.yaml", "name: UP\n");
    put("b/hardware/bad.yaml", "name: [\n");
    struct lr_catalog *c = open_below("a", "b");
    size_t count;
    struct lr_catalog_entry *e = lr_catalog_list(c, LR_PROFILE_HARDWARE, &count, NULL);
    size_t x = 0, bad = 0;
    for (size_t i = 0; i < count; i++) {
        ck_assert(i == 0 || strcmp(e[i - 1].name, e[i].name) < 0);
        ck_assert_str_ne(e[i].name, "UP");
        x = strcmp(e[i].name, "x") == 0 ? i : x;
        bad = strcmp(e[i].name, "bad") == 0 ? i : bad;
    }
    ck_assert_str_eq(e[x].title, "first");
    ck_assert_ptr_null(e[bad].title);
    ck_assert_ptr_nonnull(strstr(e[x].dir, "/a"));
    lr_catalog_entries_free(e);
    expect_found(c, "x", "/a/hardware/x.yaml");
    expect_found(c, "EX", "/a/hardware/x.yaml");
    expect_found(c, "y", "/b/hardware/y.yaml");
    ck_assert_ptr_null(lr_catalog_find(c, LR_PROFILE_HARDWARE, "why", NULL)); /* the alias of a hidden profile */
    lr_catalog_free(c);
}
END_TEST

START_TEST(a_search_path_may_be_empty)
{
    size_t count = 7;
    struct lr_diags ds = {0};
    struct lr_catalog *c = lr_catalog_open(NULL, 0);
    ck_assert_ptr_nonnull(c);
    ck_assert_ptr_null(lr_catalog_list(c, LR_PROFILE_MODEL, &count, &ds));
    ck_assert_uint_eq(count, 0);
    ck_assert_uint_eq(ds.count, 0);
    ck_assert_ptr_null(lr_catalog_hardware(c, "h20", NULL, 0, &ds));
    ck_assert_str_eq(ds.item[0].hint, "the catalogue has no folders");
    lr_diags_free(&ds);
    lr_catalog_entries_free(NULL);
    lr_catalog_free(c);
    lr_catalog_free(NULL);
}
END_TEST

START_TEST(the_usual_search_path)
{
    put("llmroof/hardware/x.yaml", "name: x\n");
    put(".config/llmroof/hardware/y.yaml", "name: y\n");
    put("a/hardware/z.yaml", "name: z\n");
    char extra[128];
    snprintf(extra, sizeof extra, "%s/a", root);
    const char *const extras[] = {extra};
    setenv("XDG_CONFIG_HOME", root, 1);
    setenv("HOME", root, 1);
    struct lr_catalog *c = lr_catalog_open_default(extras, 1, CONFIGS);
    expect_found(c, "x", "/llmroof/hardware/x.yaml");
    expect_found(c, "z", "/a/hardware/z.yaml");
    expect_found(c, "h20", "/configs/hardware/h20.yaml");
    ck_assert_ptr_null(lr_catalog_find(c, LR_PROFILE_HARDWARE, "y", NULL));
    lr_catalog_free(c);
    setenv("XDG_CONFIG_HOME", "relative", 1);
    c = lr_catalog_open_default(NULL, 0, NULL);
    expect_found(c, "y", "/.config/llmroof/hardware/y.yaml");
    lr_catalog_free(c);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("HOME");
    c = lr_catalog_open_default(NULL, 0, NULL);
    ck_assert_ptr_null(lr_catalog_find(c, LR_PROFILE_HARDWARE, "y", NULL));
    lr_catalog_free(c);
}
END_TEST

START_TEST(a_base_is_inherited_and_overridden)
{
    put("a/hardware/h100-fast.yaml", "base: h100\nname: h100-fast\nsource: mine\nmemory: {bandwidth: 4 TB/s}\n");
    put("a/hardware/sub.yaml",
        "base: h100-fast\nname: sub\ntitle: A third\nsource: mine\nmemory: {capacity: 90 GiB}\n");
    struct lr_catalog *c = open_below("a", "b");
    struct lr_diags ds = {0};
    struct lr_hardware *h100 = lr_catalog_hardware(c, "h100", NULL, 0, &ds);
    struct lr_hardware *fast = lr_catalog_hardware(c, "h100-fast", NULL, 0, &ds);
    struct lr_hardware *sub = lr_catalog_hardware(c, "sub", NULL, 0, &ds);
    ck_assert_msg(h100 && fast && sub, "%s", ds.count ? ds.item[0].message : "");
    ck_assert_str_eq(fast->name, "h100-fast");
    ck_assert_str_eq(fast->title, "h100-fast"); /* titles and aliases are not inherited */
    ck_assert_double_eq(fast->memory.bandwidth_bytes_per_s, 4e12);
    ck_assert_double_eq(fast->memory.capacity_bytes, h100->memory.capacity_bytes);
    ck_assert_double_eq(sub->memory.bandwidth_bytes_per_s, 4e12);
    ck_assert_double_eq(sub->memory.capacity_bytes, 90.0 * 1073741824.0);
    ck_assert_str_eq(sub->architecture, "hopper");
    expect_found(c, "h100_sxm", "/configs/hardware/h100.yaml");
    lr_hardware_free(h100);
    lr_hardware_free(fast);
    lr_hardware_free(sub);
    lr_hardware_free(NULL);
    lr_catalog_free(c);
}
END_TEST

START_TEST(a_profile_may_be_based_on_the_one_it_hides)
{
    put("a/hardware/h100.yaml", "base: h100\nname: h100\nmemory: {bandwidth: {value: 3.2 TB/s, source: measured}}\n");
    struct lr_catalog *c = open_below("a", "b");
    struct lr_hardware *hw = lr_catalog_hardware(c, "h100", NULL, 0, NULL);
    ck_assert_ptr_nonnull(hw);
    ck_assert_double_eq(hw->memory.bandwidth_bytes_per_s, 3.2e12);
    ck_assert_double_eq(hw->compute.units, 132);
    ck_assert_ptr_nonnull(strstr(lr_hardware_path(hw), "/a/hardware/h100.yaml"));
    lr_hardware_free(hw);
    lr_catalog_free(c);
}
END_TEST

START_TEST(sets_override)
{
    static const struct lr_override sets[] = {{"memory.bandwidth", "4.8 TB/s"}, {"compute.peak.fp8", "none"}};
    static const struct lr_override wrong[] = {{"memory.bandwith", "4.8 TB/s"}, {"memory.capacity", "96"}, {"", "1"}};
    struct lr_catalog *c = open_below("a", "b");
    struct lr_diags ds = {0};
    struct lr_hardware *hw = lr_catalog_hardware(c, "h20", sets, 2, &ds);
    ck_assert_ptr_nonnull(hw);
    ck_assert_double_eq(hw->memory.bandwidth_bytes_per_s, 4.8e12);
    ck_assert_double_eq(hw->compute.peak[LR_RATE_FP8], 0);
    lr_hardware_free(hw);
    ck_assert_ptr_null(lr_catalog_hardware(c, "h20", wrong, 3, &ds));
    ck_assert_uint_eq(ds.errors, 3);
    lr_diags_free(&ds);
    lr_catalog_free(c);
}
END_TEST

START_TEST(a_path_is_a_file)
{
    put("a/hardware/x.yaml", "base: h20\nname: mine\n");
    char path[128];
    snprintf(path, sizeof path, "%s/a/hardware/x.yaml", root);
    struct lr_catalog *c = open_below("b", "b");
    struct lr_hardware *hw = lr_catalog_hardware(c, path, NULL, 0, NULL);
    ck_assert_ptr_nonnull(hw);
    ck_assert_str_eq(hw->name, "mine"); /* only files of the catalogue are named after the file */
    lr_hardware_free(hw);
    ck_assert_ptr_null(lr_catalog_hardware(c, "./nothing.yaml", NULL, 0, NULL));
    ck_assert_ptr_null(lr_catalog_hardware(c, root, NULL, 0, NULL));
    lr_catalog_free(c);
}
END_TEST

START_TEST(a_config_is_a_model)
{
    put("a/hardware/config.json",
        "{\"model_type\": \"llama\", \"hidden_size\": 64, \"num_hidden_layers\": 2, \"num_attention_heads\": 4,\n"
        " \"num_key_value_heads\": 2, \"intermediate_size\": 128, \"vocab_size\": 1000, \"torch_dtype\": "
        "\"bfloat16\",\n"
        " \"max_position_embeddings\": 2048, \"tie_word_embeddings\": false}\n");
    static const struct lr_override sets[] = {{"blocks.0.layers", "5"}};
    char path[128];
    snprintf(path, sizeof path, "%s/a/hardware/config.json", root);
    struct lr_diags ds = {0};
    struct lr_catalog *c = open_below("a", "b");
    struct lr_model *m = lr_catalog_model(c, path, sets, 1, &ds);
    ck_assert_msg(m, "%s", ds.count ? ds.item[0].message : "");
    ck_assert_double_eq(m->hidden, 64);
    ck_assert_double_eq(m->block[0].layers, 5);
    ck_assert_double_eq(m->block[0].attention.kv_heads, 2);
    ck_assert_str_eq(lr_model_path(m), path);
    lr_model_free(m);
    ck_assert_ptr_null(lr_catalog_model(c, "/nonexistent/config.json", NULL, 0, NULL));
    lr_diags_free(&ds);
    lr_catalog_free(c);
}
END_TEST

static void *load(const struct lr_catalog *c, enum lr_profile kind, const char *name, struct lr_diags *ds)
{
    switch (kind) {
    case LR_PROFILE_HARDWARE:
        return lr_catalog_hardware(c, name, NULL, 0, ds);
    case LR_PROFILE_MODEL:
        return lr_catalog_model(c, name, NULL, 0, ds);
    case LR_PROFILE_RUNTIME:
        return lr_catalog_runtime(c, name, NULL, 0, ds);
    case LR_PROFILE_KERNELS:
        return lr_catalog_kernels(c, name, ds);
    case LR_PROFILE_ARCHITECTURE:
        return lr_catalog_architecture(c, name, ds);
    default:
        return NULL;
    }
}

static void unload(enum lr_profile kind, void *p)
{
    switch (kind) {
    case LR_PROFILE_HARDWARE:
        lr_hardware_free(p);
        break;
    case LR_PROFILE_MODEL:
        lr_model_free(p);
        break;
    case LR_PROFILE_RUNTIME:
        lr_runtime_free(p);
        break;
    case LR_PROFILE_KERNELS:
        lr_kernels_free(p);
        break;
    default:
        lr_architecture_free(p);
        break;
    }
}

START_TEST(every_shipped_profile_loads)
{
    const enum lr_profile kind = (enum lr_profile)_i;
    static const char *const dirs[] = {CONFIGS};
    struct lr_catalog *c = lr_catalog_open(dirs, 1);
    size_t count;
    struct lr_catalog_entry *e = lr_catalog_list(c, kind, &count, NULL);
    for (size_t i = 0; i < count && kind != LR_PROFILE_CLAIM; i++) {
        struct lr_diags ds = {0};
        void *p = load(c, kind, e[i].name, &ds);
        char buf[1024] = "";
        if (ds.count)
            lr_diag_format(&ds.item[0], buf, sizeof buf);
        ck_assert_msg(p && !ds.errors, "%s", buf);
        ck_assert_msg(e[i].title, "%s has no title", e[i].path);
        unload(kind, p);
        lr_diags_free(&ds);
    }
    ck_assert_msg(count >= 28 || kind != LR_PROFILE_HARDWARE, "%zu", count);
    lr_catalog_entries_free(e);
    lr_catalog_free(c);
}
END_TEST

/* The chip's own kernel set, or else its architecture's, in the variant of a class where there is one. */
START_TEST(a_chip_and_a_class_have_a_kernel_set)
{
    static const struct {
        const char *hardware, *kernel_class, *set;
    } cases[] = {{"h100", NULL, "hopper"},
                 {"h100", "vllm", "hopper-vllm"},
                 {"h100", "no-such-class", "hopper"},
                 {"h20", NULL, "hopper"},
                 {"h20", "deepseek", "hopper-deepseek"},
                 {"mi300x", "vllm", "generic"},
                 {"a100", "deepseek", "ampere"},
                 {"h100", "best", "hopper"}};
    static const char *const dirs[] = {CONFIGS};
    struct lr_catalog *c = lr_catalog_open(dirs, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lr_diags ds = {0};
        struct lr_hardware *hw = lr_catalog_hardware(c, cases[i].hardware, NULL, 0, &ds);
        struct lr_kernels *k = lr_catalog_kernels_for(c, hw, cases[i].kernel_class, &ds);
        ck_assert_uint_eq(ds.errors, 0);
        ck_assert_str_eq(k->name, cases[i].set);
        lr_kernels_free(k);
        lr_hardware_free(hw);
        lr_diags_free(&ds);
    }
    lr_catalog_free(c);
}
END_TEST

START_TEST(no_kernel_set_without_its_architecture)
{
    static const char *const dirs[] = {CONFIGS};
    struct lr_catalog *c = lr_catalog_open(dirs, 1);
    struct lr_diags ds = {0};
    const struct lr_hardware strange = {.name = "x", .architecture = "no-such-architecture"};
    const struct lr_hardware own = {.name = "x", .architecture = "hopper", .kernels = "no-such-set"};
    ck_assert_ptr_null(lr_catalog_kernels_for(c, &strange, NULL, &ds));
    ck_assert_ptr_null(lr_catalog_kernels_for(c, &own, NULL, &ds));
    ck_assert_ptr_null(lr_catalog_kernels_for(c, &own, "vllm", NULL));
    ck_assert_uint_eq(ds.errors, 2);
    lr_diags_free(&ds);
    lr_catalog_free(c);
}
END_TEST

struct names {
    char *name[4096];
    size_t count;
};

static void add_name(const struct lr_figure *f, void *user)
{
    struct names *n = user;
    if (strncmp(f->path, "aliases.", 8) == 0 && n->count < 4096)
        n->name[n->count++] = strdup(f->value);
}

/* Each alias must lead back to the profile that it stands in. */
START_TEST(aliases_are_unambiguous)
{
    static const char *const dirs[] = {CONFIGS};
    struct lr_catalog *c = lr_catalog_open(dirs, 1);
    size_t count;
    struct lr_catalog_entry *e = lr_catalog_list(c, LR_PROFILE_HARDWARE, &count, NULL);
    for (size_t i = 0; i < count; i++) {
        struct names n = {.count = 0};
        struct lr_hardware *hw = lr_catalog_hardware(c, e[i].name, NULL, 0, NULL);
        ck_assert_ptr_nonnull(hw);
        lr_hardware_figures(hw, add_name, &n);
        for (size_t j = 0; j < n.count; j++) {
            if (!lr_catalog_is_path(n.name[j]))
                expect_found(c, n.name[j], strrchr(e[i].path, '/'));
            free(n.name[j]);
        }
        lr_hardware_free(hw);
    }
    lr_catalog_entries_free(e);
    lr_catalog_free(c);
}
END_TEST

START_TEST(the_keys_of_a_file_tell_its_kind)
{
    ck_assert_int_eq(lr_profile_like(CONFIGS "/hardware/h20.yaml"), LR_PROFILE_HARDWARE);
    ck_assert_int_eq(lr_profile_like(CONFIGS "/hardware/h100-nvl.yaml"), LR_PROFILE_HARDWARE);
    ck_assert_int_eq(lr_profile_like(CONFIGS "/models/phi-4.yaml"), LR_PROFILE_MODEL);
    ck_assert_int_eq(lr_profile_like(CONFIGS "/runtimes/vllm.yaml"), LR_PROFILE_RUNTIME);
    ck_assert_int_eq(lr_profile_like(CONFIGS "/architectures/hopper.yaml"), LR_PROFILE_ARCHITECTURE);
    ck_assert_int_eq(lr_profile_like(TEST_SOURCE_DIR "/tests/configs/phi-4.json"), LR_PROFILE_MODEL);
    ck_assert_int_eq(lr_profile_like("/no/such/file"), LR_PROFILE_HARDWARE);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("catalog");
    TCase *tc = tcase_create("catalog");
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, enter, leave);
    tcase_add_test(tc, finds_by_name_and_alias);
    tcase_add_test(tc, suggests_the_nearest);
    tcase_add_test(tc, names_never_leave_the_folder);
    tcase_add_test(tc, earlier_folders_hide_later_ones);
    tcase_add_test(tc, a_search_path_may_be_empty);
    tcase_add_test(tc, the_usual_search_path);
    tcase_add_test(tc, a_base_is_inherited_and_overridden);
    tcase_add_test(tc, a_profile_may_be_based_on_the_one_it_hides);
    tcase_add_test(tc, sets_override);
    tcase_add_test(tc, a_path_is_a_file);
    tcase_add_test(tc, a_config_is_a_model);
    tcase_add_test(tc, the_keys_of_a_file_tell_its_kind);
    tcase_add_loop_test(tc, every_shipped_profile_loads, 0, LR_PROFILE_COUNT);
    tcase_add_test(tc, a_chip_and_a_class_have_a_kernel_set);
    tcase_add_test(tc, no_kernel_set_without_its_architecture);
    tcase_add_test(tc, aliases_are_unambiguous);
    suite_add_tcase(s, tc);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    const int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
