"""Whoever reads a log bundle by bundle has its whole tree, and keeps little of it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.monitor.test_signed_tree import ENTRIES, LARGEST, TREE

from vidimus.core.log import merkle
from vidimus.core.monitor.frontier import Frontier, rows_over


class Own:
    """Entries and subtrees as a state would keep them."""

    def __init__(self) -> None:
        self.size = 0
        self.kept: dict[tuple[int, int], bytes] = {}
        self.frontier = self.fresh()

    def fresh(self) -> Frontier:
        return Frontier(
            self.size, lambda start, stop: ENTRIES[start:stop], lambda *at: self.kept[at]
        )

    def grow(self, size: int) -> None:
        for n in range(self.size // 256, (size + 255) // 256):
            part = ENTRIES[n * 256 : min(size, n * 256 + 256)]
            for level, at, value in self.frontier.grow(n, rows_over(list(map(leaf, part)))):
                assert level >= 8
                assert self.kept.setdefault((level, at), value) == value == TREE.read(level, at)
        self.size = size


def leaf(entry: bytes) -> bytes:
    return merkle.leaf_hash(entry)


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=6), st.booleans(), st.data())
@settings(max_examples=50)
def test_every_root_and_proof_of_every_earlier_size(
    steps: list[int], afresh: bool, data: st.DataObject
) -> None:
    own = Own()
    for size in sorted(steps):
        own.grow(size)
        if afresh:
            own.frontier = own.fresh()
        assert own.frontier.root(size) == merkle.root(size, TREE.read)
    size = data.draw(st.integers(0, own.size))
    assert own.frontier.root(size) == merkle.root(size, TREE.read)
    if size:
        index = data.draw(st.integers(0, size - 1))
        assert own.frontier.inclusion(index, size) == merkle.inclusion(index, size, TREE.read)
    proof = own.frontier.consistency(size, own.size)
    assert proof == merkle.consistency(size, own.size, TREE.read)


def test_it_keeps_a_256th_of_the_hashes() -> None:
    own = Own()
    own.grow(LARGEST)
    assert len(own.kept) < LARGEST / 120
    assert own.fresh().root(LARGEST) == merkle.root(LARGEST, TREE.read)
