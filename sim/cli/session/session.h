/* SPDX-License-Identifier: Apache-2.0 */
/* One run of a command: its options, the catalogue, and what it opened. */
#ifndef LLMROOF_CLI_SESSION_SESSION_H
#define LLMROOF_CLI_SESSION_SESSION_H

#include "cli/argument/options.h"

#include "core/text.h"
#include "load/kernel_sets.h"
#include "render/table.h"

#include <llmroof/estimate.h>
#include <llmroof/kernels.h>

enum lr_exit { LR_EXIT_YES = 0, LR_EXIT_NO = 1, LR_EXIT_BAD = 2 };

enum { LR_OPENED_MAX = 64 };

struct lr_session {
    struct lr_options options;
    struct lr_catalog *catalog;
    struct lr_diags diags;
    enum lr_format format;
    struct lr_text share; /* folder of configs and plots */
    const char *file;     /* output file, or NULL: standard output */
    struct lr_hardware *hardware[LR_OPENED_MAX];
    size_t hardware_count;
    struct lr_kernel_sets kernels;
    struct lr_model *model;
    struct lr_runtime *runtime;
};

/* Parses, opens the catalogue, settles the output. false after an error. Close in every case. */
bool lr_session_open(struct lr_session *s, int argc, char **argv, unsigned groups);
void lr_session_close(struct lr_session *s);

/* Prints what the diagnostics say on standard error; true when there was no error. */
bool lr_session_report(const struct lr_session *s);

/* Opens what a deployment needs: the model of the first operand, the runtime, every --hw with its kernel set. */
bool lr_session_deployment(struct lr_session *s);

/* Whether a profile may have this name, of an option such as "--write"; an error with the characters that are allowed
 * where it may not. */
bool lr_session_name(struct lr_session *s, const char *option, const char *name);

/* A profile, owned by the session; NULL after an error. */
struct lr_hardware *lr_session_hardware(struct lr_session *s, const char *name);

/* The kernel set for a chip and a kernel class (NULL: the runtime's): --kernels, the chip's own, or its architecture's,
 * each in the class's variant ("hopper-vllm") where there is one. Owned by the session; NULL after an error. */
struct lr_kernels *lr_session_kernels(struct lr_session *s, const struct lr_hardware *hw, const char *class);

/* The options' layout and formats. */
struct lr_deployment lr_session_layout(const struct lr_session *s);

/* The plan of the options' deployment on a chip; free it. NULL after an error. */
struct lr_plan *lr_session_plan(struct lr_session *s, const struct lr_hardware *hw);

/* Writes the answer to the output. Exit code: answer, or LR_EXIT_BAD when it could not be written. */
int lr_session_answer(struct lr_session *s, const struct lr_text *text, enum lr_exit answer);

/* The commands: one file each. */
#define LR_COMMANDS(X)                                                                                                 \
    X(list, "[hardware|models|kernels|runtimes|claims|architectures]", "what there is, and where it comes from")       \
    X(show, "NAME", "every figure of a profile with its source")                                                       \
    X(estimate, "MODEL --hw NAME", "time per output token, throughput and memory of a deployment")                     \
    X(compare, "MODEL --hw A,B,C", "the same over several accelerators")                                               \
    X(sweep, "MODEL... --hw A,B", "every combination of models, chips, layouts, batches and contexts, as CSV")         \
    X(merge, "FILE...", "puts the parts of a sweep together")                                                          \
    X(best, "MODEL --hw A,B --tpot 50ms", "the layout and batch with the most throughput within limits")               \
    X(frontier, "MODEL --hw A,B", "throughput against speed: the points that none beats in both")                      \
    X(capacity, "MODEL --hw A,B --rate 20/s", "the fewest accelerators that serve a load within limits")               \
    X(fit, "MODEL --hw NAME", "the memory ledger: does it fit, and how much more would")                               \
    X(explain, "MODEL --hw A --vs B", "why one is faster, where the order flips, and what would have to be true")      \
    X(check, "CLAIM", "settles a claim, and says where it flips")                                                      \
    X(plot, "KIND MODEL --hw A,B",                                                                                     \
      "draws latency, crossover, waterfall, sensitivity, roofline, memory, room, frontier; parity FILE.csv...")        \
    X(report, "MODEL --hw A,B --out report.html",                                                                      \
      "question, answer, plots, reasons and sources: one file for a browser")                                          \
    X(import, "config.json", "a Hugging Face configuration as a model profile")                                        \
    X(calibrate, "FILE...", "fits constants of kernels, or of a runtime, on what was measured")                        \
    X(validate, "FILE...", "predicts what was measured and says how far off it is")                                    \
    X(measure, "host | decode MODEL --hw NAME | cuda", "measures this machine, and predicted against measured on it")  \
    X(completion, "bash|zsh|fish", "completion for a shell: source <(llmroof completion bash)")                        \
    X(help, "[COMMAND]", "this text, or that of a command")

#define X(name, arguments, help) int lr_command_##name(int argc, char **argv);
LR_COMMANDS(X)
#undef X

/* The same as rows, for help, the manual and completions. */
enum {
#define X(name, arguments, help) LR_COMMAND_##name,
    LR_COMMANDS(X)
#undef X
        LR_COMMAND_COUNT
};
struct lr_command {
    const char *name, *arguments, *help;
};
extern const struct lr_command lr_commands[LR_COMMAND_COUNT];

/* The manual page, in roff. */
void lr_manual(struct lr_text *out);

/* The option groups that a command takes; help uses them too. */
unsigned lr_command_groups(const char *name);

#endif
