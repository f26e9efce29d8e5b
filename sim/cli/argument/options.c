/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/argument/options.h"

#include "core/quantity.h"
#include "core/text.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

/* How an argument is read. */
enum argument {
    FLAG,
    TEXT,
    NAMES,
    TEXTS,
    COUNT,
    RANGE,
    DTYPE,
    SET,
    WHAT_IF,
    SECONDS,
    RATIO,
    NUMBER,
    OUTPUT,
    DTYPES,
    RATE
};

struct row {
    const char *name;
    char letter;
    enum argument argument;
    size_t offset;
    unsigned groups;
    const char *metavar, *help;
};

#define AT(field) offsetof(struct lr_options, field)

static const struct row rows[] = {
    {"from", 0, TEXT, AT(from), LR_GROUP_RESULTS, "vllm|sglang", "read results of this engine's serving benchmark"},
    {"model", 0, TEXT, AT(model), LR_GROUP_RESULTS, "MODEL",
     "model of the runs (default: the one named in the results)"},
    {"hw", 0, NAMES, AT(hardware),
     LR_GROUP_DEPLOYMENT | LR_GROUP_LAYOUTS | LR_GROUP_FIT | LR_GROUP_MEASURE | LR_GROUP_RESULTS, "NAME[,NAME]",
     "hardware profiles"},
    {"gpus", 0, COUNT, AT(gpus), LR_GROUP_DEPLOYMENT | LR_GROUP_RESULTS, "N",
     "total number of accelerators (default: tp x pp x dp)"},
    {"tp", 0, COUNT, AT(tp), LR_GROUP_DEPLOYMENT | LR_GROUP_RESULTS, "N",
     "tensor parallelism (default: gpus / (pp x dp), at most a scale-up domain)"},
    {"pp", 0, COUNT, AT(pp), LR_GROUP_DEPLOYMENT | LR_GROUP_RESULTS, "N", "pipeline stages (default 1)"},
    {"ep", 0, COUNT, AT(ep), LR_GROUP_DEPLOYMENT | LR_GROUP_RESULTS, "N", "expert parallelism (default 1)"},
    {"dp", 0, COUNT, AT(dp), LR_GROUP_DEPLOYMENT | LR_GROUP_RESULTS, "N",
     "attention data parallelism (default: gpus / (tp x pp))"},
    {"redundant", 0, COUNT, AT(redundant), LR_GROUP_DEPLOYMENT, "N", "redundant copies of busy experts"},
    {"skew", 0, NUMBER, AT(skew), LR_GROUP_DEPLOYMENT, "X",
     "extra load of the busiest expert group, as a factor (default 1)"},
    {"alike", 0, FLAG, AT(identical_routing), LR_GROUP_DEPLOYMENT, NULL,
     "route all tokens to the same experts, as dummy weights do"},
    {"weights", 0, DTYPE, AT(weights), LR_GROUP_DEPLOYMENT | LR_GROUP_RESULTS, "FORMAT",
     "format of the linear layers (default: as published)"},
    {"kv", 0, DTYPE, AT(kv), LR_GROUP_DEPLOYMENT | LR_GROUP_RESULTS, "FORMAT",
     "format of the KV cache (default: as published)"},
    {"runtime", 0, TEXT, AT(runtime), LR_GROUP_DEPLOYMENT | LR_GROUP_VALIDATE | LR_GROUP_FIT, "NAME",
     "serving engine (default " LR_DEFAULT_RUNTIME ")"},
    {"kernels", 0, TEXT, AT(kernels), LR_GROUP_DEPLOYMENT | LR_GROUP_LAYOUTS | LR_GROUP_VALIDATE, "NAME",
     "kernel set to use instead of the chip's"},
    {"gpus", 0, RANGE, AT(list.gpus), LR_GROUP_LAYOUTS, "RANGE", "total numbers of accelerators: 8 or 1-64*2"},
    {"tp", 0, RANGE, AT(list.tp), LR_GROUP_LAYOUTS, "RANGE", "tensor parallelism"},
    {"pp", 0, RANGE, AT(list.pp), LR_GROUP_LAYOUTS, "RANGE", "pipeline stages"},
    {"ep", 0, RANGE, AT(list.ep), LR_GROUP_LAYOUTS, "RANGE", "expert parallelism"},
    {"dp", 0, RANGE, AT(list.dp), LR_GROUP_LAYOUTS, "RANGE", "attention data parallelism"},
    {"weights", 0, DTYPES, AT(list.weights), LR_GROUP_LAYOUTS, "FORMAT[,FORMAT]",
     "format of the linear layers (default: as published)"},
    {"kv", 0, DTYPES, AT(list.kv), LR_GROUP_LAYOUTS, "FORMAT[,FORMAT]",
     "format of the KV cache (default: as published)"},
    {"runtime", 0, NAMES, AT(list.runtime), LR_GROUP_LAYOUTS, "NAME[,NAME]",
     "serving engines (default " LR_DEFAULT_RUNTIME ")"},
    {"price", 0, NAMES, AT(price), LR_GROUP_LAYOUTS, "NAME=USD/h", "price of an accelerator: h20=1.8$/h"},
    {"shard", 0, TEXT, AT(shard), LR_GROUP_SWEEP, "K/N", "write part K of N, for 'llmroof merge'"},
    {"tpot", 0, SECONDS, AT(tpot_s), LR_GROUP_GOAL, "TIME", "limit on time per output token: 50ms"},
    {"ttft", 0, SECONDS, AT(ttft_s), LR_GROUP_GOAL, "TIME", "limit on time to first token: 2s"},
    {"max", 0, NAMES, AT(most), LR_GROUP_GOAL, "gpus=N", "most accelerators, in powers of two (default 16)"},
    {"rate", 0, RATE, AT(rate_per_s), LR_GROUP_RATE, "N/s", "requests per second"},
    {"batch", 'b', RANGE, AT(batch), LR_GROUP_WORKLOAD, "RANGE", "sequences decoded together: 32; 1,8,64; 1-256*2"},
    {"context", 'c', RANGE, AT(context), LR_GROUP_WORKLOAD, "RANGE",
     "tokens in the KV cache of each sequence: 4096; 4k,32k"},
    {"served", 0, FLAG, AT(served), LR_GROUP_SERVED, NULL, "predict the steady state under load, with prefills"},
    {"input", 0, COUNT, AT(input), LR_GROUP_SERVED | LR_GROUP_RATE, "TOKENS",
     "prompt length (default 1024); --output TOKENS: answer length"},
    {"concurrency", 0, RANGE, AT(concurrency), LR_GROUP_SERVED, "RANGE", "requests in flight (default 1)"},
    {"prefix-hit", 0, RATIO, AT(prefix_hit), LR_GROUP_SERVED, "SHARE",
     "share of the prompt that is in the prefix cache"},
    {"chunk", 0, COUNT, AT(chunk), LR_GROUP_SERVED, "TOKENS", "prompt tokens prefilled per step (default: all)"},
    {"prefill-gpus", 0, COUNT, AT(prefill_gpus), LR_GROUP_SERVED, "N", "run prefills on N accelerators of their own"},
    {"decode-gpus", 0, COUNT, AT(decode_gpus), LR_GROUP_SERVED, "N", "accelerators that decode, with --prefill-gpus"},
    {"draft", 0, COUNT, AT(draft), LR_GROUP_SPECULATION, "N", "tokens drafted per step (speculative decoding)"},
    {"accepted", 0, NUMBER, AT(accepted), LR_GROUP_SPECULATION, "X",
     "tokens that a step yields on average, 1 to draft + 1"},
    {"draft-cost", 0, RATIO, AT(draft_cost), LR_GROUP_SPECULATION, "SHARE",
     "share of a decode step that drafting one token costs"},
    {"runtime", 0, TEXT, AT(runtime), LR_GROUP_CHECK, "NAME", "serving engine of both sides (default: the claim's)"},
    {"all", 0, FLAG, AT(all), LR_GROUP_CHECK, NULL, "check all claims, one row per statement"},
    {"vs", 0, TEXT, AT(vs), LR_GROUP_EXPLAIN, "NAME", "hardware profile to compare with"},
    {"what-if", 0, WHAT_IF, AT(what_if), LR_GROUP_EXPLAIN, "PATH=VALUE",
     "compare with a changed value: memory.bandwidth=4.8TB/s"},
    {"need", 0, TEXT, AT(need), LR_GROUP_EXPLAIN, "GOAL",
     "changes that reach a goal: 'tpot < 30 ms', 'tokens_per_s > 5000'"},
    {"slo", 0, SECONDS, AT(slo_s), LR_GROUP_PLOT | LR_GROUP_REPORT, "TIME", "shade the area slower than this: 50ms"},
    {"ascii", 0, FLAG, AT(ascii), LR_GROUP_PLOT, NULL, "draw in the terminal"},
    {"arch", 0, TEXT, AT(architecture), LR_GROUP_FIT, "NAME", "fit to rows of this architecture"},
    {"engine", 0, TEXT, AT(engine), LR_GROUP_FIT, "NAME", "fit to rows of the first of these engines that has rows"},
    {"family", 0, TEXT, AT(families), LR_GROUP_FIT, "NAME", "fit this operator family only"},
    {"kernel-set", 0, TEXT, AT(kernel_set), LR_GROUP_FIT, "NAME", "name of the kernel set to write"},
    {"title", 0, TEXT, AT(title), LR_GROUP_FIT, "TEXT", "title of the kernel set"},
    {"base", 0, TEXT, AT(base), LR_GROUP_FIT, "NAME", "kernel set with the constants that the rows do not determine"},
    {"write", 0, TEXT, AT(write), LR_GROUP_FIT, "FILE", "file to write (default: standard output)"},
    {"max-median", 0, RATIO, AT(max_median), LR_GROUP_VALIDATE, "SHARE", "exit 1 when the median error is higher: 8%"},
    {"include-fitted", 0, FLAG, AT(include_fitted), LR_GROUP_VALIDATE | LR_GROUP_PLOT, NULL,
     "include rows that fits have used"},
    {"worst", 0, FLAG, AT(worst), LR_GROUP_VALIDATE, NULL, "name the worst rows of each group"},
    {"threads", 0, COUNT, AT(threads), LR_GROUP_MEASURE | LR_GROUP_SWEEP, "N",
     "threads (default: all, or those of the profile)"},
    {"layers", 0, COUNT, AT(layers), LR_GROUP_MEASURE, "N", "layers to execute (default: as many as memory fits)"},
    {"repeat", 0, COUNT, AT(repeat), LR_GROUP_MEASURE, "N", "repetitions of the measurement"},
    {"write", 0, TEXT, AT(write), LR_GROUP_MEASURE, "NAME", "write a hardware profile and a kernel set of this name"},
    {"pairs", 0, FLAG, AT(pairs), LR_GROUP_VALIDATE, NULL, "compare pairs of runs that differ in one thing only"},
    {"rows", 0, FLAG, AT(rows), LR_GROUP_VALIDATE, NULL, "list every row that is not left out"},
    {"set", 0, SET, AT(override),
     LR_GROUP_SHOW | LR_GROUP_DEPLOYMENT | LR_GROUP_LAYOUTS | LR_GROUP_CHECK | LR_GROUP_RESULTS | LR_GROUP_MEASURE,
     "PATH=VALUE", "override a hardware field: memory.bandwidth='4.8 TB/s'"},
    {"output", 'o', OUTPUT, AT(output), LR_GROUP_COMMON, "FORMAT|FILE",
     "text, md, csv, json, or a file with such a suffix"},
    {"config", 0, TEXTS, AT(config), LR_GROUP_COMMON, "DIR", "folder with profiles of your own (may be repeated)"},
    {"man", 0, FLAG, AT(man), LR_GROUP_HELP, NULL, "print the manual page in roff"},
    {"quiet", 'q', FLAG, AT(quiet), LR_GROUP_COMMON, NULL, "no notes, warnings or progress on standard error"},
    {"help", 'h', FLAG, AT(help), LR_GROUP_COMMON, NULL, "print this help"},
};

