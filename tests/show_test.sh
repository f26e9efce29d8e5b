#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# 'show' of every profile in every format: valid UTF-8 without control characters, and the same bytes whatever freed
# memory contains. MALLOC_PERTURB_ makes glibc overwrite freed memory; a sanitizer detects its use itself.
set -uo pipefail
export LC_ALL=C NO_COLOR=1 ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}exitcode=99
[ $# -eq 2 ] || { echo "usage: show_test.sh PROGRAM SOURCE_DIR" >&2; exit 2; }
program=$(readlink -f "$1")
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
export HOME="$tmp" XDG_CONFIG_HOME="$tmp/.config"
cd "$tmp" || exit 2
checks=0 failed=0
bad() { echo "FAILED: $*" && failed=$((failed + 1)); }

show() { # name, format
    local code
    checks=$((checks + 1))
    MALLOC_PERTURB_=165 "$program" show "$1" -o "$2" >perturbed 2>err </dev/null
    code=$?
    [ "$code" = 0 ] || bad "exit $code: show $1 -o $2: $(head -c 300 err)"
    MALLOC_PERTURB_=0 "$program" show "$1" -o "$2" >plain 2>/dev/null </dev/null
    cmp -s perturbed plain || bad "show $1 -o $2: reads freed memory: $(cmp perturbed plain)"
    iconv -f UTF-8 -t UTF-8 perturbed >/dev/null 2>&1 || bad "show $1 -o $2: is no UTF-8"
    ! grep -q '[[:cntrl:]]' perturbed || bad "show $1 -o $2: has control characters"
}

for kind in hardware models runtimes architectures; do
    count=0
    for profile in "$2/configs/$kind"/*.yaml; do
        count=$((count + 1))
        for format in text md csv json; do
            show "$(basename "$profile" .yaml)" $format
        done
    done
    [ "$count" -gt 1 ] || bad "no $kind"
done
echo "$checks listings, $failed failed"
[ "$failed" = 0 ]
