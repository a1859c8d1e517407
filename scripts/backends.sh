#!/usr/bin/env bash
# Run the tests of the dialects beside the systems themselves: for each list in scripts/backends,
# in an environment that has npstn's dependencies and what the list names.
# Usage: bash scripts/backends.sh [--groups jax,paddle] [options of pytest]
# BACKENDS_DIR=... chooses where the environments are: checkouts that name the same one share them.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/_venv.sh"
lists="$root/scripts/backends"
where="${BACKENDS_DIR:-$root/.venv-backends}"

find_python() { # version
    local versions="${PYENV_ROOT:-$HOME/.pyenv}/versions"
    for base in "python$1" "$versions/$1".*/bin/python; do
        "$base" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$1')" 2>/dev/null &&
            return
    done
    die "No Python $1 that runs on PATH or under pyenv."
}

prepare() { # group; its stamp is the list that it was made from
    local list="$lists/$1.txt" venv="$where/$1" base python
    python="$venv/bin/python"
    find_python "$(sed -n '1s/^# Python //p' "$list")"
    if [[ -e "$venv/npstn-stamp" ]] && ! cmp -s "$list" "$venv/npstn-stamp"; then
        rm -rf "$venv"
    fi
    make_venv "$venv"
    cmp -s "$list" "$venv/npstn-stamp" && return
    echo "Installing what ${list#"$root/"} names (pip fetches it)"
    "$python" -m pip install --quiet --disable-pip-version-check \
        --editable "$root[test]" --requirement "$list" || die "The installation failed: see above."
    cp "$list" "$venv/npstn-stamp"
}

run_tests() { # python, options of pytest
    # The npstn of this checkout is tested, whichever checkout made the environment. The warnings of
    # other packages are theirs to mend: none is an error here.
    # The figures of all comparisons are kept: tests/dialects/systems/figures.json.
    NPSTN_FIGURES="$root/tests/dialects/systems/figures.json" PYTHONPATH="$root" "$1" -m pytest \
        -W default tests/dialects/systems tests/conformance/test_audit.py \
        --ignore tests/dialects/systems/test_figures.py \
        --ignore tests/dialects/systems/test_npstn.py "${@:2}" # alike everywhere, and slow to compile
}

groups=("$lists"/*.txt)
groups=("${groups[@]##*/}")
groups=("${groups[@]%.txt}")
if [[ "${1:-}" == --groups ]]; then
    known=" ${groups[*]} "
    IFS=, read -ra groups <<<"${2:-}"
    for group in "${groups[@]:-}"; do
        [[ -n "$group" && "$known" == *" $group "* ]] ||
            die "--groups takes names with commas between them, out of:$known"
    done
    shift 2
fi

cd "$root"
mkdir -p "$where"
passed=() failed=() missing=()
for group in "${groups[@]}"; do
    echo "==== $group"
    # In a shell of its own, for what goes wrong there ends it.
    if ! (prepare "$group"); then
        missing+=("$group")
    elif run_tests "$where/$group/bin/python" "$@"; then
        passed+=("$group")
    else
        failed+=("$group")
    fi
done
echo "==== passed: ${passed[*]:-none}"
echo "     failed: ${failed[*]:-none}"
echo "     could not be installed: ${missing[*]:-none}"
((${#failed[@]} + ${#missing[@]} == 0))
