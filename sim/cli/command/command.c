/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command/command.h"

#include <string.h>

const struct lr_command lr_commands[LR_COMMAND_COUNT] = {
#define X(name, arguments, groups, help, first, second)                                                                \
    {#name, arguments, (groups) | LR_GROUP_COMMON, help, {first, second}, lr_command_##name},
    LR_COMMANDS(X)
#undef X
};

const struct lr_command *lr_command_find(const char *name, struct lr_diags *ds)
{
    struct lr_nearest near = {0};
    for (size_t i = 0; i < LR_COMMAND_COUNT; i++) {
        if (strcmp(lr_commands[i].name, name) == 0)
            return &lr_commands[i];
        lr_nearest_offer(&near, name, lr_commands[i].name);
    }
    const char *const nearest = lr_nearest_name(&near, name);
    lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "unknown command '%s'", name);
    if (nearest)
        lr_hint(ds, "did you mean '%s'?", nearest);
    else
        lr_hint(ds, "'llmroof help' lists all commands");
    return NULL;
}

static enum lr_exit answer(const struct lr_command *c, struct lr_session *s)
{
    struct lr_text out = {0};
    enum lr_exit answer = LR_EXIT_YES;
    if (s->options.help)
        lr_command_help_text(c, &out);
    else
        answer = c->run(s, &out);
    if (answer != LR_EXIT_BAD && (out.length > 0 || out.out_of_memory))
        answer = lr_session_answer(s, &out, answer);
    lr_text_free(&out);
    return answer;
}

enum lr_exit lr_command_run(const struct lr_command *c, int argc, char **argv)
{
    struct lr_session s;
    enum lr_exit code = LR_EXIT_BAD;
    bool ready = lr_session_open(&s, argc, argv, c->groups);
    if (s.options.help) {
        lr_diags_free(&s.diags); /* a mistake elsewhere on the line does not hide the help */
        ready = true;
    }
    if (ready)
        code = answer(c, &s);
    lr_session_report(&s);
    lr_session_close(&s);
    return code;
}
