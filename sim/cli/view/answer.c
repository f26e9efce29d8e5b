/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/view/answer.h"

#include "render/prose.h"

#include <llmroof/comparison.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lr_answer lr_answer_at(const struct lr_session *s, const struct lr_plan *p, const struct lr_hardware *hw,
                              double batch, double context)
{
    struct lr_answer a = {
        .hardware = hw, .model = s->model, .plan = p, .workload = {.batch = batch, .context = context, .q_len = 1}};
    const struct lr_options *o = &s->options;
    a.speculation = (struct lr_speculation){o->draft, o->accepted > 0 ? o->accepted : 1, o->draft_cost};
    if (o->draft > 0)
        lr_plan_speculate(p, &a.workload, &a.speculation, &a.estimate);
    else
        lr_plan_estimate(p, &a.workload, &a.estimate);
    const struct lr_workload step = {.batch = batch, .context = context, .q_len = 1 + o->draft};
    lr_plan_room(p, &step, &a.estimate.memory);
    return a;
}

static struct lr_point_row row_of(const struct lr_answer *a)
{
    return lr_point_row(a->model, a->hardware, lr_plan_deployment(a->plan), a->workload.batch, a->workload.context,
                        &a->estimate);
}

void lr_answer_json_deployment(const struct lr_session *s, const struct lr_plan *p, struct lr_json *j)
{
    const struct lr_deployment *d = lr_plan_deployment(p);
    lr_json_open(j, "deployment", '{');
    lr_json_number(j, "gpus", d->gpus);
    lr_json_number(j, "tp", d->tp);
    lr_json_number(j, "pp", d->pp);
    lr_json_number(j, "ep", d->ep);
    lr_json_number(j, "dp", d->dp);
    lr_json_text(j, "weights", lr_dtype_name(d->weights));
    lr_json_text(j, "kv", lr_dtype_name(d->kv));
    lr_json_text(j, "runtime", s->runtime->name);
    if (d->redundant > 0)
        lr_json_number(j, "redundant", d->redundant);
    if (d->skew > 0)
        lr_json_number(j, "skew", d->skew);
    if (d->identical_routing)
        lr_json_bool(j, "alike", true);
    lr_json_close(j, '}');
}

static void json_operators(const struct lr_answer *a, struct lr_json *j)
{
    struct lr_op_estimate op[LR_OPS_MAX];
    const size_t n = lr_plan_operators(a->plan, &a->workload, op);
    lr_json_open(j, "operators", '[');
    for (size_t i = 0; i < n; i++) {
        lr_json_open(j, NULL, '{');
        lr_json_text(j, "name", op[i].name);
        lr_json_text(j, "family", lr_family_name(op[i].family));
        lr_json_number(j, "count", op[i].count);
        lr_json_number(j, "flop", op[i].flop);
        lr_json_number(j, "bytes", op[i].bytes);
        lr_json_number(j, "link_bytes", op[i].link_bytes);
        lr_json_number(j, "time_s", a->estimate.fits ? op[i].time_s : NAN);
        lr_json_number(j, "floor_s", op[i].floor_s);
        lr_json_text(j, "bound", lr_bound_name(op[i].bound));
        lr_json_text(j, "weights", lr_dtype_name(op[i].weight));
        lr_json_text(j, "rate", lr_rate_name(op[i].rate));
        lr_json_text(j, "evidence", lr_evidence_name(op[i].evidence));
        lr_json_close(j, '}');
    }
    lr_json_close(j, ']');
}

