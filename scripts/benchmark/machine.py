"""What the benchmark was running on."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import llvmlite.binding

import npstn

PACKAGES = (
    "numpy",
    "numba",
    "torch",
    "opencv-python-headless",
    "opencv-python",
    "openvino",
    "scipy",
)


def machine() -> dict[str, str | float]:
    """Describe the machine, its system, and how busy it is already."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "cpu": processor(),
        "vectors": vectors(),
        "cores": usable or 1,
        "system": f"{platform.system()} {platform.release()}",
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else 0.0,
    }


def processor() -> str:
    """The name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def vectors() -> str:
    """Its widest vectors that matter here: AVX-512, AVX2 or none of them."""
    features = llvmlite.binding.get_host_cpu_features()
    for feature, name in (("avx512f", "AVX-512"), ("avx2", "AVX2")):
        if features.get(feature):
            return name
    return "no AVX2"


def versions() -> dict[str, str]:
    """Versions of Python, npstn and all that took part."""
    found = {"Python": platform.python_version(), "npstn": npstn.__version__}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