enum { ROWS = sizeof rows / sizeof *rows };

/* "--tp": as people typed it. */
static const char *field_of(const struct row *r, char buf[32])
{
    snprintf(buf, 32, "--%s", r->name);
    return buf;
}

static void add_name(struct lr_names *to, const char *name, const char *field, struct lr_diags *ds)
{
    if (!*name)
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, field, "an empty name");
    else if (to->count == LR_NAMES_MAX)
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, field, "more than %d names", LR_NAMES_MAX);
    else
        to->name[to->count++] = name;
}

static void split_names(struct lr_names *to, char *text, const char *field, struct lr_diags *ds)
{
    for (char *at = text; at;) {
        char *const comma = strchr(at, ',');
        if (comma)
            *comma = '\0';
        add_name(to, at, field, ds);
        at = comma ? comma + 1 : NULL;
    }
}

static void add_override(struct lr_override *to, size_t *count, char *text, const char *field, struct lr_diags *ds)
{
    char *const equals = strchr(text, '=');
    if (!equals || equals == text) {
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, field, "'%s', expected PATH=VALUE such as memory.bandwidth='4.8 TB/s'",
                text);
        return;
    }
    if (*count == LR_OVERRIDES_MAX) {
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, field, "more than %d overrides", LR_OVERRIDES_MAX);
        return;
    }
    *equals = '\0';
    to[(*count)++] = (struct lr_override){text, equals + 1};
}

