/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session/session.h"

#include "load/profile.h"
#include "output/output.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void cut_last(char *path)
{
    char *const slash = strrchr(path, '/');
    if (slash)
        *slash = '\0';
}

/* bin/llmroof finds share/llmroof from its own folder, wherever both were installed; in a build tree there is none. */
static void find_share(struct lr_session *s)
{
    char path[PATH_MAX] = "";
    struct stat st;
    const char *down = LLMROOF_SHARE_DIR;
    const bool known = readlink("/proc/self/exe", path, sizeof path - 1) > 0;
    for (cut_last(path); strncmp(down, "../", 3) == 0; down += 3)
        cut_last(path);
    lr_text_addf(&s->share, "%s/%s", path, down);
    if (known && stat(lr_text_str(&s->share), &st) == 0 && S_ISDIR(st.st_mode))
        return;
    lr_text_free(&s->share);
    lr_text_add(&s->share, LLMROOF_SOURCE_DIR);
}

static void settle_output(struct lr_session *s)
{
    static const char *const names[LR_FORMAT_COUNT] = {"text", "md", "csv", "json"};
    static const char *const suffixes[LR_FORMAT_COUNT] = {".txt", ".md", ".csv", ".json"};
    const char *o = s->options.output;
    if (!o)
        return;
    for (int i = 0; i < LR_FORMAT_COUNT; i++)
        if (strcmp(o, names[i]) == 0) {
            s->format = (enum lr_format)i;
            return;
        }
    s->file = o;
    const char *const dot = strrchr(o, '.');
    for (int i = 0; dot && i < LR_FORMAT_COUNT; i++)
        if (strcmp(dot, suffixes[i]) == 0)
            s->format = (enum lr_format)i;
    if (!dot)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--output",
                "'%s', expected text, md, csv, json or a file name with a suffix", o);
}

/* A word as a shell reads it. */
static void add_word(struct lr_text *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./,:=%+@*";
    if (*word && strspn(word, plain) == strlen(word)) {
        lr_text_add(out, word);
        return;
    }
    lr_text_add(out, "'");
    for (; *word; word++)
        lr_text_add_bytes(out, *word == '\'' ? "'\\''" : word, *word == '\'' ? 4 : 1);
    lr_text_add(out, "'");
}

/* Before parsing, which cuts words at commas. */
static void keep_line(struct lr_session *s, int argc, char **argv)
{
    lr_text_add(&s->line, "llmroof");
    for (int i = 0; i < argc; i++) {
        lr_text_add(&s->line, " ");
        add_word(&s->line, argv[i]);
    }
}

bool lr_session_open(struct lr_session *s, int argc, char **argv, unsigned groups)
{
    *s = (struct lr_session){0};
    keep_line(s, argc, argv);
    lr_options_parse(argc, argv, groups | LR_GROUP_COMMON, &s->options, &s->diags);
    settle_output(s);
    find_share(s);
    struct lr_text configs = {0};
    lr_text_addf(&configs, "%s/configs", lr_text_str(&s->share));
    s->catalog = lr_catalog_open_default(s->options.config.name, s->options.config.count, lr_text_str(&configs));
    const bool whole = s->catalog && !configs.out_of_memory && !s->share.out_of_memory && !s->line.out_of_memory;
    lr_text_free(&configs);
    if (!whole)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
    return s->diags.errors == 0;
}

void lr_session_close(struct lr_session *s)
{
    for (size_t i = 0; i < s->hardware_count; i++)
        lr_hardware_free(s->hardware[i]);
    lr_kernel_sets_free(&s->kernels);
    lr_model_free(s->model);
    lr_runtime_free(s->runtime);
    lr_catalog_free(s->catalog);
    lr_text_free(&s->share);
    lr_text_free(&s->line);
    lr_diags_free(&s->diags);
}

void lr_session_report(const struct lr_session *s)
{
    char line[1024];
    for (size_t i = 0; i < s->diags.count; i++) {
        if (s->options.quiet && s->diags.item[i].severity != LR_ERROR)
            continue;
        lr_diag_format(&s->diags.item[i], line, sizeof line);
        fprintf(stderr, "%s\n", line);
    }
    if (s->diags.out_of_memory && s->diags.count == 0)
        fprintf(stderr, "out of memory\n");
    if (s->diags.errors > s->diags.count)
        fprintf(stderr, "%zu errors in all\n", s->diags.errors);
}

bool lr_session_name(struct lr_session *s, const char *option, const char *name)
{
    if (!lr_profile_name_ok(name))
        lr_diag(
            &s->diags, LR_ERROR, LR_NO_POSITION, option,
            "'%.80s' is no name of a profile, expected lower case letters, digits, '-' and '.', and no '.' in front",
            name);
    return lr_profile_name_ok(name);
}

struct lr_hardware *lr_session_hardware(struct lr_session *s, const char *name)
{
    if (s->hardware_count == LR_OPENED_MAX) {
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--hw", "more than %d profiles", LR_OPENED_MAX);
        return NULL;
    }
    struct lr_hardware *hw =
        lr_catalog_hardware(s->catalog, name, s->options.override, s->options.override_count, &s->diags);
    if (hw)
        s->hardware[s->hardware_count++] = hw;
    return hw;
}

struct lr_kernels *lr_session_kernels(struct lr_session *s, const struct lr_hardware *hw, const char *class)
{
    const char *const runtimes = s->runtime ? s->runtime->kernels : NULL;
    return lr_kernel_sets_open(&s->kernels, s->catalog, s->options.kernels, hw, class ? class : runtimes, &s->diags);
}

bool lr_session_deployment(struct lr_session *s)
{
    const struct lr_options *o = &s->options;
    if (o->operand.count != 1)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "%s, expected one model",
                o->operand.count ? "several models" : "no model");
    if (o->hardware.count == 0)
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, "--hw", "is missing, expected a hardware profile such as h20");
    if (o->operand.count == 1)
        s->model = lr_catalog_model(s->catalog, o->operand.name[0], NULL, 0, &s->diags);
    s->runtime = lr_catalog_runtime(s->catalog, o->runtime ? o->runtime : LR_DEFAULT_RUNTIME, NULL, 0, &s->diags);
    for (size_t i = 0; i < o->hardware.count; i++) {
        const struct lr_hardware *hw = lr_session_hardware(s, o->hardware.name[i]);
        if (hw)
            lr_session_kernels(s, hw, NULL);
    }
    return s->diags.errors == 0;
}

struct lr_deployment lr_session_layout(const struct lr_session *s)
{
    const struct lr_options *o = &s->options;
    return (struct lr_deployment){.gpus = o->gpus,
                                  .tp = o->tp,
                                  .pp = o->pp,
                                  .ep = o->ep,
                                  .dp = o->dp,
                                  .weights = o->weights,
                                  .kv = o->kv,
                                  .redundant = o->redundant,
                                  .skew = o->skew,
                                  .identical_routing = o->identical_routing};
}

struct lr_plan *lr_session_plan(struct lr_session *s, const struct lr_hardware *hw)
{
    const struct lr_deployment d = lr_session_layout(s);
    const struct lr_kernels *k = lr_session_kernels(s, hw, NULL);
    return k ? lr_plan_new(hw, s->model, s->runtime, k, &d, &s->diags) : NULL;
}

enum lr_exit lr_session_answer(struct lr_session *s, const struct lr_text *text, enum lr_exit answer)
{
    if (s->diags.out_of_memory) { /* what it was made of may be incomplete */
        lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "out of memory");
        return LR_EXIT_BAD;
    }
    return lr_output_write(s->file, text, &s->diags) ? answer : LR_EXIT_BAD;
}
