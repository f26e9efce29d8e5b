#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Malicious files: each is refused with a message and exit code 2, quickly and in little memory.
set -uo pipefail
export LC_ALL=C NO_COLOR=1 ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}exitcode=99
[ $# -eq 2 ] || { echo "usage: limits_test.sh PROGRAM SOURCE_DIR" >&2; exit 2; }
program=$(readlink -f "$1")
MOST_KB=50000 MOST_ADDRESS_KB=300000 MOST_MS=1000

tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/home" "$tmp/files"
export HOME="$tmp/home" XDG_CONFIG_HOME="$tmp/home/.config"
cd "$tmp/files" || exit 2
checks=0 failed=0
bad() { echo "FAILED: $*" && failed=$((failed + 1)); }

# AddressSanitizer reserves terabytes of address space, so no limit applies to the program.
sanitized=0
if grep -q __asan_init "$program"; then
    sanitized=1
    MOST_MS=4000
fi
measure=()
[ "$sanitized" = 0 ] && [ -x /usr/bin/time ] && measure=(/usr/bin/time -o "$tmp/time" -f %M)

limited() (
    [ $sanitized = 1 ] || ulimit -v $MOST_ADDRESS_KB
    timeout 5 "${measure[@]}" "$program" "$@"
)

refused() { # pattern of the message, arguments of the program
    local wanted=$1 code user system kb what TIMEFORMAT='%3U %3S'
    shift
    what="$*"
    what=${what:0:80}
    checks=$((checks + 1))
    { time limited "$@" >"$tmp/out" 2>"$tmp/err" </dev/null; } 2>"$tmp/cpu" # CPU time, since other tests run at the same time
    code=$?
    read -r user system <"$tmp/cpu" || bad "no time was taken: $what"
    local ms=$((10#${user/./} + 10#${system/./}))
    [ $code = 2 ] || bad "exit $code, expected 2: $what"
    grep -qE -- "$wanted" "$tmp/err" || { bad "no message with '$wanted': $what" && head -c 400 "$tmp/err"; }
    [ ! -s "$tmp/out" ] || bad "it prints an answer all the same: $what"
    [ "$(wc -c <"$tmp/err")" -le 20000 ] || bad "its messages are $(wc -c <"$tmp/err") bytes: $what"
    [ $ms -le $MOST_MS ] || bad "$ms ms of processor time, expected at most $MOST_MS: $what"
    if [ ${#measure[@]} -gt 0 ]; then
        kb=$(tail -n 1 "$tmp/time")
        [ "$kb" -le $MOST_KB ] || bad "$kb kB of memory, expected at most $MOST_KB: $what"
    fi
}

repeat() { # text, times
    yes -- "$1" | head -n "$2" | tr -d '\n'
}

# 10 MB of noise, and 10 MB of text that would be a profile.
head -c 10000000 /dev/urandom >noise.yaml
cp noise.yaml noise.json
cp noise.yaml noise.csv
{ printf 'name: long\n' && yes '# a remark that says nothing' | head -c 10000000; } >long.yaml
head -c 500000 /dev/urandom >short-noise.yaml
head -c 500000 /dev/urandom | tr '\0' 'x' >no-nul.yaml
refused 'noise.yaml: .*too large' show ./noise.yaml
refused 'noise.yaml: .*too large' estimate ./noise.yaml --hw h100
refused 'noise.json: .*too large' import noise.json
refused 'noise.csv' validate noise.csv
refused 'noise.csv' calibrate noise.csv
refused 'long.yaml: .*too large' show ./long.yaml
refused 'short-noise.yaml' show ./short-noise.yaml
refused 'no-nul.yaml' show ./no-nul.yaml

# Deep nesting: flows, blocks and JSON, closed and truncated.
{ printf 'name: ' && repeat '[' 100000 && repeat ']' 100000 && echo; } >flow.yaml
{ printf 'name: ' && repeat '{a: ' 100000; } >open.yaml
repeat '- ' 100000 >sequence.yaml
awk 'BEGIN { for (i = 0; i < 1300; i++) printf "%*sa:\n", i, "" }' >block.yaml
{ repeat '{"a":' 100000 && printf 1 && repeat '}' 100000 && echo; } >deep.json
{ printf '{"model_type": "llama", "x": ' && repeat '[' 100000 && repeat ']' 100000 && echo '}'; } >array.json
refused 'flow.yaml:1:[0-9]+: .*too deep' show ./flow.yaml
refused 'flow.yaml:1:[0-9]+: .*too deep' estimate ./flow.yaml --hw h100
refused 'open.yaml:1:[0-9]+: .*too deep' show ./open.yaml
refused 'sequence.yaml:1:' show ./sequence.yaml
refused 'block.yaml:[0-9]+:[0-9]+: .*too deep' show ./block.yaml
refused 'deep.json:1:[0-9]+: .*too deep' import deep.json
refused 'array.json:1:[0-9]+: .*too deep' estimate array.json --hw h100

# Nine levels of nine aliases: a billion values for a program that follows them.
{
    echo 'a: &a ["x","x","x","x","x","x","x","x","x"]'
    for pair in ab bc cd de ef fg gh hi; do
        printf '%s: &%s [' "${pair#?}" "${pair#?}"
        repeat "*${pair%?}," 9
        echo ']'
    done
} >bomb.yaml
printf 'name: loop\nmemory: &m\n  memory: *m\n' >loop.yaml
printf 'base: &b\n  <<: *b\n' >merge.yaml
refused "bomb.yaml:1:4: anchor '&a' is not allowed" show ./bomb.yaml
refused 'loop.yaml:2:9: anchor' show ./loop.yaml
refused 'merge.yaml:1:7: anchor' show ./merge.yaml

# Many keys, many mistakes, a key of a megabyte, a number of a megabyte, bases in a circle.
{ echo 'name: keys' && seq -f 'k%.0f: 1' 90000; } >keys.yaml
{ printf 'name: many\nblocks: [' && repeat '{},' 200000 && echo ']'; } >values.yaml
{ repeat k 900000 && echo ': 1'; } >key.yaml
{ printf 'name: number\nhidden: ' && repeat 9 900000 && echo; } >number.yaml
mkdir -p loop/hardware
printf 'name: one\nbase: two\n' >loop/hardware/one.yaml
printf 'name: two\nbase: one\n' >loop/hardware/two.yaml
refused 'keys.yaml' show ./keys.yaml
refused 'values.yaml:2:[0-9]+: .*too many' estimate ./values.yaml --hw h100
refused 'key.yaml:1:' show ./key.yaml
refused 'number.yaml:2:9: hidden' estimate ./number.yaml --hw h100
refused 'base' show one --config loop

# Paths that are not regular files.
mkfifo pipe.yaml
mkdir folder.yaml
ln -s loop.link loop.link && ln -s loop.link link.yaml
refused 'pipe.yaml: ' show ./pipe.yaml
refused 'folder.yaml: is a directory' show ./folder.yaml
refused 'link.yaml: ' show ./link.yaml
refused 'zero.yaml: no such file' show ./zero.yaml
refused '/dev/zero: ' estimate /dev/zero --hw h100

# Command lines.
refused '--batch: ' estimate phi-4 --hw h100 -b 1-1000000000
refused '--hw: more than' estimate phi-4 --hw "$(repeat h100, 5000)h100"
refused 'unknown hardware' estimate phi-4 --hw "$(repeat h 100000)"
refused '--set' estimate phi-4 --hw h100 --set "$(repeat a. 40000)=1"

echo "$checks checks, $failed failed$([ $sanitized = 0 ] || echo '; memory is not measured under AddressSanitizer')"
[ "$failed" = 0 ]
