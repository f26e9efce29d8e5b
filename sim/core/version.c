/* SPDX-License-Identifier: Apache-2.0 */
#include <llmroof/version.h>

int lr_version(void)
{
    return LR_VERSION;
}
