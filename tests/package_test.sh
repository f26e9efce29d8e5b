#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The .deb and the .tgz of a release build run from the folder where they are unpacked, and depend on the right
# packages. The .deb is installed and removed, by root or with fakeroot, in a folder in place of a system.
set -uo pipefail
export LC_ALL=C NO_COLOR=1
[ $# -eq 2 ] || { echo "usage: package_test.sh PROGRAM SOURCE_DIR" >&2; exit 2; }
program=$(readlink -f "$1")
build=$(dirname "$program")
[ -e "$build/CPackConfig.cmake" ] && [ -e "$build/libllmroof.a" ] || { echo "nothing here to pack"; exit 77; }
grep -q '^CMAKE_BUILD_TYPE:[A-Z]*=Release' "$build/CMakeCache.txt" || { echo "packages are made of release builds"; exit 77; }
command -v cpack >/dev/null 2>&1 || { echo "cpack is not installed"; exit 77; }

tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
export HOME="$tmp/home" XDG_CONFIG_HOME="$tmp/home/.config"
checks=0 failed=0
bad() { echo "FAILED: $*" && failed=$((failed + 1)); }
good() { # what, command, which must succeed
    checks=$((checks + 1))
    "${@:2}" >"$tmp/out" 2>"$tmp/err" </dev/null || { bad "$1" && tail -n 20 "$tmp/out" "$tmp/err"; }
}
runs() { # the folder where it is unpacked
    checks=$((checks + 1))
    (cd / && "$1/bin/llmroof" list claims -o csv) >"$tmp/list" 2>&1
    grep -qF ",$1/share/llmroof/configs" "$tmp/list" || bad "it reads other profiles than its own: $(head -n 3 "$tmp/list")"
    good "estimate runs in $1" "$1/bin/llmroof" estimate llama-3.1-8b --hw h20 -b 8 -c 4k
}

pack() { (cd "$build" && cpack -G "$1" -B "$tmp/$1"); }
good "cpack -G TGZ" pack TGZ
good "the archive unpacks" tar -xzf "$tmp"/TGZ/llmroof-*.tar.gz -C "$tmp"
runs "$(dirname "$(dirname "$(find "$tmp" -path "$tmp/TGZ" -prune -o -path '*/bin/llmroof' -print)")")"

if command -v dpkg-deb >/dev/null 2>&1 && command -v dpkg-shlibdeps >/dev/null 2>&1 && command -v file >/dev/null 2>&1; then
    good "cpack -G DEB" pack DEB
    deb=$(find "$tmp/DEB" -maxdepth 1 -name '*.deb')
    good "the package unpacks" dpkg-deb -x "$deb" "$tmp/deb"
    runs "$tmp/deb/usr"
    needs=$(dpkg-deb -f "$deb" Depends)
    checks=$((checks + 3))
    [[ $needs == *libc6* && $needs == *libyaml-0-2* ]] || bad "it depends on '$needs'"
    [[ $needs != *openblas* && $needs != *gnuplot* ]] || bad "what is only loaded on demand is a dependency: '$needs'"
    [[ $(dpkg-deb -f "$deb" Recommends) == *openblas*gnuplot* ]] || bad "OpenBLAS and gnuplot are not recommended"
    system=$tmp/system as=()
    mkdir -p "$system"/var/lib/dpkg/{info,updates,triggers} "$tmp/bin"
    ln -s /bin/true "$tmp/bin/ldconfig" # the package's script calls it
    touch "$system"/var/lib/dpkg/{status,available}
    [ "$(id -u)" = 0 ] || as=(fakeroot)
    if [ ${#as[@]} = 0 ] || command -v fakeroot >/dev/null 2>&1; then
        on_system() { PATH=$tmp/bin:$PATH "${as[@]}" dpkg --root="$system" --log=/dev/null --force-depends,not-root,script-chrootless "$@"; }
        good "dpkg -i" on_system -i "$deb"
        good "dpkg knows it" on_system -s llmroof
        runs "$system/usr"
        good "its manual page is there" test -s "$system/usr/share/man/man1/llmroof.1" -o -s "$system/usr/share/man/man1/llmroof.1.gz"
        good "dpkg -r" on_system -r llmroof
        checks=$((checks + 1))
        left=$(find "$system" -name '*llmroof*' ! -path '*/var/lib/dpkg/*')
        [ -z "$left" ] || bad "removing it leaves $left"
    else
        echo "neither root nor fakeroot: the .deb is not installed"
    fi
else
    echo "dpkg-dev or file is not installed, the .deb is not tested"
fi
echo "$checks checks, $failed failed"
[ "$failed" = 0 ]
