/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE
#include "bench/flops.h"

#include <math.h>
#include <stdbool.h>

#if defined(__x86_64__) && defined(__linux__)
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/* 58 add, 59 mul, 5C sub, 5E div, 51 sqrt of the map 0F (Intel SDM, volume 2, appendix A). */
static double arithmetic(uint8_t op)
{
    return op == 0x58 || op == 0x59 || op == 0x5c || op == 0x5e || op == 0x51 ? 1 : 0;
}

/* Of the map 0F 38: 96 to 9F, A6 to AF, B6 to BF are fused multiply-adds, the odd ones from 99 on scalar. */
static double fused(uint8_t op, double lanes)
{
    const uint8_t low = op & 0x0f;
    if ((op & 0xf0) != 0x90 && (op & 0xf0) != 0xa0 && (op & 0xf0) != 0xb0)
        return 0;
    return low < 6 ? 0 : low >= 9 && low % 2 == 1 ? 2 : 2 * lanes;
}

/* Elements by the prefix: none ps, 66 pd, F3 ss, F2 sd. */
static double lanes_of(int pp, bool wide)
{
    static const double lanes[] = {4, 2, 1, 1};
    return lanes[pp] * (wide && pp < 2 ? 2 : 1);
}

static double flops_at(const uint8_t *b)
{
    int pp = 0;
    if (b[0] == 0xc5)
        return arithmetic(b[2]) * lanes_of(b[1] & 3, b[1] & 4);
    if (b[0] == 0xc4) {
        const double lanes = lanes_of(b[2] & 3, b[2] & 4);
        const int map = b[1] & 0x1f;
        return map == 1 ? arithmetic(b[3]) * lanes : map == 2 && (b[2] & 3) == 1 ? fused(b[3], lanes) : 0;
    }
    if (*b == 0x66 || *b == 0xf3 || *b == 0xf2)
        pp = *b == 0x66 ? 1 : *b == 0xf3 ? 2 : 3, b++;
    if ((*b & 0xf0) == 0x40)
        b++;
    return *b == 0x0f ? arithmetic(b[1]) * lanes_of(pp, false) : 0;
}

/* The child stops itself before and after the call. */
static void child(void (*fn)(void *context), void *context)
{
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
        _exit(1);
    raise(SIGSTOP);
    fn(context);
    raise(SIGUSR1);
    _exit(0);
}

static double step_through(pid_t pid)
{
    struct user_regs_struct r;
    double flops = 0;
    int status;
    if (waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status))
        return NAN;
    for (;;) {
        uint8_t code[16] = {0};
        if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) != 0 || waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status))
            return NAN;
        if (WSTOPSIG(status) == SIGUSR1)
            return flops;
        if (ptrace(PTRACE_GETREGS, pid, NULL, &r) != 0)
            return NAN;
        for (size_t i = 0; i < sizeof code; i += sizeof(long)) {
            const long word = ptrace(PTRACE_PEEKTEXT, pid, (void *)(uintptr_t)(r.rip + i), NULL);
            memcpy(code + i, &word, sizeof word);
        }
        flops += flops_at(code);
    }
}

double bench_flops(void (*fn)(void *context), void *context)
{
    fn(context); /* symbols that are looked up at the first call */
    const pid_t pid = fork();
    if (pid < 0)
        return NAN;
    if (pid == 0)
        child(fn, context);
    const double flops = step_through(pid);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return flops;
}
#else
double bench_flops(void (*fn)(void *context), void *context)
{
    fn(context);
    return NAN;
}
#endif
