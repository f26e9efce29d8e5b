/* SPDX-License-Identifier: Apache-2.0 */
/* Loaders read back what the writers of profiles write: the same texts, whatever their characters. */
#include "core/chip_list.h"
#include "core/quote.h"
#include "document/document.h"
#include "suite.h"

#include "rows/measured.h"
#include <llmroof/calibrate.h>
#include <llmroof/calibrate_runtime.h>

#include <math.h>
#include <string.h>

static const char *const TEXTS[] = {
    "plain",
    "an \"apt\" title",
    "C:\\models\\new",
    "ends in \\",
    "two\nlines",
    "a\ttab, a\rreturn",
    "bell \a, escape \x1b, delete \x7f",
    "Z\xc3\xbcrich \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x98\x80",
    "next line \xc2\x85, separators \xe2\x80\xa8 \xe2\x80\xa9",
    "mark \xef\xbb\xbf, no character \xef\xbf\xbf, control \xc2\x90",
    " spaces around ",
    "# no comment",
    "key: {a: [b, c], d}",
    "- item",
    "it's 'quoted'",
    "%s %n \\u0041",
    "null",
    "~",
};
enum { TEXT_COUNT = sizeof TEXTS / sizeof *TEXTS };

/* Writes a temporary file with this text. Each test is a process. */
static void write_file(char path[64], const char *text)
{
    snprintf(path, 64, "/tmp/llmroof-write-%ld.yaml", (long)getpid());
    FILE *const f = fopen(path, "wx");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    ck_assert_int_eq(fclose(f), 0);
}

static void one_value(const char *document, const char *text)
{
    struct lr_diags ds = {0};
    struct lr_document *d = lr_document_parse("value", document, strlen(document), &ds);
    suite_no_errors(&ds);
    ck_assert_str_eq(lr_node_get(d->root, "a")->text, text);
    lr_document_free(d);
}

/* In a line of YAML, in a mapping on one line, and in JSON, which is such a mapping. */
START_TEST(quoted_texts_come_back)
{
    const char *const text = TEXTS[_i];
    struct lr_text out = {0};
    lr_quote_text(&out, "a", text);
    one_value(out.at, text);
    lr_text_cut(&out, 0);
    lr_quote_name(&out, "a", text);
    lr_quote_name(&out, "b", NULL);
    one_value(out.at, text);
    lr_text_cut(&out, 0);
    lr_text_add(&out, "{a: ");
    lr_quote_if_needed(&out, text);
    lr_text_add(&out, ", b: 1}");
    one_value(out.at, text);
    lr_text_cut(&out, 0);
    lr_text_add(&out, "{\"a\": ");
    lr_quote(&out, text);
    lr_text_add(&out, ", \"b\": 1}");
    one_value(out.at, text);
    lr_text_free(&out);
}
END_TEST

