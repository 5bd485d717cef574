"""The tree over the entries: its hashes, its root and its two kinds of proof.

    leaf   SHA-256(0x00 || entry)
    node   SHA-256(0x01 || left || right)
    empty  SHA-256("")

RFC 6962 section 2.1; the checks follow RFC 9162 sections 2.1.3.2 and 2.1.4.2.
See spec/log.md, section 2.

A store keeps the hash of every *complete* subtree, named by (level, n): level 0 is the
leaves, and (level, n) covers the leaves from n * 2**level up to (n + 1) * 2**level. Such a
hash never changes once written, and roots and proofs of every size are made of them.
`Read` fetches one. `leaf` and `root` are hashes of 32 bytes throughout, never entries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

from vidimus.core.log.lines import LIMIT
from vidimus.errors import UsageError, VerificationFailed

Hash = bytes
Read = Callable[[int, int], Hash]

HASH_SIZE = 32
EMPTY_ROOT: Hash = sha256(b"").digest()


def leaf_hash(entry: bytes) -> Hash:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: Hash, right: Hash) -> Hash:
    # The prefix keeps a node from passing as a leaf: without it the two halves of any
    # node would be an entry with a valid proof.
    return sha256(b"\x01" + left + right).digest()


def added(size: int, leaf: Hash, read: Read) -> tuple[tuple[int, int, Hash], ...]:
    """What a store has to write when `leaf` becomes number `size`: (level, n, hash).

    The leaf itself comes first, then every subtree that it completes, from low to high.
    """
    # This and the next one are done for every entry; there the sentence is not even made.
    if not 0 <= size < LIMIT - 1:
        raise UsageError(f"a tree of {size} leaves cannot grow")
    if len(leaf) != HASH_SIZE:
        raise UsageError(f"a leaf hash has 32 bytes, not {len(leaf)}")
    level, n, top = 0, size, leaf
    written = [(level, n, top)]
    while n & 1:  # a right child: its left sibling is complete, so their parent is now too
        top = node_hash(read(level, n - 1), top)
        level, n = level + 1, n >> 1
        written.append((level, n, top))
    return tuple(written)


def root(size: int, read: Read) -> Hash:
    """The root of the tree of the first `size` leaves."""
    _require(0 <= size < LIMIT, f"no tree has {size} leaves")
    return _span(0, size, read) if size else EMPTY_ROOT


def inclusion(index: int, size: int, read: Read) -> tuple[Hash, ...]:
    """The siblings from leaf `index` up to the root of the tree of `size` leaves."""
    _require(0 <= index < size < LIMIT, f"no leaf {index} in a tree of {size}")
    path: list[Hash] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_span(middle, high, read))
            high = middle
        else:
            path.append(_span(low, middle, read))
            low = middle
    return tuple(reversed(path))


def consistency(old: int, new: int, read: Read) -> tuple[Hash, ...]:
    """The proof that the tree of `old` leaves is the beginning of the tree of `new` leaves.

    Empty when `old` is 0 (everything extends nothing) or equal to `new`.
    """
    _require(0 <= old <= new < LIMIT, f"a tree of {new} leaves does not extend one of {old}")
    if old in (0, new):
        return ()
    path: list[Hash] = []
    low, high = 0, new
    while old < high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(_span(middle, high, read))
            high = middle
        else:
            path.append(_span(low, middle, read))
            low = middle
    if low:  # otherwise the old tree is one complete subtree, and its root is known
        path.append(_span(low, high, read))
    return tuple(reversed(path))


def inclusion_length(index: int, size: int) -> int:
    """How many hashes the inclusion proof of leaf `index` in a tree of `size` leaves has."""
    _require(0 <= index < size < LIMIT, f"no leaf {index} in a tree of {size}")
    # Below the point where the leaf's way parts from that of the last leaf there is a sibling
    # on every level; above it only to the left, one for each bit of the index that is set.
    parting = (index ^ (size - 1)).bit_length()
    return parting + (index >> parting).bit_count()


def consistency_length(old: int, new: int) -> int:
    """How many hashes the consistency proof from `old` to `new` leaves has, 0 < old < new."""
    _require(0 < old < new < LIMIT, f"no path leads from a tree of {old} leaves to one of {new}")
    # The proof begins at the largest complete subtree that ends the old tree.
    begins = (old & -old).bit_length() - 1
    parting = ((old - 1) ^ (new - 1)).bit_length()
    known = old == 1 << begins
    return parting - begins + ((old - 1) >> parting).bit_count() + (not known)


def check_inclusion(index: int, size: int, leaf: Hash, path: Sequence[Hash], root: Hash) -> None:
    """RFC 9162 section 2.1.3.2. Raises VerificationFailed."""
    found = inclusion_root(index, size, leaf, path)
    _demand_hashes(root)
    _demand(found == root, f"leaf {index} is not in the tree of {size} leaves with this root")


def inclusion_root(index: int, size: int, leaf: Hash, path: Sequence[Hash]) -> Hash:
    """The root to which the path leads; whoever signed it vouches for the leaf.

    Raises VerificationFailed when no tree of `size` leaves has such a path.
    """
    _demand(0 <= index < size < LIMIT, f"no leaf {index} in a tree of {size}")
    _demand_hashes(leaf, *path)
    node, last, found = index, size - 1, leaf
    for sibling in path:
        _demand(last > 0, f"the proof for leaf {index} of {size} is too long")
        if node & 1 or node == last:
            found = node_hash(sibling, found)
            while not node & 1 and node:  # a lone right edge has no sibling on these levels
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    _demand(last == 0, f"the proof for leaf {index} of {size} is too short")
    return found


def check_consistency(
    old: int, new: int, old_root: Hash, new_root: Hash, path: Sequence[Hash]
) -> None:
    """RFC 9162 section 2.1.4.2. Raises VerificationFailed."""
    _demand(0 <= old <= new < LIMIT, f"a tree of {new} leaves does not extend one of {old}")
    _demand_hashes(old_root, new_root, *path)
    _demand(old > 0 or old_root == EMPTY_ROOT, "this is not the root of the empty tree")
    _demand(new > 0 or new_root == EMPTY_ROOT, "this is not the root of the empty tree")
    if old in (0, new):
        _demand(not path, f"the proof from {old} to {new} leaves must be empty")
        _demand(old == 0 or old_root == new_root, f"two roots for one tree of {old} leaves")
        return
    found = consistency_root(old, new, old_root, path)
    _demand(found == new_root, f"the proof does not lead to the root of {new} leaves")


def consistency_root(old: int, new: int, old_root: Hash, path: Sequence[Hash]) -> Hash:
    """The root of the newer tree to which the path leads from that of the older.

    For 0 < old < new alone: the other proofs are empty and lead nowhere. Raises
    VerificationFailed when the path does not lead to `old_root` as well.
    """
    found_old, found_new = consistency_roots(old, new, path, old_root)
    _demand_hashes(old_root)
    _demand(found_old == old_root, f"the proof does not lead to the root of {old} leaves")
    return found_new


def consistency_roots(
    old: int, new: int, path: Sequence[Hash], old_root: Hash | None = None
) -> tuple[Hash, Hash]:
    """Both roots to which the path leads; whoever signed the newer one vouches for the older.

    An old tree that is one complete subtree is its own first hash, left out of the proof: then
    its root must be given, and is given back. Raises VerificationFailed.
    """
    _demand(0 < old < new < LIMIT, f"no path leads from a tree of {old} leaves to one of {new}")
    _demand(bool(path), f"the proof from {old} to {new} leaves is empty")
    hashes = list(path)
    if old & (old - 1) == 0:
        _demand(old_root is not None, f"the root of {old} leaves does not stand in its proof")
        hashes.insert(0, old_root or b"")
    _demand_hashes(*hashes)
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    found_old = found_new = hashes[0]
    for sibling in hashes[1:]:
        _demand(last > 0, f"the proof from {old} to {new} leaves is too long")
        if node & 1 or node == last:
            found_old = node_hash(sibling, found_old)
            found_new = node_hash(sibling, found_new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found_new = node_hash(found_new, sibling)
        node, last = node >> 1, last >> 1
    _demand(last == 0, f"the proof from {old} to {new} leaves is too short")
    return found_old, found_new


def _split(width: int) -> int:
    """The largest power of two smaller than `width`: where RFC 6962 divides a list."""
    return 1 << ((width - 1).bit_length() - 1)


def _span(low: int, high: int, read: Read) -> Hash:
    """The RFC's hash of the leaves from `low` up to `high`, for spans that its division makes.

    Those begin at a multiple of a power of two no smaller than their width, so they fall
    into complete subtrees, the widest first.
    """
    parts: list[Hash] = []
    while low < high:
        level = (high - low).bit_length() - 1
        parts.append(read(level, low >> level))
        low += 1 << level
    whole = parts.pop()
    while parts:
        whole = node_hash(parts.pop(), whole)
    return whole


def _require(holds: bool, fact: str) -> None:
    if not holds:
        raise UsageError(fact)


def _demand(holds: bool, fact: str) -> None:
    if not holds:
        raise VerificationFailed(fact)


def _demand_hashes(*hashes: Hash) -> None:
    for one in hashes:
        _demand(len(one) == HASH_SIZE, f"a hash has 32 bytes, not {len(one)}")
