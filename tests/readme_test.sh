#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Commands in README.md and docs/*.md work: lines '$ llmroof ...' and 'llmroof ...' in fences, `llmroof ...` in tables,
# lists and text, and whole scripts. The files in these commands are created here: the profile of the README as mychip,
# a config.json, tables of rows, results of benchmarks. `measure` runs once instead of nine times, with stand-ins for
# the libraries of a GPU.
set -uo pipefail
export LC_ALL=C NO_COLOR=1 ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}exitcode=99
[ $# -eq 2 ] || { echo "usage: readme_test.sh PROGRAM SOURCE_DIR" >&2; exit 2; }
program=$(readlink -f "$1")
source_dir=$(cd "$2" && pwd) || exit 2
readme=$source_dir/README.md

tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/bin" "$tmp/home/.config/llmroof/hardware" "$tmp/files"
ln -s "$program" "$tmp/bin/llmroof"
export PATH="$tmp/bin:$PATH" HOME="$tmp/home" XDG_CONFIG_HOME="$tmp/home/.config"
checks=0 failed=0
bad() { echo "FAILED: $*" && failed=$((failed + 1)); }

# Fenced blocks without their language: those of one language, or all except yaml.
fences() { # file, language or nothing
    awk -v want="$2" '
        /^```/ { if (inside) inside = 0; else { inside = 1; language = substr($0, 4) } next }
        inside && (want == "" ? language != "yaml" : language == want)' "$1"
}

commands() { # file
    fences "$1" '' | sed -n 's/^\(\$ \|\(\.\/\)\?scripts\/\)\?\(llmroof .*\)$/\3/p' | sed 's/  *# .*//'
    awk '/^```/ { inside = !inside; next } !inside' "$1" | tr '\n' ' ' | grep -oE '`llmroof [a-z]+ [^`]+`' | tr -d '`'
}

