/* SPDX-License-Identifier: Apache-2.0 */
#include "fit/minimise.h"

#include "fit/cholesky.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 200, N = LR_PARAMETERS_MAX };

struct state {
    const struct lr_problem *p;
    double *r, *trial, *jacobian; /* jacobian[j * residuals + i] */
    double normal[N * N], gradient[N];
};

static double cost_of(const struct lr_problem *p, const double *r)
{
    double sum = 0;
    for (size_t i = 0; i < p->residuals; i++) {
        const double z = r[i] / p->scale;
        sum += 2 * p->scale * p->scale * (sqrt(1 + z * z) - 1);
    }
    return sum / (double)p->residuals;
}

static void differentiate(struct state *s, const double *x)
{
    const struct lr_problem *p = s->p;
    const size_t n = p->residuals;
    for (size_t j = 0; j < p->parameters; j++) {
        double moved[N];
        memcpy(moved, x, p->parameters * sizeof *x);
        const double h = x[j] + 1e-5 > p->upper[j] ? -1e-5 : 1e-5;
        moved[j] += h;
        p->evaluate(moved, s->trial, p->context);
        for (size_t i = 0; i < n; i++)
            s->jacobian[j * n + i] = (s->trial[i] - s->r[i]) / h;
    }
}

/* J'WJ and J'Wr with the weights of soft L1. */
static void accumulate(struct state *s)
{
    const size_t n = s->p->residuals, m = s->p->parameters;
    memset(s->normal, 0, sizeof s->normal);
    memset(s->gradient, 0, sizeof s->gradient);
    for (size_t i = 0; i < n; i++) {
        const double z = s->r[i] / s->p->scale;
        const double weight = 1 / sqrt(1 + z * z);
        for (size_t j = 0; j < m; j++) {
            const double a = weight * s->jacobian[j * n + i];
            s->gradient[j] += a * s->r[i];
            for (size_t k = 0; k <= j; k++)
                s->normal[j * N + k] += a * s->jacobian[k * n + i];
        }
    }
    for (size_t j = 0; j < m; j++)
        for (size_t k = 0; k < j; k++)
            s->normal[k * N + j] = s->normal[j * N + k];
}

/* Marquardt's step: the diagonal is enlarged by damping. A parameter at its bound does not influence the step of the
 * others. */
static bool solve(const struct state *s, const double *x, double damping, double step[N])
{
    const size_t n = s->p->parameters;
    double a[N * N];
    memcpy(a, s->normal, sizeof a);
    for (size_t j = 0; j < n; j++) {
        a[j * N + j] += damping * (s->normal[j * N + j] + 1e-9);
        step[j] = -s->gradient[j];
    }
    for (size_t j = 0; j < n; j++) {
        if (step[j] < 0 ? x[j] > s->p->lower[j] : x[j] < s->p->upper[j])
            continue;
        for (size_t k = 0; k < n; k++)
            a[j * N + k] = a[k * N + j] = 0;
        a[j * N + j] = 1;
        step[j] = 0;
    }
    return lr_cholesky_solve(n, N, a, step);
}

static double clamp(double v, double least, double greatest)
{
    return v < least ? least : v > greatest ? greatest : v;
}

/* Takes one step that lowers the cost. false if there is none, or if it lowered the cost by almost nothing. */
static bool improve(struct state *s, struct lr_minimum *out, double *damping)
{
    const struct lr_problem *p = s->p;
    for (; *damping < 1e10; *damping *= 4) {
        double step[N], moved[N];
        if (!solve(s, out->x, *damping, step))
            continue;
        for (size_t j = 0; j < p->parameters; j++)
            moved[j] = clamp(out->x[j] + clamp(step[j], -1, 1), p->lower[j], p->upper[j]);
        p->evaluate(moved, s->trial, p->context);
        const double cost = cost_of(p, s->trial);
        if (cost < out->cost) {
            const bool enough = out->cost - cost < 1e-7 * out->cost;
            memcpy(out->x, moved, p->parameters * sizeof *moved);
            memcpy(s->r, s->trial, p->residuals * sizeof *s->r);
            out->cost = cost;
            *damping = fmax(*damping / 10, 1e-9);
            return !enough;
        }
    }
    return false;
}

/* Standard errors, from the diagonal of the covariance: residual variance times the inverse of J'WJ. */
static void errors(const struct state *s, struct lr_minimum *out)
{
    const size_t m = s->p->parameters;
    double variance = 0;
    for (size_t i = 0; i < s->p->residuals; i++) {
        const double z = s->r[i] / s->p->scale;
        variance += s->r[i] * s->r[i] / sqrt(1 + z * z);
    }
    variance /= s->p->residuals > m ? (double)(s->p->residuals - m) : 1; /* with fewer rows no error is defined */
    for (size_t j = 0; j < m; j++) {
        double a[N * N], column[N] = {0};
        memcpy(a, s->normal, sizeof a);
        for (size_t k = 0; k < m; k++)
            a[k * N + k] += 1e-12;
        column[j] = 1;
        out->error[j] = lr_cholesky_solve(m, N, a, column) && s->p->residuals > m && s->normal[j * N + j] > 1e-9
                            ? sqrt(variance * fabs(column[j]))
                            : INFINITY;
    }
}

bool lr_minimise(const struct lr_problem *p, struct lr_minimum *out)
{
    struct state s = {.p = p};
    double *memory = malloc((2 + p->parameters) * (p->residuals + 1) * sizeof *memory);
    if (!memory)
        return false;
    s.r = memory;
    s.trial = memory + p->residuals;
    s.jacobian = memory + 2 * p->residuals;
    for (size_t j = 0; j < p->parameters; j++)
        out->x[j] = clamp(out->x[j], p->lower[j], p->upper[j]);
    p->evaluate(out->x, s.r, p->context);
    out->cost = cost_of(p, s.r);
    double damping = 1e-3;
    for (int i = 0; i < STEPS; i++) {
        differentiate(&s, out->x);
        accumulate(&s);
        if (!improve(&s, out, &damping))
            break;
        if (damping > 1e3)
            damping = 1e3;
    }
    differentiate(&s, out->x);
    accumulate(&s);
    errors(&s, out);
    free(memory);
    return true;
}
