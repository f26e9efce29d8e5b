#include "cli/benchmarks.h"

#include <stdlib.h>
#include <string.h>

struct lr_benchmark_plan {
    const struct lr_model *model;
    const struct lr_hardware *hardware;
    const char *runtime;
    struct lr_deployment deployment;
    struct lr_plan *plan; /* NULL: it cannot be planned */
};

static const struct lr_runtime *runtime_of(struct lr_benchmarks *b, const char *name)
{
    struct lr_session *const s = b->session;
    const char *const wanted = s->options.runtime ? s->options.runtime : name;
    for (size_t i = 0; i < b->runtimes; i++)
        if (strcmp(b->runtime[i]->name, wanted) == 0)
            return b->runtime[i];
    if (b->runtimes == LR_BENCHMARK_RUNTIMES_MAX)
        return NULL;
    struct lr_runtime *rt = lr_catalog_runtime(s->catalog, wanted, NULL, 0, &s->diags);
    if (rt)
        b->runtime[b->runtimes++] = rt;
    return rt;
}

bool lr_benchmarks_named(const struct lr_session *s)
{
    return s->options.operand.count > 0 && lr_benchmark_is(s->options.operand.name[0]);
}

bool lr_benchmarks_open(struct lr_benchmarks *b, struct lr_session *s)
{
    b->session = s;
    for (size_t i = 0; i < s->options.operand.count; i++) {
        struct lr_benchmark *one = lr_benchmark_load(s->options.operand.name[i], s->catalog, &s->diags);
        if (one) {
            b->owned[b->count] = one;
            b->file[b->count++] = one;
        }
    }
    if (s->options.runtime) /* one that there is not is told once, not at every row */
        runtime_of(b, s->options.runtime);
    return s->diags.errors == 0;
}

void lr_benchmarks_close(struct lr_benchmarks *b)
{
    for (size_t i = 0; i < b->plans; i++)
        lr_plan_free(b->plan[i].plan);
    free(b->plan);
    for (size_t i = 0; i < b->runtimes; i++)
        lr_runtime_free(b->runtime[i]);
    for (size_t i = 0; i < b->count; i++)
        lr_benchmark_free(b->owned[i]);
    *b = (struct lr_benchmarks){0};
}

static struct lr_plan *make(struct lr_benchmarks *b, const struct lr_benchmark_row *r)
{
    struct lr_diags quiet = {0};
    const struct lr_runtime *rt = runtime_of(b, r->runtime);
    const struct lr_kernels *k = rt ? lr_session_kernels(b->session, r->hardware, rt->kernels) : NULL;
    struct lr_plan *p = k ? lr_plan_new(r->hardware, r->model, rt, k, &r->deployment, &quiet) : NULL;
    if (quiet.out_of_memory)
        lr_diag(&b->session->diags, LR_ERROR, (struct lr_pos){0}, NULL, "out of memory");
    lr_diags_free(&quiet);
    return p;
}

const struct lr_plan *lr_benchmarks_plan(void *benchmarks, const struct lr_benchmark_row *r, const char **why)
{
    struct lr_benchmarks *const b = benchmarks;
    *why = "the layout does not suit the model";
    for (size_t i = 0; i < b->plans; i++) {
        const struct lr_benchmark_plan *p = &b->plan[i];
        if (p->model == r->model && p->hardware == r->hardware && strcmp(p->runtime, r->runtime) == 0 &&
            memcmp(&p->deployment, &r->deployment, sizeof p->deployment) == 0)
            return p->plan;
    }
    if (b->plans == b->capacity) {
        const size_t more = b->capacity ? 2 * b->capacity : 64;
        struct lr_benchmark_plan *grown = realloc(b->plan, more * sizeof *grown);
        if (!grown) {
            *why = "out of memory";
            lr_diag(&b->session->diags, LR_ERROR, (struct lr_pos){0}, NULL, "out of memory");
            return NULL;
        }
        b->plan = grown;
        b->capacity = more;
    }
    b->plan[b->plans] = (struct lr_benchmark_plan){r->model, r->hardware, r->runtime, r->deployment, make(b, r)};
    return b->plan[b->plans++].plan;
}