static void read_number(double *to, const char *text, enum argument a, const char *field, struct lr_diags *ds)
{
    char error[LR_QUANTITY_ERROR];
    bool ok;
    if (a == COUNT)
        ok = lr_count_parse(text, to, error, sizeof error);
    else
        ok = lr_quantity_parse(text,
                               a == SECONDS  ? LR_DIMENSION_SECONDS
                               : a == NUMBER ? LR_DIMENSION_NUMBER
                                             : LR_DIMENSION_RATIO,
                               to, error, sizeof error);
    if (!ok)
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, field, "%s", error);
    else if (*to <= 0)
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, field, "'%s', expected more than 0", text);
}

static void read_range(struct lr_points *to, const char *text, const char *field, struct lr_diags *ds)
{
    char error[LR_QUANTITY_ERROR];
    if (!lr_range_parse(text, to->value, LR_POINTS_MAX, &to->count, error, sizeof error)) {
        lr_diag(ds, LR_ERROR, LR_NO_POSITION, field, "%s", error);
        return;
    }
    for (size_t i = 0; i < to->count; i++)
        if (to->value[i] < 1) {
            lr_diag(ds, LR_ERROR, LR_NO_POSITION, field, "'%s', expected counts from 1", text);
            return;
        }
}

static void read_dtype(enum lr_dtype *to, const char *text, const char *field, struct lr_diags *ds)
{
    *to = lr_dtype_parse(text);
    if (*to != LR_DTYPE_NONE)
        return;
    struct lr_nearest near = {0};
    for (int d = 0; d < LR_DTYPE_COUNT; d++)
        lr_nearest_offer(&near, text, lr_dtype_name((enum lr_dtype)d));
    lr_diag(ds, LR_ERROR, LR_NO_POSITION, field, "unknown format '%s', expected one such as 'bf16' or 'fp8'", text);
    if (lr_nearest_name(&near, text))
        lr_hint(ds, "did you mean '%s'?", lr_nearest_name(&near, text));
}

