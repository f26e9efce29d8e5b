/* SPDX-License-Identifier: Apache-2.0 */
#include "load/catalog_document.h"

#include "core/arena.h"
#include "core/text.h"
#include "document/embedded.h"
#include "load/profile.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct lr_catalog {
    struct lr_arena arena;
    const char **dir;
    size_t count;
};

static const struct {
    const char *name, *folder;
} profiles[LR_PROFILE_COUNT] = {
#define X(id, name, folder) {name, folder},
    LR_PROFILES(X)
#undef X
};

const char *lr_profile_name(enum lr_profile p)
{
    return p < LR_PROFILE_COUNT ? profiles[p].name : "unknown";
}

const char *lr_profile_folder(enum lr_profile p)
{
    return p < LR_PROFILE_COUNT ? profiles[p].folder : "unknown";
}

struct lr_catalog *lr_catalog_open(const char *const *dirs, size_t count)
{
    struct lr_catalog *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->dir = lr_arena_array(&c->arena, count, sizeof *c->dir);
    bool whole = c->dir;
    for (size_t i = 0; i < count && whole; i++) {
        c->dir[i] = lr_arena_text(&c->arena, dirs[i], strlen(dirs[i]));
        whole = c->dir[i];
    }
    if (!whole) {
        lr_catalog_free(c);
        return NULL;
    }
    c->count = count;
    return c;
}

void lr_catalog_free(struct lr_catalog *c)
{
    if (c) {
        lr_arena_free(&c->arena);
        free(c);
    }
}

/* $XDG_CONFIG_HOME/llmroof, or $HOME/.config/llmroof; empty when neither is an absolute path. */
static void user_dir(struct lr_text *t)
{
    const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (xdg && *xdg == '/')
        lr_text_addf(t, "%s/llmroof", xdg);
    else if (home && *home == '/')
        lr_text_addf(t, "%s/.config/llmroof", home);
}

struct lr_catalog *lr_catalog_open_default(const char *const *extra, size_t count, const char *builtin)
{
    struct lr_text user = {0};
    user_dir(&user);
    const char **dirs = malloc((count + 2) * sizeof *dirs);
    struct lr_catalog *c = NULL;
    if (dirs && !user.out_of_memory) {
        size_t n = 0;
        for (; n < count; n++)
            dirs[n] = extra[n];
        if (user.length)
            dirs[n++] = user.at;
        if (builtin)
            dirs[n++] = builtin;
        c = lr_catalog_open(dirs, n);
    }
    free(dirs);
    lr_text_free(&user);
    return c;
}

/* Entries of a scan. lr_catalog_list moves the arena into the block that it returns. */
struct entries {
    struct lr_arena arena;
    struct lr_catalog_entry *entry;
    size_t count, capacity;
    bool out_of_memory;
};

static bool has_entry(const struct entries *s, const char *name, size_t length)
{
    for (size_t i = 0; i < s->count; i++)
        if (strncmp(s->entry[i].name, name, length) == 0 && !s->entry[i].name[length])
            return true;
    return false;
}

static void add_entry(struct entries *s, const char *dir, const char *folder, const char *name, size_t length)
{
    if (s->count == s->capacity) {
        const size_t capacity = s->capacity ? 2 * s->capacity : 32;
        struct lr_catalog_entry *entry = realloc(s->entry, capacity * sizeof *entry);
        if (!entry) {
            s->out_of_memory = true;
            return;
        }
        s->entry = entry;
        s->capacity = capacity;
    }
    struct lr_text path = {0};
    lr_text_addf(&path, "%s/%s/%.*s.yaml", dir, folder, (int)length, name);
    struct lr_catalog_entry e = {
        .name = lr_arena_text(&s->arena, name, length),
        .path = lr_arena_text(&s->arena, lr_text_str(&path), path.length),
        .dir = lr_arena_text(&s->arena, dir, strlen(dir)),
    };
    s->out_of_memory |= path.out_of_memory || !e.name || !e.path || !e.dir;
    lr_text_free(&path);
    if (!s->out_of_memory)
        s->entry[s->count++] = e;
}

/* Length of the profile name in a file name; 0 when the file is not a profile. */
static size_t stem_length(const char *file)
{
    static const char suffix[] = ".yaml";
    const size_t length = strlen(file), tail = sizeof suffix - 1;
    char name[256];
    if (length <= tail || length >= sizeof name || strcmp(file + length - tail, suffix) != 0)
        return 0;
    memcpy(name, file, length - tail);
    name[length - tail] = '\0';
    return lr_profile_name_ok(name) ? length - tail : 0;
}

