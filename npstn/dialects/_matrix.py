"""The matrix of a rotation, a scale and a translation, as a function of a system."""

from .._arrays import like
from .._check import Array, array
from ..transforms.rst import rst_theta, rst_theta_vjp
from ._arguments import Arguments

_CHOSEN = {"rotation": 1, "scale": 2, "translation": 2}  # the numbers of each


class Matrix:
    """The matrix R S T of a rotation, a scale and a translation; without any, its numbers."""

    def __init__(self, given: Arguments) -> None:
        self.given, name = given, given.names["params"]
        self.params = array(name, given.values["params"], "of shape (P,) or (N, P)")
        self.chosen = {role: given.flag(role) for role in _CHOSEN}
        self.whole = not any(self.chosen.values())
        count = 6 if self.whole else sum(_CHOSEN[r] for r, there in self.chosen.items() if there)
        if self.params.ndim not in (1, 2) or self.params.shape[-1] != count:
            raise ValueError(f"{name} has shape {self.params.shape}, expected (N, {count})")
        self.shape = *self.params.shape[:-1], 2, 3

    def result(self) -> Array:
        if self.whole:
            return self.params.reshape(self.shape).copy()
        theta = rst_theta(self._rows(), **self.chosen).reshape(self.shape)
        return theta.astype(self.params.dtype) if self.given.faithful else theta

    def vjp(self, d_theta: object) -> dict[str, Array]:
        d = like("d_theta", d_theta, self.shape, "the matrix").reshape(-1, 2, 3)
        if not self.whole:
            d = rst_theta_vjp(d, self._rows(), **self.chosen)
        return {"params": d.reshape(self.params.shape).astype(self.params.dtype)}

    def _rows(self) -> Array:
        return self.params.reshape(-1, self.params.shape[-1])
