/* SPDX-License-Identifier: Apache-2.0 */
#include "import/import_pattern.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Prefixes of the names of layers in checkpoints. */
static const char *const prefixes[] = {
    "", "model.", "language_model.model.", "model.language_model.", "language_model.", "transformer.", "backbone."};
enum { PREFIXES = sizeof prefixes / sizeof *prefixes, NAME_MAX_LENGTH = 160, NESTED_MAX = 6, STEPS_MAX = 20000 };

static bool is_regex(const char *pattern)
{
    return strncmp(pattern, "re:", 3) == 0;
}

/* Matches the first length characters of text. */
static bool glob(const char *p, const char *text, size_t length, long *work)
{
    const char *star = NULL, *resume = NULL, *const end = text + length;
    while (text < end) {
        ++*work;
        if (*p == '*') {
            star = p++;
            resume = text;
        } else if (*p == *text) {
            p++;
            text++;
        } else if (star) {
            p = star + 1;
            text = ++resume;
        } else {
            return false;
        }
    }
    while (*p == '*')
        p++;
    return *p == '\0';
}

/* Matches the whole name, or the name of a module that contains it. */
static bool glob_module(const char *pattern, const char *name, long *work)
{
    if (strncmp(pattern, name, strcspn(pattern, "*")) != 0) {
        ++*work;
        return false;
    }
    for (const char *dot = name; dot; dot = strchr(dot + 1, '.'))
        if (glob(pattern, name, dot == name ? strlen(name) : (size_t)(dot - name), work))
            return true;
    return false;
}

/* True if part occurs in name as whole parts between dots. */
static bool has_parts(const char *name, const char *part)
{
    const size_t length = strlen(part);
    for (const char *at = name; at; at = strchr(at, '.') ? strchr(at, '.') + 1 : NULL)
        if (strncmp(at, part, length) == 0 && (at[length] == '.' || at[length] == '\0'))
            return true;
    return false;
}

/* A small backtracking matcher. It tries each alternative of a group by writing the alternative before the rest of the
 * pattern. */
struct regex {
    int steps;
    bool bad;
};

static bool match(struct regex *r, const char *p, const char *text, int nested);

static const char *atom_end(const char *p)
{
    if (*p == '\\')
        return p[1] ? p + 2 : NULL;
    if (*p != '[')
        return p + 1;
    const char *end = strchr(p + 1, ']');
    return end ? end + 1 : NULL;
}

static bool in_class(const char *p, const char *end, char c)
{
    const bool negated = *p == '^';
    bool in = false;
    for (p += negated; p < end; p++) {
        if (p + 2 < end && p[1] == '-') {
            in = in || (c >= p[0] && c <= p[2]);
            p += 2;
        } else {
            in = in || *p == c;
        }
    }
    return in != negated;
}

static bool atom_matches(const char *p, const char *end, char c)
{
    if (c == '\0')
        return false;
    if (*p == '.')
        return true;
    if (*p == '[')
        return in_class(p + 1, end - 1, c);
    if (*p == '\\')
        return p[1] == 'd' ? c >= '0' && c <= '9' : p[1] == c;
    return *p == c;
}

/* The bracket that closes the group at p. */
static const char *group_end(const char *p)
{
    int depth = 0;
    for (; *p; p++)
        if (*p == '\\' && p[1])
            p++;
        else if (*p == '(')
            depth++;
        else if (*p == ')' && --depth == 0)
            return p;
    return NULL;
}

static bool match_group(struct regex *r, const char *p, const char *text, int nested)
{
    const char *close = group_end(p);
    char tried[LR_PATTERN_MAX + 8];
    if (!close || nested >= NESTED_MAX || (close[1] && strchr("*+?{", close[1]))) {
        r->bad = true;
        return false;
    }
    const char *start = strncmp(p, "(?:", 3) == 0 ? p + 3 : p + 1;
    int depth = 0;
    for (const char *at = start; at <= close; at++) {
        depth += *at == '(' ? 1 : *at == ')' && at < close ? -1 : 0;
        if (*at == '\\' && at + 1 < close) {
            at++;
        } else if (depth == 0 && (*at == '|' || at == close)) {
            snprintf(tried, sizeof tried, "%.*s%s", (int)(at - start), start, close + 1);
            if (match(r, tried, text, nested + 1))
                return true;
            start = at + 1;
        }
    }
    return false;
}

static bool match_repeated(struct regex *r, const char *p, const char *end, const char *text, int nested)
{
    const size_t least = *end == '+';
    const size_t most = *end == '?' ? 1 : NAME_MAX_LENGTH;
    size_t count = 0;
    while (count < most && atom_matches(p, end, text[count]))
        count++;
    const char *rest = end + 1 + (end[1] == '?'); /* lazy and greedy repeats match the same names */
    for (size_t i = count + 1; i-- > least;)
        if (match(r, rest, text + i, nested))
            return true;
    return false;
}