/* Truncated characters, single bytes, surrogates, overlong forms, code points beyond the last. */
START_TEST(invalid_utf8_is_replaced)
{
    static const struct {
        const char *text, *quoted;
    } row[] = {{"a\xc3", "\"a\\ufffd\""},
               {"\xc3(", "\"\\ufffd(\""},
               {"\xe6\x97", "\"\\ufffd\\ufffd\""},
               {"\x80", "\"\\ufffd\""},
               {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},
               {"\xc0\xaf", "\"\\ufffd\\ufffd\""},
               {"\xe0\x9f\xbf", "\"\\ufffd\\ufffd\\ufffd\""},
               {"\xf0\x8f\xbf\xbf", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
               {"\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
               {"\xff", "\"\\ufffd\""},
               {"\xf4\x8f\xbf\xbd", "\"\xf4\x8f\xbf\xbd\""},
               {"\xc2\xa0", "\"\xc2\xa0\""}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct lr_text out = {0};
        lr_quote(&out, row[i].text);
        ck_assert_str_eq(out.at, row[i].quoted);
        lr_text_free(&out);
    }
}
END_TEST

/* Words have no quotes, like names in shipped files. */
START_TEST(words_have_no_quotes)
{
    static const struct {
        const char *text, *written;
    } row[] = {{"h100", "h100"},
               {"llama-3.1-8b", "llama-3.1-8b"},
               {"infersim_gemm.csv", "infersim_gemm.csv"},
               {"NULL", "\"NULL\""},
               {"nulls", "nulls"},
               {"-", "\"-\""},
               {"---", "\"---\""},
               {".5", "\".5\""},
               {"", "\"\""},
               {"a b.csv", "\"a b.csv\""}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct lr_text out = {0};
        lr_quote_if_needed(&out, row[i].text);
        ck_assert_str_eq(out.at, row[i].written);
        lr_text_free(&out);
    }
}
END_TEST

static const char *const chips[] = {"h100", "a100-40gb"};

static void assert_chips(const struct lr_chip_list *l)
{
    ck_assert_uint_eq(l->count, 2);
    ck_assert_str_eq(l->name[0], chips[0]);
    ck_assert_str_eq(l->name[1], chips[1]);
}

/* Commas separate names, and blanks around them do not count. Names match as a whole. */
START_TEST(lists_of_chips_come_back)
{
    static const struct {
        const char *text, *written;
        size_t count;
    } row[] = {{"", "", 0},
               {"h20", "h20", 1},
               {"h200, h100", "h200, h100", 2},
               {",", "", 0},
               {"h200,h100", "h200, h100", 2},
               {" h200 ,  h100 ", "h200, h100", 2},
               {"h200,", "h200", 1},
               {"h200, , h100", "h200, h100", 2}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct lr_arena arena = {0};
        struct lr_text out = {0};
        struct lr_chip_list l;
        ck_assert(lr_chip_list_split(&arena, row[i].text, &l));
        lr_chip_list_add(&out, &l);
        ck_assert_uint_eq(l.count, row[i].count);
        ck_assert_str_eq(lr_text_str(&out), row[i].written);
        ck_assert(lr_chip_list_has(&l, "h200") == (strstr(row[i].text, "h200") != NULL));
        ck_assert(lr_chip_list_has(&l, "h20") == (i == 1));
        lr_text_free(&out);
        lr_arena_free(&arena);
    }
}
END_TEST

/* A list has each name once, and at most as many as fit. */
START_TEST(lists_of_chips_have_a_limit)
{
    static char text[LR_CHIP_LIST_MAX + 1][8];
    const char *array[LR_CHIP_LIST_MAX];
    struct lr_chip_list l = {0};
    for (size_t i = 0; i <= LR_CHIP_LIST_MAX; i++) {
        snprintf(text[i], sizeof text[i], "chip-%zu", i);
        lr_chip_list_note(&l, array, text[i]);
        lr_chip_list_note(&l, array, text[i / 2]);
        ck_assert_uint_eq(l.count, i < LR_CHIP_LIST_MAX ? i + 1 : LR_CHIP_LIST_MAX);
    }
    ck_assert(!lr_chip_list_has(&l, text[LR_CHIP_LIST_MAX]));
}
END_TEST

START_TEST(kernel_sets_come_back)
{
    const char *const text = TEXTS[_i];
    struct lr_catalog *c = suite_catalog();
    struct lr_diags ds = {0};
    struct lr_kernels *k = calloc(1, sizeof *k);
    struct lr_fitted *f = calloc(1, sizeof *f);
    char path[64];
    ck_assert(k && f);
    struct lr_kernel *const bmm = &k->kernel[LR_FAMILY_BMM][LR_BF16];
    size_t constants;
    const struct lr_constant *const constant = lr_constants(LR_FAMILY_BMM, &constants);
    for (size_t i = 0; i < constants; i++)
        bmm->value[i] = constant[i].start;
    bmm->fit.chips = (struct lr_chip_list){chips, 2};
    f->family = LR_FAMILY_BMM;
    f->slot = LR_BF16;
    f->engine = text;
    const struct lr_measured m = {.file = text};
    const struct lr_measured *const files[] = {&m};
    const struct lr_calibration how = {.name = "mine", .title = text, .base = "generic", .architecture = text};
    char *const out = lr_calibration_text(&how, files, 1, k, f, 1, &ds);
    write_file(path, out);
    struct lr_kernels *back = lr_catalog_kernels(c, path, &ds);
    suite_no_errors(&ds);
    ck_assert_str_eq(back->name, "mine");
    ck_assert_str_eq(back->title, text);
    ck_assert_str_eq(back->architecture, text);
    assert_chips(&back->kernel[LR_FAMILY_BMM][LR_BF16].fit.chips);
    remove(path);
    lr_kernels_free(back);
    free(out);
    free(f);
    free(k);
    lr_catalog_free(c);
}
END_TEST

START_TEST(runtimes_come_back)
{
    const char *const text = TEXTS[_i];
    struct lr_catalog *c = suite_catalog();
    struct lr_diags ds = {0};
    char path[64], source[256];
    const double error[LR_RUNTIME_CONSTANTS] = {NAN, NAN, NAN, NAN, NAN, NAN};
    struct lr_runtime *rt = lr_catalog_runtime(c, "vllm", NULL, 0, &ds);
    suite_no_errors(&ds);
    struct lr_runtime changed = *rt;
    changed.name = "mine";
    changed.title = text;
    changed.chips = (struct lr_chip_list){chips, 2};
    const struct lr_benchmark b = {.file = text, .hash = 0x1234abcd};
    const struct lr_benchmark *const files[] = {&b};
    char *const out = lr_runtime_text(&changed, "vllm", files, 1, 30, error, &ds);
    write_file(path, out);
    struct lr_runtime *back = lr_catalog_runtime(c, path, NULL, 0, &ds);
    suite_no_errors(&ds);
    snprintf(source, sizeof source, "fitted on end-to-end runs: %s (fnv1a 1234abcd), 30 rows", text);
    ck_assert_str_eq(back->name, "mine");
    ck_assert_str_eq(back->title, text);
    assert_chips(&back->chips);
    ck_assert_msg(strncmp(back->source, source, strlen(source)) == 0, "%s", back->source);
    remove(path);
    lr_runtime_free(back);
    lr_runtime_free(rt);
    free(out);
    lr_catalog_free(c);
}
END_TEST

START_TEST(models_come_back)
{
    const char *const text = TEXTS[_i];
    struct lr_catalog *c = suite_catalog();
    struct lr_diags ds = {0};
    char path[64];
    struct lr_model *m = lr_catalog_model(c, "llama-3.1-8b", NULL, 0, &ds);
    suite_no_errors(&ds);
    struct lr_model changed = *m;
    changed.name = "mine";
    changed.title = changed.source = changed.hugging_face = changed.published.note = text;
    char *const yaml = lr_model_text(&changed, &ds);
    write_file(path, yaml);
    free(yaml);
    struct lr_model *back = lr_catalog_model(c, path, NULL, 0, &ds);
    suite_no_errors(&ds);
    ck_assert_str_eq(back->title, text);
    ck_assert_str_eq(back->source, text);
    ck_assert_str_eq(back->hugging_face, text);
    ck_assert_str_eq(back->published.note, text);
    remove(path);
    lr_model_free(back);
    lr_model_free(m);
    lr_catalog_free(c);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        lists_of_chips_come_back, lists_of_chips_have_a_limit, quoted_texts_come_back, invalid_utf8_is_replaced,
        words_have_no_quotes,     kernel_sets_come_back,       runtimes_come_back,     models_come_back};
    return suite_run("write", tests, sizeof tests / sizeof *tests, TEXT_COUNT);
}
