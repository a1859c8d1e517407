"""The tests and their sub-processes share a cache of compiled functions, not the user's."""

import os
from pathlib import Path

if not os.environ.get("NPSTN_CACHE"):
    os.environ["NPSTN_CACHE"] = str(Path(__file__).resolve().parent.parent / ".npstn_cache")