static bool match(struct regex *r, const char *p, const char *text, int nested)
{
    for (;; text++) {
        while (*p == '^')
            p++;
        if (++r->steps > STEPS_MAX || strchr("{}*+?|)", *p ? *p : ' '))
            r->bad = true;
        if (r->bad || *p == '\0')
            return !r->bad;
        if (*p == '(')
            return match_group(r, p, text, nested);
        if (*p == '$' && p[1] == '\0')
            return *text == '\0';
        const char *end = atom_end(p);
        if (!end) {
            r->bad = true;
            return false;
        }
        if (*end && strchr("*+?", *end))
            return match_repeated(r, p, end, text, nested);
        if (!atom_matches(p, end, *text))
            return false;
        p = end;
    }
}

static bool regex_matches(const char *pattern, const char *name, bool *bad, long *work)
{
    struct regex r = {0};
    char whole[LR_PATTERN_MAX + 8];
    snprintf(whole, sizeof whole, "(%s)", pattern);
    const bool found = match(&r, whole, name, 0);
    *bad = r.bad;
    *work += r.steps;
    return found && !r.bad;
}

/* Checks the syntax. Groups may be (...) or (?:...), but not repeated. Braces and look-around are not supported. */
static bool regex_syntax(const char *p)
{
    int depth = 0;
    bool repeatable = false;
    for (; *p; p++) {
        const bool repeats = strchr("*+?", *p) != NULL;
        if (strchr("{}", *p) || (*p == '\\' && !p[1]) || (repeats && !repeatable))
            return false;
        if (*p == '[' && !(p = strchr(p, ']')))
            return false;
        if (strncmp(p, "(?", 2) == 0) {
            if (p[2] != ':')
                return false;
            p += 2;
            depth++;
        } else if (*p == '(') {
            depth++;
        } else if (*p == ')' && --depth < 0) {
            return false;
        }
        repeatable = (repeats && p[1] == '?') || (!repeats && !strchr("(|):^$", *p));
        p += *p == '\\';
    }
    return depth == 0;
}

bool lr_pattern_valid(const char *pattern)
{
    long work = 0;
    bool bad = strlen(pattern) > LR_PATTERN_MAX;
    if (!bad && is_regex(pattern)) {
        bad = !regex_syntax(pattern + 3);
        if (!bad)
            regex_matches(pattern + 3, "model.layers.0.mlp.experts.0.gate_up_proj", &bad, &work);
    }
    return !bad;
}

static const char *without_prefix(const char *pattern)
{
    for (size_t i = PREFIXES; i-- > 1;) {
        const size_t length = strlen(prefixes[i]);
        if (strncmp(pattern, prefixes[i], length) == 0)
            return without_prefix(pattern + length);
    }
    return pattern;
}

bool lr_pattern_matches(const char *pattern, const char *module, long *work)
{
    char name[NAME_MAX_LENGTH + 1];
    bool bad = false;
    if (!is_regex(pattern) && !strchr(pattern, '*')) {
        ++*work;
        return has_parts(module, without_prefix(pattern));
    }
    for (size_t i = 0; i < PREFIXES; i++) {
        snprintf(name, sizeof name, "%s%s", prefixes[i], module);
        if (is_regex(pattern) ? regex_matches(pattern + 3, name, &bad, work) : glob_module(pattern, name, work))
            return true;
    }
    return false;
}

/* True if the text before the first '*' can be the start of the name of a layer. */
static bool starts_like_a_layer(const char *pattern)
{
    const size_t literal = strcspn(pattern, "*");
    for (size_t i = 0; i < PREFIXES; i++) {
        char start[64];
        const int length = snprintf(start, sizeof start, "%slayers.", prefixes[i]);
        if (strncmp(pattern, start, literal < (size_t)length ? literal : (size_t)length) == 0)
            return true;
    }
    return false;
}

long lr_pattern_layer(const char *pattern)
{
    if (is_regex(pattern))
        return LR_PATTERN_ANY_LAYER;
    if (strchr(pattern, '*') && !starts_like_a_layer(pattern))
        return LR_PATTERN_NO_LAYER;
    const char *at = strstr(pattern, "layers.");
    if (!at)
        return LR_PATTERN_ANY_LAYER;
    char *end = NULL;
    at += strlen("layers.");
    const long layer = strtol(at, &end, 10);
    return end != at && (*end == '.' || *end == '\0') && layer >= 0 ? layer : LR_PATTERN_ANY_LAYER;
}
