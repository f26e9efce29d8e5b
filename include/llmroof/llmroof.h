/* The whole of libllmroof. docs/library.md shows how its parts go together. */
#ifndef LLMROOF_H
#define LLMROOF_H

#ifdef __cplusplus
extern "C" {
#endif

#include "calibrate.h"
#include "calibrate_runtime.h"
#include "catalog.h"
#include "claim.h"
#include "diag.h"
#include "estimate.h"
#include "import.h"
#include "kernels.h"
#include "measured.h"
#include "serving.h"
#include "validate.h"
#include "version.h"

#ifdef __cplusplus
}
#endif

#endif
