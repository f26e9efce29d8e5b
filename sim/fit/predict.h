/* SPDX-License-Identifier: Apache-2.0 */
/* Predictions of measured kernels. */
#ifndef LLMROOF_FIT_PREDICT_H
#define LLMROOF_FIT_PREDICT_H

#include "rows/measured.h"

#include <llmroof/kernels.h>

/* Predicted seconds of a measured row. */
double lr_predict(const struct lr_measured_row *r, const struct lr_kernels *set, const struct lr_kernel *k);

#endif
