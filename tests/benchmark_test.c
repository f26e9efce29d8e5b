/* Tables of end-to-end measurements: what units turn into, what is refused, and that the public ones load. */
#include "suite.h"

#include <llmroof/benchmark.h>

#include <math.h>
#include <string.h>
#include <unistd.h>

#define PUBLISHED                                                                                                      \
    "gpu,n_gpus,n_nodes,model,engine,tp,batch_or_concurrency_total,input_len,output_len,metric,value,unit\n"
#define P(metric, value, unit) "h100,8,2,llama-3.1-8b,vLLM,8,64,1000,200," metric "," value "," unit "\n"

static struct lr_benchmark *load(const char *text, struct lr_diags *ds)
{
    char path[] = "/tmp/llmroof-benchmark-XXXXXX";
    const int fd = mkstemp(path);
    ck_assert_int_eq((int)write(fd, text, strlen(text)), (int)strlen(text));
    close(fd);
    struct lr_catalog *c = suite_catalog();
    struct lr_benchmark *b = lr_benchmark_load(path, c, ds);
    lr_catalog_free(c);
    unlink(path);
    return b;
}

/* 64 users at 3200 tokens/s get one every 20 ms; (1000 + 200) x 64 tokens at 12800 a second take 6 s. */
START_TEST(metrics_and_units)
{
    static const double value[] = {0.025, 0.02, 0.02, 0.02, 3200, 3200, 6};
    struct lr_diags ds = {0};
    struct lr_benchmark *b =
        load(PUBLISHED P("median TPOT", "25", "ms") P("decode tokens/s", "3200", "tok/s")
                 P("decode tokens/s", "400", "tok/s/GPU") P("decode tokens/s", "1600", "tok/s/node")
                     P("output throughput", "3200", "tok/s") P("total (in+out) throughput", "400", "tok/s/GPU")
                         P("speed = (prompt+200)/time", "12800", "tokens/s (prompt+generated)"),
             &ds);
    suite_no_errors(&ds);
    for (size_t i = 0; i < b->count; i++)
        ck_assert_msg(fabs(b->row[i].value - value[i]) <= 1e-12 * value[i], "row %zu: %g", i, b->row[i].value);
    lr_benchmark_free(b);
}
END_TEST

START_TEST(what_is_refused)
{
    struct lr_diags ds = {0};
    ck_assert_ptr_null(load(PUBLISHED P("TPOT", "nan", "ms"), &ds));
    ck_assert_int_eq(ds.item[0].pos.line, 2);
    ck_assert_int_eq(ds.item[0].pos.col, 11);
    ck_assert_ptr_null(load("a,b\n1,2\n", &ds));
    ck_assert_uint_eq(ds.errors, 2);
    lr_diags_free(&ds);
}
END_TEST

static size_t lines_in(const char *path)
{
    FILE *f = fopen(path, "r");
    size_t n = 0;
    ck_assert_ptr_nonnull(f);
    for (int c = fgetc(f); c != EOF; c = fgetc(f))
        n += c == '\n';
    fclose(f);
    return n;
}

START_TEST(the_public_tables)
{
    static const char *const files[] = {"e2e.csv", "../facts/published_e2e.csv"};
    const char *const given = getenv("LLMROOF_MEASURED");
    const char *const dir = given ? given : TEST_SOURCE_DIR "/../shared/measured";
    struct lr_catalog *c = suite_catalog();
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[1024];
        struct lr_diags ds = {0};
        snprintf(path, sizeof path, "%s/%s", dir, files[i]);
        if (access(path, R_OK) != 0) {
            printf("skipped: %s is not here\n", path);
            fflush(stdout);
            continue;
        }
        struct lr_benchmark *b = lr_benchmark_load(path, c, &ds);
        suite_no_errors(&ds);
        ck_assert_ptr_nonnull(b);
        ck_assert_uint_eq(b->count, lines_in(path) - 1);
        lr_benchmark_free(b);
        lr_diags_free(&ds);
    }
    lr_catalog_free(c);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {metrics_and_units, what_is_refused, the_public_tables};
    return suite_run("benchmark", tests, sizeof tests / sizeof *tests, 1);
}
