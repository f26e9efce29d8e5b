/* SPDX-License-Identifier: Apache-2.0 */
#include <llmroof/comparison.h>
#include <llmroof/search.h>

#include <math.h>

/* Layouts to try on one number of GPUs of a chip, as lists for a sweep that fills in dp. tp, pp and ep divide gpus, and
 * tp is within the scale-up domain. If a list in keep is not empty, only its values are tried. */
enum { DIVISORS_MAX = 256 };
struct layouts {
    double tp[DIVISORS_MAX], pp[DIVISORS_MAX], ep[DIVISORS_MAX];
    size_t tps, pps, eps;
};

static bool kept(const struct lr_sweep_list *l, double v)
{
    if (l->count == 0 || (l->count == 1 && l->value[0] == 0))
        return true;
    for (size_t i = 0; i < l->count; i++)
        if (l->value[i] == v)
            return true;
    return false;
}

static void layouts_of(double gpus, double domain, const struct lr_sweep_list keep[LR_SWEEP_AXES], struct layouts *out)
{
    out->tps = out->pps = out->eps = 0;
    for (double v = 1; v <= gpus; v++) {
        if (fmod(gpus, v) != 0)
            continue;
        if (v <= fmax(1, domain) && kept(&keep[LR_SWEEP_TP], v) && out->tps < DIVISORS_MAX)
            out->tp[out->tps++] = v;
        if (kept(&keep[LR_SWEEP_PP], v) && out->pps < DIVISORS_MAX)
            out->pp[out->pps++] = v;
        if (kept(&keep[LR_SWEEP_EP], v) && out->eps < DIVISORS_MAX)
            out->ep[out->eps++] = v;
    }
}

static bool has_experts(const struct lr_model *m)
{
    for (size_t i = 0; i < m->block_count; i++)
        if (m->block[i].ffn.kind == LR_FFN_MOE)
            return true;
    return false;
}

bool lr_found_same_layout(const struct lr_found *a, const struct lr_found *b)
{
    const struct lr_deployment *x = &a->deployment, *y = &b->deployment;
    const bool groups = x->dp == y->dp || !has_experts(a->model); /* without experts, groups are replicas */
    return a->model == b->model && a->hardware == b->hardware && a->runtime == b->runtime && groups && x->tp == y->tp &&
           x->pp == y->pp && x->ep == y->ep && x->weights == y->weights && x->kv == y->kv;
}

/* The sweep fills in dp, so that it tries only layouts that use all GPUs. A list for dp keeps some of them. */
static bool walk(const struct lr_sweep *s, const struct lr_sweep_list *dp, lr_search_fn *fn, void *user)
{
    struct lr_sweep_point at;
    struct lr_sweep_walk *const w = lr_sweep_walk_new(s, 0, lr_sweep_count(s));
    bool ok = w != NULL;
    while (ok && lr_sweep_walk_next(w, &at))
        if (!at.plan || kept(dp, at.deployment.dp))
            ok = fn(&at, user);
    ok = ok && lr_sweep_walk_whole(w);
    lr_sweep_walk_free(w);
    return ok;
}

