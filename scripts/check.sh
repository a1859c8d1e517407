#!/usr/bin/env bash
# Formatting, lint and types, as continuous integration demands them.
# Usage: bash scripts/check.sh
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/_venv.sh"
use_venv dev
cd "$root"
status=0
"$python" -m ruff format --check . || status=1
"$python" -m ruff check . || status=1
"$python" -m mypy || status=1
exit "$status"
