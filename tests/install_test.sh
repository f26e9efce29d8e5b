#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Uses what 'cmake --install' installs: the program, and libllmroof with pkg-config, CMake and ctypes.
set -uo pipefail
export LC_ALL=C NO_COLOR=1
[ $# -eq 2 ] || { echo "usage: install_test.sh PROGRAM SOURCE_DIR" >&2; exit 2; }
program=$(readlink -f "$1")
source_dir=$(cd "$2" && pwd) || exit 2
build=$(dirname "$program")
[ -e "$build/CMakeCache.txt" ] || { echo "the program is not in a build folder"; exit 77; }
grep -q '^LLMROOF_SANITIZE:BOOL=ON' "$build/CMakeCache.txt" && { echo "libraries with a sanitizer need a program with one"; exit 77; }
grep -q '^CMAKE_C_FLAGS:.*--coverage' "$build/CMakeCache.txt" && { echo "libraries with coverage need a program with coverage"; exit 77; }
[ -e "$build/libllmroof.so" ] && [ -e "$build/libllmroof.a" ] || { echo "libllmroof was not built"; exit 77; }

tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
export HOME="$tmp/home" XDG_CONFIG_HOME="$tmp/home/.config"
mkdir -p "$XDG_CONFIG_HOME"
checks=0 failed=0
bad() { echo "FAILED: $*" && failed=$((failed + 1)); }
good() { # what, command, which must succeed
    checks=$((checks + 1))
    "${@:2}" >"$tmp/out" 2>"$tmp/err" </dev/null || { bad "$1" && tail -n 20 "$tmp/out" "$tmp/err"; }
}

# Installed, then moved: nothing that is used may contain a path of the first place.
good "cmake --install with DESTDIR" env DESTDIR="$tmp/stage" cmake --install "$build" --prefix /first
mv "$tmp/stage/first" "$tmp/root"
good "nothing is installed outside the prefix" rmdir "$tmp/stage"
root=$tmp/root
lib=$(dirname "$(find "$root" -name libllmroof.so)")
for file in bin/llmroof include/llmroof/llmroof.h share/llmroof/configs/hardware/h20.yaml share/llmroof/plots/style.gp \
    share/man/man1/llmroof.1 share/bash-completion/completions/llmroof share/zsh/site-functions/_llmroof \
    share/fish/vendor_completions.d/llmroof.fish; do
    good "$file is installed" test -s "$root/$file"
done
good "the shared library has a soname" test -e "$lib/$(readelf -d "$lib/libllmroof.so" |
    sed -n 's/.*Library soname: \[\(.*\)\]/\1/p')"

# The program finds its profiles relative to itself.
(cd / && "$root/bin/llmroof" list hardware -o csv) >"$tmp/list"
checks=$((checks + 1))
grep -qF ",$root/share/llmroof/configs" "$tmp/list" || bad "the installed program reads other profiles: $(head -n 2 "$tmp/list")"

