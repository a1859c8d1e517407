#!/usr/bin/env bash
# Install npstn into a local environment and run its tests.
# Usage: bash scripts/test.sh [options of pytest; paths are relative to the repository]
# EXTRA=ci brings PyTorch, OpenCV and OpenVINO: without them, the tests that need them are skipped.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/_venv.sh"
use_venv "${EXTRA:-test}"
cd "$root"
exec "$python" -m pytest "$@"
