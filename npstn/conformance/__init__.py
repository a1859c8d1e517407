"""Conformance: whether a backend is right, and if not, how it differs."""
