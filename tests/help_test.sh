#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The help of each command has two examples, and each example runs, except measurements of a minute. So do the first
# steps of the overview.
set -uo pipefail
program=$1 root=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
checks=0 failed=0
fail() { echo "$*" && failed=$((failed + 1)); }

mkdir bin
ln -s "$program" bin/llmroof
PATH=$work/bin:$PATH HOME=$work XDG_CONFIG_HOME=$work/config
export PATH HOME XDG_CONFIG_HOME
mkdir -p "$work/.config/fish/completions"
cp "$root/tests/measured/gemm.csv" "$root/tests/measured/attn.csv" .
cp "$root/tests/configs/phi-4.json" config.json
for k in 1 2; do llmroof sweep qwen3-8b --hw h20 -b 1-64 --shard $k/2 -o part$k.csv || fail "no shard $k"; done

commands=$(llmroof help | sed -nE 's/^  ([a-z]+) +[a-z].*/\1/p' | grep -v '^llmroof$')
[ "$(wc -l <<<"$commands")" = 20 ] || fail "expected 20 commands, not: $commands"
mapfile -t steps < <(llmroof help | sed -n '/^First steps:$/,/^$/s/^  //p')
[ ${#steps[@]} = 4 ] || fail "${#steps[@]} first steps, expected 4"
for step in "${steps[@]}"; do
    checks=$((checks + 1))
    bash -c "$step" >out 2>err </dev/null
    [ $? -le 1 ] || { fail "exit 2: $step" && head -n 5 err; }
done
for command in $commands; do
    llmroof help "$command" >help || fail "help $command: exit $?"
    llmroof "$command" --help | cmp -s - help || fail "$command --help differs from help $command"
    mapfile -t examples < <(sed -n '/^Examples:$/,$p' help | sed -n 's/^  //p')
    [ ${#examples[@]} = 2 ] || fail "$command: ${#examples[@]} examples, expected 2"
    for example in "${examples[@]}"; do
        checks=$((checks + 1))
        case $example in
        *"measure "*) continue ;;             # takes a minute, or needs a GPU
        *"| man "*) example=${example%|*} ;; # without man
        *report*) command -v gnuplot >/dev/null || continue ;;
        *.svg | *ascii*) command -v gnuplot >/dev/null || continue ;;
        esac
        bash -c "$example" >out 2>err </dev/null
        status=$?
        [ $status -le 1 ] || { fail "exit $status: $example" && head -n 5 err; }
        [ -s out ] || [ -n "$(find . -maxdepth 4 -type f -newer help ! -name out ! -name err)" ] || [[ $example == source* ]] ||
            fail "neither output nor a file: $example"
    done
done
# A wrong option does not hide the help.
llmroof estimate --no-such-option --help | cmp -s - <(llmroof help estimate) || fail "help after a mistake differs"
# --quiet drops notes and warnings, not errors.
llmroof import config.json -q >out 2>err || fail "import -q"
[ -s err ] && fail "-q printed: $(cat err)"
llmroof show no-such-profile --quiet >out 2>err && fail "a missing profile was found"
[ -s err ] || fail "quiet hides an error"

echo "$checks examples, $failed failures"
[ $failed = 0 ]
