"""Run ``python -m npstn``, which is the command ``npstn``."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
