"""Are these the tree's own hashes? Checked from a few of them up to the signed root.

A server reads tiles and entries from a disk, where a bit can fall over or somebody can edit
one. What it hands out is held against the signed root first, with as many hashes as the
tree is high.
"""

from __future__ import annotations

from collections.abc import Sequence

from vidimus.core.log import merkle
from vidimus.core.log.merkle import Hash, Read
from vidimus.errors import VerificationFailed


def check_row(
    level: int, first: int, hashes: Sequence[Hash], size: int, root: Hash, read: Read
) -> None:
    """The hashes at `level` from place `first` on, against the root of `size` leaves.

    `read` gives the other hashes; wrong ones among them fail the check too. Raises
    VerificationFailed.
    """
    if first < 0 or first + len(hashes) << level > size:
        raise VerificationFailed(f"a tree of {size} leaves has no such hashes")
    for up, n, value in _whole(level, first, hashes):
        _check(up, n, value, size, root, read)


def _whole(level: int, first: int, hashes: Sequence[Hash]) -> list[tuple[int, int, Hash]]:
    """The row folded into as few complete subtrees as it can be."""
    row, found = list(hashes), []
    while row:
        if first & 1:  # a right child whose left sibling is not in the row
            found.append((level, first, row.pop(0)))
            first += 1
        if len(row) & 1:
            found.append((level, first + len(row) - 1, row.pop()))
        row = [merkle.node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
        level, first = level + 1, first >> 1
    return found


def _check(level: int, n: int, value: Hash, size: int, root: Hash, read: Read) -> None:
    """One complete subtree: up to the widest one that it lies in, and from there to the root."""
    while (n >> 1) + 1 << level + 1 <= size:
        sibling = read(level, n ^ 1)
        value = merkle.node_hash(sibling, value) if n & 1 else merkle.node_hash(value, sibling)
        level, n = level + 1, n >> 1

    def overlaid(at: int, place: int) -> Hash:
        return value if (at, place) == (level, n) else read(at, place)

    if merkle.root(size, overlaid) != root:
        raise VerificationFailed(
            f"the hash at level {level}, place {n} does not lead to the signed root",
            hint="run “vidimus log verify” and restore from a backup",
        )