/* Loads a document and discards its errors, except for a lack of memory. */
static struct lr_document *load_silently(const char *path, bool *out_of_memory)
{
    struct lr_diags discarded = {0};
    struct lr_document *doc = lr_document_load(path, &discarded);
    *out_of_memory |= discarded.out_of_memory;
    lr_diags_free(&discarded);
    return doc;
}

static void scan_embedded(struct entries *s, const char *path, const char *dir, const char *folder)
{
    const struct lr_embedded *e;
    for (size_t i = 0; (e = lr_embedded_at(i)) && !s->out_of_memory; i++) {
        const char *const slash = strrchr(e->path, '/');
        const size_t length = stem_length(slash + 1), before = (size_t)(slash - e->path);
        const bool here = before == strlen(path) && memcmp(e->path, path, before) == 0;
        if (here && length && !has_entry(s, slash + 1, length))
            add_entry(s, dir, folder, slash + 1, length);
    }
}

static void scan_dir(struct entries *s, const char *dir, const char *folder)
{
    struct lr_text path = {0};
    lr_text_addf(&path, "%s/%s", dir, folder);
    s->out_of_memory |= path.out_of_memory;
    DIR *d = opendir(lr_text_str(&path));
    const struct dirent *e;
    while (d && !s->out_of_memory && (e = readdir(d))) {
        const size_t length = stem_length(e->d_name);
        if (length && !has_entry(s, e->d_name, length))
            add_entry(s, dir, folder, e->d_name, length);
    }
    if (d)
        closedir(d);
    scan_embedded(s, lr_text_str(&path), dir, folder);
    lr_text_free(&path);
}

