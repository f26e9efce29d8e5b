/* SPDX-License-Identifier: Apache-2.0 */
/* llmroof measure decode: the operators that an estimate prices, executed, and how far off the estimate is. */
#include "cli/measure/measure.h"
#include "cli/session/interrupt.h"
#include "cli/view/answer.h"
#include "estimate/lowered.h"
#include "host/runner.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { REPEAT = 5 };

/* Of the memory that can be had; the rest is for whatever else runs. */
static const double SHARE = 0.9;

/* One batch and context. ran: one for each operator. */
struct point {
    double batch, context;
    struct lr_ran *ran;
    struct lr_samples wall; /* of whole steps */
};

struct decode {
    struct lr_session *s;
    struct lr_machine machine;
    struct lr_plan *plan;
    const struct lr_hardware *hw;
    const struct lr_lowering *l;
    struct lr_runner_size size;
    double bytes;
    size_t threads;
    struct point *point;
    size_t points;
};

/* Predicted and measured of an operator, or of the step. */
struct verdict {
    double measured, predicted, low, high, floor, spread;
};

static double error_of(const struct verdict *v)
{
    return v->predicted / v->measured - 1;
}

static bool inside(const struct verdict *v)
{
    return v->measured >= v->low && v->measured <= v->high;
}

/* Executions that a step has, times what one takes: layers that were not executed cost what the others do. */
static struct verdict judge(const struct decode *d, const struct point *p, size_t i, const struct lr_op_estimate *e)
{
    const struct lr_summary y = lr_samples_summary(&p->ran[i].times);
    return (struct verdict){.measured = d->l->op[i].count * y.median,
                            .predicted = e->time_s,
                            .low = e->time_s * exp(e->spread_low),
                            .high = e->time_s * exp(e->spread_high),
                            .floor = e->floor_s,
                            .spread = y.spread};
}

static struct verdict judge_step(const struct decode *d, const struct point *p, struct verdict *op)
{
    const struct lr_workload w = {p->batch, p->context, 1};
    struct lr_op_estimate e[LR_OPS_MAX];
    struct lr_estimate step;
    struct verdict v = {0};
    lr_plan_operators(d->plan, &w, e);
    lr_plan_estimate(d->plan, &w, &step);
    for (size_t i = 0; i < d->l->op_count; i++) {
        op[i] = judge(d, p, i, &e[i]);
        v.measured += op[i].measured;
    }
    v.predicted = step.tpot_s;
    v.low = step.tpot_low_s;
    v.high = step.tpot_high_s;
    v.floor = step.floor_tpot_s;
    v.spread = lr_samples_summary(&p->wall).spread;
    return v;
}

struct decode_row {
    double batch, context;
    const char *operator;
    double count, executed, measured_s, wall_s, predicted_s, low_s, high_s, error, inside, floor_s, spread, flop, bytes;
};

static const struct lr_column columns[] = {
    LR_COLUMN(decode_row, batch, NULL, COUNT),
    LR_COLUMN(decode_row, context, NULL, COUNT),
    LR_COLUMN(decode_row, operator, "operator", TEXT),
    LR_COLUMN(decode_row, count, "count", COUNT),
    LR_COLUMN(decode_row, executed, NULL, COUNT),
    LR_COLUMN(decode_row, measured_s, "measured", SECONDS),
    LR_COLUMN(decode_row, predicted_s, "predicted", SECONDS),
    LR_COLUMN(decode_row, low_s, "low", SECONDS),
    LR_COLUMN(decode_row, high_s, "high", SECONDS),
    LR_COLUMN(decode_row, error, "error", PERCENT),
    LR_COLUMN(decode_row, inside, "inside", BOOL),
    LR_COLUMN(decode_row, floor_s, "floor", SECONDS),
    LR_COLUMN(decode_row, spread, "spread", PERCENT),
    LR_COLUMN(decode_row, flop, NULL, COUNT),
    LR_COLUMN(decode_row, bytes, NULL, COUNT),
};

