/* SPDX-License-Identifier: Apache-2.0 */
/* Results of serving benchmarks. Those of vLLM and SGLang have one origin, and the same keys. */
#include "rows/benchmark_row.h"

#include "document/document.h"

#include <math.h>

/* 0 if the key is absent or null; an error if its value is not a number of at least 0. */
static double figure(const struct lr_node *run, const char *key, struct lr_diags *ds)
{
    const struct lr_node *const n = lr_node_get(run, key);
    double v = 0;
    if (!n || lr_node_is_null(n) || (lr_node_number(n, &v) && v >= 0))
        return v;
    lr_diag(ds, LR_ERROR, n->pos, key, "'%s', expected a number of at least 0",
            n->text ? n->text : lr_node_kind_name(n->kind));
    return 0;
}

static double either(const struct lr_node *run, const char *key, const char *otherwise, struct lr_diags *ds)
{
    const double v = figure(run, key, ds);
    return v > 0 ? v : figure(run, otherwise, ds);
}

/* Whether requests were sent without a limit on their rate. The rate is then "inf" or Infinity. */
static bool unlimited(const struct lr_node *run)
{
    const struct lr_node *const rate = lr_node_get(run, "request_rate");
    double v;
    return !rate || !rate->text || !lr_node_number(rate, &v);
}

const char *lr_benchmark_result_model(const struct lr_node *run)
{
    const struct lr_node *const n = lr_node_get(run, "model_id");
    return n && n->text && *n->text && !lr_node_is_null(n) ? n->text : NULL;
}

void lr_benchmark_result_read(const struct lr_node *run, struct lr_benchmark_row *r, struct lr_diags *ds)
{
    const double requests = figure(run, "completed", ds), seconds = figure(run, "duration", ds);
    const double allowed = figure(run, "max_concurrency", ds);
    const double tpot_s = 1e-3 * either(run, "median_tpot_ms", "mean_tpot_ms", ds);
    const double ttft_s = 1e-3 * figure(run, "mean_ttft_ms", ds), mean_s = 1e-3 * figure(run, "mean_tpot_ms", ds);
    const double accepted = either(run, "spec_decode_acceptance_length", "accept_length", ds);
    r->metric = LR_METRIC_TPOT;
    r->value = tpot_s;
    if (requests >= 1) {
        r->traffic.input = figure(run, "total_input_tokens", ds) / requests;
        r->traffic.output = figure(run, "total_output_tokens", ds) / requests;
    }
    if (unlimited(run))
        r->traffic.concurrency = fmin(allowed, requests);
    else if (seconds > 0) /* Little's law */
        r->traffic.concurrency = fmax(1, requests * (ttft_s + mean_s * (r->traffic.output - 1)) / seconds);
    if (!(r->value > 0) || !(r->traffic.input >= 1) || !(r->traffic.output > 1))
        r->skip = "no time per output token, or no lengths";
    else if (accepted > 1)
        r->skip = "speculative decoding";
    else if (!(r->traffic.concurrency >= 1))
        r->skip = "all requests were sent at once, expected --max-concurrency or --request-rate";
    else if (requests < 2 * r->traffic.concurrency)
        r->skip = "fewer than two requests per user, so no steady state";
}
