"""Break the kernels for the tests to notice: ``python scripts/mutation``."""
