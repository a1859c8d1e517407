"""A golden as the manifest describes it, and back."""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from .._formula import Formula
from ..command import entry, plain
from .files import LITTLE
from .golden import Array, Expected, Golden

ROWS = ("value", "magnitude", "terms", "low", "high")
FORMULA = ("seed", "low", "high", "over")


def described(golden: Golden) -> tuple[dict[str, Any], dict[str, Array]]:
    """Describe a golden, and give the arrays that are stored."""
    arrays: dict[str, Array] = {}
    inputs, results = [], []
    for name, a in golden.arrays.items():
        if isinstance(a, Formula):
            formula = {key: getattr(a, key) for key in FORMULA}
            parts = {"dtype": LITTLE[a.dtype], "shape": list(a.shape), "formula": formula}
            inputs.append({"name": name, **parts})
        else:
            inputs.append(_stored(name, a, arrays))
    for name, answer in golden.results.items():
        results.append({**_stored(name, _rows(answer), arrays), **_facts(answer)})
    case = {
        "id": golden.id,
        "tier": golden.tier,
        "op": golden.op,
        "clauses": list(golden.clauses),
        "description": golden.description,
        "options": {k: plain(v) for k, v in golden.options.items()},
        "sizes": {k: plain(v) for k, v in golden.sizes.items()},
        "arrays": inputs,
        "results": results,
    }
    return case, arrays


def golden_of(case: Mapping[str, Any], content: Mapping[str, bytes]) -> Golden:
    """Make a golden of its description and the bytes of its arrays.

    ValueError is raised if a SHA-256 is another one.
    """
    arrays: dict[str, Array | Formula] = {}
    for e in case["arrays"]:
        if "formula" in e:
            dtype = np.dtype(e["dtype"]).name
            arrays[e["name"]] = Formula(tuple(e["shape"]), dtype, **e["formula"])
        else:
            arrays[e["name"]] = _loaded(case["id"], e, content)
    results = {e["name"]: _answer(e, _loaded(case["id"], e, content)) for e in case["results"]}
    return Golden(
        case["id"],
        case["tier"],
        case["op"],
        tuple(case["clauses"]),
        case["description"],
        case["options"],
        {name: tuple(size) for name, size in case["sizes"].items()},
        arrays,
        results,
    )


def _stored(name: str, a: Array, arrays: dict[str, Array]) -> dict[str, Any]:
    found = entry(name, a.dtype, a.shape)
    arrays[name] = np.ascontiguousarray(a, found["dtype"])
    return {**found, "sha256": hashlib.sha256(arrays[name].tobytes()).hexdigest()}


def _loaded(case: str, described: Mapping[str, Any], content: Mapping[str, bytes]) -> Array:
    name, dtype = described["name"], np.dtype(described["dtype"])
    if hashlib.sha256(content[name]).hexdigest() != described["sha256"]:
        raise ValueError(f"{name} of {case} has another SHA-256 than the manifest says")
    a = np.frombuffer(content[name], dtype).reshape(described["shape"])
    a = a.astype(dtype.newbyteorder("="))
    a.flags.writeable = False
    return a


def _facts(answer: Expected) -> dict[str, Any]:
    found: dict[str, Any] = {"call": answer.call, "kind": answer.kind, "result": answer.dtype}
    if answer.kind == "lattice":
        found |= {"log2_denominator": answer.log2_denominator, "bits": answer.bits, "tolerance": 0}
    else:
        found |= {"constant": answer.constant, "slack": answer.slack}
    if answer.at is not None:
        found["at"] = answer.at.tolist()
    return found


def _rows(answer: Expected) -> Array:
    """The numbers of an answer in one array; those of a rational one in rows."""
    if answer.kind == "lattice":
        return answer.value
    rows = [getattr(answer, row) for row in ROWS]
    return np.stack([a.astype(np.float64) for a in rows if a is not None])


def _answer(e: Mapping[str, Any], a: Array) -> Expected:
    at = np.array(e["at"], np.int64) if "at" in e else None
    head = e["name"], e["result"], e["call"], e["kind"]
    if e["kind"] == "lattice":
        return Expected(*head, a, log2_denominator=e["log2_denominator"], bits=e["bits"], at=at)
    rows = dict(zip(ROWS[1:], a[1:], strict=False))
    return Expected(*head, a[0], constant=e["constant"], slack=e["slack"], at=at, **rows)
