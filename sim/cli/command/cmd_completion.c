/* SPDX-License-Identifier: Apache-2.0 */
/* Completion for shells, generated from the tables of commands and options. Names of profiles are asked of the program
 * when they are needed, so that those in a user's own folder complete as well. */
#include "cli/command/command.h"
#include "cli/plot/plot.h"

#include <ctype.h>
#include <string.h>

/* What completes an argument. */
enum values { NOTHING, ANYTHING, PROFILES, DTYPES, ANSWERS, FILES, FOLDERS };

struct source {
    enum values values;
    const char *folder; /* PROFILES: their kind */
    bool several;       /* separated by commas */
};

static struct source source_of(const struct lr_option *o)
{
    static const char *const folders[][2] = {{"hw", "hardware"},     {"vs", "hardware"},  {"runtime", "runtimes"},
                                             {"kernels", "kernels"}, {"base", "kernels"}, {"arch", "architectures"},
                                             {"model", "models"}};
    static const struct {
        const char *metavar;
        enum values values;
    } kinds[] = {{"FORMAT", DTYPES}, {"FORMAT|FILE", ANSWERS}, {"FILE", FILES}, {"DIR", FOLDERS}};
    if (!o->metavar)
        return (struct source){NOTHING, NULL, false};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (strcmp(o->name, folders[i][0]) == 0)
            return (struct source){PROFILES, folders[i][1], strchr(o->metavar, ',') != NULL};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(o->metavar, kinds[i].metavar) == 0)
            return (struct source){kinds[i].values, NULL, false};
    return (struct source){ANYTHING, NULL, false};
}

/* What a command takes beside options. */
struct operands {
    struct lr_text words;
    const char *folder; /* of profiles; "": of every kind; NULL: none */
    bool files;
};

static void add_word(struct lr_text *t, const char *word, size_t length)
{
    if (t->length)
        lr_text_add(t, " ");
    lr_text_add_bytes(t, word, length);
}

static void add_commands(struct lr_text *t)
{
    for (size_t i = 0; i < LR_COMMAND_COUNT; i++)
        add_word(t, lr_commands[i].name, strlen(lr_commands[i].name));
}

static void operand(struct operands *o, const char *word, size_t length)
{
    char text[32] = "";
    if (length >= sizeof text)
        return;
    memcpy(text, word, length);
    if (strcmp(text, "MODEL") == 0)
        o->folder = "models";
    else if (strcmp(text, "CLAIM") == 0)
        o->folder = "claims";
    else if (strcmp(text, "NAME") == 0)
        o->folder = "";
    else if (strcmp(text, "COMMAND") == 0)
        add_commands(&o->words);
    else if (strcmp(text, "KIND") == 0) {
#define X(name, deployment, batches, contexts) add_word(&o->words, #name, strlen(#name));
        LR_PLOTS(X)
#undef X
        o->files = true;
    } else if (strchr(text, '.'))
        o->files = true;
    else if (islower((unsigned char)*text))
        add_word(&o->words, text, length);
}

/* The usage line says it: words, MODEL, FILE.csv..., among options with one argument each. */
static struct operands operands_of(const char *arguments)
{
    static const char between[] = " |[]";
    struct operands o = {0};
    for (const char *at = arguments; *at;) {
        size_t length = strcspn(at, between);
        const bool option = strncmp(at, "--", 2) == 0;
        if (option && at[length])
            length += 1 + strcspn(at + length + 1, between);
        if (length && !option)
            operand(&o, at, length);
        at += length;
        at += strspn(at, between);
    }
    return o;
}

static void add_dtypes(struct lr_text *out)
{
    for (int d = 0; d < LR_DTYPE_COUNT; d++)
        lr_text_addf(out, "%s%s", d ? " " : "", lr_dtype_name((enum lr_dtype)d));
}

/* text for a place between single quotes; what stands in special gets a backslash. */
static void add_quoted(struct lr_text *out, const char *text, const char *special, const char *quote)
{
    for (; *text; text++)
        if (*text == '\'')
            lr_text_add(out, quote);
        else
            lr_text_addf(out, "%s%c", strchr(special, *text) ? "\\" : "", *text);
}

static const char bash_head[] =
    "# bash completion of llmroof, written by 'llmroof completion bash'\n"
    "_llmroof_list() { \"${COMP_WORDS[0]}\" list ${1-} -o csv 2>/dev/null | sed 1d | cut -d, -f2; }\n"
    "_llmroof_files() { compopt -o filenames 2>/dev/null; }\n"
    "_llmroof()\n{\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} prev= head= options= words= folder=- files=\n"
    "    COMPREPLY=()\n"
    "    ((COMP_CWORD > 1)) && prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    [[ $cur == = ]] && cur=\n"
    "    if ((COMP_CWORD == 1)); then\n        words=\"";

