#!/usr/bin/env bash
# Measure the branches that tests take: of npstn in plain Python, and of npstn/jit compiled as well.
# Takes an hour; the report names each line and branch that no test takes. Options and paths are
# those of the run in plain Python.
# Usage: bash scripts/coverage.sh [options and paths of pytest]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/_venv.sh"
use_venv dev
use_venv ci
cd "$root"
(($#)) || set -- -m "not slow" tests
status=0
"$python" -m coverage erase
NPSTN_JIT=0 "$python" -m coverage run -m pytest "$@" || status=1
"$python" -m coverage run -m pytest tests/jit tests/test_warmup.py || status=1
"$python" -m coverage combine
"$python" -m coverage report || status=1
exit "$status"
