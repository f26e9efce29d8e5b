#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each public header alone, as C17 and as C++17: it compiles without a warning, and its functions have C linkage.
set -uo pipefail
export LC_ALL=C
[ $# -eq 2 ] || { echo "usage: headers_test.sh PROGRAM SOURCE_DIR" >&2; exit 2; }
source_dir=$(cd "$2" && pwd) || exit 2
include=$source_dir/include

tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
checks=0 failed=0
bad() { echo "FAILED: $*" && failed=$((failed + 1)); }
good() { # what, command, which must succeed
    checks=$((checks + 1))
    "${@:2}" >"$tmp/out" 2>"$tmp/err" </dev/null || { bad "$1" && tail -n 20 "$tmp/out" "$tmp/err"; }
}

# The functions that a header declares, one name per line.
functions_of() {
    cmake -DHEADERS="$(dirname "$1")" -DHEADER="$(basename "$1")" -DNAMES="$tmp/names" -DSCRIPT="$tmp/map" \
        -P "$source_dir/cmake/exports.cmake" && cat "$tmp/names"
}

# A program that includes a header twice and takes the address of each of its functions.
program_of() {
    local name
    printf '#include <llmroof/%s>\n#include <llmroof/%s>\n' "$(basename "$1")" "$(basename "$1")"
    echo 'typedef void any_function(void);'
    echo 'extern any_function *const address[];'
    echo 'any_function *const address[] = {'
    for name in $(functions_of "$1"); do echo "    (any_function *)$name,"; done
    echo '    0};'
}

warnings=(-Wall -Wextra -pedantic -Werror)
compilers=0
for cc in cc clang c++ clang++; do
    command -v "$cc" >/dev/null 2>&1 || { echo "not checked: headers with $cc, which is not installed" && continue; }
    compilers=$((compilers + 1))
    language=c
    [[ $cc = *++ ]] && language=c++
    for header in "$include"/llmroof/*.h; do
        name=$(basename "$header" .h)
        program_of "$header" >"$tmp/$name.c"
        good "$name.h alone with $cc" "$cc" -x "$language" -std="${language}17" "${warnings[@]}" -Wno-cast-function-type \
            -I"$include" -c "$tmp/$name.c" -o "$tmp/$name.o"
        good "functions of $name.h have C linkage with $cc" \
            test -z "$(nm -u "$tmp/$name.o" 2>&1 | awk '{ print $NF }' | grep -v '^_\?lr_')"
    done
done
[ "$compilers" -gt 0 ] || { echo "no compiler is installed"; exit 77; }

echo "$checks checks, $failed failed"
[ "$failed" = 0 ]
