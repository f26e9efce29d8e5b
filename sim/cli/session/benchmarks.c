/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session/benchmarks.h"

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
    return s->options.from || (s->options.operand.count > 0 && lr_benchmark_is(s->options.operand.name[0]));
}

bool lr_benchmarks_options(struct lr_session *s, bool chip)
{
    const struct lr_options *const o = &s->options;
    const struct {
        const char *option;
        bool given;
    } rows[] = {{"--model", o->model != NULL},
                {"--hw", !chip && o->hardware.count > 0},
                {"--gpus", o->gpus > 0},
                {"--tp", o->tp > 0},
                {"--pp", o->pp > 0},
                {"--ep", o->ep > 0},
                {"--dp", o->dp > 0},
                {"--weights", o->weights != LR_DTYPE_NONE},
                {"--kv", o->kv != LR_DTYPE_NONE}};
    for (size_t i = 0; !o->from && i < sizeof rows / sizeof *rows; i++)
        if (rows[i].given)
            lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, rows[i].option,
                    "is given by the rows of a table; use it with --from only");
    return s->diags.errors == 0;
}

/* The machine that results are of. */
static bool settle(struct lr_session *s, struct lr_benchmark_setting *setting)
{
    const struct lr_options *const o = &s->options;
    if (strcmp(o->from, "vllm") != 0 && strcmp(o->from, "sglang") != 0)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--from", "'%s', expected 'vllm' or 'sglang'", o->from);
    if (o->operand.count == 0)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "expected a result file of %s's serving benchmark", o->from);
    if (o->hardware.count != 1)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--hw", "%s, expected the benchmarked chip",
                o->hardware.count ? "several profiles" : "is missing");
    else
        setting->hardware = lr_session_hardware(s, o->hardware.name[0]);
    if (o->model)
        setting->model = s->model = lr_catalog_model(s->catalog, o->model, NULL, 0, &s->diags);
    setting->deployment = lr_session_layout(s);
    return s->diags.errors == 0;
}

bool lr_benchmarks_open(struct lr_benchmarks *b, struct lr_session *s)
{
    struct lr_benchmark_setting setting = {.runtime = b->fits ? b->fits : s->options.from, .held_out = !b->fits};
    b->session = s;
    if (s->options.from && !settle(s, &setting))
        return false;
    for (size_t i = 0; i < s->options.operand.count; i++) {
        const char *const path = s->options.operand.name[i];
        struct lr_benchmark *one = s->options.from ? lr_benchmark_results(path, s->catalog, &setting, &s->diags)
                                                   : lr_benchmark_load(path, s->catalog, &s->diags);
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
    struct lr_diags quiet = {0}, *const ds = b->session->options.from ? &b->session->diags : &quiet;
    const struct lr_runtime *rt = runtime_of(b, r->runtime);
    const struct lr_kernels *k = rt ? lr_session_kernels(b->session, r->hardware, rt->kernels) : NULL;
    struct lr_plan *p = k ? lr_plan_new(r->hardware, r->model, rt, k, &r->deployment, ds) : NULL;
    if (quiet.out_of_memory)
        lr_diag(&b->session->diags, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
    lr_diags_free(&quiet);
    return p;
}

static bool same_layout(const struct lr_deployment *a, const struct lr_deployment *b)
{
    return a->gpus == b->gpus && a->tp == b->tp && a->pp == b->pp && a->ep == b->ep && a->dp == b->dp &&
           a->weights == b->weights && a->kv == b->kv && a->redundant == b->redundant && a->skew == b->skew &&
           a->identical_routing == b->identical_routing;
}

const struct lr_plan *lr_benchmarks_plan(void *benchmarks, const struct lr_benchmark_row *r, const char **why)
{
    struct lr_benchmarks *const b = benchmarks;
    *why = "the layout does not suit the model";
    for (size_t i = 0; i < b->plans; i++) {
        const struct lr_benchmark_plan *p = &b->plan[i];
        if (p->model == r->model && p->hardware == r->hardware && strcmp(p->runtime, r->runtime) == 0 &&
            same_layout(&p->deployment, &r->deployment))
            return p->plan;
    }
    if (b->plans == b->capacity) {
        const size_t more = b->capacity ? 2 * b->capacity : 64;
        struct lr_benchmark_plan *grown = realloc(b->plan, more * sizeof *grown);
        if (!grown) {
            *why = "out of memory";
            lr_diag(&b->session->diags, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
            return NULL;
        }
        b->plan = grown;
        b->capacity = more;
    }
    b->plan[b->plans] = (struct lr_benchmark_plan){r->model, r->hardware, r->runtime, r->deployment, make(b, r)};
    return b->plan[b->plans++].plan;
}
