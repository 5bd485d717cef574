"""The tree is RFC 6962's, and its checks believe nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.log import trees
from tests.log.trees import Tree

from vidimus.core.log import merkle
from vidimus.errors import UsageError, VerificationFailed

ENTRIES = [bytes([n]) * (n % 5) + str(n).encode() for n in range(70)]
TREE = Tree(ENTRIES)

# The eight entries and roots that implementations of Certificate Transparency test with.
PUBLISHED_ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
PUBLISHED_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def leaf(index: int) -> bytes:
    return merkle.leaf_hash(ENTRIES[index])


def flips(value: bytes) -> list[bytes]:
    """Every value that differs in one bit."""
    return [
        (int.from_bytes(value) ^ (1 << bit)).to_bytes(len(value)) for bit in range(len(value) * 8)
    ]


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots_are_ours(size: int) -> None:
    tree = Tree(PUBLISHED_ENTRIES[:size])
    assert merkle.root(size, tree.read).hex() == PUBLISHED_ROOTS[size]


def test_roots_of_every_size_are_the_recursive_definition() -> None:
    """RFC 6962 section 2.1; an early root can still be told after the tree has grown."""
    for size in range(len(ENTRIES) + 1):
        assert merkle.root(size, TREE.read) == trees.mth(ENTRIES[:size])


def test_inclusion_proofs_are_the_recursive_definition_and_hold() -> None:
    """RFC 6962 section 2.1.1, RFC 9162 section 2.1.3: for every leaf of every size."""
    for size in range(1, len(ENTRIES) + 1):
        root = merkle.root(size, TREE.read)
        for index in range(size):
            path = merkle.inclusion(index, size, TREE.read)
            assert list(path) == trees.path(index, ENTRIES[:size])
            merkle.check_inclusion(index, size, leaf(index), path, root)


def test_consistency_proofs_are_the_recursive_definition_and_hold() -> None:
    """RFC 6962 section 2.1.2, RFC 9162 section 2.1.4: for every pair of sizes."""
    roots = [merkle.root(size, TREE.read) for size in range(len(ENTRIES) + 1)]
    for new in range(len(ENTRIES) + 1):
        for old in range(new + 1):
            path = merkle.consistency(old, new, TREE.read)
            if old:
                assert list(path) == trees.proof(old, ENTRIES[:new])
            merkle.check_consistency(old, new, roots[old], roots[new], path)


@given(st.integers(2, 2**63 - 1), st.data())
def test_the_length_of_a_proof_follows_from_its_numbers(size: int, data: st.DataObject) -> None:
    """A proof of any other length is no proof: that can be seen without hashing anything."""

    def read(_level: int, _n: int) -> bytes:
        return bytes(32)

    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size - 1))
    assert merkle.inclusion_length(index, size) == len(merkle.inclusion(index, size, read))
    assert merkle.consistency_length(old, size) == len(merkle.consistency(old, size, read))


def test_a_store_writes_each_complete_subtree_once_and_nothing_else() -> None:
    assert set(TREE.hashes) == {
        (level, n) for level in range(7) for n in range(len(ENTRIES) >> level)
    }


def test_appending_reads_only_the_siblings_that_it_completes() -> None:
    """Amortised one read for each append: the log stays fast as it grows."""
    tree = Tree(ENTRIES[:64])
    assert tree.reads == 63


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 2), (4, 7), (5, 6), (63, 64), (64, 65)])
def test_one_flipped_bit_anywhere_breaks_an_inclusion_proof(index: int, size: int) -> None:
    root, path = merkle.root(size, TREE.read), merkle.inclusion(index, size, TREE.read)
    forged = [(flipped, path, root) for flipped in flips(leaf(index))]
    forged += [(leaf(index), path, flipped) for flipped in flips(root)]
    forged += [
        (leaf(index), (*path[:n], flipped, *path[n + 1 :]), root)
        for n, sibling in enumerate(path)
        for flipped in flips(sibling)
    ]
    for one in forged:
        with pytest.raises(VerificationFailed):
            merkle.check_inclusion(index, size, *one)


@pytest.mark.parametrize(("old", "new"), [(1, 2), (3, 7), (4, 7), (6, 8), (33, 64), (64, 65)])
def test_one_flipped_bit_anywhere_breaks_a_consistency_proof(old: int, new: int) -> None:
    first, second = merkle.root(old, TREE.read), merkle.root(new, TREE.read)
    path = merkle.consistency(old, new, TREE.read)
    forged = [(flipped, second, path) for flipped in flips(first)]
    forged += [(first, flipped, path) for flipped in flips(second)]
    forged += [
        (first, second, (*path[:n], flipped, *path[n + 1 :]))
        for n, sibling in enumerate(path)
        for flipped in flips(sibling)
    ]
    for one in forged:
        with pytest.raises(VerificationFailed):
            merkle.check_consistency(old, new, *one)


@given(size=st.integers(1, 70), data=st.data())
def test_a_proof_holds_for_its_own_place_and_length_alone(size: int, data: st.DataObject) -> None:
    """Another index, a hash more, a hash less, two hashes swapped: refused.

    (Another tree size can be right: the same path may lead to the same hash. The signed
    checkpoint fixes the size.)
    """
    index = data.draw(st.integers(0, size - 1))
    root, path = merkle.root(size, TREE.read), merkle.inclusion(index, size, TREE.read)
    other = data.draw(st.integers(-2, 80).filter(lambda n: n != index))
    at = data.draw(st.integers(0, len(path)))
    junk = data.draw(st.binary(min_size=32, max_size=32))
    wrong = [(other, path), (index, (*path[:at], junk, *path[at:])), (index, (*path, root))]
    if path:
        wrong += [(index, path[:-1]), (index, path[1:])]
    if len(path) > 1:
        wrong.append((index, (path[1], path[0], *path[2:])))
    for place, siblings in wrong:
        with pytest.raises(VerificationFailed):
            merkle.check_inclusion(place, size, leaf(index), siblings, root)


@given(new=st.integers(1, 70), data=st.data())
def test_a_consistency_proof_holds_for_its_own_pair_alone(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    first, second = merkle.root(old, TREE.read), merkle.root(new, TREE.read)
    path = merkle.consistency(old, new, TREE.read)
    at = data.draw(st.integers(0, len(path)))
    junk = data.draw(st.binary(min_size=32, max_size=32))
    wrong = [(*path[:at], junk, *path[at:])]
    if path:
        wrong += [path[:-1], path[1:], ()]
    for siblings in wrong:
        with pytest.raises(VerificationFailed):
            merkle.check_consistency(old, new, first, second, siblings)
    if old < new:
        with pytest.raises(VerificationFailed):
            merkle.check_consistency(new, old, second, first, path)


def test_a_rewritten_past_cannot_be_proved_consistent() -> None:
    """The promise of the log: what was there stays there, at its place."""
    rewritten = [*ENTRIES[:20], b"another", *ENTRIES[21:]]
    other = Tree(rewritten)
    for old in range(21, len(ENTRIES)):
        path = merkle.consistency(old, len(ENTRIES), other.read)
        with pytest.raises(VerificationFailed):
            merkle.check_consistency(
                old,
                len(ENTRIES),
                merkle.root(old, TREE.read),
                merkle.root(len(ENTRIES), other.read),
                path,
            )


def test_a_node_cannot_pass_as_an_entry() -> None:
    """RFC 6962 section 2.1: the prefixes give second preimage resistance."""
    pair = merkle.leaf_hash(ENTRIES[0]) + merkle.leaf_hash(ENTRIES[1])
    with pytest.raises(VerificationFailed):
        merkle.check_inclusion(
            0,
            2,
            merkle.leaf_hash(pair),
            (merkle.node_hash(leaf(2), leaf(3)),),
            merkle.root(4, TREE.read),
        )


@given(
    st.integers(-5, 2**65),
    st.integers(-5, 2**65),
    st.lists(st.binary(max_size=33), max_size=70),
    st.binary(max_size=40),
    st.binary(max_size=40),
)
def test_the_checks_answer_junk_with_verification_failed(
    index: int, size: int, path: list[bytes], one: bytes, other: bytes
) -> None:
    with pytest.raises(VerificationFailed):
        merkle.check_inclusion(index, size, one, path, other)
    if not (index == size and one == other):
        with pytest.raises(VerificationFailed):
            merkle.check_consistency(index, size, one, other, path)


def test_two_roots_for_one_size_are_refused() -> None:
    with pytest.raises(VerificationFailed):
        merkle.check_consistency(3, 3, leaf(0), leaf(1), ())
    with pytest.raises(VerificationFailed):
        merkle.check_consistency(0, 3, leaf(0), leaf(1), ())
    with pytest.raises(VerificationFailed):
        merkle.check_consistency(0, 0, merkle.EMPTY_ROOT, leaf(1), ())


def test_the_writers_refuse_what_makes_no_sense() -> None:
    with pytest.raises(UsageError):
        merkle.inclusion(3, 3, TREE.read)
    with pytest.raises(UsageError):
        merkle.consistency(4, 3, TREE.read)
    with pytest.raises(UsageError):
        merkle.root(-1, TREE.read)
    with pytest.raises(UsageError):
        merkle.added(0, b"an entry, not a hash", TREE.read)
