"""The docstring of a system's function, from its row."""

import textwrap

from . import _words
from ._signature import PRIMALS, argument, ranks, roles_of
from .row import REQUIRED, Argument, Function, Row

_FIRST = {
    "sample": "Sample an image at points, as {title}.",
    "grid": "Compute the grid of a map, as {title}.",
    "warp": "Transform an image by a map, as {title}.",
    "matrix": "Compute the matrix of a map from its parameters, as {title}.",
}
_FLOATS = "float32 or float64"
_ROLES = {
    "x": f"Image, {_FLOATS}: uint8 and other integers are refused.",
    "points": f"Points {{axes}}, {_FLOATS}{{listed}}; ... are any axes, or none.",
    "points_x": f"x of the points, {_FLOATS}; ... are any axes, or none.",
    "points_y": "y of the points.",
    "points_z": "z of the points.",
    "offset": "Offset of the map; it counts where the matrix is (R, R) or (R,).",
    "size": "Size of the output.",
    "size_xy": "Size of the output.",
    "dsize": "Size of the output; None, or with a 0, that of the image.",
    "shape": "Shape of the output; its C is free.",
    "depth": "Depth of the output.",
    "height": "Height of the output.",
    "width": "Width of the output.",
    "mode": "Interpolation: {modes}.",
    "flags": "Interpolation: {modes}; plus 16 if the map is from output to input.",
    "transform": "'affine' for maps, 'warp' for displacements.",
    "padding": "What is outside: {paddings}.",
    "gate": "Which points count, the rest reading 0: {gates}.",
    "fill": "The fill, a number or one for each channel: what is outside.",
    "scalar": "The fill, of channel 0 or of up to four: what is outside. The next repeat these.",
    "params": "Those chosen of (angle, s_1, s_2, t_1, t_2), or the six numbers of the matrix.",
    "rotation": "Whether there is an angle.",
    "scale": "Whether there are two scales.",
    "translation": "Whether there is a translation.",
    "free": "Any: it changes nothing here.",
    "only": "{default} only: npstn has no other.",
}
_ENDS = "the centres of the first and last texel, or else their outer edges"
_ALIGN = {  # by the field through; "" is of normalized coordinates
    "": f"Whether -1 and 1 are {_ENDS}.",
    "option": "Whether each coordinate on an axis of one texel becomes 0; no other is changed.",
    "align": "Whether normalising and back leaves coordinates as they are; or else p is as below.",
}


def docstring(row: Row, function: Function, cotangent: str) -> str:
    """The docstring of a function, or of its vjp."""
    title = f"{row.title}'s {function.name}"
    first = f"Compute the cotangents of the arrays of {title}."
    lines = [first if cotangent else _FIRST[function.op].format(title=title), ""]
    if function.real:
        lines += [*_wrapped(f"The real call: {function.real}.", ""), ""]
    lines += ["Parameters", "----------"]
    if cotangent:
        lines += [f"{cotangent} : {_result(function)}", *_wrapped(f"Cotangent, {_FLOATS}.")]
    for name, value in function.arguments.items():
        found = argument(value)
        lines += [_head(name, found.role, function), *_wrapped(_text(found, function))]
    lines += ["faithful : bool", "    Round as the system does; or compute in float64 throughout."]
    lines += ["", "Returns", "-------", *_returns(function, cotangent)]
    lines += ["", "Raises", "------", "TypeError, ValueError"]
    lines += ["    If an argument has the wrong type, dtype, shape or value."]
    lines += ["", "Notes", "-----"]
    return "\n".join([*lines, *(line for note in notes(row, function) for line in _note(note))])


def notes(row: Row, function: Function) -> list[str]:
    """What the convention is, and what remains to the real system."""
    found = []
    if function.op != "matrix":
        unit = _words.unit(function)
        what, where = "A coordinate g is", "0 is the centre of the first texel"
        if function.convention.unit == "flow":
            what, where = "The image is read", "the lattice is of the pixels of the output"
        size = ", S the size of the axis" if "S" in unit else ""
        found.append(f"{what} at the pixel {unit}; {where}{size}.")
        way = _words.direction(function)
        found.append(f"Coordinates are {_words.axes(function)}." + f" Maps are {way}." * bool(way))
    found += [_sentence(line) for line in _words.numbers(function)]
    slopes = _words.derivatives(function)
    if slopes:
        found.append(f"Derivative of bilinear: {'; '.join(slopes)}.")
    if _words.others(function):
        found.append(_sentence(_words.others(function)))
    if row.source == "read":
        found.append("Written from its sources, which were read and not run.")
    return found + [f"Differs: {d.what}" for d in (*row.differences, *function.differences)]