static const char bash_tail[] = "    esac\n    fi\n"
                                "    if [[ $cur == -* ]]; then\n"
                                "        COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
                                "        return\n    fi\n"
                                "    [[ $folder == - ]] || words+=\" $(_llmroof_list $folder)\"\n"
                                "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                                "    if [[ $files ]]; then\n        _llmroof_files\n"
                                "        COMPREPLY+=($(compgen $files -- \"$cur\"))\n    fi\n"
                                "    COMPREPLY=(\"${COMPREPLY[@]/#/$head}\")\n"
                                "}\ncomplete -F _llmroof llmroof\n";

static void bash_option(struct lr_text *out, const struct lr_option *o)
{
    const struct source s = source_of(o);
    if (s.values == NOTHING)
        return;
    lr_text_addf(out, "        --%s", o->name);
    if (o->letter)
        lr_text_addf(out, " | -%c", o->letter);
    lr_text_add(out, ") ");
    if (s.values == ANYTHING)
        lr_text_add(out, "return");
    else if (s.values == PROFILES)
        lr_text_addf(out, "words= files= folder=%s%s", s.folder,
                     s.several ? "; [[ $cur == *,* ]] && head=${cur%,*}, && cur=${cur##*,}" : "");
    else if (s.values == FILES || s.values == FOLDERS)
        lr_text_addf(out, "words= folder=- files=-%c", s.values == FILES ? 'f' : 'd');
    else if (s.values == ANSWERS)
        lr_text_add(out, "words=\"text md csv json\" folder=- files=-f");
    else {
        lr_text_add(out, "words=\"");
        add_dtypes(out);
        lr_text_add(out, "\" folder=- files=");
    }
    lr_text_add(out, " ;;\n");
}

static void bash(struct lr_text *out)
{
    struct lr_option o;
    lr_text_add(out, bash_head);
    add_commands(out);
    lr_text_add(out, " --help --version\"; options=$words\n    else\n    case $command in\n");
    for (size_t i = 0; i < LR_COMMAND_COUNT; i++) {
        const unsigned groups = lr_commands[i].groups;
        struct operands operands = operands_of(lr_commands[i].arguments);
        lr_text_addf(out, "    %s)\n        words=\"%s\" folder=%s files=%s options=\"", lr_commands[i].name,
                     lr_text_str(&operands.words),
                     !operands.folder   ? "-"
                     : *operands.folder ? operands.folder
                                        : "''",
                     operands.files ? "-f" : "");
        for (size_t k = 0; lr_options_at(k, groups, &o); k++)
            lr_text_addf(out, "%s--%s", k ? " " : "", o.name);
        lr_text_add(out, "\"\n        case $prev in\n");
        for (size_t k = 0; lr_options_at(k, groups, &o); k++)
            bash_option(out, &o);
        lr_text_add(out, "        esac ;;\n");
        lr_text_free(&operands.words);
    }
    lr_text_add(out, bash_tail);
}

static const char zsh_head[] =
    "#compdef llmroof\n# zsh completion of llmroof, written by 'llmroof completion zsh'\n"
    "_llmroof_list() {\n    local -a names\n"
    "    names=(${(f)\"$(llmroof list $1 -o csv 2>/dev/null | sed 1d | cut -d, -f2)\"})\n"
    "    if [[ $2 == several ]]; then _values -s , name $names; else compadd -a names; fi\n}\n"
    "_llmroof_operands() {\n    local -a words_of=(${=1})\n"
    "    (( $#words_of )) && compadd -a words_of\n"
    "    [[ $2 == - ]] || _llmroof_list $2\n    [[ $3 == files ]] && _files\n}\n"
    "_llmroof() {\n    local -a commands=(\n";

static void zsh_option(struct lr_text *out, const struct lr_option *o)
{
    const struct source s = source_of(o);
    for (int letter = 0; letter < (o->letter ? 2 : 1); letter++) {
        lr_text_addf(out, " \\\n            '*%s%.*s[", letter ? "-" : "--", letter ? 1 : 64,
                     letter ? &o->letter : o->name);
        add_quoted(out, o->help, "[]\\:", "'\\''");
        lr_text_add(out, "]");
        if (s.values != NOTHING) {
            lr_text_add(out, ":");
            add_quoted(out, o->metavar, "[]\\:", "'\\''");
            lr_text_add(out, ":");
        }
        if (s.values == PROFILES)
            lr_text_addf(out, " _llmroof_list %s%s", s.folder, s.several ? " several" : "");
        else if (s.values == FILES || s.values == FOLDERS)
            lr_text_add(out, s.values == FILES ? "_files" : "_files -/");
        else if (s.values == ANSWERS)
            lr_text_add(out, " _llmroof_operands \"text md csv json\" - files");
        else if (s.values == DTYPES) {
            lr_text_add(out, "(");
            add_dtypes(out);
            lr_text_add(out, ")");
        }
        lr_text_add(out, "'");
    }
}

