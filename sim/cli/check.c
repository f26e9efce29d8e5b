#include "cli/session.h"
int lr_command_check(int argc, char **argv) { (void)argc; (void)argv; return LR_EXIT_BAD; }
