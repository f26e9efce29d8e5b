/* SPDX-License-Identifier: Apache-2.0 */
/* Which version this is. CMake reads it from here. */
#ifndef LLMROOF_VERSION_H
#define LLMROOF_VERSION_H

#ifdef __cplusplus
extern "C" {
#endif

/* While MAJOR is 0, another MINOR may change the binary interface, and the soname carries both. */
#define LR_VERSION_MAJOR 0
#define LR_VERSION_MINOR 1
#define LR_VERSION_PATCH 0

/* For #if: LR_VERSION >= LR_VERSION_OF(0, 2, 0). */
#define LR_VERSION_OF(major, minor, patch) ((major)*10000 + (minor)*100 + (patch))
#define LR_VERSION LR_VERSION_OF(LR_VERSION_MAJOR, LR_VERSION_MINOR, LR_VERSION_PATCH)

/* LR_VERSION of the library that is linked, which may be newer than the header. */
int lr_version(void);

#ifdef __cplusplus
}
#endif

#endif