static const struct lr_column step_columns[] = {
    LR_COLUMN(decode_row, batch, "batch", COUNT),
    LR_COLUMN(decode_row, context, "context", COUNT),
    LR_COLUMN(decode_row, measured_s, "measured", SECONDS),
    LR_COLUMN(decode_row, wall_s, "wall clock", SECONDS),
    LR_COLUMN(decode_row, predicted_s, "predicted", SECONDS),
    LR_COLUMN(decode_row, low_s, "low", SECONDS),
    LR_COLUMN(decode_row, high_s, "high", SECONDS),
    LR_COLUMN(decode_row, error, "error", PERCENT),
    LR_COLUMN(decode_row, inside, "inside", BOOL),
    LR_COLUMN(decode_row, floor_s, "floor", SECONDS),
};

static struct decode_row row_of(const struct point *p, const struct verdict *v)
{
    return (struct decode_row){
        .batch = p->batch,
        .context = p->context,
        .measured_s = v->measured,
        .wall_s = lr_samples_summary(&p->wall).median,
        .predicted_s = v->predicted,
        .low_s = v->low,
        .high_s = v->high,
        .error = error_of(v),
        .inside = inside(v),
        .floor_s = v->floor,
        .spread = v->spread,
        .flop = NAN,
        .bytes = NAN,
    };
}

static void point_rows(const struct decode *d, const struct point *p, struct lr_table *t)
{
    struct verdict op[LR_OPS_MAX];
    const struct verdict step = judge_step(d, p, op);
    for (size_t i = 0; i < d->l->op_count; i++) {
        const struct lr_ran *r = &p->ran[i];
        const double n = d->l->op[i].count / (double)r->executions;
        struct decode_row row = row_of(p, &op[i]);
        row.operator= d->l->op[i].name;
        row.count = d->l->op[i].count;
        row.executed = (double)r->executions;
        row.flop = n * r->count.flop;
        row.bytes = n * (r->count.weight_bytes + r->count.kv_bytes);
        lr_table_add(t, &row);
    }
    struct decode_row row = row_of(p, &step);
    row.operator= "step";
    row.count = 1;
    row.executed = (double)p->wall.count;
    lr_table_add(t, &row);
}

/* Over all points: median absolute error of the step, shares of steps and of operators inside their intervals. */
struct summary {
    double median, steps_inside, operators_inside;
    size_t operators;
};

static struct summary summarise(const struct decode *d)
{
    struct summary y = {0};
    double error[LR_POINTS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < d->points; i++) {
        struct verdict op[LR_OPS_MAX];
        const struct verdict step = judge_step(d, &d->point[i], op);
        if (n < LR_POINTS_MAX)
            error[n++] = fabs(error_of(&step));
        y.steps_inside += inside(&step);
        for (size_t o = 0; o < d->l->op_count; o++, y.operators++)
            y.operators_inside += inside(&op[o]);
    }
    y.median = lr_median(error, n);
    return y;
}

static void step_table(const struct decode *d, enum lr_format format, struct lr_text *out)
{
    struct lr_table t;
    lr_table_init(&t, step_columns, sizeof step_columns / sizeof *step_columns);
    for (size_t i = 0; i < d->points; i++) {
        struct verdict op[LR_OPS_MAX];
        const struct verdict step = judge_step(d, &d->point[i], op);
        struct decode_row row = row_of(&d->point[i], &step);
        if ((double)d->size.layers < d->l->layers) /* fewer layers ran than the model has */
            row.wall_s = NAN;
        lr_table_add(&t, &row);
    }
    lr_table_render(&t, format, "", out);
    lr_table_free(&t);
}

