"""The tests and their sub-processes share a cache of compiled functions, not the user's."""

import os
from pathlib import Path

os.environ.setdefault("NPSTN_CACHE", str(Path(__file__).resolve().parent.parent / ".npstn_cache"))
