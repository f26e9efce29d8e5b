/* SPDX-License-Identifier: Apache-2.0 */
/* llmroof COMMAND ...: finds the command and runs it. */
#include "cli/command/command.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static int unknown(const char *name)
{
    struct lr_nearest near = {0};
    for (size_t i = 0; i < LR_COMMAND_COUNT; i++)
        lr_nearest_offer(&near, name, lr_commands[i].name);
    const char *const nearest = lr_nearest_name(&near, name);
    fprintf(stderr, "unknown command '%s'", name);
    if (nearest)
        fprintf(stderr, "; did you mean '%s'?\n", nearest);
    else
        fprintf(stderr, ", expected one of those that 'llmroof help' lists\n");
    return LR_EXIT_BAD;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is a write error, reported like any other */
    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        puts("llmroof " LLMROOF_VERSION);
        return LR_EXIT_YES;
    }
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return lr_command_run(&lr_commands[LR_COMMAND_help], 1, (char *[]){argv[0], NULL});
    const struct lr_command *const c = lr_command_find(argv[1]);
    return c ? lr_command_run(c, argc - 1, argv + 1) : unknown(argv[1]);
}
