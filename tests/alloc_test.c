/* SPDX-License-Identifier: Apache-2.0 */
/* Runs out of memory: the N-th allocation of a command fails, for N = 1, 2, ... until the command needs no more. Each
 * run must give its usual answer, or exit code 2 with a message, and must free all blocks. The sources of the program
 * are linked in with malloc, calloc, realloc and free wrapped. Each run is a separate process. */
#include "suite.h"

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int llmroof_main(int argc, char **argv); /* sim/cli/main.c under another name */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);

/* What a child reports of its run, in shared memory. */
static struct account {
    long calls, fail_at, live;
} * account;

static bool fails(void)
{
    return account && ++account->calls == account->fail_at;
}

static void *counted(void *p)
{
    if (account && p)
        account->live++;
    return p;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : counted(__real_calloc(count, size));
}

void *__wrap_realloc(void *p, size_t size)
{
    if (fails())
        return NULL;
    return p ? __real_realloc(p, size) : counted(__real_realloc(NULL, size));
}

void __wrap_free(void *p)
{
    if (account && p)
        account->live--;
    __real_free(p);
}

enum { OUTPUT_MAX = 1 << 16, WORDS_MAX = 24, LEAK = 97 };

struct answer {
    int code; /* -1: killed by a signal */
    char out[OUTPUT_MAX], err[4096];
};

static char folder[] = "/tmp/llmroof-alloc-XXXXXX";

