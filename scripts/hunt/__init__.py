"""Search for violations of the numerical contract: ``python scripts/hunt``."""
