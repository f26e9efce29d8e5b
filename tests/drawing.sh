# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Shared by the tests of plots and reports: an empty folder to run in ($tmp/run), profiles of their own ($tmp/mine), and
# counted checks. Expects the program and the source directory as arguments.
set -uo pipefail
export LC_ALL=C NO_COLOR=1 ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}exitcode=99
[ $# -eq 2 ] || { echo "usage: ${0##*/} PROGRAM SOURCE_DIR" >&2; exit 2; }
program=$(readlink -f "$1")
command -v gnuplot >/dev/null || { echo "skipped: gnuplot is not installed"; exit 77; }

tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/run" "$tmp/home" "$tmp/mine" "$tmp/mine/hardware" "$tmp/mine/models"
export HOME="$tmp/home" XDG_CONFIG_HOME="$tmp/home/.config" TMPDIR="$tmp"
cd "$tmp/run" || exit 2
checks=0 failed=0

check() { # what, command, which must succeed
    checks=$((checks + 1))
    if ! "${@:2}" >/dev/null 2>&1; then
        echo "FAILED: $1: ${*:2}"
        failed=$((failed + 1))
    fi
}
exits() { # expected exit code, arguments of the program; output goes to $tmp/out and $tmp/err
    "$program" "${@:2}" >"$tmp/out" 2>"$tmp/err"
    local code=$?
    checks=$((checks + 1))
    if [ "$code" != "$1" ]; then
        echo "FAILED: exit $code, expected $1: llmroof ${*:2}" && cat "$tmp/err"
        failed=$((failed + 1))
    fi
}
no() { ! "$@"; }
alone() { [ "$(ls -A)" = "$1" ]; } # the only file here