void lr_answer_json_provenance(const struct lr_session *s, const struct lr_answer *a, struct lr_json *j)
{
    const struct lr_hardware *hw = a->hardware;
    lr_json_open(j, "provenance", '{');
    lr_json_text(j, "hardware", lr_hardware_path(hw));
    lr_json_text(j, "hardware_source", hw->source);
    lr_json_text(j, "model", lr_model_path(s->model));
    lr_json_text(j, "model_source", s->model->source);
    lr_json_text(j, "kernels", lr_plan_kernels(a->plan));
    lr_json_text(j, "evidence", lr_evidence_name(a->estimate.evidence));
    lr_json_open(j, "notes", '[');
    for (size_t i = 0; i < lr_plan_note_count(a->plan); i++)
        lr_json_text(j, NULL, lr_plan_note(a->plan, i));
    lr_json_close(j, ']');
    lr_json_open(j, "assumptions", '[');
    for (size_t i = 0; i < hw->assumption_count; i++)
        lr_json_text(j, NULL, hw->assumption[i]);
    lr_json_close(j, ']');
    lr_json_close(j, '}');
}

static void json_memory(const struct lr_memory *m, struct lr_json *j)
{
    lr_json_open(j, "memory", '{');
    lr_json_number(j, "capacity_bytes", m->capacity_bytes);
    lr_json_number(j, "weights_bytes", m->weights_bytes);
    lr_json_number(j, "kv_bytes", m->kv_bytes);
    lr_json_number(j, "workspace_bytes", m->workspace_bytes);
    lr_json_number(j, "reserve_bytes", m->reserve_bytes);
    lr_json_number(j, "max_batch", m->max_batch);
    lr_json_number(j, "max_context", m->max_context);
    lr_json_close(j, '}');
}

void lr_answer_json(const struct lr_session *s, const struct lr_answer *a, struct lr_json *j, const char *key)
{
    const struct lr_estimate *e = &a->estimate;
    const struct lr_point_row row = row_of(a);
    lr_json_open(j, key, '{');
    if (!key)
        lr_json_text(j, "schema", "llmroof/estimate/1");
    lr_json_text(j, "model", s->model->name);
    lr_json_text(j, "hardware", a->hardware->name);
    lr_answer_json_deployment(s, a->plan, j);
    lr_json_open(j, "workload", '{');
    lr_json_number(j, "batch", a->workload.batch);
    lr_json_number(j, "context", a->workload.context);
    if (a->speculation.draft > 0) {
        lr_json_number(j, "draft", a->speculation.draft);
        lr_json_number(j, "accepted", a->speculation.accepted);
    }
    lr_json_close(j, '}');
    lr_json_number(j, "tpot_s", row.tpot_s);
    lr_json_number(j, "tpot_low_s", row.tpot_low_s);
    lr_json_number(j, "tpot_high_s", row.tpot_high_s);
    lr_json_number(j, "floor_tpot_s", row.floor_tpot_s);
    lr_json_number(j, "tokens_per_s", row.tokens_per_s);
    lr_json_number(j, "tokens_per_s_per_gpu", row.tokens_per_s_per_gpu);
    lr_json_number(j, "tokens_per_s_per_user", row.tokens_per_s_per_user);
    lr_json_number(j, "flop", e->flop);
    lr_json_number(j, "bytes", e->bytes);
    lr_json_number(j, "link_bytes", e->link_bytes);
    lr_json_text(j, "bound", lr_bound_name(e->bound));
    lr_json_bool(j, "fits", e->fits);
    json_memory(&e->memory, j);
    json_operators(a, j);
    lr_answer_json_provenance(s, a, j);
    lr_json_close(j, '}');
}

/* "clearly faster", "likely slower", "too close to call". */
static void compare(const struct lr_answer *a, const struct lr_answer *baseline, struct lr_point_row *row, char *word,
                    size_t size)
{
    const double p = lr_estimate_faster(&a->estimate, &baseline->estimate, lr_plans_apart(a->plan, baseline->plan));
    const enum lr_certainty c = lr_certainty_of(p);
    row->ratio = a->estimate.tpot_s / baseline->estimate.tpot_s;
    if (a == baseline)
        return;
    snprintf(word, size, "%s%s", lr_certainty_word(c), c == LR_CERTAINTY_CLOSE ? "" : p > 0.5 ? " faster" : " slower");
    row->probability_faster = p;
    row->word = word;
}

