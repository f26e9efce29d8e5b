/* SPDX-License-Identifier: Apache-2.0 */
#include "suite.h"

#include <llmroof/diag.h>

#include "core/arena.h"
#include "core/text.h"

#include <stdint.h>
#include <string.h>

static void expect(const struct lr_diag *d, const char *text)
{
    char buf[512];
    const size_t need = lr_diag_format(d, buf, sizeof buf);
    ck_assert_str_eq(buf, text);
    ck_assert_uint_eq(need, strlen(text));
}

START_TEST(messages_leave_out_unknown_parts)
{
    struct lr_diags ds = {0};
    lr_diag(&ds, LR_ERROR, (struct lr_pos){"h20.yaml", 3, 7}, "memory.bandwidth", "'%d' has no unit", 12);
    lr_diag(&ds, LR_WARNING, (struct lr_pos){"h20.yaml", 3, 0}, NULL, "is odd");
    lr_diag(&ds, LR_NOTE, (struct lr_pos){"h20.yaml", 0, 0}, "a", "was taken");
    lr_diag(&ds, LR_ERROR, LR_NO_POSITION, NULL, "unknown hardware 'h2O'");
    lr_hint(&ds, "did you mean '%s'?", "h20");
    ck_assert_uint_eq(ds.count, 4);
    ck_assert_uint_eq(ds.errors, 2);
    expect(&ds.item[0], "h20.yaml:3:7: memory.bandwidth: '12' has no unit");
    expect(&ds.item[1], "h20.yaml:3: warning: is odd");
    expect(&ds.item[2], "h20.yaml: note: a: was taken");
    expect(&ds.item[3], "unknown hardware 'h2O'\n  hint: did you mean 'h20'?");
    lr_diags_free(&ds);
    ck_assert_uint_eq(ds.count, 0);
}
END_TEST

START_TEST(owns_its_texts)
{
    struct lr_diags ds = {0};
    char file[] = "a.yaml", field[] = "b";
    lr_diag(&ds, LR_ERROR, (struct lr_pos){file, 1, 1}, field, "%s", "c");
    file[0] = field[0] = 'x';
    expect(&ds.item[0], "a.yaml:1:1: b: c");
    lr_diags_free(&ds);
}
END_TEST

START_TEST(counts_more_than_it_keeps)
{
    struct lr_diags ds = {0};
    lr_hint(&ds, "of nothing");
    for (int i = 0; i < 3 * LR_DIAGS_MAX; i++) {
        lr_diag(&ds, LR_ERROR, LR_NO_POSITION, NULL, "%d", i);
        lr_hint(&ds, "hint %d", i);
    }
    ck_assert_uint_eq(ds.count, LR_DIAGS_MAX);
    ck_assert_uint_eq(ds.errors, 3 * LR_DIAGS_MAX);
    ck_assert_str_eq(ds.item[LR_DIAGS_MAX - 1].hint, "hint 99");
    lr_diags_free(&ds);
}
END_TEST

START_TEST(the_list_may_be_null)
{
    lr_diag(NULL, LR_ERROR, LR_NO_POSITION, NULL, "lost");
    lr_hint(NULL, "lost");
    lr_diags_free(NULL);
}
END_TEST

START_TEST(cuts_to_the_buffer)
{
    struct lr_diags ds = {0};
    char buf[8] = "xxxxxxx";
    lr_diag(&ds, LR_ERROR, (struct lr_pos){"file.yaml", 1, 2}, NULL, "message");
    ck_assert_uint_eq(lr_diag_format(&ds.item[0], buf, sizeof buf), strlen("file.yaml:1:2: message"));
    ck_assert_str_eq(buf, "file.ya");
    ck_assert_uint_eq(lr_diag_format(&ds.item[0], NULL, 0), strlen("file.yaml:1:2: message"));
    lr_diags_free(&ds);
}
END_TEST

