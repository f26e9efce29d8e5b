#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Facts in the files for contributors that can become outdated: names of files and scripts, the version in CITATION.cff,
# the workflow.
set -uo pipefail
export LC_ALL=C
[ $# -eq 2 ] || { echo "usage: project_test.sh PROGRAM SOURCE_DIR" >&2; exit 2; }
cd "$2" || exit 2
[ -e CONTRIBUTING.md ] || { echo "no CONTRIBUTING.md in '$2'"; exit 77; }
checks=0 failed=0
check() { # what, command
    checks=$((checks + 1))
    "${@:2}" || { echo "FAILED: $1"; failed=$((failed + 1)); }
}

# Paths in backticks. Words in capitals, and stars, are placeholders.
for document in CONTRIBUTING.md .github/PULL_REQUEST_TEMPLATE.md; do
    for path in $(grep -oE '(^|[ `(])(\.github|cmake|configs|docs|include|plots|scripts|sim|tests)/[A-Za-z0-9_./*-]*' "$document" | tr -d ' `(' | sort -u); do
        case $path in *NAME* | *ARCHITECTURE* | *my-* | *lora* | *\** | *.) continue ;; esac
        check "$document names $path, which does not exist" test -e "$path"
    done
done
while IFS= read -r link; do
    check "CONTRIBUTING.md links to $link, which does not exist" test -e "$link"
done < <(grep -oE '\]\([^)#:]+\)' CONTRIBUTING.md | sed 's/^](//; s/)$//')
while IFS= read -r anchor; do
    check "CONTRIBUTING.md links to #$anchor, which is not a heading" grep -qixE "#+ ${anchor//-/ }" CONTRIBUTING.md
done < <(grep -oE '\]\(#[^)]+\)' CONTRIBUTING.md | sed 's/^](#//; s/)$//')
while IFS= read -r name; do
    case $name in *NAME | *LORA* | *lora) continue ;; esac
    check "CONTRIBUTING.md names $name, which no source has" grep -rqw "$name" sim include
done < <(grep -oE '`(lr|LR)_[A-Za-z0-9_]+' CONTRIBUTING.md | tr -d '`' | sort -u)
while IFS= read -r title; do
    check "README.md has no section '$title'" grep -qx "## $title" README.md
done < <(grep -oE 'README \(\*[^*]+' CONTRIBUTING.md | sed 's/.*\*//')

# All scripts are named.
for script in scripts/*; do check "CONTRIBUTING.md does not name $script" grep -q "\`$script" CONTRIBUTING.md; done
for folder in sim/*/; do check "CONTRIBUTING.md does not name $folder" grep -qF "\`$folder\`" CONTRIBUTING.md; done
for folder in sim/cli/*/; do
    check "CONTRIBUTING.md does not name $(basename "$folder")/ of sim/cli/" grep -qE "sim/cli/.*\`$(basename "$folder")/\`" CONTRIBUTING.md
done
for preset in $(sed -n 's/^ *"name": "\(.*\)",$/\1/p' CMakePresets.json); do
    [ "$preset" = base ] || check "CONTRIBUTING.md does not name the preset $preset" grep -q "^| \`$preset\` " CONTRIBUTING.md
done

# The workflow runs the commands of developers, with actions of a fixed version and minimal permissions.
workflow=.github/workflows/ci.yml
check "the workflow does not run scripts/test" grep -qE '^ *- run: scripts/test$' "$workflow"
check "the workflow may write" grep -qxF '  contents: read' "$workflow"
check "an action has no fixed version" test -z "$(grep 'uses:' "$workflow" | grep -vE '@v[0-9]+\.[0-9]+\.[0-9]+$')"
check "a job has no limit of time" test "$(grep -c 'runs-on:' "$workflow")" = "$(grep -c 'timeout-minutes:' "$workflow")"

version=$(sed -nE 's/^#define LR_VERSION_(MAJOR|MINOR|PATCH) ([0-9]+)$/\2/p' include/llmroof/version.h | paste -sd.)
check "CITATION.cff is of another version than $version" grep -qxF "version: $version" CITATION.cff
check ".pre-commit-config.yaml has another clang-format than scripts/check-style" grep -qE '^ *rev: v14\.' .pre-commit-config.yaml

if python3 -c 'import yaml' 2>/dev/null; then
    for file in .github/*/*.yml CITATION.cff .pre-commit-config.yaml; do
        check "$file is not YAML" python3 -c 'import sys, yaml; yaml.safe_load(open(sys.argv[1]))' "$file"
    done
else
    echo "skipped: Python's yaml is not here, so .github/ and CITATION.cff are not read"
fi

echo "$checks checks, $failed failed"
[ "$failed" = 0 ]