static int by_name(const void *a, const void *b)
{
    const struct lr_catalog_entry *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static void scan(const struct lr_catalog *c, enum lr_profile kind, struct entries *s)
{
    for (size_t i = 0; i < c->count; i++)
        scan_dir(s, c->dir[i], profiles[kind].folder);
    if (s->count)
        qsort(s->entry, s->count, sizeof *s->entry, by_name);
}

static void free_entries(struct entries *s)
{
    free(s->entry);
    lr_arena_free(&s->arena);
}

static const char *scalar(const struct lr_node *n)
{
    return n && n->kind == LR_NODE_SCALAR && *n->text ? n->text : NULL;
}

struct listing {
    struct lr_arena arena;
    struct lr_catalog_entry entry[];
};

struct lr_catalog_entry *lr_catalog_list(const struct lr_catalog *c, enum lr_profile kind, size_t *count,
                                         struct lr_diags *ds)
{
    struct entries s = {0};
    scan(c, kind, &s);
    for (size_t i = 0; i < s.count; i++) {
        struct lr_document *doc = load_silently(s.entry[i].path, &s.out_of_memory);
        const char *title = doc ? scalar(lr_node_get(doc->root, "title")) : NULL;
        s.entry[i].title = title ? lr_arena_text(&s.arena, title, strlen(title)) : NULL;
        s.out_of_memory |= title && !s.entry[i].title;
        lr_document_free(doc);
    }
    *count = 0;
    struct listing *l = s.count && !s.out_of_memory ? malloc(sizeof *l + s.count * sizeof *s.entry) : NULL;
    if (!l) {
        if (s.count || s.out_of_memory)
            lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
        free_entries(&s);
        return NULL;
    }
    memcpy(l->entry, s.entry, s.count * sizeof *s.entry);
    l->arena = s.arena;
    *count = s.count;
    free(s.entry);
    return l->entry;
}

void lr_catalog_entries_free(struct lr_catalog_entry *entries)
{
    if (entries) {
        struct listing *l = (struct listing *)((char *)entries - offsetof(struct listing, entry));
        lr_arena_free(&l->arena);
        free(l);
    }
}

static bool ends_with(const char *text, const char *suffix)
{
    const size_t n = strlen(text), m = strlen(suffix);
    return n > m && strcmp(text + n - m, suffix) == 0;
}

bool lr_catalog_is_path(const char *name)
{
    struct stat st;
    if (ends_with(name, ".yaml") || ends_with(name, ".yml") || ends_with(name, ".json") || *name == '/' ||
        strncmp(name, "./", 2) == 0 || strncmp(name, "../", 3) == 0)
        return true;
    return strchr(name, '/') && stat(name, &st) == 0; /* "org/model" is an alias if there is no such file */
}

static bool file_at(const char *path)
{
    struct stat st;
    return lr_embedded_find(path) || (stat(path, &st) == 0 && !S_ISDIR(st.st_mode));
}

/* The fast path: looks for a file with this name and reads no document. */
static char *find_file(const struct lr_catalog *c, enum lr_profile kind, const char *name, const char *skip,
                       bool *out_of_memory)
{
    char canonical[128];
    lr_name_normalise(name, canonical, sizeof canonical);
    if (strlen(name) >= sizeof canonical || !lr_profile_name_ok(canonical))
        return NULL;
    for (size_t i = 0; i < c->count; i++) {
        struct lr_text path = {0};
        lr_text_addf(&path, "%s/%s/%s.yaml", c->dir[i], profiles[kind].folder, canonical);
        if (path.out_of_memory) {
            *out_of_memory = true;
            lr_text_free(&path);
            return NULL;
        }
        const bool skipped = skip && strcmp(lr_text_str(&path), skip) == 0;
        if (!skipped && file_at(lr_text_str(&path)))
            return path.at;
        lr_text_free(&path);
    }
    return NULL;
}

/* The name to find, and the most similar name so far. */
struct name_search {
    const char *wanted;
    struct lr_nearest nearest;
    char nearest_name[LR_DISTANCE_MAX + 1];
};

/* True if the names are the same. The most similar name is copied, because the document of a candidate is freed. */
static bool try_name(struct name_search *h, const char *candidate)
{
    if (lr_name_same(candidate, h->wanted))
        return true;
    const char *const before = h->nearest.name;
    lr_nearest_offer(&h->nearest, h->wanted, candidate);
    if (h->nearest.name != before) {
        snprintf(h->nearest_name, sizeof h->nearest_name, "%s", candidate);
        h->nearest.name = h->nearest_name;
    }
    return false;
}

static bool try_document(struct name_search *h, const struct lr_catalog_entry *e, bool *out_of_memory)
{
    struct lr_document *doc = load_silently(e->path, out_of_memory);
    const struct lr_node *aliases = doc ? lr_node_get(doc->root, "aliases") : NULL;
    bool found = try_name(h, e->name);
    for (const struct lr_node *n = aliases ? aliases->first : NULL; n && !found; n = n->next)
        found = n->text && try_name(h, n->text);
    lr_document_free(doc);
    return found;
}

char *lr_catalog_search(const struct lr_catalog *c, enum lr_profile kind, const char *name, const char *skip,
                        char *what, size_t size)
{
    struct entries s = {0};
    char *found = find_file(c, kind, name, skip, &s.out_of_memory);
    if (found)
        return found;
    struct name_search h = {.wanted = name};
    if (!s.out_of_memory)
        scan(c, kind, &s);
    for (size_t i = 0; i < s.count && !found && !s.out_of_memory; i++) {
        const bool skipped = skip && strcmp(s.entry[i].path, skip) == 0;
        if (!skipped && try_document(&h, &s.entry[i], &s.out_of_memory)) {
            found = lr_text_copy(s.entry[i].path);
            s.out_of_memory |= !found;
        }
    }
    if (s.out_of_memory) {
        free(found);
        found = NULL;
        snprintf(what, size, "out of memory");
    } else if (!found) {
        const char *near = lr_nearest_name(&h.nearest, name);
        snprintf(what, size, "unknown %s '%.80s'%s%s%s", profiles[kind].name, name, near ? "; did you mean '" : "",
                 near ? near : "", near ? "'?" : "");
    }
    free_entries(&s);
    return found;
}

static void hint_folders(const struct lr_catalog *c, enum lr_profile kind, struct lr_diags *ds)
{
    struct lr_text all = {0};
    for (size_t i = 0; i < c->count; i++)
        lr_text_addf(&all, "%s%s/%s", i ? ", " : "", c->dir[i], profiles[kind].folder);
    if (c->count)
        lr_hint(ds, "searched in %s", lr_text_str(&all));
    else
        lr_hint(ds, "the catalogue has no folders");
    lr_text_free(&all);
}

char *lr_catalog_find(const struct lr_catalog *c, enum lr_profile kind, const char *name, struct lr_diags *ds)
{
    if (lr_catalog_is_path(name)) {
        char *copy = lr_text_copy(name);
        if (!copy)
            lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
        return copy;
    }
    char what[256];
    char *path = lr_catalog_search(c, kind, name, NULL, what, sizeof what);
    if (!path) {
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "%s", what);
        if (!strchr(what, ';'))
            hint_folders(c, kind, ds);
    }
    return path;
}
