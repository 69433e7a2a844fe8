#!/bin/sh
# Pins, with hashes, what each environment installs: constraints/*.txt from pyproject.toml. Needs uv.
set -eu
cd "$(dirname "$0")/.."
command -v uv >/dev/null 2>&1 || { echo "make lock: install uv first (pip install uv)" >&2; exit 1; }

pin() { # pin NAME ARGUMENT...
    name=$1; shift
    uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" \
        --output-file "constraints/$name.txt" "$@"
    echo "constraints/$name.txt: $(grep -c '==' "constraints/$name.txt") packages"
}

pin build --group build
pin dev --group dev --all-extras pyproject.toml --constraint constraints/build.txt
pin demo --extra demo pyproject.toml --constraint constraints/dev.txt
pin docs --group docs --constraint constraints/dev.txt
pin services --group services --constraint constraints/dev.txt
pin emulators --group emulators
pin peer --group peer
if grep -n '://' constraints/*.txt; then echo "make lock: a host got into constraints/" >&2; exit 1; fi