void lr_answer_row(const struct lr_answer *a, const struct lr_answer *baseline, struct lr_table *t)
{
    char word[48];
    struct lr_point_row row = row_of(a);
    if (baseline && baseline->estimate.fits && a->estimate.fits)
        compare(a, baseline, &row, word, sizeof word);
    lr_table_add(t, &row);
}

void lr_answer_memory(const struct lr_answer *a, struct lr_text *out)
{
    const struct lr_memory *m = &a->estimate.memory;
    char b[6][LR_HUMAN_SIZE];
    lr_text_addf(out, "%s: weights %s + KV cache %s + workspace %s + reserve %s = %s of %s per GPU\n",
                 a->hardware->name, lr_human(m->weights_bytes, LR_CELL_BYTES, b[0]),
                 lr_human(m->kv_bytes, LR_CELL_BYTES, b[1]), lr_human(m->workspace_bytes, LR_CELL_BYTES, b[2]),
                 lr_human(m->reserve_bytes, LR_CELL_BYTES, b[3]),
                 lr_human(m->weights_bytes + m->kv_bytes + m->workspace_bytes + m->reserve_bytes, LR_CELL_BYTES, b[4]),
                 lr_human(m->capacity_bytes, LR_CELL_BYTES, b[5]));
    if (!a->estimate.fits && m->max_batch >= 1)
        lr_text_addf(out, "  does not fit; batch %.0f fits at this context\n", m->max_batch);
    else if (!a->estimate.fits)
        lr_text_add(out, "  does not fit at any batch\n");
}

static void note(struct lr_text *out, const char *prefix, const char *text)
{
    struct lr_text line = {0};
    lr_text_addf(&line, "note: %s%s\n", prefix, text);
    if (!strstr(lr_text_str(out), lr_text_str(&line)))
        lr_text_add(out, lr_text_str(&line));
    out->out_of_memory = out->out_of_memory || line.out_of_memory;
    lr_text_free(&line);
}

void lr_answer_notes(const struct lr_answer *a, struct lr_text *out)
{
    static const char *const rests[LR_EVIDENCE_COUNT] = {
        NULL, "some kernel constants come from another chip of its architecture",
        "some kernel constants come from other architectures or are assumed; the interval is wide"};
    struct lr_text prefix = {0}, beyond = {0};
    lr_text_addf(&prefix, "%s: ", a->hardware->name);
    for (size_t i = 0; i < lr_plan_note_count(a->plan); i++)
        note(out, "", lr_plan_note(a->plan, i));
    for (size_t i = 0; i < a->hardware->assumption_count; i++)
        note(out, lr_text_str(&prefix), a->hardware->assumption[i]);
    if (a->workload.context > a->model->max_context)
        lr_text_addf(&beyond, "context %.0f exceeds the model's maximum of %.0f tokens", a->workload.context,
                     a->model->max_context);
    if (beyond.length)
        note(out, "", lr_text_str(&beyond));
    out->out_of_memory = out->out_of_memory || prefix.out_of_memory || beyond.out_of_memory;
    lr_text_free(&beyond);
    if (rests[a->estimate.evidence])
        note(out, lr_text_str(&prefix), rests[a->estimate.evidence]);
    lr_text_free(&prefix);
}

static int slower(const void *x, const void *y)
{
    const struct lr_op_estimate *a = x, *b = y;
    return a->time_s < b->time_s ? 1 : a->time_s > b->time_s ? -1 : strcmp(a->name, b->name);
}

struct operator_row {
    const char *name;
    double count, time_s, share, floor_s, bytes, intensity;
    const char *bound;
};

