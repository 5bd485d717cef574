"""One's own tree over the entries that one has read, so that every root is computed here.

Of each full bundle the hash over its 256 entries is kept, and of those the subtrees that
they complete; what is below is made again from the entries when somebody asks. That is a
256th of what a log has to store, and gives every root and proof of every earlier size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vidimus.core.log import merkle
from vidimus.core.log.merkle import Hash, Read
from vidimus.core.log.tiles import HEIGHT, WIDTH
from vidimus.core.monitor.mirror import Subtree

_REMEMBERED = 4  # bundles whose hashes are at hand


def rows_over(leaves: Sequence[Hash]) -> list[list[Hash]]:
    """The leaves of one bundle, and row by row the subtrees that they complete, 0 to 8."""
    rows = [list(leaves)]
    while len(rows) <= HEIGHT:
        pairs = zip(rows[-1][::2], rows[-1][1::2], strict=False)  # a lone last one waits
        rows.append([merkle.node_hash(left, right) for left, right in pairs])
    return rows


class Frontier:
    """`entries(start, stop)` gives one's own entries, `subtree` what `grow` said to keep."""

    def __init__(
        self, size: int, entries: Callable[[int, int], Sequence[bytes]], subtree: Read
    ) -> None:
        self.size = size
        self._entries = entries
        self._subtree = subtree
        self._rows: dict[int, list[list[Hash]]] = {}

    def grow(self, n: int, rows: list[list[Hash]]) -> list[Subtree]:
        """Bundle number `n` is now this one; gives the subtrees to keep, (level, n, hash)."""
        self._remember(n, rows)
        self.size = max(self.size, n * WIDTH + len(rows[0]))
        if not rows[HEIGHT]:
            return []
        written = merkle.added(n, rows[HEIGHT][0], lambda level, at: self.read(level + HEIGHT, at))
        return [(level + HEIGHT, at, value) for level, at, value in written]

    def read(self, level: int, n: int) -> Hash:
        if level > HEIGHT:
            return self._subtree(level, n)
        place = (n << level) // WIDTH
        if level == HEIGHT and place not in self._rows:
            return self._subtree(level, n)
        if place not in self._rows:
            stop = min(self.size, (place + 1) * WIDTH)
            entries = self._entries(place * WIDTH, stop)
            self._remember(place, rows_over([merkle.leaf_hash(each) for each in entries]))
        return self._rows[place][level][n - (place * WIDTH >> level)]

    def root(self, size: int) -> Hash:
        """The root of one's own first `size` entries."""
        return merkle.root(size, self.read)

    def inclusion(self, index: int, size: int) -> tuple[Hash, ...]:
        return merkle.inclusion(index, size, self.read)

    def consistency(self, old: int, new: int) -> tuple[Hash, ...]:
        return merkle.consistency(old, new, self.read)

    def _remember(self, n: int, rows: list[list[Hash]]) -> None:
        self._rows.pop(n, None)
        while len(self._rows) >= _REMEMBERED:
            del self._rows[next(iter(self._rows))]
        self._rows[n] = rows
