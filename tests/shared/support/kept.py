"""What no kernel takes part in, and takes long: ``scripts/mutation`` keeps it for all its runs."""

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Value = TypeVar("Value")


def kept(name: str, make: Callable[[], Value]) -> Value:
    """What ``make`` gives; read from the folder NPSTN_KEPT, once it is there."""
    if "NPSTN_KEPT" not in os.environ:
        return make()
    path = Path(os.environ["NPSTN_KEPT"], f"{name}.pickle")
    if not path.exists():
        path.write_bytes(pickle.dumps(make()))
    return pickle.loads(path.read_bytes())