static const struct lr_column operator_columns[] = {
    LR_COLUMN(operator_row, name, "operator", TEXT),      LR_COLUMN(operator_row, count, "count", COUNT),
    LR_COLUMN(operator_row, time_s, "time", SECONDS),     LR_COLUMN(operator_row, share, "share", PERCENT),
    LR_COLUMN(operator_row, floor_s, "floor", SECONDS),   LR_COLUMN(operator_row, bytes, "bytes", BYTES),
    LR_COLUMN(operator_row, intensity, "FLOP/B", NUMBER), LR_COLUMN(operator_row, bound, "bound", TEXT),
};

void lr_answer_operators(const struct lr_answer *a, enum lr_format format, struct lr_text *out)
{
    struct lr_op_estimate op[LR_OPS_MAX];
    struct lr_table t;
    const size_t n = lr_plan_operators(a->plan, &a->workload, op);
    qsort(op, n, sizeof *op, slower);
    lr_table_init(&t, operator_columns, sizeof operator_columns / sizeof *operator_columns);
    for (size_t i = 0; i < n; i++) {
        const struct operator_row row = {
            .name = op[i].name,
            .count = op[i].count,
            .time_s = op[i].time_s,
            .share = op[i].time_s / a->estimate.tpot_s,
            .floor_s = op[i].floor_s,
            .bytes = op[i].bytes + op[i].link_bytes,
            .intensity = op[i].flop > 0 ? op[i].flop / op[i].bytes : NAN,
            .bound = lr_bound_name(op[i].bound),
        };
        lr_table_add(&t, &row);
    }
    lr_table_render(&t, format, "", out);
    lr_table_free(&t);
}

static void headline(const struct lr_session *s, const struct lr_answer *a, struct lr_text *out)
{
    const struct lr_estimate *e = &a->estimate;
    const struct lr_deployment *d = lr_plan_deployment(a->plan);
    char b[6][LR_HUMAN_SIZE];
    lr_text_addf(
        out,
        "%s on %.0f x %s, tp %.0f pp %.0f ep %.0f dp %.0f, weights %s, KV %s, runtime %s, batch %.0f, context %.0f\n",
        s->model->name, d->gpus, a->hardware->name, d->tp, d->pp, d->ep, d->dp, lr_dtype_name(d->weights),
        lr_dtype_name(d->kv), s->runtime->name, a->workload.batch, a->workload.context);
    if (!e->fits)
        return;
    lr_text_addf(out, "TPOT %s (80 %% interval %s to %s; datasheet floor %s)\n",
                 lr_human(e->tpot_s, LR_CELL_SECONDS, b[0]), lr_human(e->tpot_low_s, LR_CELL_SECONDS, b[1]),
                 lr_human(e->tpot_high_s, LR_CELL_SECONDS, b[2]), lr_human(e->floor_tpot_s, LR_CELL_SECONDS, b[3]));
    lr_text_addf(out, "%s tokens/s, %s per GPU", lr_human(e->tokens_per_s, LR_CELL_RATE, b[0]),
                 lr_human(e->tokens_per_s_per_gpu, LR_CELL_RATE, b[1]));
    lr_text_addf(out, ", %s per user; bottleneck: %s; constants: %s\n",
                 lr_human(e->tokens_per_s_per_user, LR_CELL_RATE, b[2]), lr_bound_name(e->bound),
                 lr_evidence_name(a->estimate.evidence));
}

void lr_answer_text(const struct lr_session *s, const struct lr_answer *a, enum lr_format format, struct lr_text *out)
{
    headline(s, a, out);
    lr_answer_memory(a, out);
    if (a->estimate.fits) {
        lr_text_addf(out, "  fits up to batch %.0f at this context, or context %.0f at this batch\n\n",
                     a->estimate.memory.max_batch, a->estimate.memory.max_context);
        lr_answer_operators(a, format, out);
    }
    lr_text_add(out, "\n");
    const size_t notes = out->length;
    lr_answer_notes(a, out);
    lr_prose_wrap(out, notes, 2, format);
}
