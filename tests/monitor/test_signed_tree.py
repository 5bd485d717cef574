"""No hash and no entry is believed that the signed root does not stand for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.log.trees import Tree

from vidimus.core.log import merkle, tiles
from vidimus.core.log.checkpoint import Checkpoint
from vidimus.core.monitor.signed_tree import OtherEntry, OtherTree, SignedTree
from vidimus.errors import FormatError, NotFound, VerificationFailed

LARGEST = 256 * 256 + 700
ENTRIES = [b"entry %d" % index for index in range(LARGEST)]
TREE = Tree(ENTRIES)
SIZES = st.one_of(
    st.integers(1, 1500),
    st.sampled_from([1, 255, 256, 257, 511, 512, 65535, 65536, 65537, 65792, LARGEST]),
)


def head(size: int) -> Checkpoint:
    return Checkpoint("o", size, merkle.root(size, TREE.read))


def fetch(path: str) -> bytes:
    tile = tiles.parse_path(path)
    assert isinstance(tile, tiles.Tile)
    return tiles.tile_hashes(tile, TREE.read)


def leaves(n: int, width: int) -> list[bytes]:
    return [merkle.leaf_hash(each) for each in ENTRIES[n * 256 : n * 256 + width]]


def place(size: int, data: st.DataObject) -> tuple[int, int]:
    n = data.draw(st.integers(0, (size - 1) // 256))
    return n, min(256, size - n * 256)


@given(SIZES, st.data())
def test_the_entries_of_the_tree_are_taken_and_proved(size: int, data: st.DataObject) -> None:
    tree = SignedTree(head(size), fetch)
    n, width = place(size, data)
    tree.bundle(n, leaves(n, width))
    index = n * 256 + data.draw(st.integers(0, width - 1))
    path = tree.inclusion(index)
    leaf = merkle.leaf_hash(ENTRIES[index])
    merkle.check_inclusion(index, size, leaf, path, tree.head.root)


@given(SIZES, st.data())
def test_another_entry_is_named_by_its_index(size: int, data: st.DataObject) -> None:
    tree = SignedTree(head(size), fetch)
    n, width = place(size, data)
    row = leaves(n, width)
    at = data.draw(st.integers(0, width - 1))
    row[at] = merkle.leaf_hash(b"another")
    with pytest.raises(OtherEntry) as found:
        tree.bundle(n, row)
    assert found.value.index == n * 256 + at
    assert found.value.leaf == merkle.leaf_hash(ENTRIES[n * 256 + at])


@given(SIZES, st.data())
@settings(max_examples=60)
def test_a_tile_with_one_other_bit_is_never_believed(size: int, data: st.DataObject) -> None:
    """Whichever tile it is: a wrong entry does not pass for it, and a right one may be refused."""
    every = list(tiles.tiles_of(size))
    spoilt = data.draw(st.sampled_from(every)).path
    bit = data.draw(st.integers(0, 8 * 32 * 256 - 1))

    def lying(path: str) -> bytes:
        content = bytearray(fetch(path))
        if path == spoilt:
            content[bit // 8 % len(content)] ^= 1 << bit % 8
        return bytes(content)

    n, width = place(size, data)
    row = leaves(n, width)
    try:
        tree = SignedTree(head(size), lying)
        tree.bundle(n, row)
        tree.inclusion(n * 256)
    except VerificationFailed:
        pass
    row[0] = merkle.leaf_hash(b"another")
    with pytest.raises(VerificationFailed):
        tree = SignedTree(head(size), lying)
        tree.bundle(n, row)


@given(SIZES, SIZES)
def test_an_older_tree_is_its_beginning_or_another(one: int, other: int) -> None:
    old, new = sorted((one, other))
    tree = SignedTree(head(new), fetch)
    tree.extends(head(old))
    with pytest.raises(OtherTree):
        tree.extends(Checkpoint("o", old, merkle.leaf_hash(b"another")))


def test_the_empty_tree_is_the_beginning_of_every_tree() -> None:
    tree = SignedTree(head(7), fetch)
    tree.extends(Checkpoint("o", 0, merkle.EMPTY_ROOT))
    SignedTree(Checkpoint("o", 0, merkle.EMPTY_ROOT), fetch).extends(
        Checkpoint("o", 0, merkle.EMPTY_ROOT)
    )


def test_tiles_of_another_tree_are_refused() -> None:
    with pytest.raises(VerificationFailed, match="do not lead to the signed root"):
        SignedTree(Checkpoint("o", 300, merkle.leaf_hash(b"x")), fetch)


def test_a_tile_that_is_cut_short_or_missing_is_said_to_be_so() -> None:
    with pytest.raises(FormatError):
        SignedTree(head(300), lambda path: fetch(path)[:-1])

    def missing(path: str) -> bytes:
        raise NotFound(path)

    with pytest.raises(NotFound):
        SignedTree(head(300), missing)


def test_who_serves_other_tiles_the_second_time_is_not_believed() -> None:
    """The reader forgets tiles of a long log; what it reads again is checked again."""
    lie = False

    def changing(path: str) -> bytes:
        content = fetch(path)
        return content[32:] + content[:32] if lie and path == "tile/1/000" else content

    tree = SignedTree(head(LARGEST), changing)
    tree.bundle(0, leaves(0, 256))
    lie = True
    tree._reader._rows.clear()
    with pytest.raises(VerificationFailed):
        tree.bundle(0, leaves(1, 256))
