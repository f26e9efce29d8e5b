/* SPDX-License-Identifier: Apache-2.0 */
/* Counts the floating-point operations that a function executes. */
#ifndef LLMROOF_BENCH_FLOPS_H
#define LLMROOF_BENCH_FLOPS_H

/* Runs fn(context) in a child process, instruction by instruction, and adds up additions, subtractions,
 * multiplications, divisions, square roots (1 an element) and fused multiply-adds (2 an element) in scalar and vector
 * registers. Comparisons, conversions and moves do not count. NAN where single steps cannot be had, or the processor is
 * no x86-64. */
double bench_flops(void (*fn)(void *context), void *context);

#endif
