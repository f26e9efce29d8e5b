#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Plots: files are complete, without other files next to them, and have the right texts. Nothing in a profile runs as
# code.
# shellcheck source=tests/drawing.sh
. "$(dirname "$0")/drawing.sh"

at_least() { [ "$1" -ge "$2" ]; }
texts() { sed -n 's/.*<text[^>]*>//; s/<[^>]*>//g; p' "$1"; } # of an SVG
count() { grep -cE "$1" "$2"; }

# The header of a PNG says 1800 x 1080. A white image takes 9 kB; axes and texts take three times that.
png() { # file
    check "$1 has the signature" test "$(head -c 8 "$1" | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a
    check "$1 ends as a PNG does" test "$(tail -c 8 "$1" | od -An -tx1 | tr -d ' \n')" = 49454e44ae426082
    check "$1 is 1800 x 1080" test "$(head -c 24 "$1" | tail -c 8 | od -An -tx1 | tr -d ' \n')" = 0000070800000438
    check "$1 has ink" at_least "$(wc -c <"$1")" 27000
}

svg() { # file, least number of paths, texts
    local text
    check "$1 is whole" grep -q '</svg>' "$1"
    check "$1 has curves" at_least "$(count '<path' "$1")" "$2"
    texts "$1" >"$tmp/texts"
    for text in "${@:3}"; do
        check "$1 says '$text'" grep -qF -- "$text" "$tmp/texts"
    done
}

ascii() { # least number of marks, texts; reads $tmp/out
    local text widest
    widest=$(awk '{ if (length > w) w = length } END { print w + 0 }' "$tmp/out")
    check "ASCII is at least 80 columns wide, not $widest" at_least "$widest" 80
    check "ASCII is at most 120 columns wide, not $widest" at_least 120 "$widest"
    check "ASCII is plain text" no grep -q '[^ -~	]' <(tr -d '\f' <"$tmp/out")
    check "ASCII has curves" at_least "$(tr -cd '*#$%@&=o' <"$tmp/out" | wc -c)" "$1"
    for text in "${@:2}"; do
        check "ASCII says '$text'" grep -qF -- "$text" "$tmp/out"
    done
}

draw() { # kind, arguments: draws PNG, SVG and text
    local name=$1.png
    exits 0 plot "$@" -o "$name"
    check "$name and nothing else is left" alone "$name"
    png "$name"
    rm -f "$name"
    name=$1.svg
    exits 0 plot "$@" -o "$name"
    check "$name and nothing else is left" alone "$name"
    mv "$name" "$tmp/"
    exits 0 plot "$@" --ascii
    check "--ascii leaves no files" alone ""
}

# Other tests may be drawing at the same time, so only files that stay count.
nothing_left_in_tmp() {
    local files again
    files=$(find /tmp -maxdepth 1 -name 'llmroof-plot-*' -newer "$tmp/start" 2>/dev/null | sort)
    [ -z "$files" ] && return
    sleep 5
    again=$(find /tmp -maxdepth 1 -name 'llmroof-plot-*' -newer "$tmp/start" 2>/dev/null | sort)
    [ -z "$(comm -12 <(echo "$files") <(echo "$again"))" ]
}
touch "$tmp/start"

draw latency llama-3.1-8b --hw h20,h100,a100 -c 4k --slo 40ms
# a band and a line per chip, and the area of the SLO
svg "$tmp/latency.svg" 7 Fastest: "Llama-3.1-8B, 1 GPU" "concurrent sequences" "time per output token" h20 h100 a100 "SLO: 40 ms"
ascii 60 Fastest: "concurrent sequences" h20 h100 a100

draw roofline deepseek-v2-lite --hw h20 -b 32 -c 4k
svg "$tmp/roofline.svg" 12 "Decode on h20" "DeepSeek-V2-Lite" "arithmetic intensity" FLOP/s "memory 4.00 TB/s" "dense peak" ridge attn.core
ascii 60 "Decode on h20" "arithmetic intensity"

draw memory llama-3.1-70b --hw h20,h200 -b 16 -c 8k
svg "$tmp/memory.svg" 6 "The model fits on 0 of 2" "Llama-3.1-70B, 1 GPU" GB h20 h200 weights "KV cache"
ascii 60 "The model fits on" h20 h200 weights

draw crossover llama-3.1-8b --hw h20,h100,a100 -b 1-64*2 -c 1k-16k*2
check "crossover.svg has a cell for each of 35 points" at_least "$(count '<polygon' "$tmp/crossover.svg")" 35
svg "$tmp/crossover.svg" 9 "is faster at" "Llama-3.1-8B, 1 GPU" "concurrent sequences" context "h20 faster" "h100 faster" "none fits" 64 16k
ascii 0 "is faster at" "A h20, B h100, C a100" "concurrent sequences" 16k
exits 0 plot crossover deepseek-v3 --hw h20,h100 --gpus 8 -b 4,256 -c 4k,64k -o only.svg
svg only.svg 4 "only h20 fits at" only
rm -f only.svg

draw waterfall llama-3.1-70b --hw h20,h100 --gpus 4 -b 64 -c 4k
svg "$tmp/waterfall.svg" 6 "Why h100 takes" "batch 64, context 4096" "time per output token" h20 h100 bandwidth peak
ascii 60 "Why h100 takes" bandwidth peak

draw sensitivity qwen3-8b --hw h20,h100 -b 16 -c 8k
svg "$tmp/sensitivity.svg" 10 "matters most on h20" "TPOT falls by" "1 % more of" bandwidth peak links units "(fewer) KV bits" h20 h100
ascii 60 "matters most on h20" bandwidth h20 h100

