#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Calibration and validation from the command line, on the excerpts in tests/measured. A fit is written, found and
# validated, and the figures are computed a second time from the rows that --rows lists. Then errors of the program and
# of the scripts that need LLMROOF_MEASURED.
set -uo pipefail
export LC_ALL=C NO_COLOR=1 ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}exitcode=99
[ $# -eq 2 ] || { echo "usage: calibrate_test.sh PROGRAM SOURCE_DIR" >&2; exit 2; }
program=$(readlink -f "$1")
source_dir=$(cd "$2" && pwd) || exit 2
measured=$source_dir/tests/measured

tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 2
export HOME=$tmp/home XDG_CONFIG_HOME=$tmp/home/.config
mkdir -p "$HOME" mine/kernels mine/runtimes nothing
checks=0 failed=0
fail() { echo "FAILED: $*" && failed=$((failed + 1)); }

expect() { # exit code, pattern in the output, command...
    local code=$1 pattern=$2 got
    shift 2
    checks=$((checks + 1))
    "$@" >out 2>err </dev/null
    got=$?
    [ $got = "$code" ] || fail "exit $got, expected $code: ${*##*/}: $(head -n 3 err)"
    [ -z "$pattern" ] || cat out err | grep -qE -- "$pattern" || fail "no '$pattern' from ${*##*/}: $(cat out err | head -n 3)"
}

# Median (between the middle two), mean, and share of rows inside their interval, of a list of rows.
figures() { # file
    awk -F, 'NR > 1 { off = $14 < 0 ? -$14 : $14; printf "%.17g %d\n", off, ($12 >= $15 && $12 <= $16) }' "$1" | sort -g |
        awk '{ v[NR] = $1; sum += $1; inside += $2 }
            END { m = int((NR + 1) / 2); printf "%d %.9f %.9f %.9f\n", NR, NR % 2 ? v[m] : (v[m] + v[m + 1]) / 2, sum / NR, inside / NR }'
}

# The same from the line of all rows.
total() { awk -F, '$1 == "all" && $4 == "" { printf "%d %.9f %.9f %.9f\n", $9, $10, $11, $14 }' "$1"; }

share_above() { # figure, bound, what
    checks=$((checks + 1))
    awk -v a="$1" -v b="$2" 'BEGIN { exit !(a >= b) }' || fail "$3: $1, expected at least $2"
}

at_least() { # figure, bound, what
    checks=$((checks + 1))
    awk -v a="$1" -v b="$2" 'BEGIN { exit !(a >= b) }' || fail "$3: $1, expected at least $2"
}

# The figures of a validation are those of its rows. Each row of the table is counted or reported as left out. Sets
# $median, $roofline and $coverage to the median error, that of the roofline, and the share inside the interval.
validated() { # table, options...
    local table=$measured/$1.csv counted left
    shift
    expect 0 '^line,family' "$program" validate "$table" "$@" --rows -o csv
    mv out rows
    expect 0 '^family,' "$program" validate "$table" "$@" -o csv
    mv out groups
    [ "$(head -n 1 rows | cut -d, -f12,14,15,16)" = measured_s,error,low_s,high_s ] || fail "other columns: $(head -n 1 rows)"
    [ "$(figures rows)" = "$(total groups)" ] || fail "$table: rows give $(figures rows), validate prints $(total groups)"
    read -r counted median _ coverage <<<"$(total groups)"
    roofline=$(awk -F, '$1 == "all" && $4 == "" { print $15 }' groups)
    expect 0 'rows left out' "$program" validate "$table" "$@"
    left=$(awk '/rows left out/ { n += $1 } END { print n + 0 }' out err)
    [ $((counted + left)) = $(($(wc -l <"$table") - 1)) ] || fail "$table: $counted rows count and $left are left out"
}

covered() { # table: 80 %, less three standard deviations of the share of this many rows
    at_least "$coverage" "$(awk -v n="$(($(wc -l <rows) - 1))" 'BEGIN { print 0.8 - 3 * sqrt(0.16 / n) }')" "$1: share inside the interval"
}

for table in gemm attn moe; do
    expect 0 '' "$program" calibrate "$measured/$table.csv" --hw h100 --kernel-set excerpt --base assumed --write mine/kernels/excerpt.yaml
    validated $table --kernels excerpt --config mine
    covered $table
    at_least "$roofline" "$(awk -v m="$median" 'BEGIN { print 2 * m }')" "$table: error of the roofline"
done
expect 1 '' "$program" validate "$measured/moe.csv" --kernels excerpt --config mine --max-median 1%
expect 2 'no constants for gemm' "$program" validate "$measured/gemm.csv" --kernels excerpt --config mine

# A user's runtime with the name of a shipped one is found first. On the rows left out it is closer than the ideal one.
validated e2e --runtime ideal
ideal=$median
expect 0 '' "$program" calibrate "$measured/e2e.csv" --runtime vllm --base vllm-defaults --write mine/runtimes/vllm.yaml
validated e2e --config mine
covered e2e
at_least "$ideal" "$(awk -v m="$median" 'BEGIN { print 2 * m }')" "e2e: error without the engine's constants"

# Runs of two dense models cannot separate the time of a layer from that of a step, but they fix their sum.
grep -v gpt-oss "$measured/e2e.csv" >dense.csv
expect 0 '' "$program" calibrate dense.csv --runtime vllm --base vllm-defaults --write mine/runtimes/vllm.yaml
expect 0 '' "$program" validate dense.csv --config mine --max-median 5%

# All kinds of tables in one command, with the shipped sets.
expect 0 '^all ' "$program" validate "$measured"/{gemm,attn,mla,mla_bmm,moe,comm,a2a,infersim_gemm,infersim_attn,infersim_grouped_gemm}.csv

# Refused commands write no file.
expect 2 'too few unflagged rows for this selection' "$program" calibrate "$measured/gemm.csv" --hw a100 --kernel-set other --write other.yaml
expect 2 'too few unflagged rows for this selection' "$program" calibrate "$measured/gemm.csv" --engine vllm --kernel-set other --write other.yaml
expect 2 '--runtime: is missing' "$program" calibrate "$measured/e2e.csv" --write other.yaml
expect 2 "0 runs of 'sglang'" "$program" calibrate "$measured/e2e.csv" --runtime sglang --write other.yaml
expect 2 'e2e.csv:1: not a table of measured kernels' "$program" validate "$measured"/{gemm,e2e}.csv
cut -d, -f1-8 "$measured/gemm.csv" >untimed.csv
expect 2 'untimed.csv:1: .*latency_us' "$program" calibrate untimed.csv --hw h100 --kernel-set other --write other.yaml
[ ! -e other.yaml ] || fail "a calibration that was refused wrote a file"

# LLMROOF_MEASURED (docs/measured-data.md)
for script in refit accuracy transfer; do
    expect 2 'LLMROOF_MEASURED is not set' env -u LLMROOF_MEASURED "$source_dir/scripts/$script"
    expect 2 "no gemm.csv in '$tmp/nothing'" env LLMROOF_MEASURED="$tmp/nothing" "$source_dir/scripts/$script"
done
expect 0 "^$measured\$" env LLMROOF_MEASURED="$measured" "$source_dir/scripts/measured-data"

echo "$checks checks, $failed failed"
[ "$failed" = 0 ]
