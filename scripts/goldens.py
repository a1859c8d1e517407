"""Write npstn/conformance/data/goldens.zip, the golden vectors that come with npstn."""

import argparse
import tempfile
from pathlib import Path

from npstn.conformance import goldens
from npstn.conformance._goldens import store

SHIPPED = Path(goldens.__file__).parent / "data" / "goldens.zip"


def main() -> None:
    """Write the file, or say whether it is as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing: exit 1 if out of date")
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        goldens.write(folder, small=True, formats=("packed",))
        if not check:
            SHIPPED.parent.mkdir(exist_ok=True)
            store.zipped(Path(folder), SHIPPED)
        elif store.unzipped(SHIPPED) != store.contents(Path(folder)):
            raise SystemExit(f"{SHIPPED.name} is out of date: run python scripts/goldens.py")


if __name__ == "__main__":
    main()
