/* SPDX-License-Identifier: Apache-2.0 */
#include "suite.h"

#include "document/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct lr_document *parse(const char *text, struct lr_diags *ds)
{
    return lr_document_parse("t", text, strlen(text), ds);
}

static struct lr_document *parsed(const char *text)
{
    struct lr_diags ds = {0};
    struct lr_document *doc = parse(text, &ds);
    ck_assert_msg(doc, "%s", ds.count ? ds.item[0].message : "no message");
    ck_assert_uint_eq(ds.count, 0);
    lr_diags_free(&ds);
    return doc;
}

/* The first message, as text. */
static void expect_refused(const char *text, size_t size, const char *message)
{
    struct lr_diags ds = {0};
    char buf[512] = "";
    struct lr_document *doc = lr_document_parse("t", text, size, &ds);
    ck_assert_msg(!doc, "'%.60s' was read", text);
    ck_assert_uint_gt(ds.count, 0);
    lr_diag_format(&ds.item[0], buf, sizeof buf);
    ck_assert_str_eq(buf, message);
    lr_diags_free(&ds);
    ck_assert_ptr_null(lr_document_parse("t", text, size, NULL));
}

START_TEST(reads_a_tree_with_positions)
{
    struct lr_document *doc = parsed("name: h20\nmemory:\n  capacity: '96 GiB'\n  list: [1, two]\n");
    const struct lr_node *memory = lr_node_get(doc->root, "memory"), *capacity = lr_node_get(memory, "capacity");
    ck_assert_uint_eq(doc->root->count, 2);
    ck_assert_int_eq(memory->kind, LR_NODE_MAP);
    ck_assert_str_eq(capacity->text, "96 GiB");
    ck_assert(capacity->quoted);
    ck_assert(!lr_node_get(doc->root, "name")->quoted);
    ck_assert_str_eq(capacity->pos.file, "t");
    ck_assert_int_eq(capacity->pos.line, 3);
    ck_assert_int_eq(capacity->pos.col, 13);
    ck_assert_int_eq(capacity->key_pos.col, 3);
    const struct lr_node *list = lr_node_get(memory, "list");
    ck_assert_uint_eq(list->count, 2);
    ck_assert_str_eq(lr_node_at(list, 1)->text, "two");
    ck_assert_ptr_null(lr_node_at(list, 2));
    ck_assert_ptr_null(lr_node_get(list, "two"));
    ck_assert_ptr_null(lr_node_get(NULL, "two"));
    lr_document_free(doc);
}
END_TEST

START_TEST(reads_json)
{
    struct lr_document *doc = parsed("{\n\t\"a\":1,\"b\": [true, null, -2.5e3],\n\t\"c\": {\"d\\/e\": \"\\u00e9\"}}\n");
    double x = 0;
    bool on = false;
    const struct lr_node *b = lr_node_get(doc->root, "b");
    ck_assert(lr_node_number(lr_node_get(doc->root, "a"), &x) && x == 1);
    ck_assert(lr_node_bool(lr_node_at(b, 0), &on) && on);
    ck_assert(lr_node_is_null(lr_node_at(b, 1)));
    ck_assert(lr_node_number(lr_node_at(b, 2), &x) && x == -2500);
    ck_assert_str_eq(lr_node_get(lr_node_get(doc->root, "c"), "d/e")->text, "\xc3\xa9");
    lr_document_free(doc);
}
END_TEST

START_TEST(quoted_values_are_texts)
{
    struct lr_document *doc =
        parsed("a: '3'\nb: 'true'\nc: 'null'\nd:\ne: ~\nf: nan\ng: 1e999\nh: 0x10\ni: yes\nj: {}\n");
    double x = 7;
    bool on = true;
    for (const struct lr_node *n = doc->root->first; n; n = n->next) {
        ck_assert_msg(!lr_node_number(n, &x), "%s", n->key);
        ck_assert_msg(!lr_node_bool(n, &on), "%s", n->key);
        ck_assert_msg(lr_node_is_null(n) == (*n->key == 'd' || *n->key == 'e'), "%s", n->key);
    }
    ck_assert_double_eq(x, 7);
    lr_document_free(doc);
}
END_TEST

