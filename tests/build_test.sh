#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the commands of docs/build.md on a read-only copy of the tree, in a folder with a space in its name, without
# Check and OpenBLAS. Root runs them as nobody. Installed trees are tested in install_test.sh.
set -uo pipefail
export LC_ALL=C NO_COLOR=1
[ $# -eq 2 ] || { echo "usage: build_test.sh PROGRAM SOURCE_DIR" >&2; exit 2; }
program=$(readlink -f "$1")
source_dir=$(cd "$2" && pwd) || exit 2
cache=$(dirname "$program")/CMakeCache.txt
grep -qsE '^(LLMROOF_SANITIZE:BOOL=ON|CMAKE_C_FLAGS:.*--coverage)' "$cache" && { echo "not run with instrumented programs"; exit 77; }
pkg-config --exists yaml-0.1 || { echo "pkg-config or libyaml is not installed"; exit 77; }

tmp=$(mktemp -d) || exit 2
trap 'chmod -R u+w "$tmp" && rm -rf "$tmp"' EXIT
tree="$tmp/a tree"
mkdir -p "$tree" "$tmp/home/a home" "$tmp/modules" "$tmp/bin"
(cd "$source_dir" && tar -c --exclude='./build*' --exclude=./.git .) | tar -x -C "$tree"
mkdir "$tree/build"

# Compiling without optimisation takes a third of the time.
cc=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$cache" 2>/dev/null)
printf '#!/bin/sh\nexec %s "$@" -O0\n' "${cc:-cc}" >"$tmp/bin/quick-cc"
chmod +x "$tmp/bin/quick-cc"
cp "$(pkg-config --variable=pcfiledir yaml-0.1)/yaml-0.1.pc" "$tmp/modules/"
unset PKG_CONFIG_PATH CMAKE_GENERATOR CMAKE_BUILD_TYPE CFLAGS DESTDIR XDG_CONFIG_HOME
export HOME="$tmp/home/a home" PKG_CONFIG_LIBDIR="$tmp/modules" CC="$tmp/bin/quick-cc" CCACHE_DISABLE=1

as=()
chmod -R a+rX,a-w "$tree"
chmod u+w "$tree/build"
if [ "$(id -u)" = 0 ] && setpriv --reuid=65534 --regid=65534 --clear-groups true 2>/dev/null; then
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    chown 65534 "$tree/build" "$tmp" "$HOME"
fi
touch "$tmp/start"

checks=0 failed=0
bad() { echo "FAILED: $*" && failed=$((failed + 1)); }
good() { # what, command, which must succeed
    checks=$((checks + 1))
    "${@:2}" >"$tmp/out" 2>&1 </dev/null || { bad "$1" && tail -n 30 "$tmp/out"; }
}
says() { # what, pattern in the output of the last command
    checks=$((checks + 1))
    grep -qE -- "$2" "$tmp/out" || { bad "$1: no '$2' in" && tail -n 30 "$tmp/out"; }
}
fence() { # language, a line in it: the first such fence of the page
    awk -v language="$1" -v wanted="$2" '
        /^```/ { if (inside && found) { printf "%s", text; exit } inside = !inside; wants = substr($0, 4) == language; text = ""; found = 0; next }
        inside && wants { text = text $0 "\n"; found = found || index($0, wanted) }' "$source_dir/docs/build.md"
}
run() { # a line in the fence: runs all its lines
    local text
    text=$(fence sh "$1")
    [ -n "$text" ] || { bad "docs/build.md has no '$1'" && return; }
    good "commands with '$1'" "${as[@]}" bash -c "cd '$tree' && set -e && $text"
}

run 'cmake -S . -B build'
says "a configuration without Check" '^-- tests are left out: Check not found$'
says "a configuration without OpenBLAS" '^-- .*measure host.*OpenBLAS not found$'
says "the program" 'TPOT'
good "the default is a release" grep -q '^CMAKE_BUILD_TYPE:STRING=Release$' "$tree/build/CMakeCache.txt"
good "both libraries exist" test -s "$tree/build/libllmroof.a" -a -s "$tree/build/libllmroof.so"

# The program without OpenBLAS at run time: the first file that the loader finds is not a library.
: >"$tmp/bin/libopenblas.so.0"
: >"$tmp/bin/libopenblas.so"
checks=$((checks + 1))
LD_LIBRARY_PATH=$tmp/bin "$tree/build/llmroof" measure host >"$tmp/out" 2>&1 && bad "measure host without OpenBLAS exits 0"
says "measure host without OpenBLAS" 'OpenBLAS was not found'

run 'cmake --install build'
says "the installed program" "h20 .*$HOME/llmroof/share/llmroof/configs"
run 'DESTDIR='
good "DESTDIR goes before the prefix" test -x "$HOME/stage/usr/bin/llmroof"

if command -v ninja >/dev/null 2>&1; then
    run 'cmake -S . -B build/multi'
    says "the release of two" '^llmroof [0-9]'
    good "sections of the debug library" readelf -SW "$tree/build/multi/Debug/libllmroof.a"
    says "the debug library" '[.]debug_info'
    good "sections of the release library" readelf -SW "$tree/build/multi/Release/libllmroof.a"
    checks=$((checks + 1))
    grep -qF .debug_info "$tmp/out" && bad "the release library is the debug one"
    good "other places configure" "${as[@]}" cmake "$tree/build/multi" -DCMAKE_INSTALL_BINDIR=lib/llm/bin -DCMAKE_INSTALL_DATADIR=data
    good "other places build" "${as[@]}" cmake --build "$tree/build/multi" --config Debug
    good "other places install" "${as[@]}" cmake --install "$tree/build/multi" --config Debug --prefix "$HOME/other"
    good "a program in another place" "$HOME/other/lib/llm/bin/llmroof" list hardware
    says "a program in another place" "h20 .*$HOME/other/data/llmroof/configs"
else
    echo "ninja is not installed, its builds are not tested"
fi

# Another project gets our targets, and nothing else of ours.
mkdir -p "$tree/build/mine"
fence cmake 'add_subdirectory' >"$tree/build/mine/CMakeLists.txt"
cat >>"$tree/build/mine/CMakeLists.txt" <<'CMAKE'
enable_testing()
install(TARGETS mine)
foreach(name CMAKE_BUILD_TYPE CMAKE_C_STANDARD CMAKE_POSITION_INDEPENDENT_CODE)
  if(${name})
    message(SEND_ERROR "${name} leaked")
  endif()
endforeach()
foreach(target llmroof::shared llmroof::static llmroof::llmroof)
  if(NOT TARGET ${target})
    message(SEND_ERROR "no ${target}")
  endif()
endforeach()
file(WRITE ${CMAKE_BINARY_DIR}/configs "${LLMROOF_CONFIGS}")
CMAKE
cp "$source_dir/docs/examples/estimate.c" "$tree/build/mine/mine.c"
ln -s "$tree" "$tree/build/mine/llmroof"
[ ${#as[@]} = 0 ] || chown -R 65534 "$tree/build/mine"
out="$tmp/its build"
good "another project configures" "${as[@]}" cmake -S "$tree/build/mine" -B "$out"
good "another project builds" "${as[@]}" cmake --build "$out" -j2
good "its program runs" "$out/mine" "$(cat "$out/configs")" llama-3.1-8b h20 8 4096
says "its program" '^tpot_s'
good "another project installs" "${as[@]}" cmake --install "$out" --prefix "$HOME/mine"
good "another project lists its tests" ctest --test-dir "$out" -N
says "another project" '^Total Tests: 0$'
checks=$((checks + 2))
installed=$(find "$HOME/mine" -type f)
[ "$installed" = "$HOME/mine/bin/mine" ] || bad "another project installs: $installed"
[ ! -e "$out/CPackConfig.cmake" ] || bad "another project has our packages"

# A changed source is built again, from archive and object to the program.
touch "$tmp/before" "$tree/sim/core/hash.c"
good "another build" "${as[@]}" cmake --build "$out"
good "a source that changed changes the program" test "$out/mine" -nt "$tmp/before"

# The packages that scripts/llmroof installs first: Check is for tests only.
printf '#!/bin/sh\necho "$*" >>"%s"\n' "$tmp/asked" >"$tmp/bin/apt-get"
printf '#!/bin/sh\nexec "$@"\n' >"$tmp/bin/sudo"
chmod +x "$tmp/bin/apt-get" "$tmp/bin/sudo"
good "install-dependencies" env PATH="$tmp/bin:$PATH" "$source_dir/scripts/install-dependencies"
checks=$((checks + 2))
grep -qw check "$tmp/asked" && bad "a program alone wants Check: $(cat "$tmp/asked")"
good "install-dependencies --test" env PATH="$tmp/bin:$PATH" "$source_dir/scripts/install-dependencies" --test
grep -qw check "$tmp/asked" || bad "tests do not want Check: $(cat "$tmp/asked")"
printf '#!/bin/sh\nexit 100\n' >"$tmp/bin/apt-get"
good "install-dependencies without an OpenBLAS package" env PATH="$tmp/bin:$PATH" "$source_dir/scripts/install-dependencies"

checks=$((checks + 1))
touched=$(cd "$tree" && find . -path ./build -prune -o -newer "$tmp/start" ! -name hash.c -print)
[ -z "$touched" ] || bad "builds wrote into the source: $touched"
echo "$checks checks, $failed failed"
[ "$failed" = 0 ]
