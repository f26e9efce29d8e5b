/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of tables of end-to-end measurements, for the files of this layer. */
#ifndef LLMROOF_ROWS_BENCHMARK_ROW_H
#define LLMROOF_ROWS_BENCHMARK_ROW_H

#include "document/csv.h"

#include <llmroof/benchmark.h>

/* One line being read. */
struct lr_benchmark_line {
    const struct lr_csv *csv;
    size_t row;
    struct lr_diags *ds;
    bool failed;
};

const char *lr_benchmark_cell(const struct lr_benchmark_line *l, const char *column);

/* 0 for an empty cell; an error if it is not a number of at least 0. */
double lr_benchmark_number(struct lr_benchmark_line *l, const char *column);

/* The format of the weights of a deployment; LR_DTYPE_NONE if the one asked for is that of the model. */
enum lr_dtype lr_benchmark_weights(const struct lr_model *m, enum lr_dtype asked);

/* The format of the cache if the table does not give it: FP8 for TensorRT-LLM and NIM with weights in FP8 or NVFP4
 * (kv_cache_scheme in config.json of NVIDIA's *-FP8 and *-NVFP4 checkpoints), else that of the model. */
enum lr_dtype lr_benchmark_kv(const char *runtime, enum lr_dtype weights);

/* A kind of table: the columns that it must have, those whose hash splits the rows, those of chip and model, and the
 * function that reads a row whose chip and model are known. Lists end with NULL. */
struct lr_benchmark_kind {
    const char *required[9], *setting[20];
    const char *hardware, *model;
    bool (*fits)(const struct lr_benchmark_row *r); /* may a fit use the row, if it is in the fitted half? NULL: yes */
    void (*read)(struct lr_benchmark_line *l, struct lr_benchmark_row *r);
};
extern const struct lr_benchmark_kind lr_benchmark_served, lr_benchmark_published;

/* The model_id of a result; NULL if it has none. */
struct lr_node;
const char *lr_benchmark_result_model(const struct lr_node *run);

/* Reads one run of a result file into r, which has its model and setting already. */
void lr_benchmark_result_read(const struct lr_node *run, struct lr_benchmark_row *r, struct lr_diags *ds);

#endif
