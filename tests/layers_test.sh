#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts/check-layers passes on the tree, and fails on includes that go up or in a circle. A call to a higher layer
# fails to link in the program of its layer.
set -uo pipefail
root=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
fail() { echo "$*" && status=1; }

"$root/scripts/check-layers" >"$work/graph" || { cat "$work/graph" && fail "the tree breaks the rules of layers"; }

copy() { # a fresh copy of the tree in $work/tree
    rm -rf "$work/tree"
    mkdir -p "$work/tree"
    cp -r "$root/CMakeLists.txt" "$root/sim" "$root/include" "$work/tree/"
}
refuses() { # what, expected text in the output
    if "$root/scripts/check-layers" "$work/tree" >"$work/out"; then
        fail "not refused: $1"
    elif ! grep -q "$2" "$work/out"; then
        fail "$1: expected '$2' in:" && cat "$work/out"
    fi
}
copy
echo '#include "price/price.h"' >>"$work/tree/sim/core/arena.c"
refuses "core includes price" "sim/core/arena.c includes price/"
copy
echo '#include "cli/command/command.h"' >>"$work/tree/sim/cli/view/grid.c"
refuses "view includes command" "sim/cli/view/grid.c includes cli/command/"
copy
echo '#include "core/text.h"' >>"$work/tree/sim/core/arena.h"
echo '#include "core/arena.h"' >>"$work/tree/sim/core/text.h"
refuses "two headers include each other" "include each other"

# A call to a higher layer compiles, but does not link.
copy
cp -r "$root/cmake" "$root/tests" "$root/LICENSE" "$root/README.md" "$root/CHANGELOG.md" "$root/configs" "$root/plots" "$work/tree/"
build() { cmake --build "$work/build" --target layer_core >"$work/out" 2>&1; }
cmake -S "$work/tree" -B "$work/build" -DLLMROOF_TESTS=ON -DCMAKE_BUILD_TYPE=Debug >"$work/out" 2>&1 || { cat "$work/out" && fail "does not configure"; }
build || { cat "$work/out" && fail "core does not link"; }
cat >>"$work/tree/sim/core/version.c" <<'END'
struct lr_plan;
void lr_plan_free(struct lr_plan *p);
void lr_call_upward(void);
void lr_call_upward(void)
{
    lr_plan_free(0);
}
END
build && fail "core links with a call of estimate"
grep -q 'undefined reference to .lr_plan_free' "$work/out" || fail "an error other than the call to a higher layer: $(cat "$work/out")"
exit $status
