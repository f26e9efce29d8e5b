/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command/command.h"
#include "cli/session/interrupt.h"
#include "cli/session/shard.h"
#include "cli/session/space.h"
#include "core/hash.h"
#include "output/stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1 << 16 };

/* One file: which part it is, and how many bytes come before its last line. */
struct part {
    const char *path;
    struct lr_shard shard;
    long body;
};

static bool fail(const char *path, struct lr_diags *ds, const char *what)
{
    lr_diag(ds, LR_ERROR, (struct lr_pos){path, 0, 0}, NULL, "%s", what);
    return false;
}

/* The last line, without its line break, in line; where it starts in *body. */
static bool last_line(FILE *f, char line[LR_SHARD_LINE], long *body)
{
    if (fseek(f, 0, SEEK_END) != 0)
        return false;
    const long end = ftell(f);
    const long from = end > LR_SHARD_LINE - 1 ? end - (LR_SHARD_LINE - 1) : 0;
    if (end < 0 || fseek(f, from, SEEK_SET) != 0)
        return false;
    const size_t n = fread(line, 1, (size_t)(end - from), f);
    line[n] = '\0';
    if (n < 2 || memchr(line, '\0', n) || line[n - 1] != '\n')
        return false;
    line[n - 1] = '\0';
    const char *const before = strrchr(line, '\n');
    const size_t start = before ? (size_t)(before - line) + 1 : 0;
    *body = from + (long)start;
    memmove(line, line + start, n - start);
    return true;
}

/* Passes the bytes [from, to) of a file on; out NULL: only hashes them. */
static bool pass(FILE *f, long from, long to, uint32_t *hash, struct lr_stream *out, struct lr_diags *ds)
{
    static const size_t most = CHUNK;
    char *const chunk = malloc(CHUNK);
    bool ok = chunk && fseek(f, from, SEEK_SET) == 0;
    while (ok && from < to) {
        const size_t want = (size_t)(to - from) < most ? (size_t)(to - from) : most;
        const size_t n = fread(chunk, 1, want, f);
        ok = n > 0 && (!out || lr_stream_add(out, chunk, n, ds)) && !lr_interrupted();
        *hash = lr_hash(*hash, chunk, n);
        from += (long)n;
    }
    free(chunk);
    return ok;
}

static bool read_part(struct part *p, struct lr_diags *ds)
{
    char line[LR_SHARD_LINE];
    uint32_t hash = LR_HASH_START;
    FILE *const f = fopen(p->path, "rb");
    if (!f)
        return fail(p->path, ds, strerror(errno));
    bool ok = (last_line(f, line, &p->body) && lr_shard_read(line, &p->shard)) ||
              fail(p->path, ds, "is not a complete part of a sweep, expected a last line 'llmroof shard K/N ...'");
    if (ok && (!pass(f, 0, p->body, &hash, NULL, ds) || hash != p->shard.data))
        ok = fail(p->path, ds, "was changed or truncated: its rows do not match its last line");
    fclose(f);
    return ok;
}

static int by_index(const void *x, const void *y)
{
    const struct part *a = x, *b = y;
    return a->shard.index < b->shard.index ? -1 : a->shard.index > b->shard.index;
}

/* Sorted parts: all of one sweep, each once, none missing. */
static bool check_parts(const struct part *p, size_t n, struct lr_diags *ds)
{
    const size_t before = ds->errors;
    const struct lr_shard *a = &p[0].shard;
    uint64_t next = 0, index = 1;
    for (size_t i = 0; i < n; i++) {
        const struct lr_shard *b = &p[i].shard;
        if (b->command != a->command || b->total != a->total || b->of != a->of || b->json != a->json)
            lr_diag(ds, LR_ERROR, (struct lr_pos){p[i].path, 0, 0}, NULL, "belongs to another sweep than '%s'",
                    p[0].path);
        else if (i > 0 && b->index == p[i - 1].shard.index)
            lr_diag(ds, LR_ERROR, (struct lr_pos){p[i].path, 0, 0}, NULL, "is part %llu, which '%s' is too",
                    (unsigned long long)b->index, p[i - 1].path);
        else if (b->index != index || b->first != next)
            lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "part %llu of %llu is missing", (unsigned long long)index,
                    (unsigned long long)a->of);
        if (ds->errors != before)
            return false;
        next = b->first + b->rows;
        index++;
    }
    if (next != a->total || index != a->of + 1)
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "part %llu of %llu is missing", (unsigned long long)index,
                (unsigned long long)a->of);
    return ds->errors == before;
}

static bool write_parts(struct lr_session *s, const struct part *p, size_t n)
{
    struct lr_stream out;
    struct lr_text header = {0};
    if (s->file)
        lr_interrupt_catch();
    bool ok = lr_stream_open(&out, s->file, &s->diags);
    if (!ok)
        return false;
    if (!p[0].shard.json)
        lr_space_header(&header);
    for (size_t i = 0; ok && i < n; i++) {
        uint32_t hash = 0;
        FILE *const f = fopen(p[i].path, "rb");
        ok = f && pass(f, i ? (long)header.length : 0, p[i].body, &hash, &out, &s->diags);
        if (!ok && !out.failed)
            fail(p[i].path, &s->diags, lr_interrupted() ? "interrupted, nothing was written" : "cannot be read");
        if (f)
            fclose(f);
    }
    lr_text_free(&header);
    return lr_stream_close(&out, ok, &s->diags) && ok;
}

enum lr_exit lr_command_merge(struct lr_session *s, struct lr_text *out)
{
    (void)out; /* rows go to the output as they are read */
    bool ok = true;
    const size_t n = s->options.operand.count;
    struct part *const p = calloc(n + 1, sizeof *p);
    if (n == 0 || !p)
        ok = fail(NULL, &s->diags, "no file, expected all parts of a sweep");
    for (size_t i = 0; ok && i < n; i++) {
        p[i].path = s->options.operand.name[i];
        read_part(&p[i], &s->diags);
    }
    ok = ok && s->diags.errors == 0;
    if (ok)
        qsort(p, n, sizeof *p, by_index);
    ok = ok && check_parts(p, n, &s->diags) && write_parts(s, p, n);
    free(p);
    return ok ? LR_EXIT_YES : LR_EXIT_BAD;
}
