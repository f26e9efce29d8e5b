/* What leaves the program: tables in four formats, JSON, human numbers, labels, files; and the texts and numbers below
 * them. */
#include "random.h"
#include "suite.h"

#include "core/number.h"
#include "load/csv.h"
#include "render/json.h"
#include "render/labels.h"
#include "render/output.h"
#include "render/table.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct lr_column COLUMNS[] = {
    {"name", "name", LR_CELL_TEXT},    {"tpot_s", "TPOT", LR_CELL_SECONDS}, {"bytes", "memory", LR_CELL_BYTES},
    {"fits", "fits", LR_CELL_BOOL},    {"share", "share", LR_CELL_PERCENT}, {"speedup", "against", LR_CELL_TIMES},
    {"batch", "batch", LR_CELL_COUNT}, {"floor_s", NULL, LR_CELL_SECONDS}};

enum { COLUMN_COUNT = sizeof COLUMNS / sizeof *COLUMNS };

static void fill(struct lr_table *t)
{
    static const double rows[2][COLUMN_COUNT - 1] = {{0.00461, 84.3e9, 1, 0.123, 1.25, 32, 0.001},
                                                     {NAN, INFINITY, 0, -0.5, 0.5, 123456, -INFINITY}};
    static const char *const names[] = {"h20", "Schmidhüber"};
    lr_table_init(t, COLUMNS, COLUMN_COUNT);
    for (size_t r = 0; r < 2; r++) {
        lr_table_row(t);
        lr_table_text(t, 0, names[r]);
        for (size_t i = 1; i < COLUMN_COUNT; i++)
            lr_table_number(t, i, rows[r][i - 1]);
    }
}

static void assert_table(enum lr_format format, const char *want)
{
    struct lr_table t;
    struct lr_text out = {0};
    fill(&t);
    lr_table_render(&t, format, "test/1", &out);
    ck_assert_str_eq(lr_text_str(&out), want);
    lr_text_free(&out);
    lr_table_free(&t);
}

/* Written by hand: the same seven fields in each, the eighth for machines only; ü is one character wide; what is not
 * finite is '-' for people, nothing in CSV, null in JSON. */
START_TEST(one_table_in_four_formats)
{
    assert_table(LR_FORMAT_TEXT, "name            TPOT   memory  fits    share  against   batch\n"
                                 "-----------  -------  -------  ----  -------  -------  ------\n"
                                 "h20          4.61 ms  84.3 GB  yes    12.3 %    1.25x      32\n"
                                 "Schmidhüber        -        -  no    -50.0 %    0.50x  123456\n");
    assert_table(LR_FORMAT_MD, "| name        |    TPOT |  memory | fits |   share | against |  batch |\n"
                               "| ----------- | ------: | ------: | ---- | ------: | ------: | -----: |\n"
                               "| h20         | 4.61 ms | 84.3 GB | yes  |  12.3 % |   1.25x |     32 |\n"
                               "| Schmidhüber |       - |       - | no   | -50.0 % |   0.50x | 123456 |\n");
    assert_table(LR_FORMAT_CSV, "name,tpot_s,bytes,fits,share,speedup,batch,floor_s\n"
                                "h20,0.00461,84300000000,true,0.123,1.25,32,0.001\n"
                                "Schmidhüber,,,false,-0.5,0.5,123456,\n");
    assert_table(LR_FORMAT_JSON, "{\n  \"schema\": \"test/1\",\n  \"rows\": [\n"
                                 "    {\n      \"name\": \"h20\",\n      \"tpot_s\": 0.00461,\n"
                                 "      \"bytes\": 84300000000,\n      \"fits\": true,\n      \"share\": 0.123,\n"
                                 "      \"speedup\": 1.25,\n      \"batch\": 32,\n      \"floor_s\": 0.001\n    },\n"
                                 "    {\n      \"name\": \"Schmidhüber\",\n      \"tpot_s\": null,\n"
                                 "      \"bytes\": null,\n      \"fits\": false,\n      \"share\": -0.5,\n"
                                 "      \"speedup\": 0.5,\n      \"batch\": 123456,\n      \"floor_s\": null\n    }\n"
                                 "  ]\n}\n");
}
END_TEST

START_TEST(a_table_without_rows)
{
    struct lr_table t;
    struct lr_text out = {0};
    lr_table_init(&t, COLUMNS, 2);
    lr_table_number(&t, 1, 3); /* no row to put it in */
    lr_table_render(&t, LR_FORMAT_JSON, "s", &out);
    lr_table_render(&t, LR_FORMAT_CSV, "s", &out);
    lr_table_render(&t, LR_FORMAT_TEXT, "s", &out);
    ck_assert_str_eq(lr_text_str(&out),
                     "{\n  \"schema\": \"s\",\n  \"rows\": []\n}\nname,tpot_s\nname  TPOT\n----  ----\n");
    lr_text_free(&out);
    lr_table_free(&t);
}
END_TEST

/* RFC 8259, section 7: '"', '\' and U+0000 to U+001F must be escaped; the rest may stand as it is. */
START_TEST(json_strings)
{
    static const struct {
        const char *text, *json;
    } cases[] = {
        {"", "\"\"\n"},
        {"a \"quoted\" word", "\"a \\\"quoted\\\" word\"\n"},
        {"C:\\new", "\"C:\\\\new\"\n"},
        {"one\ntwo", "\"one\\ntwo\"\n"},
        {"\x01\x08\t\r\x1b\x1f", "\"\\u0001\\u0008\\u0009\\u000d\\u001b\\u001f\"\n"},
        {"\x7f", "\"\\u007f\"\n"},
        {"\xc3\xbc \xe2\x82\xac \xf0\x9f\x9a\x80", "\"\xc3\xbc \xe2\x82\xac \xf0\x9f\x9a\x80\"\n"},
        {"a/b", "\"a/b\"\n"},
        {NULL, "null\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lr_text out = {0};
        struct lr_json j = {.out = &out};
        lr_json_open(&j, NULL, '[');
        lr_json_text(&j, NULL, cases[i].text);
        lr_json_close(&j, ']');
        ck_assert_str_eq(strncmp(lr_text_str(&out), "[\n  ", 4) == 0 ? out.at + 4 : "", "");
        lr_text_free(&out);
    }
}
END_TEST