draw room qwen3-8b --hw h20,h100,h200 -c 1k-32k*2
svg "$tmp/room.svg" 6 "h200 fits the most" "most sequences that fit" context h20 h100 h200 32k
ascii 60 "fits the most" h20 h200

draw frontier qwen3-8b --hw h20,h100 -c 4k
svg "$tmp/frontier.svg" 2 "throughput" "Qwen3-8B" h20 h100
ascii 60 h20 h100

# If nothing fits on a chip, the other chips still have lines.
for chips in h100,h20 h20,h100; do
    exits 0 plot latency deepseek-v3 --hw $chips --gpus 8 -b 1-32*2 -c 4k -o some.svg
    svg some.svg 2 "only h20 fits at batch 1" h20
    rm -f some.svg
done

# Points that a kind cannot draw are errors.
exits 2 plot crossover llama-3.1-8b --hw h20 -o x.png
check "a reason is given" grep -q 'expected 2 to 8 chips' "$tmp/err"
exits 2 plot crossover llama-3.1-405b --hw l4,l40 -o x.png
check "a reason is given" grep -q 'fits on none' "$tmp/err"
exits 2 plot waterfall llama-3.1-8b --hw h20,h100,a100 -o x.png
check "a reason is given" grep -q 'expected two chips' "$tmp/err"
exits 2 plot waterfall llama-3.1-8b --hw h20,h100 -b 1,2 -o x.png
exits 2 plot waterfall llama-3.1-405b --hw l4,l40 -o x.png
check "a reason is given" grep -q 'does not fit' "$tmp/err"
exits 2 plot sensitivity llama-3.1-8b --hw h20,h100 -b 1,2 -o x.png
exits 2 plot room llama-3.1-8b --hw h20,h100 -c 4k -o x.png
check "a reason is given" grep -q 'several contexts' "$tmp/err"
exits 2 plot room llama-3.1-405b --hw l4,l40 -o x.png
exits 2 plot roofine llama-3.1-8b --hw h20 -o x.png
check "the nearest name is suggested" grep -q "did you mean 'roofline'" "$tmp/err"
check "refused plots leave no files" alone ""

# A single chip, a single batch.
exits 0 plot latency llama-3.1-8b --hw h100 -b 4 -o one.svg
svg one.svg 1 "NVIDIA H100" h100
rm -f one.svg

# Points that do not fit have no latency. A plot that cannot be written leaves no file.
for file in none.png none.svg; do
    exits 2 plot latency llama-3.1-405b --hw l4,l40 -o "$file"
    check "a reason is given" grep -q 'fits on none' "$tmp/err"
done
exits 2 plot latency llama-3.1-405b --hw l4 --ascii
check "nothing is printed" no test -s "$tmp/out"
exits 2 plot latency llama-3.1-8b --hw h100 -o nowhere/x.png
check "a reason is given" test -s "$tmp/err"
exits 2 plot latency llama-3.1-8b --hw h100 -o x.pdf
exits 2 plot memory llama-3.1-8b --hw h100
check "failed plots leave no files" alone ""

# Eight chips are more than there are line types: each has its name.
many=h20,h100,a100,h200,h800,b200,l40s,mi300x,gaudi3,l20
exits 0 plot latency llama-3.1-8b --hw $many -b 1-64*2 -o many.svg
svg many.svg 21 ${many//,/ }
rm -f many.svg

# Titles and names are data for gnuplot, its shell and its markup.
attack='"; system("touch hacked1"); " '"''"'; system("touch hacked2") `touch hacked3` $(touch hacked4) @hacked \n {/:Bold b} ^a_b %s'
printf "name: evil\nbase: h100\ntitle: '%s'\nsource: made up\n" "$attack" >"$tmp/mine/hardware/evil.yaml"
sed -e '/^aliases/d' -e 's/^name:.*/name: evil/' "$2/configs/models/llama-3.1-8b.yaml" | grep -v '^title' >"$tmp/mine/models/evil.yaml"
printf "title: '%s'\n" "$attack" >>"$tmp/mine/models/evil.yaml"
sed -e '/^aliases/d' -e 's/^name:.*/name: long/' "$2/configs/models/llama-3.1-8b.yaml" | grep -v '^title' >"$tmp/mine/models/long.yaml"
printf 'title: %020000d\n' 0 | tr 0 M >>"$tmp/mine/models/long.yaml"
cat >"$tmp/mine/hardware/lines.yaml" <<'YAML'
name: lines
base: h100
title: "x\n\"; system(\"touch hacked5\")\n!touch hacked6\n\t\\\" y"
source: made up
YAML
declare -A point=([latency]='-b 4' [roofline]='-b 4' [memory]='-b 4' [sensitivity]='-b 4' [room]='-c 1k,4k')
for kind in latency roofline memory room sensitivity; do
    for hw in evil lines; do
        exits 0 plot $kind evil --hw $hw --config "$tmp/mine" ${point[$kind]} -o evil.svg
        svg evil.svg 1 "$hw"
        rm -f evil.svg
        exits 0 plot $kind evil --hw $hw --config "$tmp/mine" ${point[$kind]} --ascii
        check "$kind of '$hw' runs no code" alone ""
    done
    exits 0 plot $kind long --hw h100 --config "$tmp/mine" ${point[$kind]} -o long.svg
    svg long.svg 1 MMMM
    rm -f long.svg
done
exits 2 plot latency llama-3.1-8b --hw h100 --set 'name=h100"' -o evil.svg
check "a name is printed as it is" alone ""
check "no data file is left in /tmp" nothing_left_in_tmp

echo "$checks checks, $failed failed"
[ "$failed" = 0 ]