START_TEST(refuses_texts_that_are_not_profiles)
{
    static const struct {
        const char *text, *message;
    } row[] = {
        {"", "t: is empty, expected a mapping"},
        {"# only a comment\n", "t: is empty, expected a mapping"},
        {"- a\n", "t:1:1: is a sequence, expected a mapping"},
        {"text\n", "t:1:1: is a scalar, expected a mapping"},
        {"a: 1\n--- \nb: 2\n", "t:2:1: starts a second document, expected one per file"},
        {"a: &x 1\n", "t:1:4: anchor '&x' is not allowed, expected plain values"},
        {"a: &x {b: 1}\n", "t:1:4: anchor '&x' is not allowed, expected plain values"},
        {"a: &x [1]\n", "t:1:4: anchor '&x' is not allowed, expected plain values"},
        {"a: *x\n", "t:1:4: alias '*x' is not allowed, expected plain values"},
        {"a: !!int 1\n", "t:1:4: tag 'tag:yaml.org,2002:int' is not allowed, expected plain values"},
        {"a: !x {b: 1}\n", "t:1:4: tag '!x' is not allowed, expected plain values"},
        {"a: ! 1\n", "t:1:4: tag '!' is not allowed, expected plain values"},
        {"? [a]\n: 1\n", "t:1:3: a sequence cannot be a key, expected text"},
        {"? {a: b}\n: 1\n", "t:1:3: a mapping cannot be a key, expected text"},
        {"a: \"x\\0y\"\n", "t:1:4: contains a NUL character, expected text"},
        {"a: \xff\n", "t:1:4: invalid leading UTF-8 octet, expected UTF-8 text"},
        {"a: 1\nb: \xc3(\n", "t:2:5: invalid trailing UTF-8 octet, expected UTF-8 text"},
        {"a: \x01\n", "t:1:4: control characters are not allowed, expected UTF-8 text"},
        {"a: [1, 2\n", "t:2:1: while parsing a flow sequence did not find expected ',' or ']'"},
        {"a: b: c\n", "t:1:5: mapping values are not allowed in this context"},
        {"a: 'x\n", "t:2:1: while scanning a quoted scalar found unexpected end of stream"},
        {"%YAML 9.9\n---\na: 1\n", "t:1:1: found incompatible YAML document"},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        expect_refused(row[i].text, strlen(row[i].text), row[i].message);
    expect_refused("a: \0\n", 5, "t:1:4: contains a NUL character, expected text");
}
END_TEST

/* The document is returned, so that callers can look for other mistakes. */
START_TEST(reports_every_duplicate)
{
    static const char text[] = "a: 1\nb: 1\na: 2\nb: {c: 1, d: 2, 'c': 3}\na: 3\n";
    static const char *const message[] = {
        "t:4:17: duplicate key 'c', first used on line 4", "t:3:1: duplicate key 'a', first used on line 1",
        "t:5:1: duplicate key 'a', first used on line 3", "t:4:1: duplicate key 'b', first used on line 2"};
    struct lr_diags ds = {0};
    struct lr_document *doc = parse(text, &ds);
    ck_assert_ptr_nonnull(doc);
    ck_assert_uint_eq(ds.errors, 4);
    for (size_t i = 0; i < ds.count; i++) {
        char buf[256];
        lr_diag_format(&ds.item[i], buf, sizeof buf);
        ck_assert_str_eq(buf, message[i]);
    }
    lr_document_free(doc);
    lr_diags_free(&ds);
    ck_assert_ptr_null(parse(text, NULL));
}
END_TEST

/* size bytes: head, then repetitions of unit. */
static char *repeat(const char *head, const char *unit, size_t size)
{
    char *text = malloc(size + 1);
    ck_assert_ptr_nonnull(text);
    const size_t start = strlen(head), step = strlen(unit);
    memcpy(text, head, start);
    for (size_t i = start; i < size; i++)
        text[i] = unit[(i - start) % step];
    text[size] = '\0';
    return text;
}

START_TEST(limits_depth)
{
    static const char *const units[] = {"[", "{a: ", "? "};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        char *text = repeat(i < 2 ? "a: " : "", units[i], 100000 * strlen(units[i]));
        struct lr_diags ds = {0};
        ck_assert_ptr_null(parse(text, &ds));
        ck_assert_uint_eq(ds.errors, 1);
        lr_diags_free(&ds);
        free(text);
    }
    lr_document_free(parsed("a: [[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]\n"));
    const char deep[] = "a: [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]\n";
    expect_refused(deep, sizeof deep - 1, "t:1:19: is nested too deeply, expected at most 16 levels");
}
END_TEST

START_TEST(limits_size)
{
    char *text = repeat("a: ", "x", LR_DOCUMENT_BYTES_MAX + 1);
    expect_refused(text, LR_DOCUMENT_BYTES_MAX + 1, "t: is too large, expected at most 1048576 bytes");
    text[LR_DOCUMENT_BYTES_MAX] = '\0';
    lr_document_free(parsed(text));
    free(text);
}
END_TEST

