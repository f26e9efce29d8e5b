#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The preset 'static': one file that runs in an empty folder without an environment, and prints the same as the other
# program.
set -uo pipefail
export LC_ALL=C NO_COLOR=1
[ $# -eq 2 ] || { echo "usage: static_test.sh PROGRAM SOURCE_DIR" >&2; exit 2; }
program=$(readlink -f "$1")
source_dir=$(cd "$2" && pwd) || exit 2
cache=$(dirname "$program")/CMakeCache.txt
grep -qs '^CMAKE_BUILD_TYPE:[A-Z]*=Release' "$cache" || { echo "tests release builds only"; exit 77; }
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
unset XDG_CONFIG_HOME
export HOME="$tmp"
printf 'int main(void) { return 0; }\n' >"$tmp/c.c"
cc -static "$tmp/c.c" -lyaml -o "$tmp/c" 2>/dev/null || { echo "no static libc or libyaml"; exit 77; }

cmake -S "$source_dir" -B "$tmp/build" -G Ninja -DLLMROOF_STATIC=ON -DLLMROOF_TESTS=OFF -DCMAKE_BUILD_TYPE=Debug \
    -DCMAKE_C_FLAGS_DEBUG=-O0 >"$tmp/log" 2>&1 && cmake --build "$tmp/build" --target llmroof >>"$tmp/log" 2>&1 || { tail -n 30 "$tmp/log" && exit 1; }
mkdir "$tmp/empty"
mv "$tmp/build/llmroof" "$tmp/empty/"
rm -r "$tmp/build"
cd "$tmp/empty" || exit 2
checks=0 failed=0
bad() { echo "FAILED: $*" && failed=$((failed + 1)); }
same() { # arguments: the output is the same, except for the places of profiles
    checks=$((checks + 1))
    env -i ./llmroof "$@" >"$tmp/one" 2>"$tmp/one.err"
    local one=$?
    env -i "$program" "$@" 2>"$tmp/other.err" | cat >"$tmp/other"
    local other=${PIPESTATUS[0]}
    [ $one = "$other" ] || bad "exit $one, the other program $other: $*"
    diff <(sed 's|embedded:||g' "$tmp/one") <(sed "s|$source_dir||g" "$tmp/other") >"$tmp/diff" ||
        { bad "they differ: $*" && head -n 10 "$tmp/diff"; }
    diff <(sed 's|embedded:||g' "$tmp/one.err") <(sed "s|$source_dir||g" "$tmp/other.err") >"$tmp/diff" ||
        { bad "their errors differ: $*" && head -n 10 "$tmp/diff"; }
}
same estimate deepseek-v3 --hw h20 --gpus 8 -b 32 -c 4k
same estimate llama-3.1-8b --hw h100 --runtime vllm -b 8 -c 4k -o csv
same compare llama-3.1-8b --hw h20,h100,a100 -b 1,32 -c 4k
same list -o csv
same show h20 -o csv
same estimate llama-3.1-9b --hw h20
same estimate llama-3.1-8b --hw 'H20 96GB'
checks=$((checks + 1))
if command -v ldd >/dev/null 2>&1; then
    ldd ./llmroof >/dev/null 2>&1 && bad "it needs $(ldd ./llmroof)"
fi

# Starting and answering takes few system calls, since there are no files to load.
if strace -o "$tmp/calls" env -i ./llmroof --version >/dev/null 2>&1; then
    checks=$((checks + 1))
    env -i /usr/bin/strace -o "$tmp/calls" ./llmroof estimate llama-3.1-8b --hw h20 -b 8 -c 4k >/dev/null 2>&1
    calls=$(grep -c '^[a-z_0-9]*(' "$tmp/calls")
    echo "$calls system calls for an estimate"
    [ "$calls" -gt 5 ] && [ "$calls" -le 40 ] || bad "$calls system calls, expected at most 40"
fi

# Profiles in a user's folder still replace the embedded ones.
mkdir -p mine/hardware
printf 'name: h20\nbase: h100\n' >mine/hardware/h20.yaml
checks=$((checks + 1))
env -i ./llmroof list hardware --config mine -o csv | grep -q '^hardware,h20,.*,mine$' || bad "--config does not come first"
echo "$checks checks, $failed failed"
[ "$failed" = 0 ]
