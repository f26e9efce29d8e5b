/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command/command.h"

#include <string.h>

const struct lr_command lr_commands[LR_COMMAND_COUNT] = {
#define X(name, arguments, groups, help, first, second)                                                                \
    {#name, arguments, (groups) | LR_GROUP_COMMON, help, {first, second}, lr_command_##name},
    LR_COMMANDS(X)
#undef X
};

const struct lr_command *lr_command_find(const char *name)
{
    for (size_t i = 0; i < LR_COMMAND_COUNT; i++)
        if (strcmp(lr_commands[i].name, name) == 0)
            return &lr_commands[i];
    return NULL;
}

static int answer(const struct lr_command *c, struct lr_session *s)
{
    struct lr_text out = {0};
    enum lr_exit answer = c->run(s, &out);
    if (answer != LR_EXIT_BAD && (out.length > 0 || out.out_of_memory))
        answer = (enum lr_exit)lr_session_answer(s, &out, answer);
    lr_text_free(&out);
    return answer;
}

static int help(const struct lr_command *c, struct lr_session *s)
{
    struct lr_text out = {0};
    lr_command_help_text(c, &out);
    const int code = lr_session_answer(s, &out, LR_EXIT_YES);
    lr_text_free(&out);
    return code;
}

int lr_command_run(const struct lr_command *c, int argc, char **argv)
{
    struct lr_session s;
    const bool open = lr_session_open(&s, argc, argv, c->groups);
    int code = LR_EXIT_BAD;
    if (s.options.help) {
        lr_diags_free(&s.diags); /* who asks for help may have mistyped the rest */
        code = help(c, &s);
    } else if (open) {
        code = answer(c, &s);
    }
    lr_session_report(&s);
    lr_session_close(&s);
    return code;
}
