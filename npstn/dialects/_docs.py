"""The docstring of a system's function, from its row."""

from ._arguments import PRIMALS, argument
from .row import Convention, Function, Row

_ROLES = {
    "x": "Image, float32 or float64.",
    "points": "Points.",
    "points_x": "x coordinates of the points.",
    "points_y": "y coordinates of the points.",
    "points_z": "z coordinates of the points.",
    "theta": "Parameters of the map.",
    "offset": "Offset of the map.",
    "size": "Size of the output, (H, W) or (D, H, W).",
    "size_xy": "Size of the output, (W, H).",
    "dsize": "Size of the output, (W, H); None, or with a 0, that of the image.",
    "shape": "Shape of the output, (N, C, H, W) or (N, C, D, H, W).",
    "depth": "Depth of the output.",
    "height": "Height of the output.",
    "width": "Width of the output.",
    "mode": "Interpolation: {modes}.",
    "flags": "Interpolation: {modes}; plus 16 if the map is from output to input.",
    "transform": "'affine': parameters of maps; 'warp': displacements in pixels, of any size.",
    "padding": "What is outside: {paddings}.",
    "align": "Whether -1 and 1 are the centres of the first and last texel; None is False.",
    "gate": "Which points outside count: {gates}.",
    "fill": "Value of what is outside, a number or one for each channel.",
    "scalar": "Value of what is outside in channel 0, or in up to four; the next repeat these.",
    "params": "Those chosen of (angle, s_1, s_2, t_1, t_2), or the six numbers of the matrix.",
    "rotation": "Whether there is an angle.",
    "scale": "Whether there are two scales.",
    "translation": "Whether there is a translation.",
    "free": "Any: it changes nothing here.",
    "only": "As it is: npstn has no other.",
}
_FIRST = {
    "sample": "Sample an image at points, as {title}.",
    "grid": "Compute the grid of an affine map, as {title}.",
    "warp": "Transform an image by a map, as {title}.",
    "matrix": "Compute the matrix of a map from its parameters, as {title}.",
}


def docstring(row: Row, function: Function, cotangent: str) -> str:
    """The docstring of a function, or of its vjp."""
    rule = function.convention
    first = _FIRST[function.op].format(title=f"{row.title}'s {function.name}")
    if cotangent:
        first = f"Cotangents of the arrays of {row.title}'s {function.name}."
    lines = [first, "", "Parameters", "----------"]
    if cotangent:
        lines += [f"{cotangent} : shape of the result", "    Cotangent of the result."]
    choices = {
        "modes": ", ".join(map(repr, rule.modes)),
        "paddings": ", ".join(map(repr, rule.paddings)),
        "gates": ", ".join(map(repr, rule.gates)),
    }
    for name, value in function.arguments.items():
        role = argument(value).role
        lines += [_head(name, role, rule), f"    {_ROLES[role].format(**choices)}"]
    lines += ["faithful : bool", "    Round as the system does; or compute in float64 throughout."]
    lines += ["", "Returns", "-------", *_returns(function, cotangent)]
    lines += ["", "Raises", "------", "TypeError, ValueError"]
    lines += ["    If an argument has the wrong type, dtype, shape or value."]
    return "\n".join([*lines, "", "Notes", "-----", *notes(row, function)])


def notes(row: Row, function: Function) -> list[str]:
    """What the convention is, and what remains to the real system."""
    rule = function.convention
    found = [f"{unit(rule)} {order(rule, function)}".strip()]
    quantum = rule.number("quantum", "bilinear")
    if quantum:
        found.append(
            f"Points are rounded to multiples of {quantum:g} pixel; derivatives are"
            " those before rounding, at the rounded point."
        )
    if row.source == "read":
        found.append("Written from its sources, which were read and not run.")
    found += [f"Differs: {d.what}" for d in (*row.differences, *function.differences)]
    return found


def unit(rule: Convention) -> str:
    """The unit of coordinates, as a formula."""
    if rule.unit == "flow":
        return f"p = lattice {'+' if rule.sign > 0 else '-'} flow, in pixels."
    if rule.unit == "normalized":
        if rule.shrink is None:
            return "p = (g + 1)(S - 1)/2 with align_corners, ((g + 1)S - 1)/2 without."
        return f"p = (g + 1)(S - {rule.shrink:g})/2." if rule.shrink else "p = (g + 1)S/2."
    return {"texel": "p = g.", "corner": "p = g - 1/2.", "centre": "p = g + (S - 1)/2."}[
        rule.origin
    ]


def order(rule: Convention, function: Function) -> str:
    """Order and direction of coordinates and maps."""
    found = "Coordinates are (x, y)." if rule.order == "xy" else "Coordinates are (row, column)."
    if function.op == "sample":
        return found
    ways = {"pull": "from output to input", "push": "from input to output"}
    return f"{found} The map is {ways[rule.direction]}."


def _head(name: str, role: str, rule: Convention) -> str:
    if role == "x":
        shapes = [f"({', '.join(word)})" for word in rule.layout.split("|")]
        return f"{name} : {' or '.join(shapes)}"
    if role == "points":
        return f"{name} : ({', '.join(rule.points)})"
    return name


def _returns(function: Function, cotangent: str) -> list[str]:
    if not cotangent:
        return ["array", "    In the layout and dtype of the image, or of the map."]
    roles = [(n, argument(v).role) for n, v in function.arguments.items()]
    names = [f"d_{name}" for name, role in roles if role in PRIMALS]
    return [f"{', '.join(names)} : shapes and dtypes of what they are cotangents of"]
