#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# llmroof completion: sources the scripts in bash, zsh and fish, if installed, and completes words. The manual page has
# no warnings.
set -uo pipefail
export LC_ALL=C NO_COLOR=1 ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}exitcode=99
[ $# -eq 2 ] || { echo "usage: completion_test.sh PROGRAM SOURCE_DIR" >&2; exit 2; }
program=$(readlink -f "$1")
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/bin" "$tmp/home/.config/llmroof/hardware" "$tmp/files/folder"
ln -s "$program" "$tmp/bin/llmroof"
export PATH="$tmp/bin:$PATH" HOME="$tmp/home" XDG_CONFIG_HOME="$tmp/home/.config"
printf 'name: my-own-chip\nbase: h20\n' >"$XDG_CONFIG_HOME/llmroof/hardware/my-own-chip.yaml"
touch "$tmp/files/rows.csv"
cd "$tmp/files" || exit 2
checks=0 failed=0
bad() { echo "FAILED: $*" && failed=$((failed + 1)); }

for shell in bash zsh fish; do
    llmroof completion $shell >"$tmp/$shell" 2>"$tmp/err" || bad "llmroof completion $shell: $(cat "$tmp/err")"
done
checks=$((checks + 4))
llmroof completion tcsh >/dev/null 2>"$tmp/err"
[ $? = 2 ] && grep -q 'bash, zsh or fish' "$tmp/err" || bad "an unknown shell is not refused: $(cat "$tmp/err")"

# Words as the shell splits them; the last one is completed. The wanted words must be offered, and none of '!unwanted'.
check() { # shell, got, wanted..., !unwanted...
    local what=$1 got=$2 word
    checks=$((checks + 1))
    shift 2
    for word in "$@"; do
        case $word in
        !*) grep -qxF -- "${word#!}" <<<"$got" && bad "$what: offers '${word#!}'" ;;
        *) grep -qxF -- "$word" <<<"$got" || bad "$what: does not offer '$word', but: $(tr '\n' ' ' <<<"$got")" ;;
        esac
    done
}

bash_says() { # words
    # shellcheck disable=SC1091
    (
        . "$tmp/bash"
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
        _llmroof
        printf '%s\n' "${COMPREPLY[@]}"
    )
}
commands=$(llmroof help | sed -n 's/^  \([a-z]*\)  *[a-z].*/\1/p' | grep -v '^llmroof$')
[ "$(wc -w <<<"$commands")" -ge 12 ] || bad "help lists few commands: $commands"
# shellcheck disable=SC2086
check "bash: commands" "$(bash_says llmroof '')" $commands
for command in $commands; do
    options=$(llmroof help "$command" | grep -oE '^ .{4}--[a-z-]+' | tr -d ' ,' | sed 's/^-[a-z]--/--/')
    # shellcheck disable=SC2086
    check "bash: options of $command" "$(bash_says llmroof "$command" -)" $options
done
check "bash: a command" "$(bash_says llmroof est)" estimate !show
check "bash: models" "$(bash_says llmroof estimate llama-3.1)" llama-3.1-8b llama-3.1-70b !h20
check "bash: hardware" "$(bash_says llmroof estimate llama-3.1-8b --hw h20)" h20 h200 !h100
check "bash: hardware, a list" "$(bash_says llmroof compare llama-3.1-8b --hw h20,h10)" h20,h100 !h100 !h20,h20
check "bash: hardware after =" "$(bash_says llmroof estimate --hw = h1)" h100
check "bash: hardware, nothing after =" "$(bash_says llmroof estimate --hw =)" h100 a100
check "bash: hardware of the user" "$(bash_says llmroof estimate --hw my)" my-own-chip
check "bash: runtimes" "$(bash_says llmroof estimate --runtime '')" ideal vllm !h20
check "bash: formats" "$(bash_says llmroof estimate --weights fp)" fp8 !bf16
check "bash: answers and files" "$(bash_says llmroof estimate -o '')" json csv rows.csv
check "bash: folders" "$(bash_says llmroof estimate --config '')" folder !rows.csv
check "bash: nothing for a number" "$(bash_says llmroof estimate --gpus '')" '' !h20
check "bash: any profile" "$(bash_says llmroof show h2)" h20
check "bash: any profile" "$(bash_says llmroof show qwen3-8)" qwen3-8b
check "bash: claims" "$(bash_says llmroof check '')" h20-decode !h20
check "bash: kinds" "$(bash_says llmroof list '')" hardware models
check "bash: plots" "$(bash_says llmroof plot r)" roofline
check "bash: files" "$(bash_says llmroof calibrate '')" rows.csv
check "bash: what is measured" "$(bash_says llmroof measure '')" host decode cuda !Measure
check "bash: shells" "$(bash_says llmroof completion '')" bash zsh fish
check "bash: help" "$(bash_says llmroof help es)" estimate

