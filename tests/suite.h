/* What every Check program needs: one suite of one case from a list of tests. */
#ifndef LLMROOF_TESTS_SUITE_H
#define LLMROOF_TESTS_SUITE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include <llmroof/catalog.h>

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

/* Fails with the first diagnostic when there is an error. */
static inline void suite_no_errors(const struct lr_diags *ds)
{
    char text[512] = "";
    if (ds->count > 0)
        lr_diag_format(&ds->item[0], text, sizeof text);
    ck_assert_msg(ds->errors == 0, "%s", text);
}

#endif
