/* SPDX-License-Identifier: Apache-2.0 */
/* Output: tables in four formats, JSON, human numbers, labels and files; and the texts and numbers that they use. */
#include "random.h"
#include "suite.h"

#include "core/number.h"
#include "document/csv.h"
#include "output/output.h"
#include "render/json.h"
#include "render/labels.h"
#include "render/prose.h"
#include "render/table.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

struct row {
    const char *name;
    double tpot_s, bytes, fits, share, speedup, batch, floor_s;
};

static const struct lr_column COLUMNS[] = {
    LR_COLUMN(row, name, "name", TEXT),      LR_COLUMN(row, tpot_s, "TPOT", SECONDS),
    LR_COLUMN(row, bytes, "memory", BYTES),  LR_COLUMN(row, fits, "fits", BOOL),
    LR_COLUMN(row, share, "share", PERCENT), LR_COLUMN(row, speedup, "against", TIMES),
    LR_COLUMN(row, batch, "batch", COUNT),   LR_COLUMN(row, floor_s, NULL, SECONDS),
};

enum { COLUMN_COUNT = sizeof COLUMNS / sizeof *COLUMNS };

static void fill(struct lr_table *t)
{
    static const struct row rows[] = {{"h20", 0.00461, 84.3e9, 1, 0.123, 1.25, 32, 0.001},
                                      {"Schmidhüber", NAN, INFINITY, 0, -0.5, 0.5, 123456, -INFINITY}};
    lr_table_init(t, COLUMNS, COLUMN_COUNT);
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        lr_table_add(t, &rows[r]);
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

/* Written by hand. Seven fields are in all formats, the eighth only in those for machines. ü is one character wide.
 * Values that are not finite are '-' in tables, empty in CSV, null in JSON. */
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

/* Texts may be NULL: empty cells. The caller may change the row and its texts afterwards. */
START_TEST(rows_are_copied)
{
    struct lr_table t;
    struct lr_text out = {0};
    char name[] = "h20";
    struct row row = {.name = name, .tpot_s = 1};
    lr_table_init(&t, COLUMNS, 2);
    lr_table_add(&t, &row);
    name[0] = 'x';
    row = (struct row){.name = NULL, .tpot_s = NAN};
    lr_table_add(&t, &row);
    lr_table_render(&t, LR_FORMAT_TEXT, "s", &out);
    lr_table_render(&t, LR_FORMAT_CSV, "s", &out);
    lr_table_render(&t, LR_FORMAT_JSON, "s", &out);
    ck_assert_str_eq(lr_text_str(&out), "name    TPOT\n----  ------\nh20   1.00 s\n-          -\n"
                                        "name,tpot_s\nh20,1\n,\n"
                                        "{\n  \"schema\": \"s\",\n  \"rows\": [\n"
                                        "    {\n      \"name\": \"h20\",\n      \"tpot_s\": 1\n    },\n"
                                        "    {\n      \"name\": null,\n      \"tpot_s\": null\n    }\n  ]\n}\n");
    lr_text_free(&out);
    lr_table_free(&t);
}
END_TEST

START_TEST(a_table_without_rows)
{
    struct lr_table t;
    struct lr_text out = {0};
    lr_table_init(&t, COLUMNS, 2);
    lr_table_render(&t, LR_FORMAT_JSON, "s", &out);
    lr_table_render(&t, LR_FORMAT_CSV, "s", &out);
    lr_table_render(&t, LR_FORMAT_TEXT, "s", &out);
    ck_assert_str_eq(lr_text_str(&out),
                     "{\n  \"schema\": \"s\",\n  \"rows\": []\n}\nname,tpot_s\nname  TPOT\n----  ----\n");
    lr_text_free(&out);
    lr_table_free(&t);
}
END_TEST

/* RFC 8259, section 7: '"', '\' and U+0000 to U+001F must be escaped; other characters need not be. */
START_TEST(json_strings)
{
    static const struct {
        const char *text, *json;
    } cases[] = {
        {"", "\"\""},
        {"a \"quoted\" word", "\"a \\\"quoted\\\" word\""},
        {"C:\\new", "\"C:\\\\new\""},
        {"one\ntwo", "\"one\\ntwo\""},
        {"\x01\x08\t\r\x1b\x1f", "\"\\u0001\\u0008\\u0009\\u000d\\u001b\\u001f\""},
        {"\x7f", "\"\\u007f\""},
        {"\xc3\xbc \xe2\x82\xac \xf0\x9f\x9a\x80", "\"\xc3\xbc \xe2\x82\xac \xf0\x9f\x9a\x80\""},
        {"a/b", "\"a/b\""},
        {NULL, "null"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lr_text out = {0}, want = {0};
        struct lr_json j = {.out = &out};
        lr_json_open(&j, NULL, '[');
        lr_json_text(&j, NULL, cases[i].text);
        lr_json_close(&j, ']');
        lr_text_addf(&want, "[\n  %s\n]\n", cases[i].json);
        ck_assert_str_eq(lr_text_str(&out), lr_text_str(&want));
        lr_text_free(&out);
        lr_text_free(&want);
    }
}
END_TEST

START_TEST(json_nests_and_has_no_nan)
{
    struct lr_text out = {0};
    struct lr_json j = {.out = &out};
    lr_json_open(&j, NULL, '{');
    lr_json_number(&j, "a\"b", NAN);
    lr_json_number(&j, "inf", -INFINITY);
    lr_json_number(&j, "zero", -0.0);
    lr_json_number(&j, "tenth", 0.1);
    lr_json_number(&j, "tiny", 1e-9);
    lr_json_bool(&j, "no", false);
    lr_json_open(&j, "empty", '[');
    lr_json_close(&j, ']');
    lr_json_open(&j, "list", '[');
    lr_json_open(&j, NULL, '{');
    lr_json_close(&j, '}');
    lr_json_number(&j, NULL, 1);
    lr_json_close(&j, ']');
    lr_json_close(&j, '}');
    ck_assert_str_eq(lr_text_str(&out),
                     "{\n  \"a\\\"b\": null,\n  \"inf\": null,\n  \"zero\": 0,\n  \"tenth\": 0.1,\n  \"tiny\": 1e-09,\n"
                     "  \"no\": false,\n  \"empty\": [],\n  \"list\": [\n    {},\n    1\n  ]\n}\n");
    lr_text_free(&out);
}
END_TEST

static void read_file(const char *path, struct lr_text *out)
{
    FILE *f = fopen(path, "rb");
    char buf[256];
    size_t n;
    ck_assert_msg(f != NULL, "%s is missing", path);
    while ((n = fread(buf, 1, sizeof buf, f)) > 0)
        lr_text_add_bytes(out, buf, n);
    fclose(f);
}

/* A folder for this test, and the number of files in it. */
static const char *folder(void)
{
    static char path[64];
    snprintf(path, sizeof path, "/tmp/llmroof-render-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(path));
    return path;
}

static size_t files_in(const char *path)
{
    size_t n = 0;
    DIR *d = opendir(path);
    ck_assert_ptr_nonnull(d);
    for (const struct dirent *e = readdir(d); e; e = readdir(d))
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(d);
    return n;
}

/* RFC 4180, section 2: cells with commas, quotes and line breaks are in quotes, and quotes are doubled. The CSV reader
 * reads back what was written. */
START_TEST(csv_cells)
{
    static const char *const cells[] = {"a,b", "say \"hi\"", "\"", "two\nlines", "cr\rhere", "", " space ", "plain"};
    struct pair {
        const char *left, *right;
    };
    static const struct lr_column column[] = {LR_COLUMN(pair, left, "left", TEXT),
                                              LR_COLUMN(pair, right, "right", TEXT)};
    enum { CELLS = sizeof cells / sizeof *cells };
    struct lr_table t;
    struct lr_text out = {0}, path = {0};
    struct lr_diags ds = {0};
    lr_table_init(&t, column, 2);
    for (size_t i = 0; i < CELLS; i++) {
        const struct pair row = {cells[i], "end"};
        lr_table_add(&t, &row);
    }
    lr_table_render(&t, LR_FORMAT_CSV, "", &out);
    ck_assert_str_eq(out.at, "left,right\n\"a,b\",end\n\"say \"\"hi\"\"\",end\n\"\"\"\",end\n\"two\nlines\",end\n"
                             "\"cr\rhere\",end\n,end\n space ,end\nplain,end\n");
    const char *const dir = folder();
    lr_text_addf(&path, "%s/cells.csv", dir);
    ck_assert(lr_output_write(path.at, &out, &ds));
    struct lr_csv *csv = lr_csv_load(path.at, &ds);
    suite_no_errors(&ds);
    ck_assert_uint_eq(csv->count, CELLS);
    for (size_t i = 0; i < CELLS; i++) {
        ck_assert_str_eq(lr_csv_cell(csv, i, "left"), cells[i]);
        ck_assert_str_eq(lr_csv_cell(csv, i, "right"), "end");
    }
    lr_csv_free(csv);
    unlink(path.at);
    rmdir(dir);
    lr_text_free(&out);
    lr_text_free(&path);
    lr_table_free(&t);
}
END_TEST

START_TEST(human_numbers)
{
    static const struct {
        double value;
        enum lr_cell_kind kind;
        const char *text;
    } cases[] = {
        {0, LR_CELL_SECONDS, "0 us"},
        {0, LR_CELL_BYTES, "0 B"},
        {0, LR_CELL_NUMBER, "0"},
        {0, LR_CELL_COUNT, "0"},
        {0, LR_CELL_PERCENT, "0.0 %"},
        {0, LR_CELL_TIMES, "0.00x"},
        {0, LR_CELL_BOOL, "no"},
        {2, LR_CELL_BOOL, "yes"},
        {999.4, LR_CELL_RATE, "999"},
        {999.5, LR_CELL_RATE, "1000"}, /* a tie, to even */
        {99.94, LR_CELL_NUMBER, "99.9"},
        {99.96, LR_CELL_NUMBER, "100"},
        {9.994, LR_CELL_NUMBER, "9.99"},
        {9.996, LR_CELL_NUMBER, "10.0"},
        {0.5, LR_CELL_NUMBER, "0.500"},
        {-12.34, LR_CELL_NUMBER, "-12.3"},
        {1e12, LR_CELL_NUMBER, "1000000000000"},
        {1e12, LR_CELL_COUNT, "1000000000000"},
        {1e12, LR_CELL_BYTES, "1.00 TB"},
        {999.4e9, LR_CELL_BYTES, "999 GB"},
        {999.5e9, LR_CELL_BYTES, "1.00 TB"}, /* the unit changes where three digits would give 1000 */
        {-84.3e9, LR_CELL_BYTES, "-84.3 GB"},
        {500, LR_CELL_BYTES, "500 B"},
        {1e-9, LR_CELL_SECONDS, "0.001 us"},
        {999.4e-6, LR_CELL_SECONDS, "999 us"},
        {999.6e-6, LR_CELL_SECONDS, "1.00 ms"},
        {0.9994, LR_CELL_SECONDS, "999 ms"},
        {0.9996, LR_CELL_SECONDS, "1.00 s"},
        {-0.00461, LR_CELL_SECONDS, "-4.61 ms"},
        {1e12, LR_CELL_SECONDS, "1000000000000 s"},
        {-0.5, LR_CELL_PERCENT, "-50.0 %"},
        {9.995, LR_CELL_PERCENT, "999.5 %"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char buf[LR_HUMAN_SIZE];
        ck_assert_str_eq(lr_human(cases[i].value, cases[i].kind, buf), cases[i].text);
    }
}
END_TEST

/* Two labels for one place share the shift. At an end, they stay inside. A distant third one stays. */
START_TEST(labels_by_hand)
{
    struct lr_label l[] = {{.wanted = 0.9, .index = 0}, {.wanted = 0.5, .index = 1}, {.wanted = 0.5, .index = 2}};
    lr_labels_place(l, 3, 0.1, 0, 1);
    ck_assert_uint_eq(l[0].index, 1);
    ck_assert_uint_eq(l[1].index, 2);
    ck_assert_uint_eq(l[2].index, 0);
    ck_assert_double_eq_tol(l[0].placed, 0.45, 1e-12);
    ck_assert_double_eq_tol(l[1].placed, 0.55, 1e-12);
    ck_assert_double_eq(l[2].placed, 0.9);
    struct lr_label low[] = {{.wanted = 0}, {.wanted = 0.02, .index = 1}, {.wanted = 0.15, .index = 2}};
    lr_labels_place(low, 3, 0.1, 0, 1); /* the first two at 0 and 0.1 push the third */
    ck_assert_double_eq_tol(low[0].placed, 0, 1e-12);
    ck_assert_double_eq_tol(low[1].placed, 0.1, 1e-12);
    ck_assert_double_eq_tol(low[2].placed, 0.2, 1e-12);
    lr_labels_place(l, 0, 0.1, 0, 1);
}
END_TEST

START_TEST(labels_never_overlap)
{
    struct dice d = {(uint64_t)_i};
    for (int n = 0; n < 200; n++) {
        struct lr_label l[64];
        const size_t count = 1 + dice_pick(&d, 64);
        const double gap = dice_between(&d, 0, 1) / (double)count; /* all have room */
        for (size_t i = 0; i < count; i++)
            l[i] = (struct lr_label){.wanted = dice_pick(&d, 2) ? dice_unit(&d) : 0.25 * (double)dice_pick(&d, 5),
                                     .placed = NAN,
                                     .index = i};
        lr_labels_place(l, count, gap, 0, 1);
        bool crowded = false;
        for (size_t i = 0; i < count; i++) {
            ck_assert_double_ge(l[i].placed, -1e-12);
            ck_assert_double_le(l[i].placed, 1 + 1e-12);
            if (i == 0)
                continue;
            ck_assert_double_le(l[i - 1].wanted, l[i].wanted);
            ck_assert_double_ge(l[i].placed - l[i - 1].placed, gap - 1e-12);
            crowded = crowded || l[i].wanted - l[i - 1].wanted < gap;
        }
        for (size_t i = 0; i < count && !crowded; i++)
            ck_assert_double_eq(l[i].placed, l[i].wanted);
    }
}
END_TEST

START_TEST(a_file_appears_whole)
{
    struct lr_text path = {0}, text = {0}, got = {0};
    struct lr_diags ds = {0};
    struct stat st;
    const char *const dir = folder();
    lr_text_addf(&path, "%s/out.json", dir);
    ck_assert(lr_output_write(path.at, &text, &ds)); /* empty */
    ck_assert(stat(path.at, &st) == 0 && st.st_size == 0);
    for (int i = 0; i < 30000; i++)
        lr_text_addf(&text, "%d\n", i);
    ck_assert(lr_output_write(path.at, &text, &ds)); /* replaces the file */
    read_file(path.at, &got);
    ck_assert_uint_eq(got.length, text.length);
    ck_assert_mem_eq(got.at, text.at, text.length);
    ck_assert(stat(path.at, &st) == 0 && (st.st_mode & 0777) == 0644);
    ck_assert_uint_eq(files_in(dir), 1);
    suite_no_errors(&ds);
    unlink(path.at);
    rmdir(dir);
    lr_text_free(&path);
    lr_text_free(&text);
    lr_text_free(&got);
}
END_TEST

/* One error with the file and the reason. */
static void assert_refused(const char *path, const struct lr_text *text, const char *named, const char *why)
{
    struct lr_diags ds = {0};
    char message[512];
    ck_assert(!lr_output_write(path, text, &ds));
    ck_assert_uint_eq(ds.errors, 1);
    lr_diag_format(&ds.item[0], message, sizeof message);
    ck_assert_msg(strstr(message, named) && strstr(message, why), "%s", message);
    lr_diags_free(&ds);
}

START_TEST(a_file_that_fails_leaves_nothing)
{
    struct lr_text path = {0}, text = {0};
    const char *const dir = folder();
    lr_text_add(&text, "answer\n");
    lr_text_addf(&path, "%s/none/out.csv", dir);
    assert_refused(path.at, &text, path.at, "No such file");
    assert_refused(dir, &text, dir, "directory"); /* a folder has this name */
    ck_assert_uint_eq(files_in(dir), 0);
    if (geteuid() == 0) {
        printf("skipped: a folder without permission, which root writes to all the same\n");
    } else {
        lr_text_cut(&path, 0);
        lr_text_addf(&path, "%s/out.csv", dir);
        chmod(dir, 0555);
        assert_refused(path.at, &text, path.at, "Permission denied");
        chmod(dir, 0755);
        ck_assert_uint_eq(files_in(dir), 0);
    }
    rmdir(dir);
    lr_text_free(&path);
    lr_text_free(&text);
}
END_TEST

/* A disk that is full after 4 KiB: the file that was there before stays, and no temporary file is left. */
START_TEST(a_full_disk_keeps_the_old_file)
{
    struct lr_text path = {0}, old = {0}, text = {0}, got = {0};
    struct lr_diags ds = {0};
    struct rlimit limit, before;
    const char *const dir = folder();
    lr_text_addf(&path, "%s/out.md", dir);
    lr_text_add(&old, "old\n");
    ck_assert(lr_output_write(path.at, &old, &ds));
    for (int i = 0; i < 3000; i++)
        lr_text_add(&text, "line\n");
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = 4096;
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    bool ok = lr_output_write(path.at, &text, &ds);
    setrlimit(RLIMIT_FSIZE, &before);
    ck_assert(!ok);
    ck_assert_uint_eq(ds.errors, 1);
    ck_assert_ptr_nonnull(strstr(ds.item[0].message, "cannot be written: File too large"));
    read_file(path.at, &got);
    ck_assert_str_eq(got.at, "old\n");
    ck_assert_uint_eq(files_in(dir), 1);
    unlink(path.at);
    rmdir(dir);
    lr_diags_free(&ds);
    lr_text_free(&path);
    lr_text_free(&old);
    lr_text_free(&text);
    lr_text_free(&got);
}
END_TEST

START_TEST(standard_output_that_is_full)
{
    struct lr_text text = {0};
    struct lr_diags ds = {0};
    const int full = open("/dev/full", O_WRONLY), saved = dup(STDOUT_FILENO);
    ck_assert_int_ge(full, 0);
    ck_assert_int_ge(saved, 0);
    fflush(stdout);
    lr_text_add(&text, "answer\n");
    dup2(full, STDOUT_FILENO);
    const bool ok = lr_output_write(NULL, &text, &ds);
    dup2(saved, STDOUT_FILENO);
    close(full);
    close(saved);
    ck_assert(!ok);
    ck_assert_uint_eq(ds.errors, 1);
    ck_assert_str_eq(ds.item[0].pos.file, "standard output");
    ck_assert_ptr_nonnull(strstr(ds.item[0].message, "No space left"));
    text.out_of_memory = true; /* an incomplete answer is not written */
    const char *const dir = folder();
    struct lr_text path = {0};
    lr_text_addf(&path, "%s/out", dir);
    ck_assert(!lr_output_write(path.at, &text, &ds));
    ck_assert_uint_eq(files_in(dir), 0);
    rmdir(dir);
    lr_text_free(&path);
    lr_text_free(&text);
    lr_diags_free(&ds);
}
END_TEST

START_TEST(text_grows_and_stays_terminated)
{
    struct lr_text t = {0};
    char want[2001] = "";
    for (size_t i = 0; i < 1000; i++) {
        lr_text_addf(&t, "%c", 'a' + (int)(i % 26));
        lr_text_add_bytes(&t, "xyz", 1);
        want[2 * i] = (char)('a' + (int)(i % 26));
        want[2 * i + 1] = 'x';
        ck_assert_uint_eq(strlen(t.at), t.length);
        ck_assert_uint_gt(t.capacity, t.length);
    }
    ck_assert_str_eq(t.at, want);
    lr_text_cut(&t, 0);
    lr_text_add_bytes(&t, "a\0b", 3);
    ck_assert_uint_eq(t.length, 3);
    lr_text_add_bytes(&t, "x", SIZE_MAX / 2); /* too long: the text stays as it was */
    ck_assert(t.out_of_memory);
    ck_assert_uint_eq(t.length, 3);
    lr_text_free(&t);
    ck_assert(!t.out_of_memory);
}
END_TEST

/* Every double is read back bit for bit from its text, which has at most 24 characters. */
START_TEST(doubles_come_back)
{
    struct dice d = {(uint64_t)_i};
    for (int i = 0; i < 2000; i++) {
        const uint64_t bits = dice_next(&d);
        double value, back = 0;
        char buf[LR_DOUBLE_SIZE];
        memcpy(&value, &bits, sizeof value);
        if (i % 2)
            value = floor(dice_scale(&d, 1, 1e6)) / 1000; /* as people write them */
        if (!isnormal(value))
            continue;
        ck_assert_uint_le(lr_format_double(value, buf, sizeof buf), 24);
        ck_assert_msg(lr_number_parse(buf, &back), "%s", buf);
        ck_assert_mem_eq(&back, &value, sizeof value);
    }
}
END_TEST

START_TEST(numbers_at_their_edges)
{
    static const char *const good[] = {"0", "-0.0", "+1.5", "1e3", "1E-3", ".5", "5.", "1e308"};
    static const double value[] = {0, 0, 1.5, 1000, 0.001, 0.5, 5, 1e308};
    static const char *const bad[] = {"",    " 1", "1 ",   "1,5",   "nan",    "inf", "0x10", "1e",
                                      "--1", ".",  "1e5x", "1e400", "1e-400", "e5",  "1_000"};
    char buf[LR_DOUBLE_SIZE];
    double v = -7;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ck_assert_msg(lr_number_parse(good[i], &v), "'%s'", good[i]);
        ck_assert_double_eq(v, value[i]);
    }
    v = -7;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!lr_number_parse(bad[i], &v) && v == -7, "'%s'", bad[i]);
    ck_assert_uint_eq(lr_format_double(NAN, buf, sizeof buf), 3);
    ck_assert_str_eq(buf, "nan");
    lr_format_double(-INFINITY, buf, sizeof buf);
    ck_assert_str_eq(buf, "-inf");
    lr_format_double(5e-324, buf, sizeof buf);
    ck_assert_str_eq(buf, "5e-324");
    ck_assert_uint_eq(lr_format_double(123456, buf, 4), 6); /* returns the length that it needs, as snprintf does */
    ck_assert_str_eq(buf, "123");
}
END_TEST

static void assert_wrapped(const char *text, size_t indent, enum lr_format format, const char *want)
{
    struct lr_text out = {0};
    lr_text_add(&out,
                "before, a line that is not wrapped because it was there before the call: it has 91 characters\n");
    const size_t from = out.length;
    lr_text_add(&out, text);
    lr_prose_wrap(&out, from, indent, format);
    ck_assert_str_eq(lr_text_str(&out) + from, want);
    lr_text_free(&out);
}

#define FIFTY "an H20 is faster than an H100 at equal GPU count, "

/* Only text is wrapped. A line may have 80 characters, not 81. A number stays with its unit. */
START_TEST(prose_is_wrapped_at_80_columns)
{
    assert_wrapped("", 2, LR_FORMAT_TEXT, "");
    assert_wrapped("short\n\n  short too\n", 2, LR_FORMAT_TEXT, "short\n\n  short too\n");
    assert_wrapped(FIFTY "if it runs the same decoding engin", 2, LR_FORMAT_MD,
                   FIFTY "if it runs the same decoding engin");
    assert_wrapped(FIFTY "if it runs the same engine 99\n", 2, LR_FORMAT_TEXT, FIFTY "if it runs the same engine 99\n");
    assert_wrapped(FIFTY "if it runs the same engine abc\n", 2, LR_FORMAT_TEXT,
                   FIFTY "if it runs the same engine abc\n");
    assert_wrapped(FIFTY "if it runs the same engine abcd  e\n", 2, LR_FORMAT_TEXT,
                   FIFTY "if it runs the same engine\n  abcd  e\n");
    assert_wrapped(FIFTY "if it rüns the säme engine äbc\n", 2, LR_FORMAT_TEXT,
                   FIFTY "if it rüns the säme engine äbc\n");
    assert_wrapped(FIFTY "in a mean of the times of 7.37 ms.\n", 0, LR_FORMAT_TEXT,
                   FIFTY "in a mean of the times of\n7.37 ms.\n");
    assert_wrapped("- " FIFTY FIFTY FIFTY "b\nc", 2, LR_FORMAT_TEXT,
                   "- " FIFTY "an H20 is faster than an\n"
                   "  H100 at equal GPU count, an H20 is faster than an H100 at equal GPU count, b\nc");
}
END_TEST

/* A word of more than 80 characters is not cut. */
START_TEST(long_words_are_not_wrapped)
{
#define WORD "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789"
    assert_wrapped("  " WORD " a " WORD WORD "  b \n", 1, LR_FORMAT_TEXT, "  " WORD "\n a\n " WORD WORD "\n b \n");
#undef WORD
}
END_TEST

int main(void)
{
    const TTest *const once[] = {one_table_in_four_formats,
                                 prose_is_wrapped_at_80_columns,
                                 long_words_are_not_wrapped,
                                 rows_are_copied,
                                 a_table_without_rows,
                                 json_strings,
                                 json_nests_and_has_no_nan,
                                 csv_cells,
                                 human_numbers,
                                 labels_by_hand,
                                 a_file_appears_whole,
                                 a_file_that_fails_leaves_nothing,
                                 a_full_disk_keeps_the_old_file,
                                 standard_output_that_is_full,
                                 text_grows_and_stays_terminated,
                                 numbers_at_their_edges};
    const TTest *const random[] = {labels_never_overlap, doubles_come_back};
    const int failed = suite_run("render", once, sizeof once / sizeof *once, 1);
    return suite_run("render, random", random, sizeof random / sizeof *random, 24) || failed;
}
