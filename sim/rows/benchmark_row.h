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

/* 0 for an empty cell; an error for what is no number from 0. */
double lr_benchmark_number(struct lr_benchmark_line *l, const char *column);

/* The weights format of a deployment: LR_DTYPE_NONE where the one asked for is the model's own. */
enum lr_dtype lr_benchmark_weights(const struct lr_model *m, enum lr_dtype asked);

/* The format of the cache where a table does not say: 8 bits beside weights that were quantised for the run (nvidia/
 * *-FP8 and ...-NVFP4 config.json: kv_cache_scheme), the model's own beside a checkpoint as published. */
enum lr_dtype lr_benchmark_kv(const char *runtime, enum lr_dtype weights);

/* Columns that a kind must have, those of chip and model, those whose hash splits the rows, and how a row whose chip
 * and model are known is read. Lists end with NULL. */
struct lr_benchmark_kind {
    const char *required[9], *setting[20];
    const char *hardware, *model;
    bool (*fits)(const struct lr_benchmark_row *r); /* may fits use such rows, half of them? NULL: of all */
    void (*read)(struct lr_benchmark_line *l, struct lr_benchmark_row *r);
};
extern const struct lr_benchmark_kind lr_benchmark_served, lr_benchmark_published;

/* The model that the result of a benchmark names; NULL when it names none. */
struct lr_node;
const char *lr_benchmark_result_model(const struct lr_node *run);

/* One run of a result file, whose model and setting are in r already. */
void lr_benchmark_result_read(const struct lr_node *run, struct lr_benchmark_row *r, struct lr_diags *ds);

#endif
