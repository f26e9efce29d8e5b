/* SPDX-License-Identifier: Apache-2.0 */
/* llmroof COMMAND ...: finds the command and runs it. */
#include "cli/command/command.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is a write error, reported like any other */
    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        puts("llmroof " LLMROOF_VERSION);
        return LR_EXIT_YES;
    }
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return lr_command_run(&lr_commands[LR_COMMAND_help], 1, (char *[]){argv[0], NULL});
    struct lr_session s = {0};
    const struct lr_command *const c = lr_command_find(argv[1], &s.diags);
    if (c)
        return lr_command_run(c, argc - 1, argv + 1);
    lr_session_report(&s);
    lr_session_close(&s);
    return LR_EXIT_BAD;
}
