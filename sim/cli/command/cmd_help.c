/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session/session.h"

#include <string.h>

const struct lr_command lr_commands[LR_COMMAND_COUNT] = {
#define X(name, arguments, help) {#name, arguments, help},
    LR_COMMANDS(X)
#undef X
};

static void overview(struct lr_text *out)
{
    lr_text_add(out, "How fast does an accelerator decode a language model, does it fit, and how sure is that?\n\n"
                     "usage: llmroof COMMAND ...\n\n");
    for (size_t i = 0; i < LR_COMMAND_COUNT; i++)
        lr_text_addf(out, "  %-10s %s\n", lr_commands[i].name, lr_commands[i].help);
    lr_text_add(out, "\nFirst steps:\n"
                     "  llmroof check h20-decode\n"
                     "  llmroof compare llama-3.1-8b --hw h20,h100,a100 -b 1,32 -c 4k\n"
                     "  llmroof estimate deepseek-v3 --hw h20 --gpus 8 -b 32 -c 4k\n\n"
                     "Exit: 0 done, or yes; 1 the answer is no; 2 bad input.\n");
}

int lr_command_help(int argc, char **argv)
{
    struct lr_session s;
    struct lr_text out = {0};
    int code = LR_EXIT_BAD;
    lr_session_open(&s, argc, argv, LR_GROUP_HELP);
    if (s.options.man) {
        lr_manual(&out);
    } else if (s.options.operand.count == 0) {
        overview(&out);
    } else {
        const char *const name = s.options.operand.name[0];
        for (size_t i = 0; i < LR_COMMAND_COUNT; i++)
            if (strcmp(lr_commands[i].name, name) == 0) {
                lr_text_addf(&out, "usage: llmroof %s %s\n\n%c%s.\n\n", name, lr_commands[i].arguments,
                             lr_commands[i].help[0] & ~0x20, lr_commands[i].help + 1);
                lr_options_help(lr_command_groups(name) | LR_GROUP_COMMON, &out);
            }
        if (out.length == 0)
            lr_diag(&s.diags, LR_ERROR, LR_NO_POSITION, NULL, "unknown command '%s'", name);
    }
    if (s.diags.errors == 0)
        code = lr_session_answer(&s, &out, LR_EXIT_YES);
    lr_session_report(&s);
    lr_text_free(&out);
    lr_session_close(&s);
    return code;
}
