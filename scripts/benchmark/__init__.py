"""Time npstn side by side with what a user would pick instead: ``python scripts/benchmark``."""