static void as_text(const struct decode *d, enum lr_format format, struct lr_text *out)
{
    const struct summary y = summarise(d);
    for (size_t i = 0; i < d->points; i++) {
        struct lr_table t;
        lr_text_addf(out, "batch %.0f, context %.0f\n", d->point[i].batch, d->point[i].context);
        lr_table_init(&t, columns, sizeof columns / sizeof *columns);
        point_rows(d, &d->point[i], &t);
        lr_table_render(&t, format, "", out);
        lr_table_free(&t);
        lr_text_add(out, "\n");
    }
    lr_text_addf(out, "%s on %s, %zu thread%s, FP32, %zu of %.0f layers executed, kernel set %s\n", d->s->model->name,
                 d->hw->name, d->threads, d->threads > 1 ? "s" : "", d->size.layers, d->l->layers,
                 lr_plan_kernels(d->plan));
    if ((double)d->size.layers < d->l->layers)
        lr_text_addf(out, "operators were measured in %zu layers; times are scaled to %.0f\n", d->size.layers,
                     d->l->layers);
    step_table(d, format, out);
    lr_text_addf(
        out, "\nstep: median error %.1f %%, %.0f of %zu inside their 80 %% interval; operators: %.0f of %zu inside\n",
        100 * y.median, y.steps_inside, d->points, y.operators_inside, y.operators);
}

static void json_verdict(struct lr_json *j, const struct verdict *v)
{
    lr_json_number(j, "measured_s", v->measured);
    lr_json_number(j, "predicted_s", v->predicted);
    lr_json_number(j, "low_s", v->low);
    lr_json_number(j, "high_s", v->high);
    lr_json_number(j, "floor_s", v->floor);
    lr_json_number(j, "error", error_of(v));
    lr_json_bool(j, "inside", inside(v));
    lr_json_number(j, "spread", v->spread);
}

static void json_point(const struct decode *d, const struct point *p, struct lr_json *j)
{
    struct verdict op[LR_OPS_MAX];
    const struct verdict step = judge_step(d, p, op);
    lr_json_open(j, NULL, '{');
    lr_json_number(j, "batch", p->batch);
    lr_json_number(j, "context", p->context);
    json_verdict(j, &step);
    lr_json_number(j, "wall_s", lr_samples_summary(&p->wall).median);
    lr_json_open(j, "operators", '[');
    for (size_t i = 0; i < d->l->op_count; i++) {
        const struct lr_ran *r = &p->ran[i];
        const double n = d->l->op[i].count / (double)r->executions;
        lr_json_open(j, NULL, '{');
        lr_json_text(j, "name", d->l->op[i].name);
        lr_json_text(j, "family", lr_family_name(d->l->op[i].family));
        lr_json_number(j, "count", d->l->op[i].count);
        lr_json_number(j, "executed", (double)r->executions);
        json_verdict(j, &op[i]);
        lr_json_number(j, "flop", n * r->count.flop);
        lr_json_number(j, "weight_bytes", n * r->count.weight_bytes);
        lr_json_number(j, "kv_bytes", n * r->count.kv_bytes);
        lr_json_number(j, "act_elements", n * r->count.act_elements);
        lr_json_close(j, '}');
    }
    lr_json_close(j, ']');
    lr_json_close(j, '}');
}

static void as_json(const struct decode *d, struct lr_text *out)
{
    const struct summary y = summarise(d);
    struct lr_json j = {.out = out};
    lr_json_open(&j, NULL, '{');
    lr_json_text(&j, "schema", "llmroof/measure-decode/1");
    lr_json_text(&j, "model", d->s->model->name);
    lr_json_text(&j, "hardware", d->hw->name);
    lr_json_text(&j, "machine", d->machine.name);
    lr_json_text(&j, "kernels", lr_plan_kernels(d->plan));
    lr_json_number(&j, "threads", (double)d->threads);
    lr_json_number(&j, "layers", d->l->layers);
    lr_json_number(&j, "layers_executed", (double)d->size.layers);
    lr_json_number(&j, "memory_bytes", d->bytes);
    lr_json_number(&j, "median_error", y.median);
    lr_json_number(&j, "steps_inside", y.steps_inside / (double)d->points);
    lr_json_number(&j, "operators_inside", y.operators_inside / (double)y.operators);
    lr_json_open(&j, "points", '[');
    for (size_t i = 0; i < d->points; i++)
        json_point(d, &d->point[i], &j);
    lr_json_close(&j, ']');
    lr_json_close(&j, '}');
}

