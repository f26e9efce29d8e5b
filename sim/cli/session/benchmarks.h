/* SPDX-License-Identifier: Apache-2.0 */
/* The end-to-end measurements that a command names, tables or results of serving benchmarks (--from), and the plans of
 * their deployments. */
#ifndef LLMROOF_CLI_SESSION_BENCHMARKS_H
#define LLMROOF_CLI_SESSION_BENCHMARKS_H

#include "cli/session/session.h"

#include <llmroof/benchmark.h>

enum { LR_BENCHMARK_RUNTIMES_MAX = 16 };

struct lr_benchmarks {
    struct lr_session *session;
    const char *fits; /* set before it is opened: the runtime that results are to fit; NULL: they are for testing */
    const struct lr_benchmark *file[LR_NAMES_MAX];
    struct lr_benchmark *owned[LR_NAMES_MAX];
    size_t count;
    struct lr_runtime *runtime[LR_BENCHMARK_RUNTIMES_MAX];
    size_t runtimes;
    struct lr_benchmark_plan *plan; /* each deployment once */
    size_t plans, capacity;
};

/* Is the first operand a table of end-to-end measurements, or the result of a serving benchmark? */
bool lr_benchmarks_named(const struct lr_session *s);

/* Rows of tables say what was deployed: options that say it without --from are errors. false when there is one. chip:
 * --hw has a meaning without it. */
bool lr_benchmarks_options(struct lr_session *s, bool chip);

/* Every operand. false after an error. Close in every case. */
bool lr_benchmarks_open(struct lr_benchmarks *b, struct lr_session *s);
void lr_benchmarks_close(struct lr_benchmarks *b);

/* A lr_plan_for whose user is the struct. */
const struct lr_plan *lr_benchmarks_plan(void *benchmarks, const struct lr_benchmark_row *r, const char **why);

#endif
