/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines, parsed from one table of options. A row gives an option its names, its argument, the place it fills
 * and its help; the commands list which rows they take. */
#ifndef LLMROOF_CLI_ARGUMENT_OPTIONS_H
#define LLMROOF_CLI_ARGUMENT_OPTIONS_H

#include <llmroof/catalog.h>
#include <llmroof/diag.h>
#include <llmroof/dtype.h>

#include <stdbool.h>
#include <stddef.h>

enum { LR_POINTS_MAX = 256, LR_NAMES_MAX = 1024, LR_OVERRIDES_MAX = 32 };

/* Lists of texts, split at commas where the option says so. */
struct lr_names {
    const char *name[LR_NAMES_MAX];
    size_t count;
};

struct lr_points {
    double value[LR_POINTS_MAX];
    size_t count;
};

struct lr_formats {
    enum lr_dtype value[LR_DTYPE_COUNT];
    size_t count;
};

/* Layouts and runtimes where a command takes lists of them; empty where none are given. */
struct lr_layout_lists {
    struct lr_points gpus, tp, pp, ep, dp;
    struct lr_formats weights, kv;
    struct lr_names runtime;
};

struct lr_options {
    struct lr_names operand; /* what is no option */
    struct lr_names hardware, config;
    struct lr_override override[LR_OVERRIDES_MAX], what_if[LR_OVERRIDES_MAX];
    size_t override_count, what_if_count;
    const char *vs, *need;
    bool all, identical_routing;
    double gpus, tp, pp, ep, dp; /* 0: not given */
    enum lr_dtype weights, kv;   /* LR_DTYPE_NONE: not given */
    const char *from, *model;    /* of results of serving benchmarks */
    const char *runtime, *kernels, *output, *write, *architecture, *engine, *families, *kernel_set, *title, *base;
    struct lr_points batch, context, concurrency;
    double input, output_tokens, prefix_hit, chunk, prefill_gpus, decode_gpus; /* 0: not given */
    double redundant, skew;                                                    /* 0: not given */
    double draft, accepted, draft_cost;                                        /* 0: not given */
    double slo_s, max_median;                                                  /* 0: not given */
    double threads, layers, repeat;                                            /* 0: not given */
    struct lr_layout_lists list;
    struct lr_names price, most; /* "h20=1.8$/h", "gpus=16" */
    const char *shard;
    double tpot_s, ttft_s, rate_per_s; /* 0: not given */
    bool man;
    bool ascii, quiet, help, include_fitted, worst, rows, pairs, served;
};

/* Which options a command takes. */
enum lr_option_group {
    LR_GROUP_COMMON = 1 << 0,
    LR_GROUP_DEPLOYMENT = 1 << 1,
    LR_GROUP_LAYOUTS = 1 << 2, /* the same options as DEPLOYMENT, as lists */
    LR_GROUP_WORKLOAD = 1 << 3,
    LR_GROUP_SERVED = 1 << 4,
    LR_GROUP_SPECULATION = 1 << 5,
    LR_GROUP_SWEEP = 1 << 6,
    LR_GROUP_GOAL = 1 << 7,
    LR_GROUP_RATE = 1 << 8,
    LR_GROUP_EXPLAIN = 1 << 9,
    LR_GROUP_CHECK = 1 << 10,
    LR_GROUP_PLOT = 1 << 11,
    LR_GROUP_REPORT = 1 << 12,
    LR_GROUP_FIT = 1 << 13,
    LR_GROUP_VALIDATE = 1 << 14,
    LR_GROUP_RESULTS = 1 << 15,
    LR_GROUP_MEASURE = 1 << 16,
    LR_GROUP_HELP = 1 << 17,
    LR_GROUP_SHOW = 1 << 18,
};

/* An option as people see it. metavar: what stands for its argument, NULL when it takes none. letter 0: none. */
struct lr_option {
    const char *name, *metavar, *help;
    char letter;
};

/* The i-th option of these groups; false when there are fewer. */
bool lr_options_at(size_t i, unsigned groups, struct lr_option *out);

/* Parses argv[1..] (argv[0] is the command's name). Every mistake goes to ds. false when there was one. Texts point
 * into argv, which is cut at commas and equals signs. */
bool lr_options_parse(int argc, char **argv, unsigned groups, struct lr_options *out, struct lr_diags *ds);

/* Help of the options of these groups, a line each. */
struct lr_text;
void lr_options_help(unsigned groups, struct lr_text *out);

/* Batches and contexts as given, or the defaults: batch 1, context 4096. */
struct lr_points lr_options_batches(const struct lr_options *o);
struct lr_points lr_options_contexts(const struct lr_options *o);

#endif
