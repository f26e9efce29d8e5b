/* SPDX-License-Identifier: Apache-2.0 */
/* Quantiles of the normal distribution, in standard deviations. */
#ifndef LLMROOF_CORE_NORMAL_H
#define LLMROOF_CORE_NORMAL_H

/* 70 % of all values are smaller. */
#define LR_NORMAL_Q70 0.5244005127080407

/* 90 % of all values are smaller, so 80 % are between -LR_NORMAL_Q90 and LR_NORMAL_Q90. */
#define LR_NORMAL_Q90 1.2815515655446004

#endif
