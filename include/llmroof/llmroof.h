/* SPDX-License-Identifier: Apache-2.0 */
/* The whole of libllmroof. docs/library.md shows how its parts go together. */
#ifndef LLMROOF_H
#define LLMROOF_H

#include "benchmark.h"
#include "calibrate.h"
#include "calibrate_runtime.h"
#include "catalog.h"
#include "claim.h"
#include "cost.h"
#include "deployment.h"
#include "diag.h"
#include "dtype.h"
#include "estimate.h"
#include "explain.h"
#include "family.h"
#include "figure.h"
#include "hardware.h"
#include "kernels.h"
#include "measured.h"
#include "model.h"
#include "role.h"
#include "runtime.h"
#include "search.h"
#include "serving.h"
#include "setup.h"
#include "sweep.h"
#include "validate.h"
#include "version.h"

#endif