static void put(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

/* Enough served runs to fit the runtime. */
static void put_runs(void)
{
    FILE *f = fopen("runs.csv", "w");
    ck_assert_ptr_nonnull(f);
    fputs("backend,model_path,system,mode,isl,osl,batch_size,tp_size,pp_size,attention_dp_size,moe_ep_size,"
          "gemm_quant_mode,moe_quant_mode,silicon_tpot_ms\n",
          f);
    for (int i = 1; i <= 80; i++)
        fprintf(f, "vllm,llama-3.1-8b,h100,agg,%d,%d,%d,1,1,1,1,bf16,,%.2f\n", 512 + 16 * i, 128 + 8 * i, 1 + i % 16,
                9 + 0.1 * (i % 16) + 0.01 * i);
    fclose(f);
}

static void put_results(void)
{
    FILE *f = fopen("results.json", "w");
    ck_assert_ptr_nonnull(f);
    for (int users = 1; users <= 32; users *= 2)
        fprintf(f,
                "{\"model_id\": \"llama-3.1-8b\", \"max_concurrency\": %d, \"completed\": 999, \"itls\": [[1, 2]],\n"
                " \"total_input_tokens\": 999000, \"total_output_tokens\": 99900, \"median_tpot_ms\": %d}\n",
                users, 8 + users / 8);
    fclose(f);
}

static void enter(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    setenv("HOME", folder, 1);
    unsetenv("XDG_CONFIG_HOME");
    put("claim.yaml", "name: claim\ntitle: t\narticle: a\nsays: s\nbatch: 1,64\ncontext: 4k\ncases:\n"
                      "  - {model: llama-3.1-8b, gpus: 1}\nstatements:\n  - {says: x, left: h20, right: h100}\nfacts:\n"
                      "  - {says: y, figure: memory.capacity, of: h20, over: h100, article: 1.2, tolerance: 0.02}\n");
    put("rows.csv", "gpu,fw,ver,dtype,m,n,k,flag,latency_us\n"
                    "h100,vllm,1,bf16,16,8192,8192,,55\nh100,vllm,1,bf16,32,8192,8192,,56\n"
                    "h100,vllm,1,bf16,64,8192,8192,,58\nh100,vllm,1,bf16,128,8192,8192,,62\n");
    put("served.csv", "backend,model_path,system,mode,isl,osl,batch_size,tp_size,pp_size,attention_dp_size,moe_ep_size,"
                      "gemm_quant_mode,moe_quant_mode,silicon_tpot_ms\n"
                      "vllm,llama-3.1-8b,h100,agg,1024,128,8,1,1,1,1,bf16,,12\n"
                      "vllm,llama-3.1-8b,h100,agg,1024,256,16,1,1,1,1,bf16,,14\n");
    put_runs();
    put_results();
}

static void leave(void)
{
    static const char *const names[] = {"claim.yaml",   "rows.csv",  "served.csv", "runs.csv",
                                        "results.json", "swept.csv", "out",        "err"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        remove(names[i]);
    ck_assert_int_eq(rmdir(folder), 0);
}

static void slurp(const char *name, char *to, size_t size)
{
    FILE *f = fopen(name, "r");
    ck_assert_ptr_nonnull(f);
    to[fread(to, 1, size - 1, f)] = '\0';
    fclose(f);
}

/* Runs a command in a child. The command line is copied, since the parser changes options in place. */
static void child(const char *command, long fail_at)
{
    char words[512], *argv[WORDS_MAX] = {NULL};
    int argc = 0;
    snprintf(words, sizeof words, "%s", command);
    for (char *at = words; at; argc++) {
        argv[argc] = at;
        at = strchr(at, ' ');
        if (at)
            *at++ = '\0';
    }
    if (!freopen("out", "w", stdout) || !freopen("err", "w", stderr))
        _exit(98);
    account->calls = account->live = 0;
    account->fail_at = fail_at;
    const int code = llmroof_main(argc, argv);
    const long live = account->live;
    fflush(NULL);
    _exit(live ? LEAK : code);
}

static void run(const char *command, long fail_at, struct answer *a)
{
    int status;
    const pid_t pid = fork();
    if (pid == 0)
        child(command, fail_at);
    const pid_t ended = waitpid(pid, &status, 0);
    account->fail_at = 0; /* the library of the tests is wrapped too */
    ck_assert_int_eq(ended, pid);
    a->code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    slurp("out", a->out, sizeof a->out);
    slurp("err", a->err, sizeof a->err);
}

/* A process with a sanitizer starts slowly, so there are fewer of them. */
#if defined(__SANITIZE_ADDRESS__)
enum { EACH = 30, SPARSER = 7 };
#else
enum { EACH = 100, SPARSER = 1 };
#endif

/* step: beyond the first EACH allocations, only every step-th one fails. */
static const struct {
    const char *command;
    int code;
    long step;
} commands[] = {
    {"llmroof list claims", 0, 1},
    {"llmroof show h100", 0, 1},
    {"llmroof show deepseek-v2-lite", 0, 1},
    {"llmroof show vllm", 0, 1},
    {"llmroof estimate deepseek-v2-lite --hw h100-pcie --tp 2 -b 1,8 -c 4k -o json", 0, 1},
    {"llmroof estimate llama-3.1-8b --hw H100-SXM5-80GB --set memory.bandwidth=3TB/s", 0, 1},
    {"llmroof estimate llama-3.1-8b --hw h100 --runtime vllm --served --concurrency 8", 0, 1},
    {"llmroof compare llama-3.1-8b --hw h20,h100 -b 1,8 -o csv", 0, 1},
    {"llmroof fit llama-3.1-70b --hw l4 -o md", 1, 1},
    {"llmroof check ./claim.yaml", 1, 7},
    {"llmroof check ./claim.yaml -o json", 1, 23},
    {"llmroof import " TEST_SOURCE_DIR "/tests/configs/deepseek-v2-lite.json", 0, 1},
    {"llmroof estimate " TEST_SOURCE_DIR "/tests/configs/jamba-1.5-mini.json --hw h100 --tp 2", 0, 3},
    {"llmroof validate rows.csv --include-fitted", 0, 1},
    {"llmroof validate served.csv --include-fitted", 0, 3},
    {"llmroof calibrate rows.csv --hw h100 --base generic", 0, 11},
    {"llmroof calibrate runs.csv --runtime vllm", 0, 17},
    {"llmroof calibrate --from vllm results.json --hw h100 --runtime mine", 0, 11},
    {"llmroof validate --from sglang results.json --model llama-3.1-8b --hw h100", 0, 1},
    {"llmroof sweep llama-3.1-8b qwen3-8b --hw h20,h100 --tp 1,2 -b 1,8 -c 4k --threads 1", 0, 3},
    {"llmroof sweep llama-3.1-8b --hw h20 -b 1,8 -c 4k --threads 1 -o swept.csv", 0, 3},
    {"llmroof best llama-3.1-8b --hw h20,h100 --gpus 1,2 -b 1,8 --tpot 50ms", 0, 7},
    {"llmroof frontier llama-3.1-8b --hw h20,h100 -b 1,8 -o csv", 0, 7},
    {"llmroof capacity llama-3.1-8b --hw h100 --rate 2/s --input 1k --output 200 --tpot 50ms", 0, 17},
    {"llmroof explain llama-3.1-8b --hw h20 --vs h100 -b 8 -c 4k -o json", 0, 5},
    {"llmroof explain llama-3.1-8b --hw h20 --need tpot<1ms -b 8 -c 4k", 1, 5},
    {"llmroof show nothing-like-it", 2, 5},
    {"llmroof estimate llama-3.1-8b --hw h100 --gpus 3 --wieghts fp8", 2, 1},
};

enum { COMMANDS = sizeof commands / sizeof *commands };

START_TEST(every_allocation_may_fail)
{
    static struct answer clean, a;
    const char *const command = commands[_i].command;
    FILE *const shared = tmpfile();
    ck_assert_ptr_nonnull(shared);
    ck_assert_int_eq(ftruncate(fileno(shared), sizeof *account), 0);
    account = mmap(NULL, sizeof *account, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(shared), 0);
    ck_assert_ptr_ne(account, MAP_FAILED);
    run(command, 0, &clean);
    ck_assert_msg(clean.code == commands[_i].code, "%s: exit %d: %s", command, clean.code, clean.err);
    const long calls = account->calls;
    long failed = 0;
    ck_assert_int_gt(calls, 10);
    for (long n = 1; n <= calls; n += n < EACH ? 1 : SPARSER * commands[_i].step) {
        run(command, n, &a);
        const bool same = a.code == clean.code && strcmp(a.out, clean.out) == 0;
        /* a command that prints as it goes may have printed the beginning */
        const bool refused = a.code == 2 && strncmp(a.out, clean.out, strlen(a.out)) == 0 && *a.err;
        if (!same && !refused && ++failed <= 5)
            fprintf(stderr, "%s: allocation %ld of %ld: exit %d%s, says '%.200s'\n", command, n, calls, a.code,
                    a.code == LEAK ? " (a leak)" : "", a.err);
    }
    munmap(account, sizeof *account);
    account = NULL;
    fclose(shared);
    ck_assert_msg(failed == 0, "%s: %ld of %ld allocations", command, failed, calls);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("alloc");
    TCase *tc = tcase_create("alloc");
    tcase_set_timeout(tc, 300);
    tcase_add_checked_fixture(tc, enter, leave);
    tcase_add_loop_test(tc, every_allocation_may_fail, 0, COMMANDS);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
