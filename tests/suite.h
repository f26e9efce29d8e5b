/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by all Check programs: one suite with one case from a list of tests. */
#ifndef LLMROOF_TESTS_SUITE_H
#define LLMROOF_TESTS_SUITE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <llmroof/catalog.h>
#include <llmroof/kernels.h>

static inline int suite_run(const char *name, const TTest *const *tests, size_t count, int loops)
{
    Suite *suite = suite_create(name);
    TCase *tc = tcase_create(name);
    tcase_set_timeout(tc, 240);
    for (size_t i = 0; i < count; i++)
        tcase_add_loop_test(tc, tests[i], 0, loops);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* The shipped profiles. */
static inline struct lr_catalog *suite_catalog(void)
{
    static const char *const dirs[] = {TEST_SOURCE_DIR "/configs"};
    struct lr_catalog *c = lr_catalog_open(dirs, 1);
    ck_assert_ptr_nonnull(c);
    return c;
}

/* Fails with the first error, if there is one. */
static inline void suite_no_errors(const struct lr_diags *ds)
{
    char text[512] = "";
    if (ds->count > 0)
        lr_diag_format(&ds->item[0], text, sizeof text);
    ck_assert_msg(ds->errors == 0, "%s", text);
}

/* The kernel set that the program uses: that of the chip, or else that of its architecture. */
static inline struct lr_kernels *suite_kernels(const struct lr_catalog *c, const struct lr_hardware *hw)
{
    struct lr_diags ds = {0};
    struct lr_kernels *k = lr_catalog_kernels_for(c, hw, NULL, &ds);
    suite_no_errors(&ds);
    lr_diags_free(&ds);
    return k;
}

/* The path of a file or folder of the measured data, relative to LLMROOF_MEASURED (docs/measured-data.md). False, and
 * prints why, when the variable is not set or there is no such file. */
static inline bool suite_measured(const char *name, char *path, size_t size)
{
    const char *const folder = getenv("LLMROOF_MEASURED");
    if (!folder || !*folder) {
        printf("skipped: LLMROOF_MEASURED is not set, so %s is not read\n", name);
        fflush(stdout);
        return false;
    }
    snprintf(path, size, "%s/%s", folder, name);
    if (access(path, R_OK) != 0) {
        printf("skipped: %s does not exist\n", path);
        fflush(stdout);
        return false;
    }
    return true;
}

/* The number of rows of a table: its lines without the header. */
static inline size_t suite_rows(const char *path)
{
    size_t lines = 0;
    FILE *f = fopen(path, "r");
    ck_assert_ptr_nonnull(f);
    for (int c = fgetc(f); c != EOF; c = fgetc(f))
        lines += c == '\n';
    fclose(f);
    ck_assert_uint_gt(lines, 0);
    return lines - 1;
}

#endif