# Fences that need another program, one per file. One part of the work stands for a whole cluster.
scripts() { # document, folder
    awk -v dir="$2" '
        /^```/ { if (!inside) { text = ""; other = 0 } else if (other) print text >(dir "/" ++n); inside = !inside; next }
        inside { text = text $0 "\n"; other = other || /^(#!|parallel )/ }' "$1"
}
cat >"$tmp/bin/srun" <<'SH'
#!/bin/sh
exec "$@"
SH
cat >"$tmp/bin/parallel" <<'SH'
#!/bin/bash
while [ "$1" != llmroof ]; do shift; done
words=()
while [ "$1" != ::: ]; do words+=("${1//\{\}/7}") && shift; done
exec "${words[@]}"
SH
chmod +x "$tmp/bin/srun" "$tmp/bin/parallel"

fences "$readme" yaml >"$tmp/mychip.yaml"
cp "$tmp/mychip.yaml" "$tmp/home/.config/llmroof/hardware/mychip.yaml"
cp "$source_dir/tests/configs/phi-4.json" "$tmp/files/config.json"
# Rows of products on a chip that reaches 0.8 of its bandwidth and 0.7 of its peak.
rows() { # gpu, bytes/s, FLOP/s
    echo "gpu,dtype,m,n,k,latency_us"
    for m in 1 16 64 256 1024 4096; do
        for nk in "4096 4096" "8192 4096" "4096 14336" "7168 7168"; do
            awk -v gpu="$1" -v bw="$2" -v peak="$3" -v m=$m -v nk="$nk" 'BEGIN {
                split(nk, s, " ")
                memory = 2 * (s[1] * s[2] + m * s[1] + m * s[2]) / (0.8 * bw)
                compute = 2 * m * s[1] * s[2] / (0.7 * peak)
                printf "%s,bf16,%d,%d,%d,%.3f\n", gpu, m, s[1], s[2], 2 + 1e6 * (memory > compute ? memory : compute)
            }'
        done
    done
}
rows mychip 4.8e12 989e12 >"$tmp/files/rows.csv"
# The result of a serving benchmark with this number of users. Its time per token grows linearly with them.
result() { # users
    printf '{"model_id": "meta-llama/Llama-3.1-8B-Instruct", "request_rate": "inf", "max_concurrency": %d, "completed": %d, ' "$1" $((10 * $1))
    printf '"total_input_tokens": %d, "total_output_tokens": %d, "median_tpot_ms": %d.%d}\n' $((10240 * $1)) $((2560 * $1)) $((8 + $1 / 8)) $(($1 % 8))
}
for users in 1 4 16 64; do result $users >"$tmp/files/c$users.json"; done
for users in 1 2 4 8 16 32; do result $users; done >"$tmp/files/runs.jsonl"
cp "$tmp/files/c16.json" "$tmp/files/more.json"
rows h100 3.35e12 989e12 >"$tmp/files/measured.csv"

# A GPU: stand-ins for its libraries, in a folder that only 'measure cuda' uses.
gpu=
if ${CC:-cc} -shared -fPIC -O1 -o "$tmp/libcuda.so.1" "$source_dir/tests/standin/cuda.c" 2>"$tmp/err"; then
    for library in libcudart.so.13 libcublasLt.so.13; do ln -s libcuda.so.1 "$tmp/$library"; done
    gpu=$tmp
fi
memory=$(awk '/MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo 2>/dev/null)
measures=1 why=
[ "${memory:-0}" -ge 5 ] || measures=0 why="less than 5 GiB of memory are free"
! grep -q __asan_init "$program" || measures=0 why="a sanitised program measures long"

run() { # document, command
    local code
    checks=$((checks + 1))
    # An example of a chip in a document is the chip of the README.
    local line=${2//NAME/mychip}
    case $line in
    *'measure cuda'*)
        [ -n "$gpu" ] || { echo "not run, no compiler for the stand-in: $2" && return; }
        line="LD_LIBRARY_PATH=$gpu $line --repeat 1"
        ;;
    *'measure host'* | *'measure decode'*)
        [ $measures = 1 ] || { echo "not run, $why: $2" && return; }
        line="$line --repeat 1"
        [[ $line != *decode* ]] || line="$line --layers 1"
        ;;
    esac
    (cd "$tmp/files" && timeout 120 bash -c "$line") >"$tmp/out" 2>"$tmp/err" </dev/null
    code=$?
    if [ $code = 2 ] && [[ $line == *here* ]] && [ ! -e "$tmp/home/.config/llmroof/hardware/here.yaml" ]; then
        echo "not run, nothing was measured: $2"
    elif grep -q 'cannot start gnuplot' "$tmp/err"; then
        echo "not drawn, gnuplot is not installed: $2"
    elif [ $code -gt 1 ]; then
        bad "$1: exit $code: $2"
        cat "$tmp/err"
    elif [ $code = 1 ] && [ ! -s "$tmp/out" ]; then
        bad "$1: exit 1 and no answer: $2"
    fi
}

for document in "$readme" "$source_dir"/docs/*.md; do
    while IFS= read -r line; do
        run "$(basename "$document")" "$line"
    done < <(commands "$document")
done
mkdir "$tmp/scripts"
scripts "$source_dir/docs/search.md" "$tmp/scripts"
for script in "$tmp"/scripts/*; do
    checks=$((checks + 1))
    rm -f "$tmp/files/part-7.csv"
    (cd "$tmp/files" && SLURM_ARRAY_TASK_ID=7 timeout 120 bash "$script") >"$tmp/out" 2>"$tmp/err" </dev/null && [ -s "$tmp/files/part-7.csv" ] ||
        bad "search.md: $(cat "$script" "$tmp/err")"
done
[ "$checks" -ge 10 ] || bad "only $checks commands found: has the form of the documents changed?"

# The sentence below the profile contains `llmroof ...`. The profile is in a separate folder, given by --config.
sentence=$(grep -o '`llmroof compare [^`]*mychip[^`]*`' "$readme" | head -n 1 | tr -d '`')
[ -n "$sentence" ] || bad "the README compares mychip no more"
run README.md "$sentence"
mkdir -p "$tmp/mine/hardware"
mv "$tmp/home/.config/llmroof/hardware/mychip.yaml" "$tmp/mine/hardware/"
run README.md "$sentence --config '$tmp/mine'"

# The program prints the error that the README shows.
shown=$(tr '\n' ' ' <"$readme" | grep -o "\`mychip.yaml:[0-9]*:[0-9]*: [^\`]*\`" | tr -d '`')
checks=$((checks + 1))
sed 's/capacity: 141 GiB/capacity: 141/' "$tmp/mychip.yaml" >"$tmp/files/mychip.yaml"
said=$(cd "$tmp/files" && llmroof show ./mychip.yaml 2>&1 >/dev/null | sed 's/^\.\///')
[ -n "$shown" ] || bad "the README shows no mistake"
[ "$said" = "$shown" ] || bad "the README shows, and the program says:"$'\n'"  $shown"$'\n'"  $said"

# Output below a line '$ llmroof ...' is what the command prints, up to a line '...'.
mkdir "$tmp/shown"
awk -v dir="$tmp/shown" '
    /^```/ { inside = !inside; at = ""; next }
    inside && /^\$ llmroof / { at = dir "/" ++n; print substr($0, 3) >(at ".command"); next }
    inside && /^(\$ |\.\.\.)/ { at = ""; next }
    inside && at { print >(at ".output") }' "$readme" "$source_dir"/docs/*.md
for output in "$tmp"/shown/*.output; do
    checks=$((checks + 1))
    command=$(cat "${output%.output}.command")
    (cd "$tmp/files" && bash -c "$command" 2>/dev/null) | head -n "$(wc -l <"$output")" >"$tmp/out"
    diff "$output" "$tmp/out" >"$tmp/err" || bad "the documents show (<), and the program prints (>): $command"$'\n'"$(cat "$tmp/err")"
done

# Files and folders that documents link to exist.
for document in "$readme" "$source_dir"/docs/*.md; do
    while IFS= read -r link; do
        checks=$((checks + 1))
        [ -e "$(dirname "$document")/$link" ] || bad "$(basename "$document") links to $link, which does not exist"
    done < <(grep -o '](\([^)#:]*\))' "$document" | sed 's/^](//; s/)$//')
done

echo "$checks checks, $failed failed"
[ "$failed" = 0 ]
