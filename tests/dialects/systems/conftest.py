"""With NPSTN_FIGURES=FILE the figures of all comparisons are written there, beside older ones."""

import json
import os
from importlib import metadata
from pathlib import Path

from support.dialects import RECORDS

from npstn import dialects

DISTRIBUTIONS = {
    "dm_pix": "dm-pix",
    "opencv": "opencv-python-headless",
    "paddle": "paddlepaddle",
    "pillow": "Pillow",
    "simpleitk": "SimpleITK",
    "skimage": "scikit-image",
    "tfa": "tensorflow-addons",
    "torch_interpol": "torch-interpol",
}


def version_of(system):
    """The version that was run; "read" where there is none."""
    try:
        found = metadata.version(DISTRIBUTIONS.get(system, system))
    except metadata.PackageNotFoundError:
        return "read"
    backend = f" on {os.environ['KERAS_BACKEND']}" if system == "keras" else ""
    return found.partition("+")[0] + backend


def pytest_sessionfinish():
    target = os.environ.get("NPSTN_FIGURES")
    if not target or not RECORDS:
        return
    path, found = Path(target), {}
    for system, version, name, figures in RECORDS:
        row = dialects.get(system, version=version).row
        key = f"{row.system} {row.since}, {name}, {version_of(system)}"
        entry = found.setdefault(key, {"cases": 0, "worst": {}, "named": {}})
        entry["cases"] += figures.cases
        for what, value in figures.worst.items():
            entry["worst"][what] = max(value, entry["worst"].get(what, 0.0))
        for what, count in figures.named.items():
            entry["named"][what] = entry["named"].get(what, 0) + count
    old = json.loads(path.read_text("utf-8")) if path.exists() else {}
    text = json.dumps({**old, **found}, indent=1, sort_keys=True)
    path.write_text(text + "\n", "utf-8")
