#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Command lines and everything that they print, in transcripts/*.txt: '$ ' a command, then its standard output, '! ' its
# standard error, '? ' its exit code if it is not 0, '## ' a remark. The commands of a file run in a folder of their
# own, which contains transcripts/files and a home. <source> and <tmp> stand for paths of the machine. With --update the
# files are written again: read the difference before you commit it.
set -uo pipefail
export LC_ALL=C NO_COLOR=1 ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}exitcode=99
[ $# -ge 2 ] || { echo "usage: transcripts_test.sh PROGRAM SOURCE_DIR [--update]" >&2; exit 2; }
program=$(readlink -f "$1")
source_dir=$(cd "$2" && pwd) || exit 2
mode=${3:-}
case $mode in '' | --update) ;; *) echo "unknown option '$mode', expected --update" >&2 && exit 2 ;; esac
[ -x "$program" ] || { echo "'$1' is no program" >&2; exit 2; }

tmp=$(mktemp -d) && tmp=$(cd "$tmp" && pwd -P) || exit 2
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/bin"
ln -s "$program" "$tmp/bin/llmroof"
export PATH="$tmp/bin:$PATH"
unset COLUMNS LLMROOF_UPDATE

escape() { printf '%s' "$1" | sed 's/[][\\.*^$|]/\\&/g'; }
# Not after a letter: a longer word that ends in the same way is another path.
source_path=$(escape "$source_dir")
paths="s|$(escape "$tmp/work")|<tmp>|g;s|^$source_path|<source>|;s|\\([^A-Za-z0-9._-]\\)$source_path|\\1<source>|g"

# Replaces paths of the machine by names. The rule under the last column of a table is as wide as its cells, so it
# changes too.
normalise() { # file
    sed "$paths" "$1" | awk '
        { line[NR] = $0 }
        END {
            for (i = 1; i <= NR; i++) {
                if (line[i] ~ /^-+( +-+)+$/ && i > 1) {
                    from = length(line[i])
                    while (substr(line[i], from, 1) == "-") from--
                    width = length(line[i - 1]) - from
                    path = 0
                    for (r = i + 1; r <= NR && line[r] != ""; r++) {
                        if (length(line[r]) - from > width) width = length(line[r]) - from
                        if (substr(line[r], from + 1) ~ /^<(source|tmp)>/) path = 1
                    }
                    if (path) {
                        rule = substr(line[i], 1, from)
                        while (width-- > 0) rule = rule "-"
                        line[i] = rule
                    }
                }
                print line[i]
            }
        }'
    if [ -s "$1" ] && [ -n "$(tail -c 1 "$1")" ]; then echo '\ no newline at the end'; fi
}

run_command() { # line: prints its transcript
    local line=${1//<source>/$source_dir} code
    (cd "$tmp/work" && exec bash -o pipefail -c "$line") >"$tmp/out" 2>"$tmp/err" </dev/null
    code=$?
    printf '$ %s\n' "$1"
    normalise "$tmp/out"
    normalise "$tmp/err" | sed 's/^/! /'
    [ "$code" = 0 ] || printf '? %d\n' "$code"
}

play() { # transcript: prints it as it would be now
    local line first=1 remark=
    rm -rf "$tmp/work"
    mkdir -p "$tmp/work/home/.config"
    [ ! -d "$source_dir/tests/transcripts/files" ] || cp -r "$source_dir/tests/transcripts/files/." "$tmp/work/"
    while IFS= read -r line; do
        case $line in
        '## '*)
            [ -n "$first$remark" ] || echo
            printf '%s\n' "$line"
            remark=1
            ;;
        '$ '*)
            [ -n "$first$remark" ] || echo
            run_command "${line#??}"
            remark=
            ;;
        *) continue ;;
        esac
        first=
    done <"$1"
}

export HOME="$tmp/work/home" XDG_CONFIG_HOME="$tmp/work/home/.config"
files=0 commands=0 failed=0 written=0
for golden in "$source_dir"/tests/transcripts/*.txt; do
    [ -e "$golden" ] || { echo "no transcripts in $source_dir/tests/transcripts" >&2; exit 2; }
    name=$(basename "$golden")
    wanted=$(grep -c '^\$ ' "$golden")
    files=$((files + 1))
    commands=$((commands + wanted))
    play "$golden" >"$tmp/$name"
    if [ "$(grep -c '^\$ ' "$tmp/$name")" != "$wanted" ]; then
        echo "FAILED: $name: an output looks like a command, or a command was lost" >&2
        failed=$((failed + 1))
    elif [ "$mode" = --update ]; then
        cmp -s "$golden" "$tmp/$name" && continue
        if cp "$tmp/$name" "$golden.$$" && mv "$golden.$$" "$golden"; then
            written=$((written + 1))
        else
            rm -f "$golden.$$"
            failed=$((failed + 1))
        fi
    elif ! diff -u --label "tests/transcripts/$name" --label "$name, as it is" "$golden" "$tmp/$name"; then
        failed=$((failed + 1))
    fi
done
[ "$mode" != --update ] || echo "$written of $files transcripts written"
echo "$commands commands in $files transcripts, $failed differ"
[ "$failed" = 0 ] || { echo "scripts/update-goldens writes them anew" >&2; exit 1; }