START_TEST(arena_gives_zeroed_aligned_memory)
{
    struct lr_arena a = {0};
    for (size_t size = 0; size < 3000; size += 7) {
        unsigned char *p = lr_arena_alloc(&a, size);
        ck_assert_ptr_nonnull(p);
        ck_assert_uint_eq((uintptr_t)p % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            ck_assert_uint_eq(p[i], 0);
        memset(p, 0xff, size);
    }
    ck_assert_str_eq(lr_arena_text(&a, "abcdef", 3), "abc");
    ck_assert_ptr_nonnull(lr_arena_alloc(&a, 10 << 20));
    lr_arena_free(&a);
    lr_arena_free(&a);
}
END_TEST

START_TEST(arena_returns_null_beyond_its_limit)
{
    struct lr_arena a = {.limit = 100};
    ck_assert_ptr_nonnull(lr_arena_alloc(&a, 64));
    ck_assert_ptr_null(lr_arena_alloc(&a, 64));
    ck_assert_ptr_nonnull(lr_arena_alloc(&a, 16));
    ck_assert_ptr_null(lr_arena_alloc(&a, SIZE_MAX));
    ck_assert_ptr_null(lr_arena_array(&a, SIZE_MAX / 2, 4));
    ck_assert_ptr_null(lr_arena_text(&a, "", SIZE_MAX));
    lr_arena_free(&a);
}
END_TEST

START_TEST(names_are_compared_without_case_and_separators)
{
    char buf[6];
    ck_assert(lr_name_same("H100_SXM 80gb", "h100-sxm-80GB"));
    ck_assert(!lr_name_same("h100", "h100-"));
    ck_assert(!lr_name_same("h100-", "h100"));
    ck_assert(!lr_name_same("", "a"));
    lr_name_normalise("H100_SXM", buf, sizeof buf);
    ck_assert_str_eq(buf, "h100-");
    ck_assert_uint_eq(lr_name_distance("h20", "h20"), 0);
    ck_assert_uint_eq(lr_name_distance("h2O", "h20"), 1);
    ck_assert_uint_eq(lr_name_distance("ab", "ba"), 1);
    ck_assert_uint_eq(lr_name_distance("", "abc"), 3);
    ck_assert_uint_eq(lr_name_distance("kitten", "sitting"), 3);
}
END_TEST

static const char *nearest(const char *wanted)
{
    static const char *const names[] = {"h100", "h20", "h200", "a100", "deepseek-v3", "bandwidth"};
    static struct lr_nearest n;
    n = (struct lr_nearest){0};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        lr_nearest_offer(&n, wanted, names[i]);
    return lr_nearest_name(&n, wanted);
}

START_TEST(suggests_likely_names)
{
    ck_assert_str_eq(nearest("h2O"), "h20");
    ck_assert_str_eq(nearest("H 100"), "h100");
    ck_assert_str_eq(nearest("bandwith"), "bandwidth");
    ck_assert_str_eq(nearest("deepseek"), "deepseek-v3");
    ck_assert_ptr_null(nearest("mi300x"));
    ck_assert_ptr_null(nearest(""));
}
END_TEST

START_TEST(text_grows_and_is_cut)
{
    struct lr_text t = {0};
    ck_assert_str_eq(lr_text_str(&t), "");
    for (int i = 0; i < 100; i++)
        lr_text_addf(&t, "%d,", i % 10);
    lr_text_add(&t, "end");
    lr_text_add_bytes(&t, NULL, 0);
    ck_assert_uint_eq(t.length, 203);
    lr_text_cut(&t, 4);
    lr_text_cut(&t, 400);
    ck_assert_str_eq(lr_text_str(&t), "0,1,");
    lr_text_free(&t);
    lr_text_free(&t);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {messages_leave_out_unknown_parts,
                                  owns_its_texts,
                                  counts_more_than_it_keeps,
                                  the_list_may_be_null,
                                  cuts_to_the_buffer,
                                  arena_gives_zeroed_aligned_memory,
                                  arena_returns_null_beyond_its_limit,
                                  names_are_compared_without_case_and_separators,
                                  suggests_likely_names,
                                  text_grows_and_is_cut};
    return suite_run("diag", tests, sizeof tests / sizeof *tests, 1);
}
