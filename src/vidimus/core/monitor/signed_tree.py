"""The tree that a checkpoint signs, as its tiles show it, with nothing believed unchecked.

    tree = SignedTree(checkpoint, fetch)     the tiles at the right edge lead to the root
    tree.extends(older)                      … and to the root that was signed before
    tree.bundle(n, leaves)                   these 256 entries are those of the tree

C2SP tlog-tiles. Every bundle is checked up to the signed root before anything in it is looked
at; for that it takes a few tiles, however long the log is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vidimus.core.log import merkle, subtrees
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.log.merkle import Hash
from vidimus.core.log.tiles import HEIGHT, WIDTH, TileReader
from vidimus.core.monitor.frontier import rows_over
from vidimus.errors import VerificationFailed

Fetch = Callable[[str], bytes]


class OtherTree(VerificationFailed):
    """The signed tree is not one that goes on from the tree that was signed before."""


class OtherEntry(VerificationFailed):
    """What is served at this index is not what the tree holds there. `index`, `leaf`."""

    def __init__(self, index: int, leaf: Hash) -> None:
        super().__init__(f"entry {index}, as it is served, is not the one in the signed tree")
        self.index = index
        self.leaf = leaf


class SignedTree:
    """Raises VerificationFailed for tiles that do not lead to the root, and what `fetch` does."""

    def __init__(self, head: Checkpoint, fetch: Fetch) -> None:
        self.head = head
        self._reader = TileReader(head.size, fetch)
        # The bundle in hand: its leaves, and the subtrees that they complete.
        self._place = -1
        self._rows: list[list[Hash]] = []
        if merkle.root(head.size, self._reader) != head.root:
            raise VerificationFailed(
                f"the tiles that are served do not lead to the signed root of {head.size} entries"
            )

    def extends(self, older: Checkpoint) -> None:
        """Raises OtherTree if the older tree is not the beginning of this one."""
        path = merkle.consistency(older.size, self.head.size, self._reader)
        try:
            merkle.check_consistency(older.size, self.head.size, older.root, self.head.root, path)
        except VerificationFailed as error:
            raise OtherTree(error.fact) from error

    def bundle(self, n: int, leaves: Sequence[Hash]) -> list[list[Hash]]:
        """Check the leaf hashes of bundle number `n`; it is then the bundle in hand.

        Gives the hashes that they make. Raises OtherEntry for the first that is another one.
        """
        # Up to the root each time: the reader forgets tiles, and who serves them may lie later.
        rows = rows_over(leaves)
        try:
            self._check(n, rows)
        except VerificationFailed:
            held = [self._reader(0, n * WIDTH + at) for at in range(len(leaves))]
            self._check(n, rows_over(held))
            for at, (leaf, right) in enumerate(zip(leaves, held, strict=True)):
                if leaf != right:
                    raise OtherEntry(n * WIDTH + at, right) from None
            raise
        self._place, self._rows = n, rows
        return rows

    def _check(self, n: int, rows: list[list[Hash]]) -> None:
        size, root = self.head.size, self.head.root
        if rows[HEIGHT]:
            subtrees.check_row(HEIGHT, n, rows[HEIGHT], size, root, self._reader)
        else:
            subtrees.check_row(0, n * WIDTH, rows[0], size, root, self._reader)

    def inclusion(self, index: int) -> tuple[Hash, ...]:
        """The path of an entry of the bundle in hand, to the signed root."""
        leaf = self.read(0, index)
        path = merkle.inclusion(index, self.head.size, self.read)
        merkle.check_inclusion(index, self.head.size, leaf, path, self.head.root)
        return path

    def read(self, level: int, n: int) -> Hash:
        """A hash of the tree, from the bundle in hand where it is in there."""
        if level < HEIGHT and (n << level) // WIDTH == self._place:
            return self._rows[level][n - (self._place * WIDTH >> level)]
        return self._reader(level, n)
