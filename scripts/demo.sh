#!/usr/bin/env bash
# Install npstn into a local environment and run it on a photograph; it says where the picture is.
# Usage: bash scripts/demo.sh [options of pictures/sanity_check.py]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/_venv.sh"
use_venv plain
exec "$python" "$root/scripts/pictures/sanity_check.py" --output "$root/sanity_check.png" "$@"
