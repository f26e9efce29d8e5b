#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Profiles and tables from other people open no other file and run nothing. Output that cannot be written is an error. A
# signal leaves no temporary file.
set -uo pipefail
export LC_ALL=C NO_COLOR=1 ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}exitcode=99
[ $# -eq 2 ] || { echo "usage: hostile_test.sh PROGRAM SOURCE_DIR" >&2; exit 2; }
program=$(readlink -f "$1")
configs=$(readlink -f "$2")/configs

tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/home" "$tmp/run" "$tmp"/mine/{hardware,models,kernels,claims,architectures,runtimes}
export HOME="$tmp/home" XDG_CONFIG_HOME="$tmp/home/.config"
cd "$tmp/run" || exit 2
checks=0 failed=0
bad() { echo "FAILED: $*" && failed=$((failed + 1)); }

exits() { # expected exit codes "2|141", pattern of the messages, arguments of the program
    local codes=$1 wanted=$2 code
    shift 2
    checks=$((checks + 1))
    timeout 60 "$program" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
    code=$?
    [[ "|$codes|" == *"|$code|"* ]] || bad "exit $code, expected $codes: $*: $(head -c 300 "$tmp/err")"
    [ -z "$wanted" ] || grep -qE -- "$wanted" "$tmp/err" || bad "no message with '$wanted': $*: $(head -c 300 "$tmp/err")"
    ! grep -q 'the-secret' "$tmp/out" "$tmp/err" || bad "another file is shown: $*"
}
nothing_here() { # what was done
    checks=$((checks + 1))
    [ -z "$(ls -A "$tmp/run")" ] || bad "$1 leaves $(ls -A "$tmp/run")"
    rm -rf "$tmp/run/"*
}

# Paths in place of names: the file is a valid profile, but must not be read.
printf 'base: h100\nname: elsewhere\nsource: the-secret\ntitle: the-secret\n' >"$tmp/elsewhere.yaml"
printf 'the-secret: [\n' >"$tmp/secret.yaml"
for path in "$tmp/elsewhere.yaml" "$tmp/secret.yaml" ../../elsewhere.yaml ./x.yaml ../secret '..' '/etc/passwd'; do
    printf 'name: x\nsource: s\nbase: %s\n' "$path" >"$tmp/mine/hardware/x.yaml"
    exits 2 'base: ' show x --config "$tmp/mine"
    for field in architecture kernels; do
        printf 'name: x\nsource: s\nbase: h100\n%s: %s\n' $field "$path" >"$tmp/mine/hardware/x.yaml"
        exits 2 "$field: " estimate llama-3.1-8b --hw x --config "$tmp/mine"
    done
    printf 'name: y\nsource: s\nbase: ideal\nkernels: %s\n' "$path" >"$tmp/mine/runtimes/y.yaml"
    exits 2 'kernels: ' estimate llama-3.1-8b --hw h100 --runtime y --config "$tmp/mine"
    sed "s|^kernels:.*|kernels: $path|; s/^name:.*/name: z/" "$configs/architectures/hopper.yaml" >"$tmp/mine/architectures/z.yaml"
    printf 'name: x\nsource: s\nbase: h100\narchitecture: z\n' >"$tmp/mine/hardware/x.yaml"
    exits 2 'kernels: ' estimate llama-3.1-8b --hw x --config "$tmp/mine"
    printf 'name: c\ntitle: t\narticle: a\nsays: s\nbatch: 1\ncontext: 4k\ncases: [{model: llama-3.1-8b, gpus: 1}]\nstatements: [{says: x, left: %s, right: h100}]\n' "$path" >"$tmp/mine/claims/c.yaml"
    exits 2 'left: ' check c --config "$tmp/mine"
    printf 'gpu,fw,ver,dtype,m,n,k,flag,latency_us\n%s,vllm,1,bf16,16,8192,8192,,55\n' "$path" >"$tmp/rows.csv"
    exits 2 'gpu: ' validate "$tmp/rows.csv" --include-fitted
done
for name in 'a/../b' $'h100\x01' '../x' 'h100;id' '$(id)' '`id`'; do
    printf 'name: "%s"\nbase: h100\nsource: s\n' "${name//$'\x01'/\\x01}" >"$tmp/x.yaml"
    exits 2 'name: ' show "$tmp/x.yaml"
done
printf 'name: n\0ul\n' >"$tmp/x.yaml"
exits 2 'NUL' show "$tmp/x.yaml"
exits 2 . measure host --write ../escaped
[ ! -e "$tmp/escaped.yaml" ] || bad "measure writes outside"
nothing_here "reading hostile profiles"

# Texts of tables and chips reach plots as data.
attack='"; system("touch hacked1"); " `touch hacked2` $(touch hacked3) @hacked'
if command -v gnuplot >/dev/null; then
    printf 'name: evil\nbase: h100\nsource: s\ntitle: %s\n' "'${attack//\'/}'" >"$tmp/mine/hardware/evil.yaml"
    printf 'gpu,fw,ver,dtype,m,n,k,flag,latency_us\nevil,"%s",1,bf16,16,8192,8192,,55\nevil,vllm,1,bf16,32,8192,8192,,56\n' "${attack//\"/\"\"}" >"$tmp/rows.csv"
    exits 0 '' plot parity "$tmp/rows.csv" --include-fitted --ascii --config "$tmp/mine"
    for kind in $("$program" plot none x --hw h100 --ascii 2>&1 | sed -n 's/.*expected //p' | tr -d ,); do
        [ "$kind" = or ] || [ "$kind" = parity ] || exits '0|1|2' '' plot "$kind" llama-3.1-8b --hw evil,h20 -b 1,8 --ascii --config "$tmp/mine"
    done
    nothing_here "a plot of hostile texts"
fi

# Output that cannot be written.
printf 'gpu,fw,ver,dtype,m,n,k,flag,latency_us\n' >"$tmp/fit.csv"
for m in 1 2 3 4 5 6 7 8 12 16 24 32 48 64 96 128 192 256 384 512; do
    echo "h100,vllm,1,bf16,$m,8192,8192,,$((55 + m / 16))" >>"$tmp/fit.csv"
done
for arguments in "estimate llama-3.1-8b --hw h100" "compare llama-3.1-8b --hw h100,h20 -o json" "fit llama-3.1-8b --hw h100 -o csv" \
    "list" "show h100" "help" "import $2/tests/configs/phi-4.json" "validate $tmp/fit.csv --include-fitted" "check h20-decode"; do
    checks=$((checks + 2))
    # shellcheck disable=SC2086
    "$program" $arguments >/dev/full 2>"$tmp/err"
    [ $? = 2 ] && [ -s "$tmp/err" ] || bad "a full disk is not reported: $arguments"
    # shellcheck disable=SC2086
    ("$program" $arguments 2>"$tmp/err"; echo $? >"$tmp/code") | head -c 1 >/dev/null
    grep -qxE '0|1|2|141' "$tmp/code" || bad "exit $(cat "$tmp/code") into a closed pipe: $arguments"
done
ln -s /dev/full full.json
exits 2 'cannot be written' estimate llama-3.1-8b --hw h100 -o full.json
exits 2 'cannot be written' calibrate "$tmp/fit.csv" --hw h100 --write full.json
rm full.json
nothing_here "writing to a full disk"

# Signals: at any time, the file is complete or does not exist, and there are no other files.
drawings() { find /tmp -maxdepth 1 -name 'llmroof-plot-*' 2>/dev/null | wc -l; }
before=$(drawings)
set -m # without job control, background jobs of a shell ignore SIGINT
for ms in 002 010 030 060 120 250; do
    for signal in INT TERM; do
        checks=$((checks + 2))
        "$program" calibrate "$tmp/fit.csv" --hw h100 --base generic --write set.yaml >/dev/null 2>&1 &
        sleep 0.$ms && kill -$signal $! 2>/dev/null
        wait $! 2>/dev/null
        [ ! -e set.yaml ] || tail -c 1 set.yaml | cmp -s - <(echo) || bad "SIG$signal after $ms ms cuts a file"
        rm -f set.yaml
        nothing_here "SIG$signal after $ms ms of calibrate"
        command -v gnuplot >/dev/null || continue
        "$program" plot latency llama-3.1-8b --hw h100,h20 -o p.png >/dev/null 2>&1 &
        sleep 0.$ms && kill -$signal $! 2>/dev/null
        wait $! 2>/dev/null
        rm -f p.png
        nothing_here "SIG$signal after $ms ms of plot"
    done
done
for _ in {1..20}; do # other tests may draw at the same time
    [ "$(drawings)" -gt "$before" ] || break
    sleep 0.25
done
[ "$(drawings)" -le "$before" ] || bad "data of plots are left in /tmp"

echo "$checks checks, $failed failed"
[ "$failed" = 0 ]
