/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of the loops. */
#ifndef LLMROOF_HOST_ENGINE_H
#define LLMROOF_HOST_ENGINE_H

#include "host/loops.h"

#include <stdint.h>
#include <string.h>

enum { LR_ENGINE_BLOCK = 512 /* rows of weights whose product a thread keeps in scratch memory */ };

/* e^x with an error of a few units in the last place, in operations that compilers vectorise: 2^n times a polynomial
 * (Cephes, expf.c). */
static inline float lr_exp(float x)
{
    const float shift = 12582912.0F; /* 1.5 x 2^23: adding it rounds to a whole number */
    x = x > -87.0F ? x : -87.0F;
    x = x < 88.0F ? x : 88.0F;
    const float shifted = x * 1.44269504F + shift;
    const float n = shifted - shift;
    const float r = x - n * 0.693359375F + n * 2.12194440e-4F;
    float p = 1.9875691500e-4F;
    p = p * r + 1.3981999507e-3F;
    p = p * r + 8.3334519073e-3F;
    p = p * r + 4.1665795894e-2F;
    p = p * r + 1.6666665459e-1F;
    p = p * r + 5.0000001201e-1F;
    p = p * r * r + r + 1;
    int32_t bits, power;
    memcpy(&bits, &p, sizeof bits);
    memcpy(&power, &shifted, sizeof power);
    bits += (int32_t)((uint32_t)(power - 0x4B400000) << 23);
    memcpy(&p, &bits, sizeof p);
    return p;
}

#endif
