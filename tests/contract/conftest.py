"""The longest sub-process starts with the first test of this folder, beside the others."""

import subprocess
from collections.abc import Iterator

import pytest
from support.digests import start


@pytest.fixture(scope="session")
def generic() -> Iterator[subprocess.Popen[str]]:
    """Digests by code for any processor, in one thread: nothing of it is in the cache at first."""
    environment = {"NUMBA_NUM_THREADS": "1", "NUMBA_CPU_NAME": "generic"}
    with start("--few", "--threads", "1", **environment) as process:
        yield process
        process.kill()


@pytest.fixture(scope="session", autouse=True)
def early(request: pytest.FixtureRequest) -> None:
    """Start it if a test is going to ask for it."""
    if any("generic" in getattr(item, "fixturenames", ()) for item in request.session.items):
        request.getfixturevalue("generic")
