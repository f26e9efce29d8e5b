#include <llmroof/version.h>

int lr_version(void)
{
    return LR_VERSION;
}