static void read_dtypes(struct lr_formats *to, char *text, const char *field, struct lr_diags *ds)
{
    struct lr_names names = {0};
    split_names(&names, text, field, ds);
    for (size_t i = 0; i < names.count && to->count < LR_DTYPE_COUNT; i++)
        read_dtype(&to->value[to->count++], names.name[i], field, ds);
}

/* "20/s", "20". */
static void read_rate(double *to, char *text, const char *field, struct lr_diags *ds)
{
    char *const slash = strchr(text, '/');
    if (slash && strcmp(slash, "/s") == 0)
        *slash = '\0';
    read_number(to, text, NUMBER, field, ds);
}

/* "--output 1024": tokens of an answer, where a command takes them; else where the answer goes. */
static void read_output(struct lr_options *o, const char *text, const char **to)
{
    char error[LR_QUANTITY_ERROR];
    double tokens;
    if (lr_count_parse(text, &tokens, error, sizeof error))
        o->output_tokens = tokens;
    else
        *to = text;
}

static void read_argument(struct lr_options *o, const struct row *r, char *text, struct lr_diags *ds)
{
    char field[32];
    void *const to = (char *)o + r->offset;
    field_of(r, field);
    switch (r->argument) {
    case FLAG:
        *(bool *)to = true;
        break;
    case TEXT:
        *(const char **)to = text;
        break;
    case OUTPUT:
        read_output(o, text, to);
        break;
    case NAMES:
        split_names(to, text, field, ds);
        break;
    case TEXTS:
        add_name(to, text, field, ds);
        break;
    case RANGE:
        read_range(to, text, field, ds);
        break;
    case DTYPE:
        read_dtype(to, text, field, ds);
        break;
    case DTYPES:
        read_dtypes(to, text, field, ds);
        break;
    case RATE:
        read_rate(to, text, field, ds);
        break;
    case SET:
        add_override(to, &o->override_count, text, field, ds);
        break;
    case WHAT_IF:
        add_override(to, &o->what_if_count, text, field, ds);
        break;
    default:
        read_number(to, text, r->argument, field, ds);
        break;
    }
}

