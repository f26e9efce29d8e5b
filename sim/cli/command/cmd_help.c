/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command/command.h"
#include "cli/plot/plot.h"

const struct lr_first_step lr_first_steps[LR_FIRST_STEPS] = {
    {"Check a published claim", "llmroof check h20-decode"},
    {"Compare three chips at two batches", "llmroof compare llama-3.1-8b --hw h20,h100,a100 -b 1,32 -c 4k"},
    {"Estimate one deployment, operator by operator", "llmroof estimate deepseek-v3 --hw h20 --gpus 8 -b 32 -c 4k"},
    {"Change the memory bandwidth", "llmroof estimate qwen3-8b --hw h20 --set memory.bandwidth='4.8 TB/s'"},
};

static void overview(struct lr_text *out)
{
    lr_text_add(out, "How fast does an accelerator decode a language model, does the model fit,\n"
                     "and how certain is the estimate?\n\n"
                     "usage: llmroof COMMAND ...\n\n");
    for (size_t i = 0; i < LR_COMMAND_COUNT; i++)
        lr_text_addf(out, "  %-10s %s\n", lr_commands[i].name, lr_commands[i].help);
    lr_text_add(out, "\nFirst steps:\n");
    for (size_t i = 0; i < LR_FIRST_STEPS; i++)
        lr_text_addf(out, "  %s\n", lr_first_steps[i].command);
    lr_text_add(out, "\n'llmroof help COMMAND' shows options and examples.\n"
                     "Exit: 0 done, or yes; 1 the answer is no; 2 bad input.\n");
}

void lr_command_help_text(const struct lr_command *c, struct lr_text *out)
{
    lr_text_addf(out, "usage: llmroof %s %s\n\n%c%s.\n\n", c->name, c->arguments, c->help[0] & ~0x20, c->help + 1);
    if (c->run == lr_command_plot)
        lr_picture_kinds(out);
    lr_options_help(c->groups, out);
    lr_text_add(out, "\nExamples:\n");
    for (int i = 0; i < LR_EXAMPLES; i++)
        lr_text_addf(out, "  %s\n", c->example[i]);
}

enum lr_exit lr_command_help(struct lr_session *s, struct lr_text *out)
{
    const struct lr_names *const operand = &s->options.operand;
    if (operand->count > 1) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "expected one command, or none for an overview");
        return LR_EXIT_BAD;
    }
    const struct lr_command *const c = operand->count ? lr_command_find(operand->name[0], &s->diags) : NULL;
    if (s->options.man)
        lr_manual(out);
    else if (c)
        lr_command_help_text(c, out);
    else if (operand->count == 0)
        overview(out);
    return s->diags.errors ? LR_EXIT_BAD : LR_EXIT_YES;
}
