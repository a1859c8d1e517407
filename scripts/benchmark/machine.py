"""What the benchmark was running on."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version

import llvmlite.binding

import npstn
from npstn.cli.info import cores, processor

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
    return {
        "cpu": processor(),
        "vectors": vectors(),
        "cores": cores(),
        "system": f"{platform.system()} {platform.release()}",
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else 0.0,
    }


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
