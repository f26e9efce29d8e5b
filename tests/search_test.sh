#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# best and frontier agree with brute force over a sweep of the same layouts, and capacity with Little's law.
set -uo pipefail
export LC_ALL=C NO_COLOR=1
[ $# -eq 2 ] || { echo "usage: search_test.sh PROGRAM SOURCE_DIR" >&2; exit 2; }
program=$1
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
export HOME="$work" XDG_CONFIG_HOME="$work/.config"
failed=0 checks=0
same() { # what, expected, found
    checks=$((checks + 1))
    [ "$2" = "$3" ] || { echo "FAILED: $1: expected '$2', found '$3'" && failed=$((failed + 1)); }
}

# Every layout of 1, 2, 4, 8 GPUs: divisors for tp, pp and ep, dp filled in. Layouts with another product are refused.
divisors=1,2,4,8
for case in "llama-3.1-70b h20,h100 4k 30 fp8" "qwen3-30b-a3b l40s,h20 8k 15 bf16" "deepseek-v2 h200,mi300x 2k 40 bf16"; do
    read -r model chips context slo weights <<<"$case"
    "$program" sweep "$model" --hw "$chips" --gpus $divisors --tp $divisors --pp $divisors --ep $divisors --weights "$weights" \
        -b '1-1024*2' -c "$context" -o csv >"$work/sweep.csv" || { echo "sweep failed" && failed=$((failed + 1)); }
    # columns: 3 gpus, 4 tp, 8 batch, 12 tpot, 17 tokens/s/GPU, 18 tokens/s/user, 20 fits
    brute=$(awk -F, -v slo="$slo" 'NR > 1 && $20 == "true" && $12 * 1000 <= slo && $17 > best { best = $17; row = $2 "," $3 "," $4 "," $5 "," $6 "," $8 }
        END { print row }' "$work/sweep.csv")
    found=$("$program" best "$model" --hw "$chips" --max gpus=8 --weights "$weights" -b '1-1024*2' -c "$context" --tpot "${slo}ms" -o csv |
        awk -F, 'NR == 2 { print $2 "," $3 "," $4 "," $5 "," $6 "," $8 }')
    same "best $model under $slo ms" "$brute" "$found"
    # a point is on the frontier if no other point of its chip is as good in both
    "$program" frontier "$model" --hw "$chips" --max gpus=8 --weights "$weights" -b '1-1024*2' -c "$context" -o csv |
        awk -F, 'NR > 1 { print $2 "," $17 "," $18 }' | sort >"$work/frontier"
    awk -F, 'NR > 1 && $20 == "true" { n++; chip[n] = $2; gpu[n] = $17; user[n] = $18 }
        END { for (i = 1; i <= n; i++) { beaten = 0
                for (j = 1; j <= n && !beaten; j++)
                    if (chip[j] == chip[i] && gpu[j] >= gpu[i] && user[j] >= user[i] && (gpu[j] > gpu[i] || user[j] > user[i])) beaten = 1
                if (!beaten) print chip[i] "," gpu[i] "," user[i] } }' "$work/sweep.csv" | sort -u >"$work/brute"
    same "frontier of $model" "$(cat "$work/brute")" "$(cat "$work/frontier")"
done

# Little's law: requests in flight are the rate times the time that each stays. Used capacity is demand over capacity.
"$program" capacity llama-3.1-8b --hw h100 --rate 20/s --input 2k --output 500 --tpot 30ms --runtime vllm -o csv >"$work/capacity.csv"
same "capacity is feasible" true "$(awk -F, 'NR == 2 { print $20 }' "$work/capacity.csv")"
awk -F, 'NR == 2 { stay = 20 * ($13 + 500 * $11); exit !($17 / stay > 0.999999 && $17 / stay < 1.000001) }' "$work/capacity.csv"
same "in flight is rate x stay" 0 $?
awk -F, 'NR == 2 { used = 20 / $14; exit !($15 / used > 0.999999 && $15 / used < 1.000001 && $15 <= 1 && $11 <= 0.03) }' "$work/capacity.csv"
same "used is demand over supply, inside the limit" 0 $?
# one replica less is not enough
awk -F, 'NR == 2 { each = $14 / $4; exit !(($4 - 1) * each < 20) }' "$work/capacity.csv"
same "no replica too many" 0 $?

# The fewest GPUs of every layout of up to 8, each estimated separately.
load=(--input 2k --output 500 --runtime vllm --weights fp8)
users=1,2,3,4,6,8,12,16,24,32,48,64,96,128,192,256,384,512,768,1024 # the batches that a search tries
for tp in 1 2 4 8; do
    for pp in 1 2 4 8; do
        for dp in 1 2 4 8; do
            [ $((tp * pp * dp)) -le 8 ] || continue
            "$program" estimate llama-3.1-70b --hw h100 --served --tp $tp --pp $pp --dp $dp "${load[@]}" --concurrency $users -o csv 2>/dev/null |
                awk -F, 'NR > 1 && $25 == "true" && $13 <= 0.05 && $16 <= 1.5 { n = 20 / $20; r = int(n); r += r < n; print r * $3 }'
        done
    done
done | sort -n | head -1 >"$work/fewest"
found=$("$program" capacity llama-3.1-70b --hw h100 --max gpus=8 --rate 20/s "${load[@]}" --tpot 50ms --ttft 1500ms -o csv |
    awk -F, 'NR == 2 { print $3 }')
same "capacity by brute force" "$(cat "$work/fewest")" "$found"

# Replicas of a dense model are not another layout, so the runner-up has another one.
"$program" best llama-3.1-70b --hw h100 --weights fp8 --max gpus=8 -b '1-512*2' -o csv >"$work/best.csv"
same "the runner-up is no copy" no "$(awk -F, 'NR == 2 { best = $4 "," $5 } NR == 3 { print best == $4 "," $5 ? "yes" : "no" }' "$work/best.csv")"

# Prices have their sources.
"$program" best llama-3.1-8b --hw h100 >"$work/best.txt" 2>&1
same "the profile's price has a source" 1 "$(grep -cE '^price of h100: [0-9.]+ \$/h, .*[0-9]{4}-[0-9]{2}' "$work/best.txt")"
"$program" best llama-3.1-8b --hw h100 --price h100='2.5$/h' >"$work/best.txt" 2>&1
same "the user's says so" 1 "$(grep -cF 'price of h100: 2.5 $/h, given by --price' "$work/best.txt")"

"$program" best llama-3.1-8b --hw h100 --tpot 1us >/dev/null 2>&1
same "no layout is that fast: exit 1" 1 $?
"$program" capacity llama-3.1-8b --hw h100 >/dev/null 2>&1
same "capacity wants a rate: exit 2" 2 $?
"$program" best llama-3.1-8b --hw h100 --max gpus=0 >/dev/null 2>&1
same "no GPUs: exit 2" 2 $?

echo "$checks checks, $failed failed"
[ "$failed" = 0 ]