if command -v fish >/dev/null 2>&1; then
    fish_says() { fish --no-config -c "source $tmp/fish; complete -C '$1'" 2>&1 | cut -f1; }
    # shellcheck disable=SC2086
    check "fish: commands" "$(fish_says 'llmroof ')" $commands
    check "fish: models" "$(fish_says 'llmroof estimate llama-3.1')" llama-3.1-8b !h20
    check "fish: options" "$(fish_says 'llmroof estimate --g')" --gpus
    check "fish: hardware" "$(fish_says 'llmroof estimate --hw h20')" h20 h200
    check "fish: hardware, a list" "$(fish_says 'llmroof compare x --hw h20,h10')" h20,h100
    check "fish: formats" "$(fish_says 'llmroof estimate --weights ')" fp8 bf16 !h20
    check "fish: files" "$(fish_says 'llmroof calibrate r')" rows.csv
    check "fish: claims" "$(fish_says 'llmroof check ')" h20-decode
else
    echo "fish is not installed, its completion is not tested"
fi

if command -v zsh >/dev/null 2>&1; then
    mkdir "$tmp/site"
    cp "$tmp/zsh" "$tmp/site/_llmroof"
    # A separate terminal: the offered words are read from the screen.
    cat >"$tmp/ask.zsh" <<'ZSH'
zmodload zsh/zpty
zpty z zsh -f -i
read_until() { local chunk; REPLY=; while zpty -r z chunk "*$1*"; do REPLY+=$chunk; return; done }
zpty -w z "PS1='' LISTMAX=10000; stty -echo cols 400 rows 500; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D"
zpty -w z "zstyle ':completion:*' list-separator '#'; zstyle ':completion:*:default' list-prompt ''"
zpty -w z "unsetopt auto_menu; bindkey '^I' complete-word; bindkey '^X' list-choices; bindkey '^U' kill-whole-line"
zpty -w z "print RE''ADY"
read_until READY
zpty -n -w z "$2"$'\x18'
local chunk shown=
for i in {1..100}; do
    while zpty -r -t z chunk; do shown+=$chunk; done
    [[ $shown == *$3* ]] && break
    sleep 0.1
done
sleep 0.2
while zpty -r -t z chunk; do shown+=$chunk; done
print -r -- $shown
zpty -d z
ZSH
    zsh_says() { # line, a word that ends the wait
        timeout 30 zsh -f "$tmp/ask.zsh" "$tmp/site" "$1" "$2" | tr -s '\r\n\t ' '\n' | sed 's/\x1b\[[0-9;?]*[A-Za-z]//g'
    }
    checks=$((checks + 1))
    zsh -n "$tmp/zsh" || bad "zsh does not parse it"
    # shellcheck disable=SC2086
    check "zsh: commands" "$(zsh_says 'llmroof ' show)" $commands
    check "zsh: models" "$(zsh_says 'llmroof estimate llama-3.1' 405b)" llama-3.1-8b llama-3.1-70b !h20
    check "zsh: options" "$(zsh_says 'llmroof estimate --' --help)" --gpus --context
    check "zsh: hardware" "$(zsh_says 'llmroof estimate --hw h20' h200)" h20 h200
    check "zsh: formats" "$(zsh_says 'llmroof estimate --weights ' fp8)" fp8 bf16 !h20
    check "zsh: hardware, a list" "$(zsh_says 'llmroof compare x --hw h20,h' h100)" h100
else
    echo "zsh is not installed, its completion is not tested"
fi

llmroof help --man >"$tmp/llmroof.1" 2>"$tmp/err" || bad "help --man: $(cat "$tmp/err")"
checks=$((checks + 1))
for word in $commands; do
    grep -q "^\.SS llmroof $word " "$tmp/llmroof.1" || bad "the manual page lacks $word"
done
if command -v groff >/dev/null 2>&1; then
    checks=$((checks + 1))
    said=$(groff -Tutf8 -man -ww "$tmp/llmroof.1" 2>&1 >"$tmp/page")
    [ -z "$said" ] || bad "groff: $said"
    grep -q 'serving engine' "$tmp/page" || bad "the manual page has no options"
fi
if command -v mandoc >/dev/null 2>&1; then
    checks=$((checks + 1))
    # Before the first release there is no date.
    said=$(mandoc -T lint -W warning "$tmp/llmroof.1" | grep -v 'missing date')
    [ -z "$said" ] || bad "mandoc: $said"
fi

echo "$checks checks, $failed failed"
[ "$failed" = 0 ]
