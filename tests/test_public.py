"""Names at the top of npstn are found without loading NumPy before they are used."""

import subprocess
import sys

import pytest

import npstn
from npstn import _public


def run(code: str) -> list[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()


def test_all_names_are_there():
    found = sorted(name for name in vars(_public) if not name.startswith("_"))
    assert sorted(npstn.__all__) == sorted(["SPEC", *found])
    for name in found:
        assert getattr(npstn, name) is getattr(_public, name)


def test_import_loads_no_numpy_and_dir_lists_all():
    code = "import sys, npstn; print('numpy' in sys.modules, *dir(npstn)); npstn.TRUTH_VERSION"
    loaded, *names = run(code)
    assert loaded == "False"
    assert {*npstn.__all__, "conformance", "transforms"} <= {*names}


def test_modules_are_there_without_an_import():
    assert run("import npstn; print(npstn.dialects.torch.grid_sample.__name__)") == ["grid_sample"]


def test_unknown_name_is_an_error():
    with pytest.raises(AttributeError, match="module 'npstn' has no attribute 'sampler'"):
        _ = npstn.sampler
