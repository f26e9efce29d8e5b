#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The ends of every range: an answer, or an error with a message, never a number that is not finite.
set -uo pipefail
export LC_ALL=C NO_COLOR=1 ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}exitcode=99
[ $# -eq 2 ] || { echo "usage: edges_test.sh PROGRAM SOURCE_DIR" >&2; exit 2; }
program=$(readlink -f "$1")
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
export HOME="$tmp" XDG_CONFIG_HOME="$tmp/.config"
cd "$tmp" || exit 2
checks=0 failed=0 answers=0 refusals=0
bad() { echo "FAILED: $*" && failed=$((failed + 1)); }

try() { # arguments of the program
    local code
    checks=$((checks + 1))
    timeout 20 "$program" "$@" >out 2>err </dev/null
    code=$?
    case $code in
    0 | 1)
        answers=$((answers + 1))
        [ -s out ] || bad "no answer: $*"
        ! grep -iqE '(^|[^a-z])-?(nan|inf|infinity)([^a-z]|$)' out || bad "a number that is none: $*: $(grep -iE -m 1 '(nan|inf)' out)"
        ! grep -qE '"(tpot_s|tokens_per_s|floor_tpot_s)": -' out || bad "a negative time or rate: $*"
        ;;
    2)
        refusals=$((refusals + 1))
        [ -s err ] || bad "refused without a word: $*"
        [ ! -s out ] || bad "refused, and answered: $*"
        ;;
    *) bad "exit $code: $*: $(head -c 300 err)" ;;
    esac
}

# All edges, on a dense model and on one with experts, in both formats for machines.
for batch in 1 10M; do
    for context in 1 10M; do
        for model in llama-3.1-8b deepseek-v3; do
            for gpus in 1 8 100000; do
                try estimate $model --hw h100 --gpus $gpus -b $batch -c $context -o json
                try fit $model --hw h100 --gpus $gpus -b $batch -c $context -o csv
            done
            try compare $model --hw h20,tpu-v6e,rtx-5090 -b $batch -c $context -o csv
            try compare $model --hw h20,tpu-v6e,rtx-5090 -b $batch -c $context -o json
        done
    done
done
for layout in "--tp 100000" "--tp 1000000000" "--pp 100000" "--dp 100000" "--ep 100000" "--gpus 99991" "--gpus 8 --tp 3" "--gpus 0" \
    "--tp 8 --dp 12500 --ep 100000" "--skew 1e300" "--skew 1e-300" "--redundant 1000000" "--redundant 1" "--gpus 1e300" "--gpus nan" "--gpus inf"; do
    for model in llama-3.1-8b deepseek-v3; do
        # shellcheck disable=SC2086
        try estimate $model --hw h100 $layout -b 64 -c 4k -o json
    done
done
for range in 0 -1 nan inf 1e309 1-0 1-10M*1.0000001 1-1e308*10 ',' '' 1,,2 10M,1 1e-300; do
    try estimate llama-3.1-8b --hw h100 -b "$range" -o csv
    try estimate llama-3.1-8b --hw h100 -c "$range" -o csv
done

# Unrealistic chips.
for set in "memory.bandwidth=1e-300 B/s" "memory.bandwidth=1 MB/s" "memory.bandwidth=0 TB/s" "memory.bandwidth=1e300 TB/s" "memory.bandwidth=1e14 B/s" \
    "memory.capacity=1 B" "memory.capacity=1 MB" "memory.capacity=1e300 GB" "memory.capacity=1e15 B" "memory.bandwidth=nan" "memory.bandwidth=inf" \
    "memory.bandwidth=-1 TB/s" "compute.clock=1 Hz" "compute.clock=1 MHz" "compute.clock=1e300 Hz" "compute.clock=100 GHz" "compute.clock=0 Hz" \
    "compute.units=1" "compute.units=1e9" "compute.units=0" "compute.peak.bf16=1 FLOP/s" "compute.peak.bf16=1 GFLOP/s" "compute.peak.bf16=none" \
    "scale_up.bandwidth=1 MB/s" "scale_up.bandwidth=none" "scale_up.latency=1 s" "scale_up.latency=1e300 s" "scale_up.latency=0 s" \
    "scale_up.domain=1" "scale_up.domain=1000000" "scale_up.topology=torus" "scale_up.topology=none" "scale_out.bandwidth=none" "host_link=none" \
    "host_link=1 MB/s"; do
    for gpus in 1 16; do
        try estimate llama-3.1-8b --hw h100 --gpus $gpus -b 1,4k -c 4k --set "$set" -o json
        try estimate deepseek-v3 --hw h100 --gpus $gpus -b 4k --set "$set" -o csv
    done
    try fit llama-3.1-8b --hw h100 --set "$set" -o json
    try estimate llama-3.1-8b --hw h100 --served --concurrency 1,1000 --set "$set" -o json
