#!/usr/bin/env bash
# Measure the branches of npstn that tests take: of the kernels in plain Python, of all else as it
# runs, with compiled ones. Takes an hour; the report names each line and branch that no test takes.
# Usage: bash scripts/coverage.sh [options and paths of pytest for all else]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/_venv.sh"
use_venv dev
use_venv ci
cd "$root"
(($#)) || set -- -m "not slow" --ignore=tests/kernels tests
status=0
"$python" -m coverage erase
NPSTN_JIT=0 "$python" -m coverage run -m pytest tests/kernels tests/test_grid.py || status=1
"$python" -m coverage run -m pytest "$@" || status=1
"$python" -m coverage combine
"$python" -m coverage report || status=1
exit "$status"