static void zsh(struct lr_text *out)
{
    struct lr_option o;
    lr_text_add(out, zsh_head);
    for (size_t i = 0; i < LR_COMMAND_COUNT; i++) {
        lr_text_addf(out, "        '%s:", lr_commands[i].name);
        add_quoted(out, lr_commands[i].help, "\\:", "'\\''");
        lr_text_add(out, "'\n");
    }
    lr_text_add(out,
                "    )\n    if (( CURRENT == 2 )); then\n        _describe command commands\n        return\n    fi\n"
                "    local command=$words[2]\n    shift words\n    (( CURRENT-- ))\n    case $command in\n");
    for (size_t i = 0; i < LR_COMMAND_COUNT; i++) {
        struct operands operands = operands_of(lr_commands[i].arguments);
        lr_text_addf(out, "    %s)\n        _arguments -s", lr_commands[i].name);
        for (size_t k = 0; lr_options_at(k, lr_commands[i].groups, &o); k++)
            zsh_option(out, &o);
        lr_text_addf(out, " \\\n            '*:argument: _llmroof_operands \"%s\" %s %s' ;;\n",
                     lr_text_str(&operands.words),
                     !operands.folder   ? "-"
                     : *operands.folder ? operands.folder
                                        : "\"\"",
                     operands.files ? "files" : "-");
        lr_text_free(&operands.words);
    }
    lr_text_add(out, "    esac\n}\n"
                     "if [[ $funcstack[1] == _llmroof ]]; then _llmroof \"$@\"; else compdef _llmroof llmroof; fi\n");
}

static const char fish_head[] = "# fish completion of llmroof, written by 'llmroof completion fish'\n"
                                "function __llmroof_list\n"
                                "    command llmroof list $argv -o csv 2>/dev/null | sed 1d | cut -d, -f2\nend\n"
                                "function __llmroof_command\n"
                                "    set -l words (commandline -opc)\n"
                                "    test (count $words) -gt 1; and test $words[2] = $argv[1]\nend\n"
                                "complete -c llmroof -f\n";

static void fish_option(struct lr_text *out, const char *command, const struct lr_option *o)
{
    const struct source s = source_of(o);
    lr_text_addf(out, "complete -c llmroof -n '__llmroof_command %s' -l %s", command, o->name);
    if (o->letter)
        lr_text_addf(out, " -s %c", o->letter);
    if (s.values == PROFILES)
        lr_text_addf(
            out, s.several ? " -x -a '(__fish_complete_list , \"__llmroof_list %s\")'" : " -x -a '(__llmroof_list %s)'",
            s.folder);
    else if (s.values == FILES)
        lr_text_add(out, " -r -F");
    else if (s.values == FOLDERS)
        lr_text_add(out, " -x -a '(__fish_complete_directories)'");
    else if (s.values == ANSWERS)
        lr_text_add(out, " -r -F -a 'text md csv json'");
    else if (s.values == DTYPES) {
        lr_text_add(out, " -x -a '");
        add_dtypes(out);
        lr_text_add(out, "'");
    } else if (s.values == ANYTHING)
        lr_text_add(out, " -x");
    lr_text_add(out, " -d '");
    add_quoted(out, o->help, "\\", "\\'");
    lr_text_add(out, "'\n");
}

static void fish(struct lr_text *out)
{
    struct lr_option o;
    lr_text_add(out, fish_head);
    for (size_t i = 0; i < LR_COMMAND_COUNT; i++) {
        lr_text_addf(out, "complete -c llmroof -n __fish_use_subcommand -a %s -d '", lr_commands[i].name);
        add_quoted(out, lr_commands[i].help, "\\", "\\'");
        lr_text_add(out, "'\n");
    }
    for (size_t i = 0; i < LR_COMMAND_COUNT; i++) {
        const char *const name = lr_commands[i].name;
        struct operands operands = operands_of(lr_commands[i].arguments);
        if (operands.words.length || operands.folder) {
            lr_text_addf(out, "complete -c llmroof -n '__llmroof_command %s' -a '%s", name,
                         lr_text_str(&operands.words));
            if (operands.folder)
                lr_text_addf(out, " (__llmroof_list %s)", operands.folder);
            lr_text_add(out, "'\n");
        }
        if (operands.files)
            lr_text_addf(out, "complete -c llmroof -n '__llmroof_command %s' -F\n", name);
        for (size_t k = 0; lr_options_at(k, lr_commands[i].groups, &o); k++)
            fish_option(out, name, &o);
        lr_text_free(&operands.words);
    }
}

enum lr_exit lr_command_completion(struct lr_session *s, struct lr_text *out)
{
    static const struct {
        const char *name;
        void (*write)(struct lr_text *);
    } shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
    const char *const wanted = s->options.operand.count == 1 ? s->options.operand.name[0] : "";
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (strcmp(shells[i].name, wanted) == 0) {
            shells[i].write(out);
            return LR_EXIT_YES;
        }
    lr_diag(&s->diags, LR_ERROR, LR_NO_POSITION, NULL, "expected the name of a shell: bash, zsh or fish");
    return LR_EXIT_BAD;
}
