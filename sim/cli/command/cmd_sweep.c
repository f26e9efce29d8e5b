/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command/command.h"
#include "cli/session/interrupt.h"
#include "cli/session/shard.h"
#include "cli/session/space.h"
#include "core/hash.h"
#include "host/pool.h"
#include "output/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Rows that a thread makes before they are written. */
enum { BLOCK = 1024 };

/* One round: each thread makes the rows of the next block. */
struct round {
    const struct lr_sweep *sweep;
    bool json;
    uint64_t from, to;
    struct lr_text text[LR_POOL_MAX];
    bool failed[LR_POOL_MAX];
};

static bool make_rows(const struct lr_sweep *sweep, uint64_t from, uint64_t to, bool json, struct lr_text *out)
{
    struct lr_table t;
    struct lr_sweep_point at;
    struct lr_sweep_walk *const walk = lr_sweep_walk_new(sweep, from, to);
    lr_table_init(&t, lr_search_columns, LR_SEARCH_COLUMNS);
    while (walk && lr_sweep_walk_next(walk, &at))
        lr_space_row(&at, &t);
    lr_space_lines(&t, json, out);
    const bool ok = walk && lr_sweep_walk_whole(walk) && !t.out_of_memory && !out->out_of_memory;
    lr_sweep_walk_free(walk);
    lr_table_free(&t);
    return ok;
}

static void make_block(void *context, size_t part, size_t parts)
{
    struct round *r = context;
    (void)parts;
    const uint64_t from = r->from + part * BLOCK;
    const uint64_t to = from + BLOCK < r->to ? from + BLOCK : r->to;
    lr_text_cut(&r->text[part], 0);
    r->failed[part] = from < to && !make_rows(r->sweep, from, to, r->json, &r->text[part]);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct progress {
    double start_s, last_s;
    bool shown, wanted;
};

static void show(struct progress *p, double done, double all)
{
    const double t = now();
    if (!p->wanted || t - p->last_s < 1)
        return;
    const double rate = done / (t - p->start_s);
    fprintf(stderr, "\r%.3g of %.3g points, %.3g per second, %.0f s left \033[K", done, all, rate, (all - done) / rate);
    p->last_s = t;
    p->shown = true;
}

static bool write_text(struct lr_stream *out, const struct lr_text *text, struct lr_diags *ds)
{
    if (text->out_of_memory)
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
    return !text->out_of_memory && lr_stream_add(out, lr_text_str(text), text->length, ds);
}

static bool write_rows(struct lr_session *s, struct round *r, struct lr_shard *shard, struct lr_pool *pool,
                       struct lr_stream *out)
{
    const size_t threads = lr_pool_threads(pool);
    struct lr_diags *const ds = &s->diags;
    struct progress p = {.start_s = now(), .last_s = now(), .wanted = !s->options.quiet && isatty(STDERR_FILENO)};
    bool ok = true;
    r->to = shard->first + shard->rows;
    for (r->from = shard->first; ok && r->from < r->to; r->from += threads * BLOCK) {
        lr_pool_run(pool, make_block, r);
        for (size_t i = 0; ok && i < threads; i++) {
            if (r->failed[i])
                lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
            shard->data = lr_hash(shard->data, lr_text_str(&r->text[i]), r->text[i].length);
            ok = !r->failed[i] && lr_stream_add(out, lr_text_str(&r->text[i]), r->text[i].length, ds);
        }
        if (ok && lr_interrupted()) {
            lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "interrupted, nothing was written");
            ok = false;
        }
        show(&p, (double)(r->from - shard->first), (double)shard->rows);
    }
    if (p.shown)
        fputs("\r\033[K", stderr);
    return ok;
}

/* Header, rows, and of a part its last line. */
static bool write_all(struct lr_session *s, struct lr_space *p, struct round *r, struct lr_shard *shard,
                      struct lr_pool *pool)
{
    struct lr_stream out;
    struct lr_text ends = {0};
    if (s->file)
        lr_interrupt_catch(); /* what is written so far would stay under its temporary name */
    if (!lr_stream_open(&out, s->file, &s->diags))
        return false;
    if (!r->json)
        lr_space_header(&ends);
    shard->command = lr_space_hash(p, r->json);
    shard->data = lr_hash(LR_HASH_START, lr_text_str(&ends), ends.length);
    bool ok = write_text(&out, &ends, &s->diags) && write_rows(s, r, shard, pool, &out);
    lr_text_cut(&ends, 0);
    if (shard->of > 0)
        lr_shard_line(shard, &ends);
    ok = ok && write_text(&out, &ends, &s->diags);
    ok = lr_stream_close(&out, ok, &s->diags) && ok;
    lr_text_free(&ends);
    return ok;
}

static bool settle(struct lr_session *s, const struct lr_space *p, struct round *r, struct lr_shard *shard)
{
    const char *const dot = s->file ? strrchr(s->file, '.') : NULL;
    r->sweep = p->sweep;
    r->json = s->format == LR_FORMAT_JSON || (dot && strcmp(dot, ".jsonl") == 0);
    if (s->format == LR_FORMAT_MD || (s->format == LR_FORMAT_TEXT && s->options.output && !s->file))
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--output", "a sweep is written as csv or json only");
    *shard = (struct lr_shard){.rows = lr_sweep_count(p->sweep), .json = r->json};
    if (s->options.shard)
        lr_shard_parse(s->options.shard, shard->rows, shard, &s->diags);
    if (s->options.threads > LR_POOL_MAX)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--threads", "expected at most %d", LR_POOL_MAX);
    return s->diags.errors == 0;
}

static bool sweep(struct lr_session *s, struct lr_space *p)
{
    struct lr_shard shard;
    struct round *r = calloc(1, sizeof *r);
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    bool ok = r && settle(s, p, r, &shard);
    if (!r)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
    if (ok) {
        const size_t all = cores < 1 ? 1 : cores > LR_POOL_MAX ? LR_POOL_MAX : (size_t)cores;
        struct lr_pool *pool = lr_pool_new(s->options.threads > 0 ? (size_t)s->options.threads : all);
        if (!pool)
            lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--threads", "threads cannot be started");
        ok = pool && write_all(s, p, r, &shard, pool);
        lr_pool_free(pool);
    }
    for (size_t i = 0; r && i < LR_POOL_MAX; i++)
        lr_text_free(&r->text[i]);
    free(r);
    return ok;
}

enum lr_exit lr_command_sweep(struct lr_session *s, struct lr_text *out)
{
    (void)out; /* rows go to the output as they are made */
    struct lr_space p = {0};
    const bool ok = lr_space_open(&p, s) && sweep(s, &p);
    lr_space_free(&p);
    return ok ? LR_EXIT_YES : LR_EXIT_BAD;
}
