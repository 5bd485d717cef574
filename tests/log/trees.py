"""The tree as RFC 6962 defines it, word for word, and a store of hashes in memory."""

from __future__ import annotations

from hashlib import sha256

from vidimus.core.log import merkle


def divide(leaves: list[bytes]) -> int:
    """k, the largest power of two smaller than n."""
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return k


def mth(entries: list[bytes]) -> bytes:
    """Section 2.1: the Merkle Tree Hash."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = divide(entries)
    return sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:])).digest()


def path(m: int, entries: list[bytes]) -> list[bytes]:
    """Section 2.1.1: the audit path of the (m+1)th entry."""
    if len(entries) == 1:
        return []
    k = divide(entries)
    if m < k:
        return [*path(m, entries[:k]), mth(entries[k:])]
    return [*path(m - k, entries[k:]), mth(entries[:k])]


def proof(m: int, entries: list[bytes]) -> list[bytes]:
    """Section 2.1.2: the consistency proof, defined for 0 < m <= n."""
    return subproof(m, entries, True)


def subproof(m: int, entries: list[bytes], known: bool) -> list[bytes]:
    if m == len(entries):
        return [] if known else [mth(entries)]
    k = divide(entries)
    if m <= k:
        return [*subproof(m, entries[:k], known), mth(entries[k:])]
    return [*subproof(m - k, entries[k:], False), mth(entries[:k])]


class Tree:
    """A store as simple as one can be: it keeps what `added` says, and counts the reads."""

    def __init__(self, entries: list[bytes]) -> None:
        self.hashes: dict[tuple[int, int], bytes] = {}
        self.size = 0
        self.reads = 0
        for entry in entries:
            self.append(entry)

    def append(self, entry: bytes) -> None:
        for level, n, subtree in merkle.added(self.size, merkle.leaf_hash(entry), self.read):
            assert (level, n) not in self.hashes, "a complete subtree is written once"
            self.hashes[level, n] = subtree
        self.size += 1

    def read(self, level: int, n: int) -> bytes:
        self.reads += 1
        return self.hashes[level, n]