START_TEST(limits_nodes)
{
    char *text = repeat("a: [", "1,", 2 * LR_DOCUMENT_NODES_MAX + 10);
    struct lr_diags ds = {0};
    ck_assert_ptr_null(parse(text, &ds));
    ck_assert_str_eq(ds.item[0].message, "has too many keys and values, expected at most 100000");
    lr_diags_free(&ds);
    free(text);
}
END_TEST

START_TEST(an_alias_bomb_is_refused_at_its_first_anchor)
{
    struct lr_diags ds = {0};
    char text[4096];
    size_t n = (size_t)snprintf(text, sizeof text, "a: &a [x, x]\n");
    for (char c = 'b'; c <= 'z'; c++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%c: &%c [*%c, *%c, *%c, *%c]\n", c, c, c - 1, c - 1, c - 1,
                              c - 1);
    ck_assert_ptr_null(parse(text, &ds));
    ck_assert_uint_eq(ds.errors, 1);
    ck_assert_int_eq(ds.item[0].pos.line, 1);
    lr_diags_free(&ds);
}
END_TEST

static unsigned next_random(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

START_TEST(random_bytes_end_in_an_error)
{
    unsigned state = (unsigned)_i;
    for (int n = 0; n < 200; n++) {
        char bytes[256];
        const size_t size = next_random(&state) % sizeof bytes;
        for (size_t i = 0; i < size; i++)
            bytes[i] =
                (char)(n % 2 ? next_random(&state) : (unsigned)"{}[]:,-?&*!|>'\" \n\tab1#%"[next_random(&state) % 24]);
        struct lr_diags ds = {0};
        struct lr_document *doc = lr_document_parse("t", bytes, size, &ds);
        ck_assert(doc ? ds.errors == 0 : ds.errors > 0);
        lr_document_free(doc);
        lr_diags_free(&ds);
    }
}
END_TEST

static char *temporary(char *path, const char *bytes, size_t size)
{
    const int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq((int)write(fd, bytes, size), (int)size);
    close(fd);
    return path;
}

static void expect_not_loaded(const char *path, const char *message)
{
    struct lr_diags ds = {0};
    ck_assert_ptr_null(lr_document_load(path, &ds));
    ck_assert_uint_eq(ds.count, 1);
    ck_assert_str_eq(ds.item[0].message, message);
    ck_assert_str_eq(ds.item[0].pos.file, path);
    lr_diags_free(&ds);
}

START_TEST(loads_regular_files_only)
{
    char path[] = "/tmp/llmroof-document-XXXXXX", pipe[] = "/tmp/llmroof-pipe-XXXXXX";
    temporary(path, "a: 1\n", 5);
    struct lr_document *doc = lr_document_load(path, NULL);
    ck_assert_ptr_nonnull(doc);
    ck_assert_str_eq(doc->name, path);
    lr_document_free(doc);
    expect_not_loaded("/nonexistent/h20.yaml", "no such file");
    expect_not_loaded("/tmp", "is a directory, expected a file");
    expect_not_loaded("/dev/zero", "is not a regular file");
    ck_assert_ptr_nonnull(mkdtemp(pipe));
    char fifo[64];
    snprintf(fifo, sizeof fifo, "%s/p", pipe);
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    expect_not_loaded(fifo, "is not a regular file");
    unlink(fifo);
    rmdir(pipe);
    unlink(path);
}
END_TEST

START_TEST(ten_megabytes_of_noise_are_refused_quickly)
{
    enum { SIZE = 10000000 };
    char path[] = "/tmp/llmroof-noise-XXXXXX", *bytes = malloc(SIZE);
    unsigned state = 1;
    ck_assert_ptr_nonnull(bytes);
    for (int i = 0; i < SIZE; i++)
        bytes[i] = (char)next_random(&state);
    temporary(path, bytes, SIZE);
    free(bytes);
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    expect_not_loaded(path, "is too large, expected at most 1048576 bytes");
    clock_gettime(CLOCK_MONOTONIC, &end);
    ck_assert_int_le(end.tv_sec - start.tv_sec, 1);
    unlink(path);
}
END_TEST

START_TEST(merging_keeps_the_values_of_the_upper_document)
{
    struct lr_document *over = parsed("a: 1\nm: {x: 1, f: {value: 5}}\nl: [1]\ns: {p: 1}\n");
    struct lr_document *under = parsed("a: 2\nb: 3\nm: {x: 2, y: 3, f: {value: 6, source: old}}\nl: [1, 2, 3]\ns: 4\n");
    ck_assert(lr_document_merge(over, under, NULL));
    const struct lr_node *root = over->root, *m = lr_node_get(root, "m");
    ck_assert_str_eq(lr_node_get(root, "a")->text, "1");
    ck_assert_str_eq(lr_node_get(root, "b")->text, "3");
    ck_assert_str_eq(lr_node_get(m, "x")->text, "1");
    ck_assert_str_eq(lr_node_get(m, "y")->text, "3");
    ck_assert_uint_eq(lr_node_get(m, "f")->count, 1); /* a figure is not merged */
    ck_assert_uint_eq(lr_node_get(root, "l")->count, 1);
    ck_assert_int_eq(lr_node_get(root, "s")->kind, LR_NODE_MAP);
    ck_assert_uint_eq(over->own->count, 4);
    ck_assert_uint_eq(root->count, 5);
    lr_document_free(over);
}
END_TEST

START_TEST(setting_replaces_and_adds)
{
    struct lr_document *doc = parsed("memory: {bandwidth: 4 TB/s}\nblocks: [{layers: 1}, {layers: 2}]\n");
    ck_assert(lr_document_set(doc, "memory.bandwidth", "4.8 TB/s", NULL));
    ck_assert(lr_document_set(doc, "memory.cache", "50 MiB", NULL));
    ck_assert(lr_document_set(doc, "power.limits.tdp", "700 W", NULL));
    ck_assert(lr_document_set(doc, "blocks.1.layers", "7", NULL));
    const struct lr_node *memory = lr_node_get(doc->root, "memory");
    ck_assert_str_eq(lr_node_get(memory, "bandwidth")->text, "4.8 TB/s");
    ck_assert_str_eq(lr_node_get(memory, "bandwidth")->pos.file, "--set memory.bandwidth");
    ck_assert_int_eq(lr_node_get(memory, "bandwidth")->pos.line, 0);
    ck_assert_str_eq(lr_node_get(memory, "cache")->text, "50 MiB");
    ck_assert_str_eq(lr_node_get(lr_node_get(lr_node_get(doc->root, "power"), "limits"), "tdp")->text, "700 W");
    ck_assert_str_eq(lr_node_get(lr_node_at(lr_node_get(doc->root, "blocks"), 1), "layers")->text, "7");
    ck_assert_str_eq(lr_node_get(lr_node_get(doc->own, "memory"), "bandwidth")->text, "4 TB/s");
    lr_document_free(doc);
}
END_TEST

START_TEST(setting_refuses_bad_paths)
{
    static const char *const paths[] = {"", ".", "a.", ".a", "a..b", "a.b", "l.2", "l.-1", "l.x", "l.0.x", "l.1e9"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct lr_document *doc = parsed("a: 1\nl: [1, 2]\n");
        struct lr_diags ds = {0};
        ck_assert_msg(!lr_document_set(doc, paths[i], "1", &ds), "'%s' was set", paths[i]);
        ck_assert_uint_eq(ds.errors, 1);
        ck_assert_uint_eq(doc->root->count, 2);
        lr_diags_free(&ds);
        lr_document_free(doc);
    }
}
END_TEST

START_TEST(keys_can_be_taken_out)
{
    struct lr_document *doc = parsed("a: 1\nb: 2\nc: 3\n");
    ck_assert(lr_node_remove(doc->root, "c"));
    ck_assert_str_eq(doc->root->last->key, "b");
    ck_assert(lr_node_remove(doc->root, "a"));
    ck_assert(!lr_node_remove(doc->root, "a"));
    ck_assert(lr_node_remove(doc->root, "b"));
    ck_assert_ptr_null(doc->root->first);
    ck_assert_ptr_null(doc->root->last);
    lr_document_free(doc);
    lr_document_free(NULL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {reads_a_tree_with_positions,
                                  reads_json,
                                  quoted_values_are_texts,
                                  refuses_texts_that_are_not_profiles,
                                  reports_every_duplicate,
                                  limits_depth,
                                  limits_size,
                                  limits_nodes,
                                  an_alias_bomb_is_refused_at_its_first_anchor,
                                  loads_regular_files_only,
                                  ten_megabytes_of_noise_are_refused_quickly,
                                  merging_keeps_the_values_of_the_upper_document,
                                  setting_replaces_and_adds,
                                  setting_refuses_bad_paths,
                                  keys_can_be_taken_out};
    const TTest *const looped[] = {random_bytes_end_in_an_error};
    int failed = suite_run("document", tests, sizeof tests / sizeof *tests, 1);
    failed |= suite_run("document, looped", looped, 1, 20);
    return failed;
}