static void unknown(const char *text, unsigned groups, struct lr_diags *ds)
{
    struct lr_nearest near = {0};
    char field[32];
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].groups & groups)
            lr_nearest_offer(&near, text + strspn(text, "-"), rows[i].name);
    lr_diag(ds, LR_ERROR, LR_NO_POSITION, NULL, "unknown option '%s'", text);
    const char *const name = lr_nearest_name(&near, text + strspn(text, "-"));
    if (name) {
        snprintf(field, sizeof field, "--%s", name);
        lr_hint(ds, "did you mean '%s'?", field);
    }
}

bool lr_options_parse(int argc, char **argv, unsigned groups, struct lr_options *out, struct lr_diags *ds)
{
    struct option option[ROWS + 1] = {0};
    char letters[2 * ROWS + 3] = ":";
    size_t n = 0, length = 1;
    const size_t before = ds->errors;
    *out = (struct lr_options){.weights = LR_DTYPE_NONE, .kv = LR_DTYPE_NONE};
    for (size_t i = 0; i < ROWS; i++) {
        if (!(rows[i].groups & groups))
            continue;
        const int takes = rows[i].argument == FLAG ? no_argument : required_argument;
        option[n++] = (struct option){rows[i].name, takes, NULL, (int)i + 256};
        if (rows[i].letter) {
            letters[length++] = rows[i].letter;
            if (takes == required_argument)
                letters[length++] = ':';
        }
    }
    letters[length] = '\0';
    optind = 0; /* forgets the word that an earlier call ended in; 1 would not */
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, letters, option, NULL)) != -1;) {
        const char *const word = optind > 0 && optind <= argc ? argv[optind - 1] : "";
        if (c == '?') {
            const char letter[] = {'-', (char)optopt, '\0'}; /* of several in one word, getopt stands in the middle */
            unknown(optopt > 0 && optopt < 128 ? letter : word, groups, ds);
            continue;
        }
        if (c == ':') {
            lr_diag(ds, LR_ERROR, LR_NO_POSITION, word, "an argument is missing");
            continue;
        }
        size_t i = 0;
        while (i < ROWS && c != (int)i + 256 && c != rows[i].letter)
            i++;
        if (i < ROWS)
            read_argument(out, &rows[i], optarg, ds);
    }
    for (int i = optind; i < argc; i++)
        add_name(&out->operand, argv[i], NULL, ds);
    return ds->errors == before;
}

bool lr_options_at(size_t i, unsigned groups, struct lr_option *out)
{
    for (const struct row *r = rows; r < rows + ROWS; r++)
        if ((r->groups & groups) && i-- == 0) {
            *out = (struct lr_option){r->name, r->metavar, r->help, r->letter};
            return true;
        }
    return false;
}

void lr_options_help(unsigned groups, struct lr_text *out)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (!(rows[i].groups & groups))
            continue;
        char left[64];
        snprintf(left, sizeof left, "%c%c%c --%s%s%s", rows[i].letter ? '-' : ' ',
                 rows[i].letter ? rows[i].letter : ' ', rows[i].letter ? ',' : ' ', rows[i].name,
                 rows[i].metavar ? " " : "", rows[i].metavar ? rows[i].metavar : "");
        lr_text_addf(out, "  %-28s  %s\n", left, rows[i].help);
    }
}

struct lr_points lr_options_batches(const struct lr_options *o)
{
    return o->batch.count ? o->batch : (struct lr_points){.value = {1}, .count = 1};
}

struct lr_points lr_options_contexts(const struct lr_options *o)
{
    return o->context.count ? o->context : (struct lr_points){.value = {4096}, .count = 1};
}
