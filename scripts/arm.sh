#!/usr/bin/env bash
# Compare the digests of fixed cases with those of 64-bit ARM, emulated on this machine.
# Usage: bash scripts/arm.sh [--compiled] [--assembly]
# It needs root on Debian, for qemu-user-static and debootstrap, and a gigabyte. Packages and wheels
# are kept in ARM_DIR (.venv-arm), and used again. In plain Python it takes some minutes; with
# --compiled, the few digests that compile fast as well, some tens of minutes more; with --assembly,
# the machine code of the kernels of one rank, mode and dtype is searched for fused arithmetic.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
where="${ARM_DIR:-$root/.venv-arm}"
suite=bookworm version=3.11

die() {
    printf '%s\n' "$@" >&2
    exit 1
}

compiled= assembly=
for option; do
    case "$option" in
    --compiled) compiled=yes ;;
    --assembly) assembly=yes ;;
    *) die "Usage: bash scripts/arm.sh [--compiled] [--assembly]" ;;
    esac
done
[[ "$(uname -m)" != aarch64 ]] || die "This is 64-bit ARM: run python scripts/digests.py"
for command in qemu-aarch64-static debootstrap dpkg; do
    command -v "$command" >/dev/null ||
        die "There is no $command. On Debian, as root: apt-get install qemu-user-static debootstrap"
done
((EUID == 0)) || die "debootstrap works for root only."
python=python3
"$python" -m pip --version >/dev/null 2>&1 || die "python3 has no pip, which fetches the wheels."

tree="$where/tree" wheels="$where/wheels" packages="$where/packages"
mkdir -p "$where"
if [[ ! -e "$tree/usr/bin/python$version" ]]; then
    echo "Fetching a Debian of ARM with Python $version"
    rm -rf "$tree"
    debootstrap --arch=arm64 --foreign --variant=minbase --include="python$version" "$suite" "$tree" \
        >"$where/debootstrap.log" || die "debootstrap failed: see $where/debootstrap.log"
    for package in "$tree"/var/cache/apt/archives/*.deb; do
        dpkg -x "$package" "$tree" # only unpacked: nothing of it has to run
    done
fi
if [[ ! -e "$packages/scipy" ]]; then
    echo "Fetching wheels of NumPy, Numba and SciPy for ARM"
    platforms=(manylinux_2_28_aarch64 manylinux_2_27_aarch64 manylinux2014_aarch64)
    "$python" -m pip download --quiet --disable-pip-version-check --only-binary=:all: \
        "${platforms[@]/#/--platform=}" --python-version "$version" --dest "$wheels" \
        numpy numba scipy ||
        die "There are no such wheels: see above."
    rm -rf "$packages"
    mkdir "$packages"
    for wheel in "$wheels"/*.whl; do
        "$python" -m zipfile -e "$wheel" "$packages"
    done
fi

emulated() { # a script and its options
    NUMBA_NUM_THREADS=1 PYTHONPATH="$root:$packages" PYTHONDONTWRITEBYTECODE=1 \
        qemu-aarch64-static -L "$tree" "$tree/usr/bin/python$version" "$@"
}

digests() { # options of scripts/digests.py; prints how many of them are those that are committed
    NPSTN_CACHE=0 emulated "$root/scripts/digests.py" "$@" >"$where/found.json"
    "$python" - "$where/found.json" "$root/tests/data/digests.json" <<'EOF_PYTHON'
import json, sys

found, committed = (json.load(open(path)) for path in sys.argv[1:])
wrong = [name for name, sha in found.items() if committed["sha256"].get(name) != sha]
print(f"{len(found) - len(wrong)} of {len(found)} digests are those of x86-64")
sys.exit("\n".join(["They differ:", *wrong]) if wrong or not found else 0)
EOF_PYTHON
}

echo "Plain Python:"
NPSTN_JIT=0 digests
if [[ "$compiled" ]]; then
    echo "Compiled:"
    digests --few
fi
if [[ "$assembly" ]]; then
    echo "Assembly:"
    NPSTN_CACHE="$where/cache" emulated "$root/scripts/assembly.py" \
        --ranks 2 --modes bilinear --dtypes float32
fi
