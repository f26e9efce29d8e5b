#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# llmroof measure: what it writes and refuses, and that it leaves no other files.
set -uo pipefail
export LC_ALL=C NO_COLOR=1
[ $# -ge 2 ] || { echo "usage: measure_test.sh PROGRAM SOURCE_DIR" >&2; exit 2; }
program=$(readlink -f "$1")
set -- "$program" "$(cd "$2" && pwd)"
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 2
export HOME="$tmp/home" XDG_CONFIG_HOME="$tmp/home/.config"
mkdir -p "$XDG_CONFIG_HOME"
available=$(awk '/MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)
[ "${available:-0}" -ge 4096 ] || { echo "less than 4 GiB of memory are free"; exit 77; }

failed=0
fail() { echo "FAILED: $*" >&2; failed=1; }

# exit code, pattern on standard error, command
expect() {
    local code=$1 pattern=$2
    shift 2
    "$program" "$@" >out 2>err </dev/null
    local got=$?
    [ "$got" = "$code" ] || fail "exit $got, expected $code: llmroof $*: $(tail -2 err)"
    [ -z "$pattern" ] || grep -qE -- "$pattern" err || fail "no '$pattern' on standard error: llmroof $*: $(cat err)"
}

expect 2 "expected 'host', 'decode' or 'cuda'" measure
expect 2 "expected 'host', 'decode' or 'cuda', not 'gpu'" measure gpu
expect 2 "expected no further argument" measure host here
expect 2 "expected at most" measure host --threads 100000
expect 2 "expected lower case letters" measure host --write 'a/b'
expect 2 "'h100' is a profile that was not measured here" measure host --write h100
expect 2 "expected a hardware profile" measure decode llama-3.2-1b
expect 2 "several profiles" measure decode llama-3.2-1b --hw epyc-9654,xeon-8480
expect 2 "expected at most 256" measure decode llama-3.2-1b --hw epyc-9654 -b 300
expect 2 "moe.*: cannot execute this operator" measure decode mixtral-8x7b --hw epyc-9654 --layers 1
expect 2 "cannot execute" measure decode deepseek-v2-lite --hw epyc-9654 --layers 1
expect 1 "126 layers in FP32 .* need 16[0-9][0-9].* GB" measure decode llama-3.1-405b --hw epyc-9654 --layers 126

# nothing has been written so far, and an interrupted measurement writes nothing
"$program" measure host --write stopped --repeat 100 >out 2>err </dev/null &
pid=$!
sleep 3
kill -INT "$pid"
wait "$pid"
code=$?
[ "$code" = 1 ] || fail "exit $code after an interrupt, expected 1"
grep -q 'interrupted, nothing was written' err || fail "no message about the interrupt: $(cat err)"
[ -z "$(find home -type f)" ] || fail "left behind: $(find home -type f)"

# one round is enough to check that all files exist, load, and give prices
expect 0 'wrote .*/hardware/here.yaml' measure host --write here --repeat 1 --threads 1
grep -q 'GB/s of weights' out || fail "no table of products: $(cat out)"
[ "$(find home -name '.measure-*')" = "" ] || fail "the temporary folder still exists"
for file in hardware/here.yaml kernels/here.yaml measured/here-gemm.csv measured/here-attention.csv \
    measured/here-elementwise.csv; do
    [ -s "$XDG_CONFIG_HOME/llmroof/$file" ] || fail "$file was not written"
done
head -1 "$XDG_CONFIG_HOME/llmroof/measured/here-gemm.csv" | grep -qx 'gpu,fw,ver,dtype,m,n,k,flag,latency_us,spread' ||
    fail "another header: $(head -1 "$XDG_CONFIG_HOME/llmroof/measured/here-gemm.csv")"
grep -q "^kernels: here$" "$XDG_CONFIG_HOME/llmroof/hardware/here.yaml" || fail "the profile names no kernel set"
[ "$(grep -cE '^(gemm|attention|elementwise):$' "$XDG_CONFIG_HOME/llmroof/kernels/here.yaml")" = 3 ] &&
    [ "$(grep -c '^  fp32:$' "$XDG_CONFIG_HOME/llmroof/kernels/here.yaml")" = 2 ] ||
    fail "not every family was fitted: $(cat "$XDG_CONFIG_HOME/llmroof/kernels/here.yaml")"
[ "$(grep -c '^    pack: ' "$XDG_CONFIG_HOME/llmroof/kernels/here.yaml")" = 1 ] || fail "products in FP32 have no 'pack'"
grep -qE 'source: "measured here, [0-9-]{10}, 1 thread"' "$XDG_CONFIG_HOME/llmroof/hardware/here.yaml" ||
    fail "the profile does not say where it comes from"
expect 0 '' show here
expect 0 '' estimate llama-3.2-1b --hw here --weights fp32 --kv fp32 -b 1 -c 512 -o json
grep -q '"evidence": "measured"' out || fail "the estimate does not rest on what was measured"
expect 0 '' validate --include-fitted "$XDG_CONFIG_HOME/llmroof/measured/here-gemm.csv"

# a real step: the memory that it takes is what it announces
"$program" measure decode qwen2.5-0.5b --hw here --layers 3 -b 1,2 -c 128 --repeat 2 -o json >out 2>err </dev/null &
pid=$!
peak=0
while kill -0 "$pid" 2>/dev/null; do
    now=$(awk '/VmHWM/ { print int($2 * 1024 / 1e6) }' "/proc/$pid/status" 2>/dev/null)
    [ -z "$now" ] || peak=$now
    sleep 0.05
done
wait "$pid" || fail "measure decode: $(cat err)"
said=$(sed -nE 's/.*tokens: ([0-9.]+) GB of.*/\1/p' err | awk '{ print int($1 * 1000) }')
grep -q __asan_init "$program" && peak=$said # a program with a sanitizer takes more
[ -n "$said" ] && [ "$peak" -le $((said + 100)) ] && [ "$peak" -ge $((said - 100)) ] ||
    fail "peak memory $peak MB, announced ${said:-nothing} MB"
for key in '"schema": "llmroof/measure-decode/1"' '"layers_executed": 3' '"layers": 24' '"name": "attn.core"' \
    '"median_error"' '"measured_s"' '"predicted_s"' '"low_s"' '"high_s"'; do
    grep -qF -- "$key" out || fail "no $key in the JSON"
done
expect 0 '' measure decode qwen2.5-0.5b --hw here --layers 1 -b 1 -c 64 --repeat 1
grep -q 'scaled to 24' out || fail "a part of the layers, and not a word of it"
expect 0 '' measure decode qwen2.5-0.5b --hw here --layers 1 -b 1,2 -c 64 --repeat 1 -o csv
[ "$(wc -l <out)" = 29 ] || fail "$(wc -l <out) lines of CSV, expected a header and 14 for each of 2 points"

# GPUs: an error without one; then a stand-in for the libraries that moves 1 TB/s
ldconfig -p 2>/dev/null | grep -q libcuda.so.1 || expect 2 'no NVIDIA driver: libcuda.so.1' measure cuda
expect 2 "expected no further argument" measure cuda here
if ${CC:-cc} -shared -fPIC -O1 -o libcuda.so.1 "$2/tests/standin/cuda.c" 2>cc.err; then
    cp libcuda.so.1 libcudart.so.13
    export LD_LIBRARY_PATH=$tmp
    echo 'int nothing;' | ${CC:-cc} -shared -fPIC -o libcublasLt.so.13 -x c -
    expect 2 'libcublasLt.so.13 has no cublasLtCreate' measure cuda
    for library in libcudart.so.13 libcublasLt.so.13; do ln -sf libcuda.so.1 $library; done
    LLMROOF_STANDIN=none expect 2 'finds no GPU' measure cuda
    LLMROOF_STANDIN=broken expect 2 'no product ran on the GPU' measure cuda
    expect 0 '' measure cuda --repeat 3
    grep -q 'Stand-in GPU' out && grep -q '1000.0 GB/s' out || fail "another GPU or rate: $(head -3 out)"
    # 2 x 4096 x 4096 bytes at 1 TB/s
    expect 0 '' measure cuda --hw h100 --repeat 3 -o csv
    grep -qx 'h100,cublaslt,,bf16,1,4096,4096,,33.554,0.000' out || fail "another time: $(sed -n 2p out)"
    grep -qx 'h100,cublaslt,,fp8,1,4096,4096,,16.777,0.000' out || fail "another time in FP8: $(grep -m 1 fp8 out)"
    cp out gpu.csv
    expect 0 '' calibrate gpu.csv --hw h100
    expect 0 '' validate gpu.csv --include-fitted
    expect 0 '' measure cuda --repeat 2 -o json
    for figure in '"gpu": "Stand-in GPU"' '"copy_bytes_per_s": 1' '"peer_bytes_per_s": null' '"graph_step_s": 1.00*[0-9]*e-06' '"dtype": "fp8"'; do
        grep -q "$figure" out || fail "no $figure in the JSON: $(head -7 out)"
    done
    LLMROOF_STANDIN=two expect 0 '' measure cuda --repeat 2
    grep -q 'to the next of 2 GPUs: 100.0 GB/s' out || fail "no word of the second GPU: $(head -5 out)"
    grep -q 'in a graph: 1.00 us' out || fail "no word of graphs: $(head -5 out)"
    LLMROOF_STANDIN=old expect 0 '' measure cuda --repeat 2 -o csv
    ! grep -q ,fp8, out && grep -q ,bf16, out || fail "formats of a GPU without FP8: $(cut -d, -f4 out | sort | uniq -c)"
    LLMROOF_STANDIN=old expect 0 '' measure cuda --repeat 2
    ! grep -q 'in a graph' out || fail "a graph, where there is none: $(head -5 out)"

    # a new profile, a variant of another one, and errors for an unknown name or GPU
    expect 0 'wrote .*/hardware/mygpu.yaml' measure cuda --repeat 2 --write mygpu
    for file in hardware/mygpu.yaml kernels/mygpu.yaml measured/mygpu-gemm.csv; do
        [ -s "$XDG_CONFIG_HOME/llmroof/$file" ] || fail "$file was not written"
    done
    for line in 'architecture: hopper' '  bandwidth: {value: 1 TB/s,' '  units: 100' '  clock: {value: 1.5 GHz,' 'kernels: mygpu'; do
        grep -qF -- "$line" "$XDG_CONFIG_HOME/llmroof/hardware/mygpu.yaml" ||
            fail "no '$line' in the profile: $(cat "$XDG_CONFIG_HOME/llmroof/hardware/mygpu.yaml")"
    done
    expect 0 '' estimate llama-3.1-8b --hw mygpu -b 8 -c 4k -o json
    grep -q '"evidence": "measured"' out || grep -q '"evidence": "architecture"' out || fail "the estimate says: $(grep evidence out)"
    expect 0 'wrote .*/hardware/variant.yaml' measure cuda --repeat 2 --write variant --hw h100
    grep -qx 'base: h100' "$XDG_CONFIG_HOME/llmroof/hardware/variant.yaml" || fail "no variant of h100"
    expect 0 '' estimate llama-3.1-8b --hw variant -b 8 -c 4k
    expect 2 "'h100' is a profile that was not measured here" measure cuda --write h100
    LLMROOF_STANDIN=new expect 2 'compute capability 99.0 belongs to no known architecture' measure cuda --repeat 2 --write newgpu
    LLMROOF_STANDIN=broken expect 2 'no product ran on the GPU' measure cuda --repeat 2 --write newgpu
    [ -z "$(find home -name '*newgpu*' -o -name '.measure-*')" ] || fail "left behind: $(find home -name '*newgpu*')"
    unset LD_LIBRARY_PATH
else
    echo "no compiler, so no stand-in for CUDA: $(head -1 cc.err)"
fi

[ "$failed" = 0 ] && echo "measure: all as expected"
exit "$failed"
