#!/bin/sh
# environment.sh NAME: makes .venv/NAME from constraints/, or does nothing where it is up to date.
#   demo  what `make demo` needs        dev   tests, linters, every extra
#   docs  what makes the documentation site
#   emulators  of cloud services, for the service tests
#   services  PostgreSQL, added to dev (make that first)  peer  what the benchmarks compare with
# uv if it is there, else venv + pip. PYTHON=/path/to/python3 chooses the interpreter.
set -eu
cd "$(dirname "$0")/.."
name=$1
env=.venv/$name
[ "$name" = services ] && env=.venv/dev
stamp=$env/.made-$name
pins="constraints/build.txt constraints/$name.txt"

say() { printf '%s\n' "$*" >&2; }

# What the environment was made from. The folder counts too: scripts in an environment hold its path.
pinned=$( (pwd; cat $pins) | cksum)
project=$(cksum <pyproject.toml)
if [ -x "$env/bin/python" ] && [ -f "$stamp" ]; then
    { read -r had_pinned; read -r had_project; } <"$stamp" || true
    [ "$had_pinned" = "$pinned" ] || had_project=
    if [ "$had_project" = "$project" ]; then exit 0; fi
else
    had_pinned=
fi

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do
        if new_enough "$candidate"; then command -v "$candidate"; return; fi
    done
}

# Packages go in by the tool that made the environment. Its words are kept for a failure: pip warns about much on the way.
install() {
    if [ "$tool" = uv ]; then
        set -- uv pip install --quiet --python "$env/bin/python" "$@"
    else
        set -- "$env/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile "$@"
    fi
    "$@" >"$log" 2>&1 || { tail -n 20 "$log" >&2; return 1; }
}

fill() {
    for file in $pins; do
        install --require-hashes --no-build-isolation -r "$file" || return 1
    done
}

make_with_uv() {
    command -v uv >/dev/null 2>&1 || return 1
    say "Making $env with uv …"
    tool=uv
    uv venv --quiet --clear --no-project --python "${python:->=3.11}" "$env" && fill
}

make_with_pip() {
    [ -n "$python" ] || return 1
    say "Making $env with venv and pip (a minute or two, once) …"
    tool=pip
    rm -rf "$env"
    "$python" -m venv "$env" >"$log" 2>&1 || { tool=venv; return 1; }
    fill
}

mkdir -p .venv
log=.venv/$name.log
if [ "$name" = services ]; then
    if [ -x "$env/bin/pip" ]; then tool=pip; else tool=uv; fi
    rm -f "$stamp"
    fill
elif [ "$had_pinned" = "$pinned" ]; then
    if [ -x "$env/bin/pip" ]; then tool=pip; else tool=uv; fi
    rm -f "$stamp"
else
    python=$(find_python)
    if [ -n "${PYTHON:-}" ] && [ -z "$python" ]; then say "PYTHON=$PYTHON is not a Python 3.11 or newer."; exit 1; fi
    if ! make_with_uv && ! make_with_pip; then
        rm -rf "$env"
        if [ -z "$python" ]; then
            say "No Python 3.11 or newer found: install one, or uv, or name one: make PYTHON=/path/to/python3 …"
        elif [ "$tool" = venv ]; then
            say "$python cannot make environments: install its venv module (Debian, Ubuntu: apt install python3-venv) or uv."
        else
            say "The packages in constraints/$name.txt could not be installed; what the installer said stands above this line."
        fi
        exit 1
    fi
fi
case $name in dev | demo) install --no-deps --no-build-isolation -e . ;; esac
rm -f "$log"
printf '%s\n%s\n' "$pinned" "$project" >"$stamp"
