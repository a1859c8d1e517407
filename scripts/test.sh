#!/usr/bin/env bash
# Install npstn into a local environment and run its tests.
# Usage: bash scripts/test.sh [options of pytest; paths are relative to the repository]
#        bash scripts/test.sh --backends [--groups jax,paddle] [options of pytest]
# EXTRA=ci brings PyTorch, OpenCV and OpenVINO: without them, the tests that need them are skipped.
# --backends runs the tests of the dialects beside the systems themselves: see backends.sh.
set -euo pipefail
if [[ "${1:-}" == --backends ]]; then
    exec bash "$(dirname "${BASH_SOURCE[0]}")/backends.sh" "${@:2}"
fi
source "$(dirname "${BASH_SOURCE[0]}")/_venv.sh"
use_venv "${EXTRA:-test}"
cd "$root"
exec "$python" -m pytest "$@"
