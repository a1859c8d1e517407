#!/usr/bin/env bash
# Test npstn with the oldest versions of its dependencies that it takes, or the newest there are.
# Usage: bash scripts/versions.sh oldest|newest PYTHON [options and paths of pytest]
# For instance: bash scripts/versions.sh oldest python3.10
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root"
export MPLBACKEND=Agg
[[ "${1:-}" == oldest || "${1:-}" == newest ]] && (($# >= 2)) || {
    sed -n '3,4s/^# //p' "${BASH_SOURCE[0]}" >&2
    exit 2
}
which="$1" base="$2"
shift 2
(($#)) || set -- -m "not truth and not slow" tests/jit tests/transforms tests/test_{check,sample,stn}.py

where="$(mktemp -d)"
trap 'rm -rf "$where"' EXIT
"$base" -m venv "$where/venv"
python="$where/venv/bin/python"
: >"$where/versions"
if [[ "$which" == oldest ]]; then
    sed -n '/^install_requires =/,/^$/s/>=/==/p' setup.cfg | sed 's/^ *//' >"$where/versions"
    echo "pyparsing<3.3" >>"$where/versions" # a later one warns of names that old Matplotlib uses
fi
"$python" -m pip install --quiet --disable-pip-version-check -c "$where/versions" --editable ".[test]"
"$python" - <<'EOF_PYTHON'
import platform
from importlib.metadata import version

found = (f"{name} {version(name)}" for name in ("numpy", "numba", "scipy", "matplotlib"))
print(f"Python {platform.python_version()}", *found, sep=", ", flush=True)
EOF_PYTHON
"$python" -m pytest "$@"
