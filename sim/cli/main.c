/* SPDX-License-Identifier: Apache-2.0 */
/* llmroof: what it was asked, to the command that answers. */
#include "cli/session/session.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    unsigned groups;
} commands[] = {
    {"list", lr_command_list, 0},
    {"show", lr_command_show, 0},
    {"estimate", lr_command_estimate, LR_GROUP_DEPLOYMENT | LR_GROUP_WORKLOAD | LR_GROUP_SERVED | LR_GROUP_SPECULATION},
    {"compare", lr_command_compare, LR_GROUP_DEPLOYMENT | LR_GROUP_WORKLOAD},
    {"sweep", lr_command_sweep, LR_GROUP_LAYOUTS | LR_GROUP_WORKLOAD | LR_GROUP_SWEEP},
    {"merge", lr_command_merge, 0},
    {"best", lr_command_best, LR_GROUP_LAYOUTS | LR_GROUP_WORKLOAD | LR_GROUP_GOAL},
    {"frontier", lr_command_frontier, LR_GROUP_LAYOUTS | LR_GROUP_WORKLOAD | LR_GROUP_GOAL},
    {"capacity", lr_command_capacity, LR_GROUP_LAYOUTS | LR_GROUP_GOAL | LR_GROUP_RATE},
    {"fit", lr_command_fit, LR_GROUP_DEPLOYMENT | LR_GROUP_WORKLOAD},
    {"explain", lr_command_explain, LR_GROUP_DEPLOYMENT | LR_GROUP_WORKLOAD | LR_GROUP_EXPLAIN},
    {"check", lr_command_check, LR_GROUP_CHECK},
    {"plot", lr_command_plot, LR_GROUP_DEPLOYMENT | LR_GROUP_WORKLOAD | LR_GROUP_PLOT},
    {"report", lr_command_report, LR_GROUP_DEPLOYMENT | LR_GROUP_WORKLOAD | LR_GROUP_REPORT},
    {"import", lr_command_import, 0},
    {"calibrate", lr_command_calibrate, LR_GROUP_FIT | LR_GROUP_RESULTS},
    {"validate", lr_command_validate, LR_GROUP_VALIDATE | LR_GROUP_RESULTS},
    {"measure", lr_command_measure, LR_GROUP_MEASURE | LR_GROUP_WORKLOAD},
    {"completion", lr_command_completion, 0},
    {"help", lr_command_help, LR_GROUP_HELP},
};

enum { COMMANDS = sizeof commands / sizeof *commands };

unsigned lr_command_groups(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return commands[i].groups;
    return 0;
}

static int unknown(const char *name)
{
    struct lr_nearest near = {0};
    for (size_t i = 0; i < COMMANDS; i++)
        lr_nearest_offer(&near, name, commands[i].name);
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
    const char *name = argc > 1 ? argv[1] : "help";
    if (strcmp(name, "--version") == 0) {
        puts("llmroof " LLMROOF_VERSION);
        return LR_EXIT_YES;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].name, name) != 0)
            continue;
        for (int a = 2; a < argc; a++)
            if (strcmp(argv[a], "--help") == 0 || strcmp(argv[a], "-h") == 0)
                return lr_command_help(2, (char *[]){argv[0], argv[1], NULL});
        return commands[i].run(argc > 1 ? argc - 1 : 1, argc > 1 ? argv + 1 : argv);
    }
    return unknown(name);
}
