#!/usr/bin/env bash
# Install npstn into a local environment and run it on a photograph; it says where the picture is.
# Usage: bash scripts/demo.sh [options of npstn demo]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/_venv.sh"
use_venv plain
exec "$python" -m npstn demo --out "$root/sanity_check.png" "$@"
