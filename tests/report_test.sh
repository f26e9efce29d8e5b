#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Reports: one valid page that needs no other files, has the right texts, and works in a browser.
# shellcheck source=tests/drawing.sh
. "$(dirname "$0")/drawing.sh"

says() { # page, texts
    local text
    for text in "${@:2}"; do
        check "$1 says '$text'" grep -qF -- "$text" "$1"
    done
}
ids_are_unique() { [ -z "$(grep -oE "[ \"]id=['\"][^'\"]*" "$1" | sed "s/.*['\"]//" | sort | uniq -d)" ]; }
links_lead_somewhere() { # every #name in a link exists
    local name
    for name in $(grep -oE "(href=['\"]#|url\(#)[^'\")]*" "$1" | sed 's/.*#//' | sort -u); do
        grep -qE "id=['\"]${name}['\"]" "$1" || { echo "$name"; return 1; }
    done
}
figures() { grep -c '<figure>' "$1"; }

valid() { # page
    check "$1 starts as HTML 5 does" test "$(head -n 1 "$1")" = '<!DOCTYPE html>'
    check "$1 is whole" test "$(tail -n 1 "$1")" = '</html>'
    check "ids of $1 are unique" ids_are_unique "$1"
    check "links of $1 lead somewhere" links_lead_somewhere "$1"
    check "$1 loads nothing" no grep -qE "<(link|img|iframe|object|embed)|<[a-z]+ [^>]*(src|href|action)=['\"]?[^#'\"]|@import|url\(['\"]?[^#]" "$1"
    if command -v tidy >/dev/null; then
        tidy -q -e "$1" >"$tmp/tidy" 2>&1
        check "$1 passes the validator: $(head -n 3 "$tmp/tidy")" test ! -s "$tmp/tidy"
    fi
}

deployment=(deepseek-v3 --hw 'h20,h200,h100' --gpus 8 -b 16 -c 4k --slo 60ms)
exits 0 report "${deployment[@]}" --out page.html
check "there is only the page" alone page.html
check "nothing is printed" test ! -s "$tmp/out"
valid page.html
says page.html "How fast do h20, h200 and h100 decode DeepSeek-V3?" "does not fit" "Against batch and context" "h20 and h200" \
    "Kernel set" "moe.experts" "Assumptions and sources" "llmroof report deepseek-v3 --hw h20,h200,h100 --gpus 8" "SLO: 60 ms"
# latency, crossover, sensitivity, one waterfall (it does not fit on an H100), two rooflines, memory, room
check "eight figures, not $(figures page.html)" test "$(figures page.html)" = 8
check "a figure has a description" grep -q '<svg role="img" aria-label="Fastest: ' page.html
sources=$("$program" show h20 | sed -n 's/^\[1\] //p' | sed 's/&/\&amp;/g')
says page.html "$sources"

# The command in the page creates the page.
command=$(sed -n 's/.*<pre><code>llmroof \(.*\)<\/code>.*/\1/p' page.html)
mv page.html first.html
eval "\"$program\" $command" >/dev/null 2>"$tmp/err"
check "the page's command makes it again, byte for byte" cmp first.html page.html
rm -f first.html page.html

# One chip has no comparison. A model that fits nowhere still has its memory listed.
exits 0 report qwen3-8b --hw h20 -o one.html
valid one.html
says one.html "How fast does h20 decode" "batch 1, context 4096"
check "five figures, not $(figures one.html)" test "$(figures one.html)" = 5
exits 1 report llama-3.1-405b --hw l4,h20 -o none.html
valid none.html
says none.html "does not fit"
rm -f one.html none.html

# Reports that are impossible, and places where they cannot be written.
refuses() { # text, arguments
    exits 2 report "${@:2}"
    check "'$1' is reported" grep -qF -- "$1" "$tmp/err"
    check "no files are left" alone ""
}
refuses "expected a file that ends in .html" qwen3-8b --hw h20
refuses "expected a file that ends in .html" qwen3-8b --hw h20 -o page.pdf
refuses "several points" qwen3-8b --hw h20 -b 1,2 -o page.html
refuses "several points" qwen3-8b --hw h20 -c 1k,2k -o page.html
refuses "expected at most" qwen3-8b --hw h20,h100,h200,a100,l40s,b200,mi300x -o page.html
refuses "did you mean 'h20'" qwen3-8b --hw h2O0 -o page.html
refuses "" qwen3-8b --hw h20 -o nowhere/page.html
PATH=/nowhere "$program" report qwen3-8b --hw h20 -o page.html 2>"$tmp/err"
check "the error names gnuplot" grep -q 'cannot start gnuplot' "$tmp/err"
check "no files are left" alone ""

# Names and titles are data.
cat >"$tmp/mine/hardware/evil.yaml" <<'YAML'
name: evil
base: h100
title: "<script>alert(1)</script> \" onload='x' & <b>"
source: "made up <img src=x onerror=alert(2)> & more"
memory: {bandwidth: 3.4 TB/s}
YAML
exits 0 report qwen3-8b --hw h20,evil --config "$tmp/mine" -b 4 -o evil.html
valid evil.html
check "a title is not markup" no grep -qE '<script>alert|<img|<b>' evil.html
says evil.html '&lt;script&gt;alert(1)&lt;/script&gt;' 'made up &lt;img src=x onerror=alert(2)&gt; &amp; more'
rm -f evil.html

command -v tidy >/dev/null || echo "pages are not validated: tidy is not installed"

# In a browser: no error on the console, every table sorts, and both light and dark mode have visible text.
browser=$(command -v chromium || command -v chromium-browser || true)
if [ -z "$browser" ] || [ -n "${LLMROOF_NO_BROWSER:-}" ]; then
    echo "$checks checks, $failed failed; not run in a browser: chromium is not installed"
    [ "$failed" = 0 ]
    exit
fi
open() { # more arguments; prints the document tree after the scripts ran
    timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --user-data-dir="$tmp/profile" --enable-logging=stderr --virtual-time-budget=5000 \
        "$@" 2>"$tmp/log"
}
"$program" report "${deployment[@]}" --out page.html
cat >>page.html <<'HTML'
<script>
const table = document.querySelectorAll("table")[1], column = [...table.tHead.rows[0].cells].findIndex(c => c.textContent === "TPOT");
const times = () => [...table.tBodies[0].rows].map(r => r.cells[column].dataset.v).map(v => v === undefined ? Infinity : Number(v));
const sorted = (a, sign) => a.every((v, i) => i === 0 || !isFinite(v) || (isFinite(a[i - 1]) && sign * (v - a[i - 1]) >= 0));
const button = table.tHead.rows[0].cells[column].querySelector("button");
button.click();
const up = sorted(times(), 1);
button.click();
document.title = `up ${up} down ${sorted(times(), -1)} ${table.tHead.rows[0].cells[column].getAttribute("aria-sort")}`;
</script>
HTML
open --dump-dom "file://$tmp/run/page.html" >"$tmp/dom"
check "the console is silent: $(grep -m 1 CONSOLE "$tmp/log")" no grep -q CONSOLE "$tmp/log"
check "a click sorts: $(grep -o '<title>[^<]*' "$tmp/dom")" grep -q '<title>up true down true descending<' "$tmp/dom"
for mode in 1 0; do # preferred color scheme: light, dark
    open --blink-settings=preferredColorScheme=$mode --screenshot="$tmp/shot$mode.png" --window-size=1300,3000 "file://$tmp/run/page.html" >/dev/null
    check "a screenshot is not empty" test "$(wc -c <"$tmp/shot$mode.png")" -gt 100000
done
check "dark and light mode differ" no cmp -s "$tmp/shot1.png" "$tmp/shot0.png"

echo "$checks checks, $failed failed"
[ "$failed" = 0 ]
