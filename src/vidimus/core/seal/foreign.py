"""Receipts that others wrote, under RFC 9942 rather than in our one form (`receipt.py`).

    18([ << { 1: alg, 395: 1, … } >>, { 396: {-1: [ << [size, index, [hash, …]] >>, … ]}, … },
         nil, signature ])

More headers and claims are allowed, none of them needed but the algorithm and the structure;
the key id may be missing. Critical headers are refused, and so is an attached payload: the
root that counts is the one that the proof leads to. What is in a log's entry is that log's
own choice (RFC 9942 says nothing of it), so the caller brings its bytes.

Not everything told here is signed. The root is; the size and index beside it fit that root,
and sometimes another size would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from vidimus.core.log import merkle
from vidimus.core.seal import loose
from vidimus.core.seal.keys import PublicKey
from vidimus.core.seal.loose import Sign1
from vidimus.core.seal.receipt import CONSISTENCY, INCLUSION, PROOFS, RFC9162_SHA256, STRUCTURE
from vidimus.core.seal.sign1 import is_hash
from vidimus.errors import FormatError, VerificationFailed

# More is padding: one receipt is about one entry, in a tree of less than 2**63.
MOST_PROOFS = 16
LONGEST_PATH = 63

_Proof = tuple[int, int, tuple[bytes, ...]]


@dataclass(frozen=True, slots=True)
class ForeignReceipt:
    """Whoever holds `key` signed `root`, and the proof leads there.

    `first` and `second` are size and index of an inclusion, or the two sizes of a
    consistency. The claims are as they were signed, unjudged: an expiry among them, too.
    """

    key: PublicKey
    root: bytes
    first: int
    second: int
    claims: Mapping[int | str, Any]


def verify_foreign(receipt: bytes, entry: bytes, keys: Iterable[PublicKey]) -> ForeignReceipt:
    """Check that one of the keys vouches for the entry. Raises FormatError, VerificationFailed."""
    read, proofs = _read(receipt, INCLUSION)
    leaf = merkle.leaf_hash(entry)

    def lead(size: int, index: int, path: tuple[bytes, ...]) -> bytes:
        return merkle.inclusion_root(index, size, leaf, path)

    return _first_that_holds(read, proofs, lead, tuple(keys))


def verify_foreign_consistency(
    receipt: bytes, old: int, old_root: bytes, keys: Iterable[PublicKey]
) -> ForeignReceipt:
    """Check that one of the keys vouches for what grew from this size and root.

    `root` is then the newer one. Raises FormatError, VerificationFailed.
    """
    read, proofs = _read(receipt, CONSISTENCY)

    def lead(first: int, second: int, path: tuple[bytes, ...]) -> bytes:
        if first != old:
            raise VerificationFailed(f"a proof from {first} entries, not from {old}")
        return merkle.consistency_root(first, second, old_root, path)

    return _first_that_holds(read, proofs, lead, tuple(keys))


def _read(receipt: bytes, kind: int) -> tuple[Sign1, tuple[_Proof, ...]]:
    read = loose.read_sign1(receipt)
    # Only what is signed may say how to read a proof.
    structure = read.header.get(STRUCTURE)
    if type(structure) is not int or structure != RFC9162_SHA256:
        raise FormatError("not a receipt that can be checked here: another structure than 1")
    if read.payload is not None:
        raise FormatError("malformed receipt: a payload is attached")
    proofs = read.unprotected.get(PROOFS)
    if not isinstance(proofs, Mapping) or any(type(label) is not int for label in proofs):
        raise FormatError("malformed receipt: no proofs")
    listed = proofs.get(kind)
    if not isinstance(listed, list | tuple) or not 0 < len(listed) <= MOST_PROOFS:
        raise FormatError(f"malformed receipt: not 1 to {MOST_PROOFS} proofs of this kind")
    return read, tuple(map(_proof, listed))


def _proof(encoded: object) -> _Proof:
    """RFC 9942 sections 5.2 and 5.3: two numbers and a path, in a byte string."""
    if isinstance(encoded, bytes):
        proof = loose.decode(encoded)
        if isinstance(proof, list | tuple) and len(proof) == 3:
            first, second, path = proof
            if (
                type(first) is int
                and type(second) is int
                and isinstance(path, list | tuple)
                and len(path) <= LONGEST_PATH
                and all(map(is_hash, path))
            ):
                return first, second, tuple(path)
    raise FormatError("malformed receipt: a proof that is not two numbers and a path of hashes")


def _first_that_holds(
    read: Sign1,
    proofs: tuple[_Proof, ...],
    lead: Callable[[int, int, tuple[bytes, ...]], bytes],
    keys: tuple[PublicKey, ...],
) -> ForeignReceipt:
    failure = VerificationFailed("no proof")
    for first, second, path in proofs:
        try:
            root = lead(first, second, path)
            return ForeignReceipt(read.verify(root, keys), root, first, second, read.claims)
        except VerificationFailed as error:
            failure = error
    raise failure
