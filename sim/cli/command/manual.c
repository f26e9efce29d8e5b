/* SPDX-License-Identifier: Apache-2.0 */
/* The manual page llmroof(1), from the tables of commands and options (man-pages(7), groff_man(7)). */
#include "cli/command/command.h"

#include <string.h>

/* Plain text: a hyphen is a minus that can be copied, and no character at the start of a line is a request. */
static void add(struct lr_text *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        lr_text_add(out, "\\&");
    for (; *text; text++)
        switch (*text) {
        case '-':
            lr_text_add(out, "\\-");
            break;
        case '\\':
            lr_text_add(out, "\\e");
            break;
        case '\'':
            lr_text_add(out, "\\(aq");
            break;
        case '^':
            lr_text_add(out, "\\(ha");
            break;
        case '~':
            lr_text_add(out, "\\(ti");
            break;
        default:
            lr_text_add_bytes(out, text, 1);
        }
}

/* "MODEL --hw NAME": words in capitals are to be replaced, and stand in italics. */
static void add_arguments(struct lr_text *out, const char *arguments)
{
    while (*arguments) {
        const size_t capitals = strspn(arguments, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
        const size_t length = capitals ? capitals : 1;
        char word[32] = "";
        memcpy(word, arguments, length < sizeof word ? length : sizeof word - 1);
        if (capitals)
            lr_text_add(out, "\\fI");
        add(out, word);
        if (capitals)
            lr_text_add(out, "\\fR");
        arguments += length;
    }
}

static void add_option(struct lr_text *out, const struct lr_option *o)
{
    lr_text_add(out, ".TP\n");
    if (o->letter)
        lr_text_addf(out, "\\fB\\-%c\\fR, ", o->letter);
    lr_text_add(out, "\\fB\\-\\-");
    add(out, o->name);
    lr_text_add(out, "\\fR");
    if (o->metavar) {
        lr_text_add(out, " ");
        add_arguments(out, o->metavar);
    }
    lr_text_add(out, "\n");
    add(out, o->help);
    lr_text_add(out, "\n");
}

/* Text that stands as in a terminal. */
static void add_block(struct lr_text *out, const char *const line[], size_t count)
{
    lr_text_add(out, ".PP\n.RS 4\n.EX\n");
    for (size_t i = 0; i < count; i++) {
        add(out, line[i]);
        lr_text_add(out, "\n");
    }
    lr_text_add(out, ".EE\n.RE\n");
}

static void add_commands(struct lr_text *out)
{
    struct lr_option o;
    lr_text_add(out, ".SH COMMANDS\n");
    for (size_t i = 0; i < LR_COMMAND_COUNT; i++) {
        const unsigned groups = lr_commands[i].groups & ~(unsigned)LR_GROUP_COMMON;
        lr_text_addf(out, ".SS llmroof %s ", lr_commands[i].name);
        add_arguments(out, lr_commands[i].arguments);
        lr_text_add(out, "\n");
        const char first[] = {(char)(lr_commands[i].help[0] & ~0x20), '\0'};
        add(out, first);
        add(out, lr_commands[i].help + 1);
        lr_text_add(out, ".\n");
        for (size_t k = 0; lr_options_at(k, groups, &o); k++)
            add_option(out, &o);
        lr_text_add(out, ".PP\nExamples:\n");
        add_block(out, lr_commands[i].example, LR_EXAMPLES);
    }
    lr_text_add(out, ".SH OPTIONS OF EVERY COMMAND\n");
    for (size_t k = 0; lr_options_at(k, LR_GROUP_COMMON, &o); k++)
        add_option(out, &o);
}

static void add_table(struct lr_text *out, const char *title, const char *const (*rows)[2])
{
    lr_text_addf(out, ".SH %s\n", title);
    for (; (*rows)[0]; rows++) {
        lr_text_add(out, ".TP\n\\fB");
        add(out, (*rows)[0]);
        lr_text_add(out, "\\fR\n");
        add(out, (*rows)[1]);
        lr_text_add(out, "\n");
    }
}

static void add_first_steps(struct lr_text *out)
{
    lr_text_add(out, ".SH EXAMPLES\n");
    for (size_t i = 0; i < LR_FIRST_STEPS; i++) {
        lr_text_add(out, i ? ".PP\n" : "");
        add(out, lr_first_steps[i].what);
        lr_text_add(out, ":\n");
        add_block(out, &lr_first_steps[i].command, 1);
    }
}

void lr_manual(struct lr_text *out)
{
    static const char *const codes[][2] = {
        {"0", "done, or the answer is yes"},
        {"1", "the answer is no: it does not fit, the claim fails, an accuracy limit is missed"},
        {"2", "bad input: file, line, column and field are on standard error"},
        {NULL, NULL}};
    static const char *const files[][2] = {
        {"$XDG_CONFIG_HOME/llmroof, ~/.config/llmroof",
         "your own profiles, in the folders hardware, models, kernels, runtimes, claims and architectures; they take "
         "precedence over shipped profiles of the same name"},
        {"share/llmroof/configs, share/llmroof/plots",
         "the shipped profiles and plot scripts, next to the bin folder of the program"},
        {NULL, NULL}};
    static const char *const variables[][2] = {{"XDG_CONFIG_HOME, HOME", "where to look for your own profiles"},
                                               {NULL, NULL}};
    lr_text_add(out, ".\\\" Written by 'llmroof help --man'.\n"
                     ".TH LLMROOF 1 \"\" \"llmroof " LLMROOF_VERSION "\" \"User Commands\"\n.SH NAME\n"
                     "llmroof \\- how fast accelerators decode language models: floor, estimate, interval\n"
                     ".SH SYNOPSIS\n.B llmroof\n\\fICOMMAND\\fR [\\fIARGUMENT\\fR ...] [\\fIOPTION\\fR ...]\n"
                     ".SH DESCRIPTION\nHow fast does an accelerator decode a language model, does the model fit,\n"
                     "and how certain is the estimate?\nHardware and models are text files.\nEach answer has a floor, "
                     "below which no chip "
                     "with this datasheet can go,\nan estimate with constants fitted to measured "
                     "kernels,\nand an 80 % interval.\n");
    add_commands(out);
    add_table(out, "EXIT STATUS", codes);
    add_table(out, "FILES", files);
    add_table(out, "ENVIRONMENT", variables);
    add_first_steps(out);
}
