"""The parts of :func:`npstn.conformance.audit`."""
