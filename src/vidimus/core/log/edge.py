"""The right edge of a growing tree: all that is needed to add leaves and to know the root.

Of a tree of N leaves these are the roots of its complete subtrees, one for each binary one
in N, at most 63 hashes however long the log is. What was added since the last `settle` is
kept too, so that proofs for the newest leaves need no store.
"""

from __future__ import annotations

from vidimus.core.log import merkle
from vidimus.core.log.merkle import Hash, Read


class Edge:
    """The edge of a tree of `size` leaves; `read` fetches hashes of it, now and not later."""

    def __init__(self, size: int = 0, read: Read | None = None) -> None:
        self.size = size
        self._hashes: dict[tuple[int, int], Hash] = {}
        for place in _peaks(size):
            if read is None:
                raise ValueError("an edge that is not empty must be read from somewhere")
            self._hashes[place] = read(*place)

    def add(self, leaf: Hash) -> tuple[tuple[int, int, Hash], ...]:
        """Add one leaf; gives what a store has to write: (level, n, hash)."""
        written = merkle.added(self.size, leaf, self.read)
        for level, n, value in written:
            self._hashes[level, n] = value
        self.size += 1
        return written

    def read(self, level: int, n: int) -> Hash:
        """A hash of the edge, or of a leaf added since `settle`. Raises KeyError for others."""
        return self._hashes[level, n]

    def root(self) -> Hash:
        return merkle.root(self.size, self.read)

    def inclusion(self, index: int) -> tuple[Hash, ...]:
        """The path of a leaf that was added since `settle`."""
        return merkle.inclusion(index, self.size, self.read)

    def settle(self) -> None:
        """Forget all but the edge of the present size."""
        self._hashes = {place: self._hashes[place] for place in _peaks(self.size)}

    def copy(self) -> Edge:
        other = Edge()
        other.size, other._hashes = self.size, dict(self._hashes)
        return other


def _peaks(size: int) -> list[tuple[int, int]]:
    """The complete subtrees that a tree of this size is made of, from left to right."""
    return [
        (level, (size >> level) - 1)
        for level in reversed(range(size.bit_length()))
        if size >> level & 1
    ]