/* Share of the measured time that ran without waiting for a core. */
static double calm_share(const struct decode *d)
{
    double calm = 0, all = 0;
    for (size_t i = 0; i < d->points; i++)
        for (size_t o = 0; o < d->l->op_count; o++) {
            const struct lr_samples *t = &d->point[i].ran[o].times;
            for (size_t n = 0; n < t->count; n++) {
                all += t->value[n];
                calm += t->calm[n] ? t->value[n] : 0;
            }
        }
    return all > 0 ? calm / all : 0;
}

static enum lr_exit answer(const struct decode *d)
{
    struct lr_text out = {0};
    const double calm = calm_share(d);
    if (d->s->format == LR_FORMAT_JSON) {
        as_json(d, &out);
    } else if (d->s->format == LR_FORMAT_CSV) {
        struct lr_table t;
        lr_table_init(&t, columns, sizeof columns / sizeof *columns);
        for (size_t i = 0; i < d->points; i++)
            point_rows(d, &d->point[i], &t);
        lr_table_render(&t, LR_FORMAT_CSV, "", &out);
        lr_table_free(&t);
    } else {
        as_text(d, d->s->format, &out);
    }
    const bool ok = calm >= LR_MEASURE_CALM_LEAST || d->point[0].wall.count < LR_MEASURE_JUDGED;
    if (!ok)
        lr_diag(&d->s->diags, LR_ERROR, LR_NO_POSITION, NULL,
                "this machine is busy: %.0f %% of the time ran without waiting for a core, expected %.0f %%; do not "
                "rely on "
                "the times above",
                100 * calm, 100 * LR_MEASURE_CALM_LEAST);
    const enum lr_exit code = lr_session_answer(d->s, &out, ok ? LR_EXIT_YES : LR_EXIT_NO);
    lr_text_free(&out);
    return code;
}

static double step_point(struct lr_runner *r, struct point *p, struct lr_ran *ran)
{
    size_t token[LR_LOOP_ROWS_MAX];
    for (size_t i = 0; i < (size_t)p->batch; i++)
        token[i] = i;
    return lr_runner_step(r, (size_t)p->batch, (size_t)p->context, token, ran);
}

/* Rounds over all points, so that a disturbance hits one sample of each; a first step is not counted. */
static bool run(struct decode *d, struct lr_runner *r)
{
    const struct lr_options *o = &d->s->options;
    const size_t rounds = o->repeat >= 1 ? (size_t)fmin(o->repeat, 100) : REPEAT;
    step_point(r, &d->point[0], NULL);
    for (size_t n = 0; n < rounds; n++)
        for (size_t i = 0; i < d->points; i++) {
            struct point *p = &d->point[i];
            lr_measure_progress(d->s, "decoding", (double)(n * d->points + i) / (double)(rounds * d->points));
            if (lr_interrupted()) {
                lr_measure_progress(d->s, "", -1);
                lr_diag(&d->s->diags, LR_ERROR, LR_NO_POSITION, NULL, "interrupted");
                return false;
            }
            lr_samples_add(&p->wall, step_point(r, p, p->ran), true);
        }
    lr_measure_progress(d->s, "", -1);
    return true;
}

static void announce(const struct decode *d)
{
    if (!d->s->options.quiet)
        fprintf(stderr,
                "%zu of %.0f layers in FP32 with a cache for %zu x %zu tokens: %.2f GB of the %.2f GB available\n",
                d->size.layers, d->l->layers, d->size.batch, d->size.context, 1e-9 * d->bytes,
                1e-9 * d->machine.available_bytes);
}

