#include "cli/session.h"
int lr_command_plot(int argc, char **argv) { (void)argc; (void)argv; return LR_EXIT_BAD; }
