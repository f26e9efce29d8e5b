#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The system calls of an estimate in a release build, besides loading files: profiles, and the libraries that it links.
set -uo pipefail
export LC_ALL=C NO_COLOR=1
[ $# -eq 2 ] || { echo "usage: calls_test.sh PROGRAM SOURCE_DIR" >&2; exit 2; }
program=$(readlink -f "$1")
MOST=40
grep -qs '^CMAKE_BUILD_TYPE:[A-Z]*=Release' "$(dirname "$program")/CMakeCache.txt" || { echo "tests release builds only"; exit 77; }
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
export HOME="$tmp" XDG_CONFIG_HOME="$tmp/.config"
strace -o "$tmp/calls" true 2>"$tmp/err" || { echo "no strace, or it may not trace: $(head -n 1 "$tmp/err")"; exit 77; }
failed=0
for arguments in "estimate llama-3.1-8b --hw h20 -b 8 -c 4k" "estimate deepseek-v3 --hw h100 --gpus 16 -b 64 -c 8k --runtime sglang -o json" \
    "compare llama-3.1-8b --hw h20,h100 -b 1 -c 4k"; do
    # shellcheck disable=SC2086
    strace -o "$tmp/calls" "$program" $arguments >"$tmp/out" 2>&1
    [ -s "$tmp/out" ] || { echo "FAILED: no answer: $arguments" && failed=1; }
    # Opening, checking, reading, mapping and closing a file loads it. Anonymous maps do not.
    grep -vE '^(open|openat|access|stat|lstat|newfstatat|fstat|statx|read|pread64|close|\+\+\+)|^mmap\(.*, [0-9]+, (0|0x[0-9a-f]+)\)' \
        "$tmp/calls" >"$tmp/beyond"
    calls=$(wc -l <"$tmp/beyond")
    echo "$calls system calls beyond loading files, of $(wc -l <"$tmp/calls"): $arguments"
    [ "$calls" -ge 5 ] || { echo "FAILED: too few calls: has the format of strace changed?" && failed=1; }
    [ "$calls" -le $MOST ] || { echo "FAILED: expected at most $MOST" && cut -d'(' -f1 "$tmp/beyond" | sort | uniq -c && failed=1; }
done
exit $failed
