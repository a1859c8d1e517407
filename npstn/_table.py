"""A mapping that does not change, for data in the sources."""

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Table(Mapping[K, V], Generic[K, V]):
    """A mapping that does not change: whoever holds it can be hashed, and nobody writes into it."""

    def __init__(self, items: Mapping[K, V]) -> None:
        self._items = dict(items)

    def __getitem__(self, key: K) -> V:
        """Look an item up."""
        return self._items[key]

    def __iter__(self) -> Iterator[K]:
        """List the keys in their order."""
        return iter(self._items)

    def __len__(self) -> int:
        """Count the items."""
        return len(self._items)

    def __hash__(self) -> int:
        """Hash the keys and values."""
        return hash(tuple(self.items()))

    def __repr__(self) -> str:
        """Write it as a dict."""
        return repr(self._items)


class Frozen:
    """A dataclass whose mappings become tables."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, Mapping):
                object.__setattr__(self, name, Table(value))
