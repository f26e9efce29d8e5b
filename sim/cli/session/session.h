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
    struct lr_text line;  /* the command line, quoted as for a shell */
    struct lr_hardware *hardware[LR_OPENED_MAX];
    size_t hardware_count;
    struct lr_kernel_sets kernels;
    struct lr_model *model;
    struct lr_runtime *runtime;
};

/* Parses, opens the catalogue, settles the output. false after an error. Close in every case. */
bool lr_session_open(struct lr_session *s, int argc, char **argv, unsigned groups);
void lr_session_close(struct lr_session *s);

/* Prints the diagnostics on standard error; with --quiet, only the errors. */
void lr_session_report(const struct lr_session *s);

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
enum lr_exit lr_session_answer(struct lr_session *s, const struct lr_text *text, enum lr_exit answer);

#endif
