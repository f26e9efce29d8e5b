/* SPDX-License-Identifier: Apache-2.0 */
/* The whole of libllmroof. docs/library.md shows how its parts go together.
 *
 * What holds for every function, unless its own comment says otherwise:
 * - Units are SI: bytes, seconds, FLOP/s, in doubles. Counts such as batch and context are whole numbers in doubles.
 * - No pointer is NULL, except ds (errors are then not kept) and the argument of a function that ends in _free.
 * - A string that is returned as const char * is static, or belongs to the object that it was asked of.
 * - The library has no variables: functions may run in several threads at a time. An object that a call only reads
 *   (const) may be shared between threads; an object that it changes, and a struct lr_diags, belongs to one thread.
 * - A function that can fail returns NULL, false or 0 and adds at least one error to ds. Nothing is printed. */
#ifndef LLMROOF_H
#define LLMROOF_H

#include "benchmark.h"
#include "calibrate.h"
#include "calibrate_runtime.h"
#include "catalog.h"
#include "chip_list.h"
#include "claim.h"
#include "comparison.h"
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
#include "pairs.h"
#include "role.h"
#include "runtime.h"
#include "search.h"
#include "serving.h"
#include "setup.h"
#include "sweep.h"
#include "validate.h"
#include "version.h"

#endif
