/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands. main, help, completion and the manual walk it.
 *
 * How to add a command: a row here, lr_command_NAME in cmd_NAME.c, a transcript in tests/transcripts. */
#ifndef LLMROOF_CLI_COMMAND_COMMAND_H
#define LLMROOF_CLI_COMMAND_COMMAND_H

#include "cli/session/session.h"

/* name, arguments, option groups (lr_options), one line of help, two examples. */
#define LR_COMMANDS(X)                                                                                                 \
    X(list, "[hardware|models|kernels|runtimes|claims|architectures]", 0, "list profiles and where they come from",    \
      "llmroof list hardware", "llmroof list -o json")                                                                 \
    X(show, "NAME", LR_GROUP_SHOW, "show every figure of a profile with its source", "llmroof show h20",               \
      "llmroof show deepseek-v3 -o md")                                                                                \
    X(estimate, "MODEL --hw NAME", LR_GROUP_DEPLOYMENT | LR_GROUP_WORKLOAD | LR_GROUP_SERVED | LR_GROUP_SPECULATION,   \
      "estimate TPOT, throughput and memory of a deployment",                                                          \
      "llmroof estimate deepseek-v3 --hw h20 --gpus 8 -b 32 -c 4k",                                                    \
      "llmroof estimate llama-3.1-8b --hw h100 --served --concurrency 64 --runtime vllm")                              \
    X(compare, "MODEL --hw A,B,C", LR_GROUP_DEPLOYMENT | LR_GROUP_WORKLOAD,                                            \
      "compare a deployment on several accelerators", "llmroof compare llama-3.1-8b --hw h20,h100,a100 -b 1,32 -c 4k", \
      "llmroof compare deepseek-v3 --hw h20,h200 --gpus 8 -o csv")                                                     \
    X(sweep, "MODEL... --hw A,B", LR_GROUP_LAYOUTS | LR_GROUP_WORKLOAD | LR_GROUP_SWEEP,                               \
      "write all combinations of models, chips, layouts and points as CSV",                                            \
      "llmroof sweep qwen3-8b llama-3.1-8b --hw h20,l40s --tp 1,2 -b 1-256*2 -c 1k,8k",                                \
      "llmroof sweep qwen3-8b --hw h20 -b 1-64 --shard 1/2 -o part1.csv")                                              \
    X(merge, "FILE...", 0, "merge the parts of a sweep into one file",                                                 \
      "llmroof merge part1.csv part2.csv -o sweep.csv", "llmroof merge part*.csv -o sweep.csv")                        \
    X(best, "MODEL --hw A,B --tpot 50ms", LR_GROUP_LAYOUTS | LR_GROUP_WORKLOAD | LR_GROUP_GOAL,                        \
      "find the layout and batch with the highest throughput within limits",                                           \
      "llmroof best deepseek-v3 --hw h20,h200 --tpot 50ms --max gpus=16",                                              \
      "llmroof best llama-3.1-70b --hw h100 --weights fp8 --tpot 30ms --ttft 1s")                                      \
    X(frontier, "MODEL --hw A,B", LR_GROUP_LAYOUTS | LR_GROUP_WORKLOAD | LR_GROUP_GOAL,                                \
      "list the points that no other beats in both throughput and speed",                                              \
      "llmroof frontier llama-3.1-70b --hw h20,h100 --weights fp8",                                                    \
      "llmroof frontier qwen3-8b --hw l40s --max gpus=4 -o csv")                                                       \
    X(capacity, "MODEL --hw A,B --rate 20/s", LR_GROUP_LAYOUTS | LR_GROUP_GOAL | LR_GROUP_RATE,                        \
      "find the fewest accelerators that serve a load within limits",                                                  \
      "llmroof capacity llama-3.1-70b --hw h20,h100 --weights fp8 --rate 20/s --input 2k --output 500 --tpot 50ms",    \
      "llmroof capacity qwen3-8b --hw l40s --rate 5/s --runtime vllm")                                                 \
    X(fit, "MODEL --hw NAME", LR_GROUP_DEPLOYMENT | LR_GROUP_WORKLOAD,                                                 \
      "show memory use, whether it fits, and the largest batch and context",                                           \
      "llmroof fit deepseek-v3 --hw h20,h100,h200 --gpus 8 -b 32 -c 8k", "llmroof fit qwen3-8b --hw l4 -b 16 -c 32k")  \
    X(explain, "MODEL --hw A --vs B", LR_GROUP_DEPLOYMENT | LR_GROUP_WORKLOAD | LR_GROUP_EXPLAIN,                      \
      "explain why one chip is faster and where the order changes",                                                    \
      "llmroof explain deepseek-v2 --hw h20 --vs h100 --gpus 8 --ep 8 -b 64 -c 8k",                                    \
      "llmroof explain qwen3-8b --hw l40s --need 'tpot < 15 ms'")                                                      \
    X(check, "CLAIM", LR_GROUP_CHECK, "check a claim, and show where it changes from true to false",                   \
      "llmroof check h20-decode", "llmroof check --all")                                                               \
    X(plot, "KIND MODEL --hw A,B", LR_GROUP_DEPLOYMENT | LR_GROUP_WORKLOAD | LR_GROUP_PLOT,                            \
      "plot one view of a deployment as PNG, SVG or text",                                                             \
      "llmroof plot latency deepseek-v2 --hw h20,h100 --gpus 8 --ep 8 --ascii",                                        \
      "llmroof plot roofline qwen3-8b --hw h20 -o roofline.svg")                                                       \
    X(report, "MODEL --hw A,B --out report.html", LR_GROUP_DEPLOYMENT | LR_GROUP_WORKLOAD | LR_GROUP_REPORT,           \
      "write one HTML page with answer, plots, reasons and sources",                                                   \
      "llmroof report deepseek-v2 --hw h20,h100,a100 --gpus 8 --ep 8 -b 32 -c 8k --out report.html",                   \
      "llmroof report qwen3-8b --hw l40s,h100 --out qwen3-8b.html")                                                    \
    X(import, "config.json", 0, "convert a Hugging Face configuration to a model profile",                             \
      "llmroof import config.json", "llmroof import config.json -o my-model.yaml")                                     \
    X(calibrate, "FILE...", LR_GROUP_FIT | LR_GROUP_RESULTS,                                                           \
      "fit the constants of kernels, or of a runtime, to measured rows",                                               \
      "llmroof calibrate gemm.csv --hw h100 --kernel-set mine --write mine.yaml",                                      \
      "llmroof calibrate gemm.csv attn.csv --arch hopper --base generic --kernel-set mine")                            \
    X(validate, "FILE...", LR_GROUP_VALIDATE | LR_GROUP_RESULTS, "predict measured rows and report the errors",        \
      "llmroof validate gemm.csv --worst", "llmroof validate gemm.csv --max-median 8%")                                \
    X(measure, "host | decode MODEL --hw NAME | cuda", LR_GROUP_MEASURE | LR_GROUP_WORKLOAD,                           \
      "measure this machine, or a decode step on it", "llmroof measure host --write here",                             \
      "llmroof measure decode qwen3-0.6b --hw here -b 1,4 -c 512")                                                     \
    X(completion, "bash|zsh|fish", 0, "print shell completion", "source <(llmroof completion bash)",                   \
      "llmroof completion fish > ~/.config/fish/completions/llmroof.fish")                                             \
    X(help, "[COMMAND]", LR_GROUP_HELP, "print this text, or the help of a command", "llmroof help estimate",          \
      "llmroof help --man | man -l -")

