/* SPDX-License-Identifier: Apache-2.0 */
/* The formulas that lr_price selects from, one per family. */
#ifndef LLMROOF_PRICE_FAMILIES_H
#define LLMROOF_PRICE_FAMILIES_H

#include "price/price.h"

struct lr_cost lr_price_gemm(const struct lr_gemm *g, double m, const struct lr_work *w, const struct lr_chip *chip,
                             const double *k);
struct lr_cost lr_price_attention(const struct lr_gqa *a, const struct lr_step *s, const struct lr_work *w,
                                  const struct lr_chip *chip, const double *k);
struct lr_cost lr_price_mla(const struct lr_mla *a, const struct lr_step *s, const struct lr_work *w,
                            const struct lr_chip *chip, const double *k);
struct lr_cost lr_price_bmm(const struct lr_work *w, const struct lr_chip *chip, const double *k);
struct lr_cost lr_price_moe(const struct lr_moe *e, double m, const struct lr_work *w, const struct lr_chip *chip,
                            const double *k);
struct lr_cost lr_price_index(const struct lr_index *a, const struct lr_step *s, const struct lr_work *w,
                              const struct lr_chip *chip, const double *k);
struct lr_cost lr_price_state(const struct lr_work *w, const struct lr_chip *chip, const double *k);
struct lr_cost lr_price_elementwise(const struct lr_work *w, const struct lr_chip *chip, const double *k);
struct lr_cost lr_price_exchange(const struct lr_collective *c, const struct lr_work *w, const struct lr_chip *chip,
                                 const double *k);
struct lr_cost lr_price_collective(enum lr_family f, const struct lr_collective *c, const struct lr_work *w,
                                   const struct lr_chip *chip, const double *k);

#endif
