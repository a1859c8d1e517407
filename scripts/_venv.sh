# shellcheck shell=bash
# Sourced by the scripts beside it: a local virtual environment, made once and kept up to date.
# `use_venv plain|test|dev|ci` sets $python to its interpreter. PYTHON=... chooses another
# interpreter, which gets an environment of its own (.venv-3.13, say).

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
export MPLBACKEND=Agg

die() {
    printf '%s\n' "$@" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1
}

find_base_python() {
    if [[ -n "${PYTHON:-}" ]]; then
        base="$PYTHON"
        "$base" -c '' >/dev/null 2>&1 || die "PYTHON=$base does not run."
        is_new_enough "$base" ||
            die "PYTHON=$base is $("$base" --version 2>&1), but npstn needs Python 3.10 or newer."
        return
    fi
    for base in python3 python3.14 python3.13 python3.12 python3.11 python3.10 python; do
        is_new_enough "$base" && return
    done
    die "npstn needs Python 3.10 or newer; python3 here is: $(python3 --version 2>&1 || true)" \
        "Install one, or name one: PYTHON=/path/to/python3 bash scripts/..."
}

make_venv() { # where
    local identity='import sys; print(sys.base_prefix, sys.version)'
    if [[ -e "$1" && ! -e "$1/npstn-stamp" ]]; then
        die "$1 exists, but was not made by these scripts. Move it away."
    fi
    if [[ "$("$python" -c "$identity" 2>/dev/null)" == "$("$base" -c "$identity")" ]] &&
        "$python" -m pip --version >/dev/null 2>&1; then
        return
    fi
    "$base" -c 'import venv, ensurepip' 2>/dev/null ||
        die "$("$base" --version) lacks its venv or ensurepip module, which the set-up needs." \
            "On Debian and Ubuntu: apt install python3-venv"
    echo "Making $1 with $("$base" --version)"
    rm -rf "$1"
    mkdir "$1"
    : >"$1/npstn-stamp"
    "$base" -m venv "$1" || die "Could not make a virtual environment in $1."
}

fingerprint() { # of the files named and of all sources in the directories named
    (cd "$root" && "$python" - "$@") <<'EOF_PYTHON'
import hashlib, pathlib, sys

total = hashlib.sha256()
for path in map(pathlib.Path, sys.argv[1:]):
    for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
        content = file.read_bytes() if file.exists() else b""
        total.update(f"{file} {len(content)} ".encode() + content)
print(total.hexdigest())
EOF_PYTHON
}

use_venv() { # plain: the package; or an extra of setup.cfg: test, and with more than that dev, ci
    local venv="$root/.venv" level="$1" setup all have="" stamp="" what
    find_base_python
    if [[ -n "${PYTHON:-}" ]]; then
        venv="$venv-$("$base" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
    fi
    python="$venv/bin/python"
    make_venv "$venv"

    # An editable install ages with the set-up only, and serves where a plain one would.
    setup="$(fingerprint setup.cfg pyproject.toml)"
    all="$(fingerprint setup.cfg pyproject.toml README.md npstn)"
    read -r have stamp <"$venv/npstn-stamp" || true
    [[ "$stamp" == "$setup" || "$have $stamp" == "plain $all" ]] || have=""
    case "$level of ,$have," in
        *" of "*",$level,"* | "plain of ,"?*"," | "test of "*",dev,"* | "test of "*",ci,"*) return ;;
    esac
    if [[ "$level" == plain ]]; then
        have=plain what=("$root") stamp="$all"
        rm -rf "$root/build/lib" # or setuptools would pack modules that are gone
    else
        have="${have#plain}" # what was there stays there
        have="${have:+$have,}$level" stamp="$setup"
        what=(--editable "$root[$have]")
    fi
    echo "Installing npstn into $venv (the first time, pip fetches its dependencies)"
    : >"$venv/npstn-stamp"
    "$python" -m pip install --quiet --disable-pip-version-check "${what[@]}" ||
        die "The installation failed: see above. It needs the network."
    echo "$have $stamp" >"$venv/npstn-stamp"
}