# Symbols: what the headers declare, according to the compiler, and nothing else.
for header in "$root"/include/llmroof/*.h; do
    echo "#include <llmroof/$(basename "$header")>"
done >"$tmp/all.c"
cc=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
if "$cc" -std=c17 -I"$root/include" -aux-info "$tmp/prototypes" -c "$tmp/all.c" -o "$tmp/all.o" 2>"$tmp/err"; then
    sed -n 's|^/\* [^ ]*/llmroof/[^ ]* \*/ extern [^(]*[ *]\(lr_[a-z0-9_]*\) (.*|\1|p' "$tmp/prototypes" | sort -u >"$tmp/declared"
    nm -D --defined-only "$lib/libllmroof.so" | awk '{ print $3 }' | sort >"$tmp/shared"
    nm -g --defined-only "$lib/libllmroof.a" | awk 'NF == 3 { print $3 }' | sort >"$tmp/static"
    good "at least 80 functions are declared" test "$(wc -l <"$tmp/declared")" -ge 80
    good "the shared library has the declared functions and no others" diff "$tmp/declared" "$tmp/shared"
    good "the static library has the declared functions and no others" diff "$tmp/declared" "$tmp/static"
else
    echo "not compared with the headers: $cc has no -aux-info"
fi

for header in "$root"/include/llmroof/*.h; do
    name=$(basename "$header")
    [ "$name" = llmroof.h ] || good "llmroof.h includes $name" grep -qF "#include \"$name\"" "$root/include/llmroof/llmroof.h"
done

# No state: no object has writable data. Constants with addresses are written only while loading.
for archive in "$build"/liblr_*.a "$lib/libllmroof.a"; do
    checks=$((checks + 1))
    written=$(nm -f sysv "$archive" | awk -F'|' '{ gsub(/ /, "", $7) } $7 ~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ &&
        $7 !~ /^\.data\.rel\.ro/ { print $1 }')
    [ -z "$written" ] || bad "$(basename "$archive") has variables: $written"
    called=$(nm -u "$archive" | grep -oE '\b(setenv|unsetenv|putenv|clearenv|setlocale|chdir)$' | sort -u)
    [ -z "$called" ] || bad "$(basename "$archive") changes the process: $called"
done

# The examples print what the program prints.
at=(llama-3.1-8b h20 8 4096)
"$root/bin/llmroof" estimate llama-3.1-8b --hw h20 -b 8 -c 4096 -o csv >"$tmp/csv"
wanted=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
    NR == 2 { printf "tpot_s %.6g low %.6g high %.6g floor %.6g bound %s fits yes", $at["tpot_s"], $at["tpot_low_s"],
        $at["tpot_high_s"], $at["floor_tpot_s"], $at["bound"] }' "$tmp/csv")
agrees() { # what, command
    checks=$((checks + 1))
    local got
    got=$("${@:2}" 2>"$tmp/err" | tr '\n' ' ') || true
    [ "$got" = "$wanted " ] || { bad "$1 says '$got', expected '$wanted'" && cat "$tmp/err"; }
}

export PKG_CONFIG_PATH="$lib/pkgconfig"
example=$source_dir/docs/examples/estimate.c
good "pkg-config knows it" pkg-config --exists llmroof
configs=$(pkg-config --variable=configs llmroof)
read -ra flags <<<"$(pkg-config --cflags --libs llmroof)"
shared=("${flags[@]}")
good "the example compiles against the shared library" "$cc" -std=c17 -Wall -Wextra -Werror "$example" "${flags[@]}" \
    -Wl,-rpath,"$lib" -o "$tmp/with-shared"
agrees "the example with the shared library" "$tmp/with-shared" "$configs" "${at[@]}"
read -ra flags <<<"$(pkg-config --static --cflags --libs llmroof | sed "s| -lllmroof| $(printf %s "$lib" | sed 's/[&|]/\\&/g')/libllmroof.a|")"
good "the example compiles against the static library" "$cc" -std=c17 "$example" "${flags[@]}" -o "$tmp/with-static"
agrees "the example with the static library" "$tmp/with-static" "$configs" "${at[@]}"

# The other examples agree with the program.
prints() { # name, expected output, arguments: compiles the example and compares
    checks=$((checks + 2))
    "$cc" -std=c17 -Wall -Wextra -Werror "$source_dir/docs/examples/$1.c" "${shared[@]}" -Wl,-rpath,"$lib" -o "$tmp/$1" \
        2>"$tmp/err" || { bad "$1.c does not compile" && cat "$tmp/err"; }
    local got
    got=$("$tmp/$1" "$configs" "${@:3}" 2>&1)
    [ "$got" = "$2" ] || bad "$1.c says '$got', expected '$2'"
}
field() { # column, row: of $tmp/csv
    awk -F, -v name="$1" -v row="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i } NR == row + 1 { print $at }' "$tmp/csv"
}
"$root/bin/llmroof" compare llama-3.1-8b --hw h20,a100 -b 8 -c 4096 -o csv >"$tmp/csv"
prints compare "$(printf 'h20 %.6g\na100 %.6g\nratio %.6g\nleft is faster: clearly true' "$(field tpot_s 1)" "$(field tpot_s 2)" \
    "$(awk -v l="$(field tpot_s 1)" -v r="$(field tpot_s 2)" 'BEGIN { printf "%.9g", r / l }')")" llama-3.1-8b h20 a100 8 4096
"$root/bin/llmroof" check h20-decode -o json >"$tmp/json"
prints settle "$(sed -n 's/^      "\(says\|verdict\|compared\|share\)": "\{0,1\}\(.*[^",]\)"\{0,1\},$/\1|\2/p' "$tmp/json" | awk -F'|' '{ of[$1] = $2 }
    $1 == "share" { printf "%s: %s, true at %.0f of %d points\n", of["says"], of["verdict"], $2 * of["compared"], of["compared"] }')" h20-decode
"$root/bin/llmroof" best llama-3.1-70b --hw h20,h100 --tpot 50ms -o csv >"$tmp/csv"
prints search "$(field hardware 1) gpus $(field gpus 1) tp $(field tp 1) pp $(field pp 1) ep $(field ep 1) dp $(field dp 1) batch $(field batch 1) tokens_per_s_per_gpu $(printf %.6g "$(field tokens_per_s_per_gpu 1)")" llama-3.1-70b 0.05 h20 h100

if command -v c++ >/dev/null 2>&1; then
    printf '#include <llmroof/llmroof.h>\nint main() { return lr_version() == LR_VERSION ? 0 : 1; }\n' >"$tmp/version.cpp"
    good "a C++ program compiles" c++ -std=c++17 -Wall -Werror "$tmp/version.cpp" -I"$root/include" -L"$lib" -lllmroof \
        -Wl,-rpath,"$lib" -o "$tmp/version"
    good "header and library are of one version" "$tmp/version"
fi

mkdir "$tmp/consumer"
cat >"$tmp/consumer/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C)
find_package(llmroof 0.1 REQUIRED)
foreach(kind llmroof shared static)
  add_executable(with-${kind} ${EXAMPLE})
  target_link_libraries(with-${kind} PRIVATE llmroof::${kind})
endforeach()
file(WRITE ${CMAKE_BINARY_DIR}/configs "${LLMROOF_CONFIGS}")
CMAKE
good "a CMake project finds it" cmake -S "$tmp/consumer" -B "$tmp/consumer/build" -DCMAKE_C_COMPILER="$cc" \
    -DCMAKE_PREFIX_PATH="$root" -DEXAMPLE="$example"
good "a CMake project links it" cmake --build "$tmp/consumer/build"
for kind in llmroof shared static; do
    agrees "a CMake project with llmroof::$kind" "$tmp/consumer/build/with-$kind" \
        "$(cat "$tmp/consumer/build/configs")" "${at[@]}"
done

if ! command -v python3 >/dev/null 2>&1; then
    echo "python3 is not installed, its example is not tested"
elif python3 -c 'import ctypes' 2>/dev/null; then
    agrees "the Python example" python3 "$source_dir/docs/examples/estimate.py" "$lib/libllmroof.so" "$configs" "${at[@]}"
    checks=$((checks + 1))
    python3 "$source_dir/docs/examples/estimate.py" "$lib/libllmroof.so" "$configs" llama-3.1-8b h21 1 1 2>"$tmp/err"
    [ $? = 2 ] && grep -q "unknown hardware 'h21'" "$tmp/err" || bad "the Python example with a wrong name: $(cat "$tmp/err")"
fi

echo "$checks checks, $failed failed"
[ "$failed" = 0 ]
