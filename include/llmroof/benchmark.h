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

/* What was measured. A rate is compared by its inverse, so that an error of 10 % means the same for times and rates. */
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
/* The name in files and in output. "unknown" for a number that is no metric. */
const char *lr_metric_name(enum lr_metric m);

/* One run of a deployment. */
struct lr_benchmark_row {
    const struct lr_model *model;
    const struct lr_hardware *hardware;
    const char *runtime; /* profile name of the engine */
    struct lr_deployment deployment;
    struct lr_traffic traffic;
    enum lr_metric metric;
    double value; /* s or tokens/s */
    int line;
    bool held_out;    /* for testing, never for fitting: of a kind that no fit uses, or its setting's hash is odd */
    const char *skip; /* why it cannot be compared, or NULL */
};

/* The rows of one file. Owns everything that its rows point at. Nothing changes it after loading. */
struct lr_benchmark {
    const char *file;
    uint32_t hash; /* FNV-1a of the file's bytes */
    struct lr_benchmark_row *row;
    size_t count;
};

/* The machine and the setting of a serving benchmark, which its result does not name. */
struct lr_benchmark_setting {
    const struct lr_hardware *hardware;
    const struct lr_model *model; /* NULL: the model that the result names, from the catalogue */
    const char *runtime;          /* profile name of the engine */
    struct lr_deployment deployment;
    bool held_out; /* all rows are for testing; else all are for fitting */
};

/* Reads results of vLLM's and SGLang's serving benchmarks ('vllm bench serve --save-result', 'sglang.bench_serving
 * --output-file'). Each run in the file becomes a row: its metric is TPOT, the median over the requests, at their mean
 * lengths. Its concurrency is what the benchmark allowed, or the mean number of requests in flight where it sent
 * requests at a rate. A run without a steady state, with speculative decoding or of an unknown model is kept, with the
 * reason in skip. What setting points at must outlive the rows. NULL with an error: the file cannot be read or is no
 * JSON, a number is malformed, memory runs out. Free with lr_benchmark_free. */
struct lr_benchmark *lr_benchmark_results(const char *path, const struct lr_catalog *catalog,
                                          const struct lr_benchmark_setting *setting, struct lr_diags *ds);

/* Reads a table in CSV of one of two kinds, which differ in their columns: served runs (backend, model_path, system,
 * ..., silicon_tpot_ms) or published figures (gpu, model, engine, metric, value, unit, ...). A row with a chip or model
 * that the catalogue does not have, with a metric that is not modelled or with an incomplete setting is kept, with the
 * reason in skip. NULL with an error that has file and line: the file cannot be read or is another kind of table, a
 * number is malformed, memory runs out. Free with lr_benchmark_free. */
struct lr_benchmark *lr_benchmark_load(const char *path, const struct lr_catalog *catalog, struct lr_diags *ds);
/* Frees the rows and the profiles that were loaded for them. b may be NULL. */
void lr_benchmark_free(struct lr_benchmark *b);

/* Whether the first line of a file has the columns of a table that lr_benchmark_load reads. false too when the file
 * cannot be read. */
bool lr_benchmark_is(const char *path);

/* A row against its prediction, as times: seconds, or seconds per token where the metric is a rate. low_s and high_s
 * are the ends of the 80 % interval. */
struct lr_forecast {
    double measured_s, predicted_s, low_s, high_s, floor_s;
    double step_s, prefill_s; /* parts of the prediction: one decode step, one prefill */
    enum lr_evidence evidence;
};

/* Predicts a row with the plan of its deployment. Pure, allocation-free. */
struct lr_forecast lr_benchmark_forecast(const struct lr_benchmark_row *r, const struct lr_plan *p);

#ifdef __cplusplus
}
#endif

#endif
