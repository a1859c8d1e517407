#!/usr/bin/env bash
# Build the source distribution and from it the wheel, install that into an environment of its own,
# and run tests with nothing of this folder on the path but the tests themselves.
# Usage: bash scripts/package.sh [options and paths of pytest]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/_venv.sh"
use_venv dev
where="$(mktemp -d)"
trap 'rm -rf "$where"' EXIT
(($#)) || set -- -m "not slow" tests/test_{grid,sample,selftest,stn}.py

"$python" -m build --outdir "$where/dist" "$root" >"$where/log" 2>&1 ||
    die "The build failed:" "$(tail -n 30 "$where/log")"
"$python" -m zipfile -l "$where"/dist/*.whl >"$where/files"
for file in npstn/py.typed npstn/conformance/data/digest.txt npstn/kernels/sample.py; do
    grep -q "^$file " "$where/files" || die "The wheel lacks $file."
done
"$python" -m venv "$where/venv"
python="$where/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check "$where"/dist/*.whl
cd "$where" # the wheel needs no more than it names
export NPSTN_CACHE="${NPSTN_CACHE:-$root/.npstn_cache}"
"$where/venv/bin/npstn" info --self-test
"$python" -m pip install --quiet --disable-pip-version-check "$(echo "$where"/dist/*.whl)[test]"
mkdir "$where/alone"
cp -r "$root/tests" "$root/setup.cfg" "$where/alone"
cd "$where/alone"
"$python" -c 'import npstn, sys; sys.exit(sys.prefix not in npstn.__file__)' ||
    die "The tests would not run with the installed package."
"$python" -m pytest "$@"