void lr_search_lists(struct lr_sweep *s, double gpus)
{
    static const double power[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
    static const double batch[] = {1,   2,   3,   4,   6,   8,    12,   16,   24,   32,   48,   64,   96,    128,
                                   192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288, 16384};
    size_t n = 1;
    while (n < sizeof power / sizeof *power && power[n] <= gpus)
        n++;
    s->axis[LR_SWEEP_GPUS] = (struct lr_sweep_list){power, n};
    s->axis[LR_SWEEP_BATCH] = (struct lr_sweep_list){batch, sizeof batch / sizeof *batch};
}

bool lr_search_each(const struct lr_sweep *s, lr_search_fn *fn, void *user)
{
    static const double filled_in[] = {0};
    struct layouts l;
    for (size_t c = 0; c < s->chips; c++)
        for (size_t g = 0; g < s->axis[LR_SWEEP_GPUS].count; g++) {
            struct lr_sweep one = lr_sweep_of_chip(s, c);
            layouts_of(s->axis[LR_SWEEP_GPUS].value[g], s->hardware[c]->scale_up.domain, s->axis, &l);
            one.axis[LR_SWEEP_GPUS] = (struct lr_sweep_list){&s->axis[LR_SWEEP_GPUS].value[g], 1};
            one.axis[LR_SWEEP_TP] = (struct lr_sweep_list){l.tp, l.tps};
            one.axis[LR_SWEEP_PP] = (struct lr_sweep_list){l.pp, l.pps};
            one.axis[LR_SWEEP_EP] = (struct lr_sweep_list){l.ep, l.eps};
            one.axis[LR_SWEEP_DP] = (struct lr_sweep_list){filled_in, 1};
            if (l.tps && l.pps && l.eps && !walk(&one, &s->axis[LR_SWEEP_DP], fn, user))
                return false;
        }
    return true;
}

static struct lr_found found(const struct lr_sweep_point *at)
{
    return (struct lr_found){at->model, at->hardware, at->runtime, at->deployment,
                             at->batch, at->context,  at->estimate};
}

static bool more(const struct lr_found *a, const struct lr_found *b)
{
    return a->estimate.tokens_per_s_per_gpu > b->estimate.tokens_per_s_per_gpu;
}

static void offer_chip(struct lr_best *b, const struct lr_found *f)
{
    for (size_t c = 0; b->chip && c < b->sweep->chips; c++)
        if (b->sweep->hardware[c] == f->hardware && (!b->chip_any[c] || more(f, &b->chip[c]))) {
            b->chip[c] = *f;
            b->chip_any[c] = true;
        }
}

bool lr_best_offer(const struct lr_sweep_point *at, void *best)
{
    struct lr_best *b = best;
    const struct lr_found f = found(at);
    b->points++;
    if (!at->plan || at->why) {
        *(at->plan ? &b->too_large : &b->impossible) += 1;
        return true;
    }
    if (b->tpot_s > 0 && at->estimate.tpot_s > b->tpot_s) {
        b->too_slow++;
        return true;
    }
    if (b->ttft_s > 0 && lr_plan_prefill(at->plan, fmax(1, at->context), 0) > b->ttft_s) {
        b->too_late++;
        return true;
    }
    offer_chip(b, &f);
    const bool same = b->any && lr_found_same_layout(&b->best, &f);
    if (!b->any || more(&f, &b->best)) {
        if (b->any && !same) {
            b->runner_up = b->best;
            b->any_runner_up = true;
        }
        b->best = f;
        b->any = true;
    } else if (!same && (!b->any_runner_up || more(&f, &b->runner_up))) {
        b->runner_up = f;
        b->any_runner_up = true;
    }
    return true;
}

/* The estimate with GPU seconds per token in place of TPOT. */
static struct lr_estimate gpu_time(const struct lr_found *f)
{
    struct lr_estimate e = f->estimate;
    const double scale = f->deployment.gpus / f->batch;
    e.tpot_s *= scale;
    e.tpot_low_s *= scale;
    e.tpot_high_s *= scale;
    return e;
}

enum lr_outcome lr_found_compare(const struct lr_found *left, const struct lr_found *right)
{
    const struct lr_estimate l = gpu_time(left), r = gpu_time(right);
    return lr_compare(&l, &r, lr_runtimes_apart(left->runtime, right->runtime));
}

/* Fewer GPUs are better, then a lower utilisation, then the earlier point. */
static bool better(const struct lr_capacity *a, const struct lr_capacity *b)
{
    return !b->any || a->gpus < b->gpus || (a->gpus == b->gpus && a->utilisation < b->utilisation);
}

bool lr_capacity_offer(const struct lr_sweep_point *at, void *capacity)
{
    struct lr_capacity *c = capacity, new = *c;
    const struct lr_demand *d = &c->demand;
    if (!at->plan)
        return true;
    new.any = true;
    new.point = found(at);
    new.demand.traffic.concurrency = at->batch;
    lr_plan_serve(at->plan, &new.demand.traffic, &new.served);
    const struct lr_served *s = &new.served;
    if (!s->fits || (d->tpot_s > 0 && s->tpot_s > d->tpot_s) || (d->ttft_s > 0 && s->ttft_s > d->ttft_s))
        return true;
    new.replicas = ceil(d->requests_per_s / s->requests_per_s);
    new.gpus = new.replicas * at->deployment.gpus;
    new.utilisation = d->requests_per_s / (new.replicas * s->requests_per_s);
    new.in_flight = d->requests_per_s *(s->ttft_s + d->traffic.output * s->tpot_s);
    if (better(&new, c))
        *c = new;
    return true;
}