/* As many layers as fit, or those asked for. false: not even that. */
static bool settle_size(struct decode *d)
{
    const double asked = d->s->options.layers, room = SHARE * d->machine.available_bytes;
    const struct lr_model *m = d->s->model;
    const size_t most = (size_t)(asked >= 1 && asked < d->l->layers ? asked : d->l->layers);
    for (size_t i = 0; i < d->points; i++) {
        d->size.batch = (size_t)fmax((double)d->size.batch, d->point[i].batch);
        d->size.context = (size_t)fmax((double)d->size.context, d->point[i].context);
    }
    d->size.layers = most;
    d->bytes = lr_runner_bytes(m, d->l, &d->size);
    while (asked < 1 && d->bytes > room && d->size.layers > 1) {
        d->size.layers--;
        d->bytes = lr_runner_bytes(m, d->l, &d->size);
    }
    if (d->bytes <= room)
        return true;
    lr_diag(&d->s->diags, LR_ERROR, LR_NO_POSITION, asked >= 1 ? "--layers" : NULL,
            "%zu layer%s in FP32 with a cache for %zu x %zu tokens need %.2f GB, but %.2f GB are available",
            d->size.layers, d->size.layers > 1 ? "s" : "", d->size.batch, d->size.context, 1e-9 * d->bytes,
            1e-9 * room);
    return false;
}

static bool list_points(struct decode *d)
{
    const struct lr_points batch = lr_options_batches(&d->s->options), context = lr_options_contexts(&d->s->options);
    d->point = calloc(batch.count * context.count, sizeof *d->point);
    for (size_t b = 0; b < batch.count; b++)
        if (batch.value[b] > LR_LOOP_ROWS_MAX)
            lr_diag(&d->s->diags, LR_ERROR, LR_NO_POSITION, "--batch", "%.0f, expected at most %d", batch.value[b],
                    LR_LOOP_ROWS_MAX);
    for (size_t c = 0; d->point && c < context.count; c++)
        for (size_t b = 0; b < batch.count; b++) {
            struct point *p = &d->point[d->points];
            *p = (struct point){.batch = batch.value[b], .context = context.value[c]};
            p->ran = calloc(d->l->op_count, sizeof *p->ran);
            if (!p->ran)
                break;
            d->points++;
        }
    if (d->points < batch.count * context.count)
        lr_diag(&d->s->diags, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
    return d->s->diags.errors == 0;
}

/* FP32 throughout, embedding and head too: what is executed is what is priced. */
static bool open_plan(struct decode *d)
{
    struct lr_session *s = d->s;
    s->options.weights = s->options.kv = LR_FP32;
    if (s->options.hardware.count > 1)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--hw", "several profiles, expected one");
    if (!lr_session_deployment(s) || s->diags.errors)
        return false;
    for (int i = 0; i < LR_PART_COUNT; i++)
        s->model->weights[i] = LR_FP32;
    s->model->kv = LR_FP32;
    d->hw = s->hardware[0];
    d->plan = lr_session_plan(s, d->hw);
    d->l = d->plan ? lr_plan_lowering(d->plan) : NULL;
    d->threads = lr_measure_threads(s, &d->machine, d->hw->compute.units);
    if (d->threads && d->threads != (size_t)d->hw->compute.units)
        lr_diag(&s->diags, LR_WARNING, LR_NO_POSITION, "--threads",
                "'%s' was measured with %.0f threads, but %zu are used", d->hw->name, d->hw->compute.units, d->threads);
    return d->l && d->threads && lr_runner_takes(s->model, d->l, &s->diags);
}

enum lr_exit lr_measure_decode(struct lr_session *s)
{
    struct decode d = {.s = s};
    const char *error = "out of memory";
    enum lr_exit code = LR_EXIT_BAD;
    lr_machine_read(&d.machine);
    if (open_plan(&d) && list_points(&d)) {
        if (!settle_size(&d)) {
            code = LR_EXIT_NO;
        } else {
            announce(&d);
            struct lr_engine *e = lr_engine_new(d.threads, &error);
            struct lr_runner *r = e ? lr_runner_new(s->model, d.l, &d.size, e, &s->diags) : NULL;
            if (!e)
                lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "%s", error);
            if (r)
                code = run(&d, r) ? answer(&d) : LR_EXIT_NO;
            lr_runner_free(r);
            lr_engine_free(e);
        }
    }
    for (size_t i = 0; i < d.points; i++)
        free(d.point[i].ran);
    free(d.point);
    lr_plan_free(d.plan);
    return code;
}
