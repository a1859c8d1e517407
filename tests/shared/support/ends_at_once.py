"""A module that cannot be imported: it ends the process."""

import os

os._exit(5)