done

# Serving: answers of one token, very long prompts, no users and very many.
for traffic in "--input 1 --output 1" "--input 1 --output 10M" "--input 10M --output 1" "--input 10M --output 10M" "--input 1000000000 --output 1" \
    "--prefix-hit 0.999999" "--prefix-hit 1" "--prefix-hit 1e-300" "--prefill-gpus 1 --decode-gpus 1" "--prefill-gpus 100000 --decode-gpus 1" \
    "--prefill-gpus 1 --decode-gpus 100000" "--input 0" "--output 0" "--draft 1 --accepted 1" "--draft 1000000 --accepted 1" "--draft 3 --accepted 100" \
    "--draft 3 --accepted 2 --draft-cost 1e-300"; do
    for users in 1 10M; do
        for runtime in ideal vllm; do
            # shellcheck disable=SC2086
            try estimate llama-3.1-8b --hw h100 --served $traffic --concurrency $users --runtime $runtime -o json
        done
        # shellcheck disable=SC2086
        try estimate deepseek-v3 --hw h200 --gpus 16 --served $traffic --concurrency $users -o csv
    done
done
for draft in "1 --accepted 2" "1 --accepted 1" "100000 --accepted 100000" "4 --accepted 0.5" "4 --accepted 3 --draft-cost 1000"; do
    # shellcheck disable=SC2086
    try estimate llama-3.1-8b --hw h100 -b 1,10M --draft $draft -o json
done

# Plots of a single point, and of values that overflow an axis.
if command -v gnuplot >/dev/null; then
    for kind in latency roofline memory; do
        for point in "-b 1 -c 1" "-b 10M -c 1" "-b 1 -c 10M" "-b 1-10M*10 -c 1 --slo 1000000s" "-b 1 --set memory.bandwidth=1MB/s"; do
            # shellcheck disable=SC2086
            try plot $kind llama-3.1-8b --hw h100 $point --ascii
        done
    done
    for kind in crossover waterfall sensitivity room; do
        for point in "-b 1 -c 1" "-b 10M -c 1" "-b 1 -c 10M" "-b 1-10M*10 -c 1,10M" "-c 1-10M*10" "-b 1 --set memory.bandwidth=1MB/s"; do
            # shellcheck disable=SC2086
            try plot $kind llama-3.1-8b --hw h100,h20 $point --ascii
        done
    done
fi

# A table of published figures needs eight columns and no more.
printf 'gpu,model,engine,metric,value,unit,input_len,output_len\nh100,llama-3.1-8b,vLLM,TPOT,9,ms,128,128\n' >eight.csv
try validate eight.csv
! grep -q 'no table\|no known kind' err || bad "eight columns are not enough"
for cell in 0 1e308 1e-308 -1 nan inf ''; do
    printf 'gpu,model,engine,metric,value,unit,input_len,output_len,batch_or_concurrency_total\nh100,llama-3.1-8b,vLLM,TPOT,%s,ms,%s,128,%s\n' "$cell" "$cell" "$cell" >odd.csv
    try validate odd.csv -o json
    printf 'gpu,fw,ver,dtype,m,n,k,flag,latency_us\nh100,vllm,1,bf16,%s,8192,8192,,%s\n' "$cell" "$cell" >odd.csv
    try validate odd.csv --include-fitted -o json
done

[ $answers -gt 100 ] && [ $refusals -gt 50 ] || bad "$answers answers and $refusals refusals: the table tests only one of them"
echo "$checks checks ($answers answers, $refusals refusals), $failed failed"
[ "$failed" = 0 ]