/* Adds what the command answers to out, in the session's format. The caller opens and closes the session, writes out
 * unless it is empty, and prints the diagnostics. LR_EXIT_BAD after an error in s->diags: nothing is written then. */
typedef enum lr_exit lr_command_fn(struct lr_session *s, struct lr_text *out);
#define X(name, arguments, groups, help, first, second) lr_command_fn lr_command_##name;
LR_COMMANDS(X)
#undef X

enum {
#define X(name, arguments, groups, help, first, second) LR_COMMAND_##name,
    LR_COMMANDS(X)
#undef X
        LR_COMMAND_COUNT
};

enum { LR_EXAMPLES = 2 };

struct lr_command {
    const char *name, *arguments;
    unsigned groups; /* with LR_GROUP_COMMON */
    const char *help, *example[LR_EXAMPLES];
    lr_command_fn *run;
};
extern const struct lr_command lr_commands[LR_COMMAND_COUNT];

/* NULL with an error when no command has this name. */
const struct lr_command *lr_command_find(const char *name, struct lr_diags *ds);

/* What a new user tries first; help and the manual show it. */
struct lr_first_step {
    const char *what, *command;
};
enum { LR_FIRST_STEPS = 4 };
extern const struct lr_first_step lr_first_steps[LR_FIRST_STEPS];

/* Runs a command from its command line, argv[0] its name. The exit code. */
enum lr_exit lr_command_run(const struct lr_command *c, int argc, char **argv);

/* Usage, options and examples of a command. */
void lr_command_help_text(const struct lr_command *c, struct lr_text *out);

/* The manual page, in roff. */
void lr_manual(struct lr_text *out);

#endif
