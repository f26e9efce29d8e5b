/* SPDX-License-Identifier: Apache-2.0 */
/* Published figures, with engine, metric and unit in words. */
#include "rows/benchmark_row.h"

#include "core/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool has(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

static bool begins(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* The runtime of an engine, by the first words of its name and, where versions differ, by the date, the vendor of the
 * chip and a part of the source. The last row is for all others. */
static const char *runtime_of(const char *engine, const char *date, const char *vendor, const char *source)
{
    static const struct {
        const char *engine, *date, *vendor, *source, *runtime;
    } known[] = {{"TensorRT-LLM 0.9.0 static batch", "", "", "", "trtllm-0.9"}, /* a session without a scheduler */
                 {"TensorRT-LLM", "", "", "", "trtllm"},
                 {"NIM", "2024", "", "", "nim-1.0"},
                 {"NIM", "", "", "", "nim"},
                 {"vLLM", "2024", "AMD", "argonne-lcf", "vllm-v0-rocm"}, /* vLLM/MI300X/README.md there */
                 {"vLLM", "2024", "", "", "vllm-v0"},                    /* before 0.8 of March 2025 */
                 {"vLLM", "", "", "", "vllm"},
                 {"SGLang", "2025", "NVIDIA", "", "sglang-2025"},
                 {"SGLang", "", "", "", "sglang"},
                 {"DeepSeek", "", "", "", "deepseek"},
                 {"", "", "", "", "bare"}};
    size_t i = 0;
    while (!begins(engine, known[i].engine) || !begins(date, known[i].date) || !begins(vendor, known[i].vendor) ||
           !has(source, known[i].source))
        i++;
    return known[i].runtime;
}

/* The format that words such as "fp16 ("Mixed")", "awq-int4", "int4 g32" or "q8_0" mean. */
static enum lr_dtype format_of(const char *text)
{
    static const struct {
        const char *part;
        enum lr_dtype dtype;
    } known[] = {{"mxfp4", LR_MXFP4}, {"nvfp4", LR_NVFP4}, {"fp4", LR_NVFP4}, {"int4", LR_INT4}, {"q4", LR_INT4},
                 {"int8", LR_INT8},   {"q8", LR_INT8},     {"fp8", LR_FP8},   {"bf16", LR_BF16}, {"fp16", LR_BF16}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (has(text, known[i].part))
            return known[i].dtype;
    return LR_DTYPE_NONE;
}

/* The metric that words mean. pure: the row is graded as a pure decode step. batch: all prompts arrive at once. */
static enum lr_metric metric_of(const char *metric, bool pure, bool batch)
{
    if (has(metric, "latency of") || has(metric, "batch latency") || (batch && has(metric, "throughput")))
        return LR_METRIC_LATENCY;
    if (pure || has(metric, "token_to_token") || has(metric, "decode step") || has(metric, "decode tokens/s"))
        return LR_METRIC_STEP;
    if (has(metric, "TPOT") || has(metric, "ITL") || has(metric, "inter_token"))
        return LR_METRIC_TPOT;
    if (has(metric, "total (in+out)"))
        return LR_METRIC_TOTAL_RATE;
    if (has(metric, "prompt+"))
        return LR_METRIC_LATENCY;
    if (has(metric, "decode"))
        return LR_METRIC_DECODE_RATE;
    if (has(metric, "throughput") || has(metric, "offline tokens/s"))
        return LR_METRIC_OUTPUT_RATE;
    return LR_METRIC_COUNT;
}

/* The rate of the whole replica, tokens/s. */
static double replica_rate(double value, const char *unit, double gpus, double nodes, double users)
{
    if (has(unit, "/GPU") || has(unit, "/NPU"))
        return value * gpus;
    if (has(unit, "/node"))
        return value * fmax(1, nodes);
    return has(unit, "/user") ? value * users : value;
}

/* Sets the value to the time or the rate that its metric is. */
static void read_value(struct lr_benchmark_line *l, double gpus, double nodes, struct lr_benchmark_row *r)
{
    const char *const unit = lr_benchmark_cell(l, "unit");
    const double value = lr_benchmark_number(l, "value"), users = r->traffic.concurrency;
    const bool time = strcmp(unit, "ms") == 0 || strcmp(unit, "s") == 0;
    const bool of_time = r->metric == LR_METRIC_STEP || r->metric == LR_METRIC_TPOT || r->metric == LR_METRIC_LATENCY;
    if (!time && !has(unit, "tok")) {
        r->skip = "the unit is neither a time nor a rate";
    } else if (time) {
        r->value = value * (unit[0] == 'm' ? 1e-3 : 1);
        if (!of_time)
            r->skip = "a time, but the metric is a rate";
    } else if (has(unit, "prompt+generated")) {
        const double tokens = r->metric == LR_METRIC_LATENCY ? r->traffic.input + r->traffic.output : 1;
        r->value = value > 0 ? users * tokens / value : 0;
    } else if (of_time) {
        const double rate = replica_rate(value, unit, gpus, nodes, users);
        const double tokens = r->metric == LR_METRIC_LATENCY ? r->traffic.output : 1;
        r->value = rate > 0 ? users * tokens / rate : 0;
    } else {
        r->value = replica_rate(value, unit, gpus, nodes, users);
    }
}

/* Reads words such as "MTP steps1 topk1 draft2 (accept ~1.8-1.9)": the tokens that are drafted one after the other, and
 * the middle of the tokens that a step yields. Without steps, as few drafts as that yield needs. false if it is not
 * given. */
static bool read_speculation(const char *text, struct lr_speculation *s)
{
    double low = 0, high = 0;
    const char *const steps = strstr(text, "steps"), *accept = strstr(text, "accept ");
    if (!accept)
        return false;
    accept += strcspn(accept, "0123456789");
    const int n = sscanf(accept, "%lf-%lf", &low, &high);
    s->accepted = n == 2 ? (low + high) / 2 : low;
    if (!steps || sscanf(steps, "steps%lf", &s->draft) != 1)
        s->draft = ceil(s->accepted) - 1;
    return n >= 1 && s->draft >= 1 && s->accepted >= 1 && s->accepted <= s->draft + 1;
}

static void read_published(struct lr_benchmark_line *l, struct lr_benchmark_row *r)
{
    struct lr_deployment *d = &r->deployment;
    const double gpus = lr_benchmark_number(l, "n_gpus"), context = lr_benchmark_number(l, "avg_context");
    const char *const grade = lr_benchmark_cell(l, "grade");
    const char *const engine = lr_benchmark_cell(l, "engine");
    r->runtime = runtime_of(engine, lr_benchmark_cell(l, "date"), r->hardware->vendor,
                            lr_benchmark_cell(l, "source_url_or_repo"));
    *d = (struct lr_deployment){.gpus = gpus,
                                .tp = lr_benchmark_number(l, "tp"),
                                .ep = lr_benchmark_number(l, "ep"),
                                .dp = lr_benchmark_number(l, "dp"),
                                .pp = lr_benchmark_number(l, "pp"),
                                .weights =
                                    lr_benchmark_weights(r->model, format_of(lr_benchmark_cell(l, "weights_dtype"))),
                                .kv = has(lr_benchmark_cell(l, "kv_dtype"), "fp8") ? LR_FP8 : LR_DTYPE_NONE};
    if (d->dp > 1 && d->tp * d->dp > gpus && fmod(d->tp, d->dp) == 0) /* tp includes the attention groups */
        d->tp /= d->dp;
    if (d->kv == LR_DTYPE_NONE && has(engine, "Optimum-Habana")) /* its batches would not fit with a wider cache */
        d->kv = lr_benchmark_kv("trtllm", d->weights);
    if (d->kv == LR_DTYPE_NONE)
        d->kv = lr_benchmark_kv(r->runtime, d->weights);
    d->identical_routing = has(engine, "fake weights"); /* their router sends all tokens to the same experts */
    r->traffic.concurrency = lr_benchmark_number(l, "batch_or_concurrency_total");
    if (r->traffic.concurrency == 0)
        r->traffic.concurrency = lr_benchmark_number(l, "batch_per_gpu") * gpus;
    r->traffic.input = lr_benchmark_number(l, "input_len");
    r->traffic.output = lr_benchmark_number(l, "output_len");
    r->metric =
        metric_of(lr_benchmark_cell(l, "metric"), strcmp(grade, "pure_decode_step") == 0, has(engine, "static batch"));
    if (strcmp(grade, "decode_instance_throughput") == 0 && r->metric != LR_METRIC_STEP)
        r->metric = LR_METRIC_DECODE_RATE;
    const bool decoding = r->metric == LR_METRIC_STEP || r->metric == LR_METRIC_DECODE_RATE;
    if (context > 0 && (decoding || r->traffic.input == 0)) { /* a step depends on the average context */
        r->traffic.input = context;
        r->traffic.output = 1;
    }
    const char *const mtp = lr_benchmark_cell(l, "mtp_or_spec");
    const bool speculates = *mtp && !begins(mtp, "none");
    if (r->metric == LR_METRIC_COUNT)
        r->skip = "the metric is not modelled";
    else if (speculates && !read_speculation(mtp, &r->traffic.speculation))
        r->skip = "speculative decoding without the accepted tokens per step";
    else if (!(r->traffic.input >= 1) || !(r->traffic.output >= 1))
        r->skip = "no prompt or output length";
    else
        read_value(l, gpus, lr_benchmark_number(l, "n_nodes"), r);
    if (!r->skip && speculates && has(lr_benchmark_cell(l, "metric"), "step time"))
        r->value /= r->traffic.speculation.accepted; /* per token, as in other rows */
}

/* Whether a fit may use a row: engines that the served runs do not cover, on chips whose kernels were measured. On
 * other chips the errors of engine and kernels are indistinguishable, except for a runtime that is fitted on that chip
 * alone. */
static bool fits(const struct lr_benchmark_row *r)
{
    static const struct {
        const char *runtime;
        const char *vendor; /* of the chips */
        bool fp8_only;      /* only kernels in FP8 were measured (H20) */
    } known[] = {{"vllm-v0", "NVIDIA", false},
                 {"nim-1.0", "NVIDIA", false},
                 {"vllm-v0-rocm", "AMD", false},
                 {"sglang-2025", "NVIDIA", true}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(r->runtime, known[i].runtime) == 0 && strcmp(r->hardware->vendor, known[i].vendor) == 0)
            return !known[i].fp8_only || r->deployment.weights == LR_FP8;
    return false;
}

const struct lr_benchmark_kind lr_benchmark_published = {
    .required = {"gpu", "model", "engine", "metric", "value", "unit", "input_len", "output_len"},
    .setting = {"gpu", "model", "engine", "n_gpus", "tp", "batch_or_concurrency_total", "input_len", "output_len"},
    .hardware = "gpu",
    .model = "model",
    .fits = fits,
    .read = read_published,
};
