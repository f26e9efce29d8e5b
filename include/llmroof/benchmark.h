/* SPDX-License-Identifier: Apache-2.0 */
/* End-to-end measurements of whole deployments: rows of a CSV file as a model, a chip, a layout, traffic and a figure.
 */
#ifndef LLMROOF_BENCHMARK_H
#define LLMROOF_BENCHMARK_H

#include "catalog.h"
#include "serving.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What was measured. Times count as they are, rates by their inverse, so that errors of both mean the same. */
#define LR_METRICS(X)                                                                                                  \
    X(STEP, "step")               /* s, a decode step at a constant batch */                                           \
    X(TPOT, "tpot")               /* s, between tokens under load */                                                   \
    X(LATENCY, "latency")         /* s, of a static batch: prefill and all steps */                                    \
    X(OUTPUT_RATE, "output_rate") /* output tokens/s of the replica, prefills included */                              \
    X(TOTAL_RATE, "total_rate")   /* input and output tokens/s of the replica */                                       \
    X(DECODE_RATE, "decode_rate") /* tokens/s of a replica that only decodes */

enum lr_metric {
#define X(id, name) LR_METRIC_##id,
    LR_METRICS(X)
#undef X
        LR_METRIC_COUNT
};
const char *lr_metric_name(enum lr_metric m);

struct lr_benchmark_row {
    const struct lr_model *model;
    const struct lr_hardware *hardware;
    const char *runtime; /* profile name of the engine */
    struct lr_deployment deployment;
    struct lr_traffic traffic;
    enum lr_metric metric;
    double value; /* s or tokens/s */
    int line;
    bool held_out;    /* of a kind that no fit uses, or its setting's hash is odd: for testing, never for fitting */
    const char *skip; /* why it cannot be compared, or NULL */
};

/* One file. Owns everything that its rows point at. */
struct lr_benchmark {
    const char *file;
    uint32_t hash; /* FNV-1a of the file's bytes */
    struct lr_benchmark_row *row;
    size_t count;
};

/* What the result of a serving benchmark does not say of the machine that was benchmarked. */
struct lr_benchmark_setting {
    const struct lr_hardware *hardware;
    const struct lr_model *model; /* NULL: the one that the result names, from the catalogue */
    const char *runtime;          /* profile name of the engine */
    struct lr_deployment deployment;
    bool held_out; /* for testing; else for fitting */
};

/* The results of vLLM's and SGLang's serving benchmarks ('vllm bench serve --save-result', 'sglang.bench_serving
 * --output-file'), a row for each run in the file: tpot in the median over its requests, at their mean lengths.
 * Requests in flight are those that the benchmark allowed, or their mean where it sent requests at a rate. A run
 * without a steady state, with speculative decoding, or of an unknown model is kept with the reason in skip. What
 * setting points at must outlive the rows. NULL after an error: no JSON, a number that is none. */
struct lr_benchmark *lr_benchmark_results(const char *path, const struct lr_catalog *catalog,
                                          const struct lr_benchmark_setting *setting, struct lr_diags *ds);

/* Two kinds of tables, told by their columns: those of served runs (backend, model_path, system, ..., silicon_tpot_ms)
 * and those of published figures (gpu, model, engine, metric, value, unit, ...). A row that names a chip or model that
 * the catalogue does not have, a metric that is not modelled, or too little of its setting is kept with the reason in
 * skip. NULL after an error: another kind of table, a number that is none. */
struct lr_benchmark *lr_benchmark_load(const char *path, const struct lr_catalog *catalog, struct lr_diags *ds);
void lr_benchmark_free(struct lr_benchmark *b);

/* Does the file look like one of them? */
bool lr_benchmark_is(const char *path);

/* Predicted value of a row, and the ends of its 80 % interval, as a time: seconds, or seconds per token for rates. */
struct lr_forecast {
    double measured_s, predicted_s, low_s, high_s, floor_s;
    double step_s, prefill_s; /* what it is made of */
    enum lr_evidence evidence;
};
struct lr_forecast lr_benchmark_forecast(const struct lr_benchmark_row *r, const struct lr_plan *p);

#ifdef __cplusplus
}
#endif

#endif
