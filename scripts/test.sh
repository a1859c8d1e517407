#!/usr/bin/env bash
# Install npstn into a local environment and run its tests.
# Usage: bash scripts/test.sh [options of pytest; paths are relative to the repository]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/_venv.sh"
use_venv test
cd "$root"
exec "$python" -m pytest "$@"
