#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sweeps: the same bytes for any number of threads, the same numbers as compare, shards that add up to the whole, and no
# incomplete file under the final name.
set -uo pipefail
export LC_ALL=C NO_COLOR=1 ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}exitcode=99
[ $# -eq 2 ] || { echo "usage: sweep_test.sh PROGRAM SOURCE_DIR" >&2; exit 2; }
program=$(readlink -f "$1")

tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/home" "$tmp/run"
export HOME="$tmp/home" XDG_CONFIG_HOME="$tmp/home/.config"
cd "$tmp/run" || exit 2
checks=0 failed=0
bad() { echo "FAILED: $*" && failed=$((failed + 1)); }

check() { # what, command, which must succeed
    checks=$((checks + 1))
    "${@:2}" >/dev/null 2>&1 || bad "$1: ${*:2}"
}
exits() { # expected exit code, pattern of standard error, arguments of the program
    local code
    checks=$((checks + 1))
    "$program" "${@:3}" >"$tmp/out" 2>"$tmp/err"
    code=$?
    [ $code = "$1" ] || { bad "exit $code, expected $1: llmroof ${*:3}" && cat "$tmp/err"; }
    [ -z "$2" ] || grep -qE -- "$2" "$tmp/err" || { bad "no message with '$2': llmroof ${*:3}" && cat "$tmp/err"; }
}
no() { ! "$@"; }

space=(llama-3.1-8b deepseek-v3 --hw 'h20,h100' --gpus '1,8' --tp '1,3,8' --kv 'bf16,fp8' --runtime 'ideal,vllm' -b '1-64*2' -c '1k,8k')
rows=$((2 * 2 * 2 * 3 * 2 * 2 * 7 * 2))

# Order, count and threads.
exits 0 '' sweep "${space[@]}" -o whole.csv --threads 1
check "a header and every row" test "$(wc -l <whole.csv)" = $((rows + 1))
for threads in 2 3 16; do
    exits 0 '' sweep "${space[@]}" -o again.csv --threads $threads
    check "$threads threads write the same bytes" cmp whole.csv again.csv
done
exits 0 '' sweep "${space[@]}" -o csv
check "standard output gets the same bytes" cmp whole.csv "$tmp/out"
exits 0 '' sweep "${space[@]}" -o whole.jsonl
check "one object per row" test "$(grep -c '^{"model": .*}$' whole.jsonl)" = $rows
check "there are no other files" test "$(ls | tr '\n' ' ')" = "again.csv whole.csv whole.jsonl "

# Rows have the numbers of compare, and the reason if a point is not feasible.
exits 0 '' compare deepseek-v3 --hw h20 --gpus 8 --tp 8 -b 1-64*2 -c 1k,8k -o csv
cut -d, -f1-19 "$tmp/out" | sort >compare
exits 0 '' sweep deepseek-v3 --hw h20 --gpus 8 --tp 8 -b 1-64*2 -c 1k,8k -o csv
cut -d, -f1-19 "$tmp/out" | sort >sweep
check "compare and sweep agree" cmp compare sweep
check "the rows have numbers" test "$(grep -c '^deepseek-v3,h20,8,8,1,1,1,.*,memory$\|,compute$' sweep)" -ge 1
check "an impossible layout has a reason" grep -q '^deepseek-v3,h20,8,3,.*,false,.*tp 3 x pp 1 x dp 2 is 6, expected 8' whole.csv
check "a point that does not fit has a reason" grep -q '^deepseek-v3,h100,8,8,.*,false,.*,does not fit$' whole.csv
check "a point that does not fit has no speed" no grep -E '^([^,]*,){11}[0-9].*does not fit' whole.csv

# Shards.
for n in 1 2 5; do
    files=()
    for k in $(seq $n -1 1); do
        exits 0 '' sweep "${space[@]}" --shard "$k/$n" -o "part-$k.csv" --threads "$k"
        files+=("part-$k.csv")
    done
    exits 0 '' merge "${files[@]}" -o merged.csv
    check "$n parts are the whole" cmp whole.csv merged.csv
done
exits 0 '' sweep "${space[@]}" --shard 1/2 -o one.jsonl
exits 0 '' sweep "${space[@]}" --shard 2/2 -o two.jsonl
exits 0 '' merge one.jsonl two.jsonl -o merged.jsonl
check "objects are the same too" cmp whole.jsonl merged.jsonl
rm merged.csv merged.jsonl
exits 2 'part 3 of 5 is missing' merge part-1.csv part-2.csv part-4.csv part-5.csv -o merged.csv
exits 2 'part 5 of 5 is missing' merge part-[1-4].csv -o merged.csv
exits 2 'is part 1, which' merge part-[1-5].csv part-1.csv -o merged.csv
exits 2 'belongs to another sweep' merge part-[1-5].csv one.jsonl -o merged.csv
exits 0 '' sweep llama-3.1-8b --hw h20 --shard 5/5 -o foreign.csv
exits 2 'belongs to another sweep' merge part-[1-4].csv foreign.csv -o merged.csv
exits 0 '' sweep "${space[@]}" --set memory.bandwidth='3 TB/s' --shard 5/5 -o foreign.csv
exits 2 'belongs to another sweep' merge part-[1-4].csv foreign.csv -o merged.csv
head -n -1 part-5.csv >cut.csv
exits 2 'cut.csv: is not a complete part' merge part-[1-4].csv cut.csv -o merged.csv
head -c 5000 part-5.csv >cut.csv
exits 2 'cut.csv: is not a complete part' merge part-[1-4].csv cut.csv -o merged.csv
sed '7d' part-5.csv >cut.csv
exits 2 'cut.csv: was changed or truncated' merge part-[1-4].csv cut.csv -o merged.csv
sed '7s/deepseek/deepsick/' part-5.csv >cut.csv
exits 2 'cut.csv: was changed or truncated' merge part-[1-4].csv cut.csv -o merged.csv
exits 2 'is not a complete part' merge whole.csv -o merged.csv
: >empty.csv
exits 2 'is not a complete part' merge empty.csv -o merged.csv
exits 2 'none.csv' merge none.csv -o merged.csv
exits 2 'no file' merge -o merged.csv
check "nothing was written" no test -e merged.csv
for shard in 0/2 3/2 2 a/b 1/0 1/ -1/2 1/2x; do
    exits 2 '--shard' sweep "${space[@]}" --shard=$shard -o never.csv
done

# Files are complete or do not exist.
"$program" sweep "${space[@]}" >/dev/full 2>"$tmp/err"
check "a full disk is exit code 2" test $? = 2
check "and is reported" grep -q 'cannot be written: No space left' "$tmp/err"
"$program" sweep "${space[@]}" -b 1-256 -c 1-256 -o killed.csv 2>"$tmp/err" &
pid=$!
for _ in $(seq 100); do
    [ -n "$(find . -name 'killed.csv.*' -size +0)" ] && break
    sleep 0.02
done
kill -9 $pid
wait $pid 2>/dev/null
check "a killed sweep leaves nothing under its name" no test -e killed.csv
check "the killed sweep had started" test -n "$(find . -name 'killed.csv.*' -size +0)"
rm -f killed.csv.*
set -m # without job control, background jobs of a shell ignore SIGINT
for signal in INT TERM; do
    "$program" sweep "${space[@]}" -b 1-256 -c 1-256 -o stopped.csv 2>"$tmp/err" &
    pid=$!
    for _ in $(seq 100); do
        [ -n "$(find . -name 'stopped.csv.*' -size +0)" ] && break
        sleep 0.02
    done
    kill -$signal $pid
    wait $pid 2>/dev/null
    check "SIG$signal is exit code 2" test $? = 2
    check "and is reported" grep -q 'interrupted, nothing was written' "$tmp/err"
    check "SIG$signal leaves nothing" test -z "$(find . -name 'stopped.csv*')"
done
set +m

# The progress line of a terminal.
if command -v script >/dev/null; then
    long="timeout -s INT 2.5 $program sweep llama-3.1-8b deepseek-v3 --hw h20,h100 --gpus 8 -b 1-256 -c 1-256 -o long.csv"
    script -qec "$long" "$tmp/terminal" >/dev/null
    check "a terminal shows the progress" grep -q 'per second' "$tmp/terminal"
    script -qec "$long --quiet" "$tmp/terminal" >/dev/null
    check "with --quiet it does not" no grep -q 'per second' "$tmp/terminal"
fi
exits 2 'no model' sweep --hw h20
exits 2 "unknown hardware 'h2Oo'" sweep llama-3.1-8b --hw h20,h2Oo
exits 2 '--output' sweep llama-3.1-8b --hw h20 -o md
exits 2 '--price' sweep llama-3.1-8b --hw h20 --price h100='2$/h'
exits 2 '--price' sweep llama-3.1-8b --hw h20 --price h20=cheap

# Cost and energy by hand: an hour has 3600 s; without idle power an H20 takes its 400 W.
exits 0 '' sweep llama-3.1-8b --hw h20 --price h20='1.8$/h' -b 4 -o csv
check "cost and energy per token" awk -F, 'NR == 2 {
    usd = 1.8 / 3600 / $16 * 1e6; joule = 400 / $16
    exit !($23 > usd * 0.999999 && $23 < usd * 1.000001 && $24 > joule * 0.999999 && $24 < joule * 1.000001) }' "$tmp/out"

echo "$checks checks, $failed failed"
[ "$failed" = 0 ]
