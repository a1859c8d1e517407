"""Run python scripts/hunt; its options are in command.py."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])  # where this folder is a package
    from hunt.command import main

    sys.exit(main())