def _head(name: str, role: str, function: Function) -> str:
    rule = function.convention
    if role == "x":
        return f"{name} : {_words.shape(rule.layout, function)}"
    if role.startswith("points"):
        return f"{name} : {_words.points_shape(function)}"
    if role == "theta":
        warp = f" or {_words.points_shape(function)}" * ("transform" in roles_of(function))
        return f"{name} : {_words.map_shape(function)}{warp}"
    if role == "params":
        return f"{name} : (N, P) or (P,)"
    known = {
        "size": _words.shape("*", function),
        "size_xy": "(W, H)",
        "dsize": "(W, H)",
        "shape": _words.shape("NC*", function),
        "offset": f"number or {' or '.join(f'({r},)' for r in ranks(function))}",
    }
    return f"{name} : {known[role]}" if role in known else name


def _text(given: Argument, function: Function) -> str:
    """What an argument is."""
    role, default = given
    if role == "theta":
        return _map(function)
    if role == "align":
        return _align(default, function)
    if role == "points" and function.convention.unit == "flow":
        return _flow(function)
    known = {
        "axes": _words.axes(function),
        "listed": ", integers or lists" if function.convention.points.startswith("R") else "",
        "modes": _words.modes(function),
        "paddings": _words.paddings(function),
        "gates": _words.gates(function) if function.convention.gates else "",
        "default": repr(default),
    }
    found = _ROLES[role].format(**known)
    allowed = {"mode": function.convention.modes, "padding": function.convention.paddings}
    if role in allowed and default is not REQUIRED and default not in allowed[role]:
        found += f" {default!r}, the default, is refused."
    if role == "fill" and default is None:
        found += " None is 0."
    if role in ("size", "size_xy") and default is None:
        found += " That of the image by default."
    return found


def _map(function: Function) -> str:
    rule, own = function.convention, roles_of(function)
    found = f"Map, {_FLOATS}, or a list of its numbers." if "N" not in rule.layout else ""
    found = found or f"Maps, {_FLOATS}. One alone, without N, is for all images."
    if rule.several:
        found = f"K maps of each image, {_FLOATS}."
    if "transform" in own:
        found = f"Maps; or displacements {_words.axes(function)} in pixels. Both {_FLOATS}."
    if rule.form != "eight" and "offset" not in own:
        found += " The numbers of a map may be in one row."
    return found


def _flow(function: Function) -> str:
    rule = function.convention
    unit = "pixels" if rule.shrink is None else "halves of the size of an axis"
    way = "added to" if rule.sign > 0 else "subtracted from"
    return f"Displacements {_words.axes(function)} in {unit}, {way} the points of the output."


def _align(default: object, function: Function) -> str:
    rule = function.convention
    found = _ALIGN[rule.through]
    free = [p for p in rule.paddings.values() if p.mode == "reflection" and p.align is None]
    if free and function.op != "grid":
        about = (
            f"whether reflection is about {_ENDS}" if rule.through else "reflection is about these"
        )
        found = f"{found[:-1]}; {about}."
    return found + " None is False." * (default is None)


def _result(function: Function) -> str:
    """The shape of the result."""
    rule = function.convention
    if function.op == "matrix":
        return "(N, 2, 3) or (2, 3)"
    if function.op == "grid":
        return _words.points_shape(function)
    loose = function.op == "sample" and rule.unit != "flow"
    found = _words.shape(rule.layout, function, "..." if loose else "")
    return found.replace("N", "N K") if rule.several else found


def _returns(function: Function, cotangent: str) -> list[str]:
    own = roles_of(function)
    if cotangent:
        names = ", ".join(f"d_{name}" for role, name in own.items() if role in PRIMALS)
        text = "Each in the shape and dtype of its argument"
        text += "; float64 for lists." if "theta" in own else "."
        if "offset" in own:
            text += f" d_{own['offset']} is always float64."
        return [names, *_wrapped(text)]
    if function.op in ("sample", "warp"):
        return [f"out : {_result(function)}", "    In the dtype of the image."]
    name, given = ("theta", "parameters") if function.op == "matrix" else ("grid", "map")
    cast = function.convention.cast
    kind = f"the dtype of the {given}; in float64 if not faithful" if cast == "given" else cast
    kind += "; in float64 if not faithful" * (cast == "float32")
    return [f"{name} : {_result(function)}", f"    In {kind}."]


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _note(text: str) -> list[str]:
    """A note as lines of a list."""
    return textwrap.wrap(text, 96, initial_indent="- ", subsequent_indent="  ")


def _wrapped(text: str, indent: str = "    ") -> list[str]:
    return textwrap.wrap(text, 96, initial_indent=indent, subsequent_indent=indent)
